// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "base/error.h"
#include "config/text_pieces.h"

namespace penstock {

/// A value together with the place at which the user wrote it; `set` is false for a default.
template <class T>
struct Located {
  T value{};
  Position position;
  Position key_position;  ///< of its field's or map entry's name; of the value itself in a list
  bool set = false;
  std::shared_ptr<const TextPieces> pieces = nullptr;  ///< of a text, see Node::pieces
};

}  // namespace penstock
