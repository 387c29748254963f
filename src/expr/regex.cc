// SPDX-License-Identifier: Apache-2.0
#include "expr/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <vector>

namespace penstock {

struct Regex::Program {
  explicit Program(std::string_view pattern, const re2::RE2::Options& options)
      : re(re2::StringPiece(pattern.data(), pattern.size()), options) {}
  re2::RE2 re;
};

Regex::Regex(std::string pattern, std::unique_ptr<Program> program)
    : pattern_(std::move(pattern)), program_(std::move(program)) {}
Regex::~Regex() = default;

Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) {
    return reject_error("bad-pattern", "the pattern is longer than " +
                                           std::to_string(kPatternBytesMax) + " bytes");
  }
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(kProgramBytesMax);
  auto program = std::make_unique<Program>(pattern, options);
  if (!program->re.ok()) {
    return reject_error("bad-pattern", "cannot read the pattern: " + program->re.error());
  }
  return std::shared_ptr<const Regex>(new Regex(std::string(pattern), std::move(program)));
}

bool Regex::matches(std::string_view text) const {
  return program_->re.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(),
                            re2::RE2::UNANCHORED, nullptr, 0);
}

bool Regex::find(std::string_view text, size_t from, std::span<std::string_view> groups) const {
  constexpr size_t kFew = 8;
  const size_t wanted =
      std::min(groups.size(), static_cast<size_t>(program_->re.NumberOfCapturingGroups()) + 1);
  re2::StringPiece few[kFew];
  std::vector<re2::StringPiece> many(wanted > kFew ? wanted : 0);
  re2::StringPiece* pieces = wanted > kFew ? many.data() : few;
  if (from > text.size() ||
      !program_->re.Match(re2::StringPiece(text.data(), text.size()), from, text.size(),
                          re2::RE2::UNANCHORED, pieces, static_cast<int>(wanted))) {
    return false;
  }
  for (size_t i = 0; i < groups.size(); ++i) {
    groups[i] = i < wanted ? std::string_view(pieces[i].data(), pieces[i].size())
                           : std::string_view();
  }
  return true;
}

int Regex::group_count() const { return program_->re.NumberOfCapturingGroups(); }

std::string Regex::group_name(int group) const {
  const auto& names = program_->re.CapturingGroupNames();
  const auto it = names.find(group);
  return it == names.end() ? "" : it->second;
}

}  // namespace penstock
