// SPDX-License-Identifier: Apache-2.0
#include "stages/route/route_match.h"

#include <re2/re2.h>

#include <utility>

namespace penstock {
namespace {

constexpr int64_t kRegexBytesMax = 8 << 20;  // compiled program and caches

RE2::Options regex_options() {
  RE2::Options options(RE2::Quiet);
  options.set_encoding(RE2::Options::EncodingUTF8);
  options.set_max_mem(kRegexBytesMax);
  return options;
}

}  // namespace

struct RouteMatch::Regex {
  explicit Regex(const std::string& text) : re(text, regex_options()) {}
  RE2 re;
};

RouteMatch::RouteMatch(Kind kind, std::string text) : kind_(kind), text_(std::move(text)) {}
RouteMatch::RouteMatch(RouteMatch&&) noexcept = default;
RouteMatch& RouteMatch::operator=(RouteMatch&&) noexcept = default;
RouteMatch::~RouteMatch() = default;

Result<RouteMatch> RouteMatch::make(Kind kind, std::string text) {
  RouteMatch match(kind, std::move(text));
  if (kind == Kind::kRegex) {
    match.regex_ = std::make_unique<const Regex>(match.text_);
    if (!match.regex_->re.ok()) {
      return stop_error("bad-pattern",
                        "the regular expression cannot be read: " + match.regex_->re.error(),
                        "the syntax is RE2's: no look-around and no back references");
    }
  }
  return match;
}

bool RouteMatch::operator()(std::string_view text) const {
  switch (kind_) {
    case Kind::kContains: return text.find(text_) != std::string_view::npos;
    case Kind::kPrefix: return text.starts_with(text_);
    case Kind::kSuffix: return text.ends_with(text_);
    case Kind::kEquals: return text == text_;
    case Kind::kRegex: return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()),
                                                regex_->re);
  }
  return false;
}

}  // namespace penstock
