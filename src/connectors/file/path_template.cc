// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/path_template.h"

#include <algorithm>
#include <charconv>

namespace penstock {
namespace {
constexpr size_t kPartDigitsMin = 5;
}

Result<PathTemplate> PathTemplate::parse(std::string_view text) {
  const std::string hint = "known are {task}, {part} and {stage}";
  if (text.empty()) return stop_error("bad-path", "the path is empty");
  const size_t name = text.rfind('/') == std::string_view::npos ? 0 : text.rfind('/') + 1;
  PathTemplate made;
  for (size_t at = 0; at < text.size();) {
    const size_t open = text.find('{', at);
    if (open != at) {
      const bool after_number = !made.pieces_.empty() && made.pieces_.back().kind != Kind::kStage;
      if (after_number && text[at] >= '0' && text[at] <= '9') {
        return stop_error("bad-path", "a digit behind {task} or {part} would seem part of it");
      }
      made.pieces_.push_back({Kind::kText, std::string(text.substr(at, open - at))});
      at = open == std::string_view::npos ? text.size() : open;
      continue;
    }
    const size_t close = text.find('}', open);
    if (close == std::string_view::npos) {
      return stop_error("bad-path", "'{' without '}' in the path", hint);
    }
    const std::string_view word = text.substr(open + 1, close - open - 1);
    const Kind kind = word == "task"    ? Kind::kTask
                      : word == "part"  ? Kind::kPart
                      : word == "stage" ? Kind::kStage
                                        : Kind::kText;
    if (kind == Kind::kText) {
      return stop_error("bad-path", "'{" + std::string(word) + "}' in the path is not known", hint);
    }
    if (kind != Kind::kStage && open < name) {
      return stop_error("bad-path", "'{" + std::string(word) + "}' must stand in the file's name, "
                        "not in its folder's");
    }
    if (kind != Kind::kStage && made.has(kind)) {
      return stop_error("bad-path", "'{" + std::string(word) + "}' stands twice in the path");
    }
    if (!made.pieces_.empty() && made.pieces_.back().kind != Kind::kText) {
      return stop_error("bad-path", "there must be something between two of {…} in the path",
                        "for example {task}-{part}");
    }
    made.pieces_.push_back({kind, {}});
    at = close + 1;
  }
  if (text.ends_with('/')) return stop_error("bad-path", "the path names a folder, not a file");
  return made;
}

bool PathTemplate::has(Kind kind) const {
  return std::any_of(pieces_.begin(), pieces_.end(),
                     [&](const Piece& piece) { return piece.kind == kind; });
}

std::string PathTemplate::path(std::string_view stage, uint32_t task, uint64_t part) const {
  std::string path;
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Kind::kText: path += piece.text; break;
      case Kind::kStage: path += stage; break;
      case Kind::kTask: path += std::to_string(task); break;
      case Kind::kPart: {
        const std::string digits = std::to_string(part);
        if (digits.size() < kPartDigitsMin) path.append(kPartDigitsMin - digits.size(), '0');
        path += digits;
        break;
      }
    }
  }
  return path;
}

std::optional<PathTemplate::Numbers> PathTemplate::match(std::string_view path,
                                                         std::string_view stage) const {
  Numbers numbers;
  std::string_view rest = path;
  for (const Piece& piece : pieces_) {
    if (piece.kind == Kind::kText || piece.kind == Kind::kStage) {
      const std::string_view text = piece.kind == Kind::kText ? piece.text : stage;
      if (!rest.starts_with(text)) return std::nullopt;
      rest.remove_prefix(text.size());
      continue;
    }
    const size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    const char* const end = rest.data() + digits;
    const auto result = piece.kind == Kind::kTask
                            ? std::from_chars(rest.data(), end, numbers.task)
                            : std::from_chars(rest.data(), end, numbers.part);
    if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
    rest.remove_prefix(digits);
  }
  if (!rest.empty() || this->path(stage, numbers.task, numbers.part) != path) return std::nullopt;
  return numbers;
}

std::string PathTemplate::folder(std::string_view stage) const {
  const std::string whole = path(stage, 0, 0);
  const size_t slash = whole.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : whole.substr(0, slash);
}

}  // namespace penstock
