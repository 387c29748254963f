// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/split.h"

#include "expr/functions/arguments.h"

namespace penstock {

Result<Value> split_text(EvalContext& context, std::string_view text, std::string_view separator,
                         int64_t parts, bool keep_separator) {
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  ArrayBuilder out(context.arena());
  const uint64_t most = parts < 0 ? UINT64_MAX : static_cast<uint64_t>(parts);
  if (most == 0) return Value::array({});  // an empty text has no code points, but one part
  size_t from = 0;
  while (out.size() + 1 < most) {
    size_t end = from, next = from;
    if (separator.empty()) {
      if (from >= text.size()) break;
      next_code_point(text, next);
      if (next == text.size()) break;  // the rest is the last part
      end = next;
    } else {
      end = text.find(separator, from);
      if (end == std::string_view::npos) break;
      next = end + separator.size();
      if (keep_separator) end = next;
    }
    PENSTOCK_TRY(context.spend(1));
    out.push(Value::string(text.substr(from, end - from)));
    from = next;
  }
  if (!separator.empty() || from < text.size()) out.push(Value::string(text.substr(from)));
  return out.finish();
}

Result<Value> replace_text(EvalContext& context, std::string_view text, std::string_view old,
                           std::string_view replacement, int64_t times) {
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  const uint64_t most = times < 0 ? UINT64_MAX : static_cast<uint64_t>(times);
  if (most == 0 || old == replacement) return Value::string(text);
  TextBuilder out(context.arena(), text.size());
  size_t copied = 0, at = 0;
  for (uint64_t n = 0; n < most; ++n) {
    size_t found = at;
    if (old.empty()) {
      if (n > 0) {
        if (at >= text.size()) break;
        next_code_point(text, found);
      }
    } else {
      found = text.find(old, at);
      if (found == std::string_view::npos) break;
    }
    PENSTOCK_TRY(context.spend(1 + replacement.size() / 64));
    out.append(text.substr(copied, found - copied));
    out.append(replacement);
    if (out.failed()) break;
    copied = at = found + old.size();
  }
  out.append(text.substr(copied));
  return out.finish_string();
}

}  // namespace penstock
