// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "expr/eval_context.h"

namespace penstock {

/// The machine as expressions see it. For one task; not thread-safe.
class Machine final : public EvalOutside {
 public:
  static constexpr size_t kFileBytesMax = 1 << 20;
  static constexpr size_t kFilesMax = 16;         ///< kept at once; the one read longest ago goes
  static constexpr int64_t kKeptNs = 1'000'000'000;  ///< then a file is looked at again

  /// `own` variables come before those of the process; may be null. Both are borrowed.
  explicit Machine(const Clock& clock, const std::map<std::string, std::string>* own = nullptr)
      : clock_(clock), own_(own) {}

  std::optional<std::string> environment(std::string_view name) const override;
  /// A regular file of at most kFileBytesMax bytes. Blocks for as long as a disk takes, at most
  /// once in kKeptNs. Errors (reject_record): "expression-failed".
  Result<std::string> file(const std::string& path) const override;
  std::string host_name() const override;

 private:
  struct Kept {
    std::string path;
    Result<std::string> text;
    int64_t read_ns;
  };
  const Clock& clock_;
  const std::map<std::string, std::string>* const own_;
  mutable std::vector<Kept> kept_;  // the one read last stands last
};

}  // namespace penstock
