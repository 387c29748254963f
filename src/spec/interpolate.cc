// SPDX-License-Identifier: Apache-2.0
#include "spec/interpolate.h"

#include "config/value_type.h"
#include "spec/limits.h"

namespace penstock {
namespace {

constexpr const char* kEscapeHint = "write ${NAME}, ${NAME:default} or ${file:path}, and $${ for "
                                    "the two characters ${";

bool is_variable_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && c != '_' && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

class Interpolation {
 public:
  Interpolation(const LoadSources& sources, const std::string& folder,
                std::vector<Secret>& secrets, Diagnostics& diagnostics)
      : sources_(sources), folder_(folder), secrets_(secrets), diagnostics_(diagnostics) {}

  /// The depth is bounded by the readers.
  void visit(Node& node) {
    if (full_) return;
    if (node.is_scalar() && node.text.find("${") != std::string::npos) replace(node);
    for (Node& item : node.items) visit(item);
    for (Node::Entry& entry : node.entries) visit(entry.value);
  }

 private:
  void replace(Node& node);
  void resolve(std::string_view expression, Node& node, std::string& out);
  void read_file(std::string_view path, Node& node, std::string& out);

  const LoadSources& sources_;
  const std::string& folder_;
  std::vector<Secret>& secrets_;
  Diagnostics& diagnostics_;
  size_t bytes_ = 0;
  size_t replaced_ = 0;
  bool full_ = false;
};

void Interpolation::replace(Node& node) {
  const std::string_view text = node.text;
  std::string out;
  size_t at = 0;
  while (at < text.size()) {
    const size_t dollar = text.find("${", at);
    if (dollar == std::string_view::npos) break;
    if (dollar > at && text[dollar - 1] == '$') {
      out += text.substr(at, dollar - 1 - at);
      out += "${";
      at = dollar + 2;
      continue;
    }
    out += text.substr(at, dollar - at);
    const size_t close = text.find('}', dollar);
    if (close == std::string_view::npos) {
      diagnostics_.error("bad-interpolation", node.position, "${ is not closed with }",
                         kEscapeHint);
      return;
    }
    const size_t before = out.size();
    resolve(text.substr(dollar + 2, close - dollar - 2), node, out);
    bytes_ += out.size() - before;
    full_ = bytes_ > kDocumentTextMax || ++replaced_ > kDocumentAliasesMax;
    if (full_) {
      diagnostics_.error("document-too-large", node.position,
                         "the document has more than " + std::to_string(kDocumentAliasesMax) +
                             " places to replace, or more than " +
                             std::to_string(kDocumentTextMax) + " bytes stand there");
      return;
    }
    at = close + 1;
  }
  if (at < text.size()) out += text.substr(at);
  if (node.text != out) node.pieces = nullptr;
  node.text = std::move(out);
}

void Interpolation::resolve(std::string_view expression, Node& node, std::string& out) {
  const size_t colon = expression.find(':');
  const std::string_view name = expression.substr(0, colon);
  if (name == "file" && colon != std::string_view::npos) {
    return read_file(expression.substr(colon + 1), node, out);
  }
  if (!is_variable_name(name)) {
    diagnostics_.error("bad-interpolation", node.position,
                       shown(name) + " is not the name of an environment variable", kEscapeHint);
    return;
  }
  if (const auto value = sources_.environment(std::string(name))) {
    out += *value;
  } else if (colon != std::string_view::npos) {
    out += expression.substr(colon + 1);
  } else {
    diagnostics_.error("unset-variable", node.position,
                       "the environment variable " + std::string(name) + " is not set",
                       "set it, or give a default: ${" + std::string(name) + ":default}");
  }
}

void Interpolation::read_file(std::string_view path, Node& node, std::string& out) {
  if (path.empty()) {
    diagnostics_.error("bad-interpolation", node.position, "${file:} names no file", kEscapeHint);
    return;
  }
  const bool relative = path[0] != '/' && !folder_.empty();
  const std::string full = relative ? folder_ + "/" + std::string(path) : std::string(path);
  Result<std::string> read = sources_.file(full, kSecretFileBytesMax);
  if (!read) {
    diagnostics_.error("unreadable-file", node.position,
                       "cannot read the file " + shown(path) + ": " + read.error().detail,
                       read.error().hint);
    return;
  }
  std::string content = std::move(*read);
  if (content.ends_with('\n')) content.pop_back();
  if (content.ends_with('\r')) content.pop_back();
  out += content;
  node.secret = true;
  if (!content.empty()) secrets_.emplace_back(std::move(content));
}

}  // namespace

void interpolate(Node& root, const LoadSources& sources, const std::string& folder,
                 std::vector<Secret>& secrets, Diagnostics& diagnostics) {
  Interpolation(sources, folder, secrets, diagnostics).visit(root);
}

}  // namespace penstock
