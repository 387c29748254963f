// SPDX-License-Identifier: Apache-2.0
#include "stages/template/text_template.h"

namespace penstock {
namespace {

/// Where the expression that begins at `at` ends: at `}}` outside of strings and brackets; npos if
/// it does not.
size_t expression_end(std::string_view text, size_t at) {
  size_t depth = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"' || c == '\'' || c == '`') {
      for (++at; at < text.size() && text[at] != c; ++at) at += text[at] == '\\' && c != '`';
    } else if (c == '{' || c == '(' || c == '[') {
      ++depth;
    } else if (depth == 0 && text.substr(at).starts_with("}}")) {
      return at;
    } else if (depth > 0 && (c == '}' || c == ')' || c == ']')) {
      --depth;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::shared_ptr<const TextTemplate> TextTemplate::parse(std::string_view text,
                                                        const ExprEnvironment& environment,
                                                        Problems& problems) {
  auto made = std::make_shared<TextTemplate>();
  size_t at = 0;
  for (;;) {
    const size_t open = text.find("{{", at);
    Piece piece;
    if (open == std::string_view::npos) {
      piece.text = text.substr(at);
      made->pieces_.push_back(std::move(piece));
      break;
    }
    const bool dollar = open > at && text[open - 1] == '$';
    piece.text = text.substr(at, open - at - dollar);
    const size_t begin = open + 2, end = expression_end(text, begin);
    if (end == std::string_view::npos) {
      problems.push_back({"bad-template", open, 2, "this {{ is not closed",
                          "write }} behind the expression, or {{\"{{\"}} for two braces"});
      return nullptr;
    }
    Problems found;
    piece.program = compile(text.substr(begin, end - begin), environment, found);
    for (Problem& problem : found) {
      problem.offset += begin;
      problems.push_back(std::move(problem));
    }
    made->pieces_.push_back(std::move(piece));
    at = end + 2;
  }
  return problems.empty() ? made : nullptr;
}

}  // namespace penstock
