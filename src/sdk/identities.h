// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace penstock {

/// A sink whose outside drops what it has already, by ids. The region tells it what ids to give.
class TakesIdentities {
 public:
  virtual ~TakesIdentities() = default;
  /// Before open(). By Batch::source(), the name of a source whose records keep what tells them
  /// apart: no two that come here share name, position and event time. Empty = that is not certain.
  virtual void identify(std::vector<std::string> names) = 0;
};

}  // namespace penstock
