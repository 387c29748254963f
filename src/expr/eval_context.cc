// SPDX-License-Identifier: Apache-2.0
#include "expr/eval_context.h"

#include <algorithm>

#include "expr/time_zone.h"

namespace penstock {

int64_t EvalContext::now_us() {
  if (now_us_ == INT64_MIN) now_us_ = clock_ == nullptr ? 0 : clock_->wall_us();
  return now_us_;
}

Error EvalContext::out_of_steps() const {
  return reject_error("expression-steps", "the expression took more than " +
                                              std::to_string(limits_.steps_max) + " steps");
}

Result<const Regex*> EvalContext::regex(std::string_view pattern) {
  const auto same = [&](const std::shared_ptr<const Regex>& r) { return r->pattern() == pattern; };
  const auto found = std::find_if(regexes_.begin(), regexes_.end(), same);
  if (found != regexes_.end()) {
    std::rotate(regexes_.begin(), found, found + 1);
    return regexes_.front().get();
  }
  PENSTOCK_TRY(spend(1000 + pattern.size()));  // compiling is dear
  auto compiled = Regex::compile(pattern);
  if (!compiled) return compiled.error();
  if (regexes_.size() >= limits_.regex_cache_max && !regexes_.empty()) regexes_.pop_back();
  regexes_.insert(regexes_.begin(), *compiled);
  return regexes_.front().get();
}

Result<Value> EvalContext::json(std::string_view text) {
  PENSTOCK_TRY(spend(text.size() / 64));
  if (parser_ == nullptr) parser_ = std::make_unique<JsonParser>();
  return parser_->parse(text, arena_, dialect_ == ExprDialect::kArgo ? DuplicateKeys::kLast
                                                                     : DuplicateKeys::kFirst);
}

Result<const TimeZone*> EvalContext::zone(std::string_view name) {
  const auto same = [&](const std::shared_ptr<const TimeZone>& z) { return z->name() == name; };
  const auto found = std::find_if(zones_.begin(), zones_.end(), same);
  if (found != zones_.end()) {
    std::rotate(zones_.begin(), found, found + 1);
    return zones_.front().get();
  }
  PENSTOCK_TRY(spend(1000));  // reads a file
  auto loaded = TimeZone::load(name);
  if (!loaded) return loaded.error();
  if (zones_.size() >= limits_.regex_cache_max && !zones_.empty()) zones_.pop_back();
  zones_.insert(zones_.begin(), *loaded);
  return zones_.front().get();
}

Error eval_error(std::string message, std::string hint) {
  return reject_error("expression-failed", std::move(message), std::move(hint));
}

}  // namespace penstock
