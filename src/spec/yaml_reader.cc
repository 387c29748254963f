// SPDX-License-Identifier: Apache-2.0
#include "spec/yaml_reader.h"

#include <yaml.h>

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "config/suggest.h"
#include "config/value_type.h"
#include "spec/limits.h"
#include "spec/scalar_pieces.h"
#include "spec/text_places.h"
#include "spec/yaml_problems.h"

namespace penstock {
namespace {

std::string_view bytes_of(const yaml_char_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}
std::string string_of(const yaml_char_t* text) {
  return text ? reinterpret_cast<const char*>(text) : "";
}

/// Owns a libyaml event.
struct Event {
  yaml_event_t raw{};
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&raw); }
  yaml_event_type_t type() const { return raw.type; }
};

bool is_null_word(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

void measure(const Node& node, size_t& nodes, size_t& text) {
  ++nodes;
  text += node.text.size();
  for (const Node& item : node.items) measure(item, nodes, text);
  for (const Node::Entry& entry : node.entries) {
    text += entry.key.size();
    measure(entry.value, nodes, text);
  }
}

/// How many anchors an unknown alias is compared with.
constexpr size_t kSuggestedFromMax = 1'000;

constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";

class YamlReader {
 public:
  YamlReader(std::string_view text, const std::string& file, Diagnostics& diagnostics)
      : text_(text), places_(text, file), diagnostics_(diagnostics) {
    ready_ = yaml_parser_initialize(&parser_) == 1;
    const auto* input = reinterpret_cast<const unsigned char*>(text.data());
    if (!ready_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, input, text.size());
  }
  ~YamlReader() {
    if (ready_) yaml_parser_delete(&parser_);
  }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;

  std::optional<Node> read();

 private:
  /// What a `<<` refers to, and the place of the `<<`.
  struct Merged {
    Node from;
    Position at;
  };
  struct Anchor {
    Node node;
    size_t nodes = 0;
    size_t text = 0;
    bool finished = false;
  };

  Position place(const yaml_mark_t& mark) { return places_.at_line(mark.line, mark.column); }
  bool next(Event& event);
  bool value(const Event& event, size_t depth, Node& out);
  bool scalar(const Event& event, Node& out);
  bool list(const Event& event, size_t depth, Node& out);
  bool map(const Event& event, size_t depth, Node& out);
  bool entry(const Event& key, size_t depth, Node& out, std::vector<Merged>& merged,
             std::unordered_map<std::string, size_t>& seen);
  bool key_text(const Event& event, size_t depth, std::string& out, bool& merges);
  bool alias(const Event& event, Node& out);
  void merge(Node& out, const std::vector<Merged>& merged,
             std::unordered_map<std::string, size_t>& seen);
  bool count(size_t nodes, size_t text, const Position& at);
  void note_tag(const std::string& tag, const Position& at);
  bool has_too_many_directives();

  std::string_view text_;
  TextPlaces places_;
  Diagnostics& diagnostics_;
  yaml_parser_t parser_{};
  bool ready_ = false;
  std::map<std::string, Anchor> anchors_;
  size_t nodes_ = 0;
  size_t text_bytes_ = 0;
  size_t aliases_ = 0;
  bool lost_ = false;  // a value is missing, so the document makes no sense
};

/// The next event; false after reporting that the text is not YAML.
bool YamlReader::next(Event& event) {
  if (yaml_parser_parse(&parser_, &event.raw) == 1) return true;
  const bool by_offset = parser_.error == YAML_READER_ERROR;
  const Position at = by_offset ? places_.at_offset(parser_.problem_offset)
                                : place(parser_.problem_mark);
  YamlProblem problem = yaml_problem(parser_.problem ? parser_.problem : "out of memory", text_,
                                     places_.offset_of(at));
  const Position opened = place(parser_.context_mark);
  if (problem.in_brackets) {
    problem.what += " (it begins in line " + std::to_string(opened.line) + ")";
  }
  diagnostics_.error("yaml-syntax", problem.at_opening ? opened : at, problem.what, problem.hint);
  return false;
}

/// Counts what a value costs; false after reporting that the document costs too much.
bool YamlReader::count(size_t nodes, size_t text, const Position& at) {
  nodes_ += nodes;
  text_bytes_ += text;
  if (nodes_ <= kDocumentNodesMax && text_bytes_ <= kDocumentTextMax) return true;
  diagnostics_.error("document-too-large", at,
                     nodes_ > kDocumentNodesMax
                         ? "the document has more than " + std::to_string(kDocumentNodesMax) +
                               " values once its aliases are expanded"
                         : "the document has more than " + std::to_string(kDocumentTextMax) +
                               " bytes of text once its aliases are expanded");
  return false;
}

void YamlReader::note_tag(const std::string& tag, const Position& at) {
  if (tag.empty() || tag == "!") return;
  if (tag.starts_with(kCoreTag)) {
    const std::string_view name = std::string_view(tag).substr(kCoreTag.size());
    for (std::string_view known : {"str", "int", "float", "bool", "null", "seq", "map"}) {
      if (name == known) return;
    }
  }
  diagnostics_.warning("ignored-tag", at, "the tag " + tag + " is ignored",
                       "remove it: the field decides how a value is read");
}

bool YamlReader::scalar(const Event& event, Node& out) {
  const auto& s = event.raw.data.scalar;
  out.position = place(event.raw.start_mark);
  out.text = bytes_of(s.value, s.length);
  const std::string tag = string_of(s.tag);
  note_tag(tag, out.position);
  const bool is_string = tag == "!" || tag == std::string(kCoreTag) + "str";
  out.quoted = s.style != YAML_PLAIN_SCALAR_STYLE || is_string;
  out.kind = !out.quoted && is_null_word(out.text) ? Node::Kind::kNull : Node::Kind::kScalar;
  if (s.style != YAML_PLAIN_SCALAR_STYLE || event.raw.start_mark.line != event.raw.end_mark.line) {
    const size_t begin = places_.offset_of(out.position);
    const size_t end = places_.offset_of(place(event.raw.end_mark));
    out.pieces = scalar_pieces(text_.substr(begin, end - begin), begin, out.text, places_);
  }
  return count(1, out.text.size(), out.position);
}

bool YamlReader::list(const Event& event, size_t depth, Node& out) {
  out.kind = Node::Kind::kList;
  out.position = place(event.raw.start_mark);
  note_tag(string_of(event.raw.data.sequence_start.tag), out.position);
  if (!count(1, 0, out.position)) return false;
  while (true) {
    Event item;
    if (!next(item)) return false;
    if (item.type() == YAML_SEQUENCE_END_EVENT) return true;
    out.items.emplace_back();
    if (!value(item, depth + 1, out.items.back())) return false;
  }
}

bool YamlReader::map(const Event& event, size_t depth, Node& out) {
  out.kind = Node::Kind::kMap;
  out.position = place(event.raw.start_mark);
  note_tag(string_of(event.raw.data.mapping_start.tag), out.position);
  if (!count(1, 0, out.position)) return false;
  std::vector<Merged> merged;
  std::unordered_map<std::string, size_t> seen;
  while (true) {
    Event key;
    if (!next(key)) return false;
    if (key.type() == YAML_MAPPING_END_EVENT) break;
    if (!entry(key, depth, out, merged, seen)) return false;
  }
  merge(out, merged, seen);
  return true;
}

/// One `key: value`. A repeated key is reported and its value dropped.
bool YamlReader::entry(const Event& key, size_t depth, Node& out, std::vector<Merged>& merged,
                       std::unordered_map<std::string, size_t>& seen) {
  const Position at = place(key.raw.start_mark);
  std::string name;
  bool merges = false;
  if (!key_text(key, depth, name, merges)) return false;
  Event event;
  if (!next(event)) return false;
  Node node;
  if (!value(event, depth + 1, node)) return false;
  if (merges) {
    if (node.is_list()) for (Node& item : node.items) merged.push_back({std::move(item), at});
    else merged.push_back({std::move(node), at});
    return true;
  }
  if (name.empty()) return true;
  const auto [first, is_new] = seen.emplace(name, out.entries.size());
  if (!is_new) {
    diagnostics_.error("duplicate-key", at,
                       shown(name) + " stands twice in this map; first in line " +
                           std::to_string(out.entries[first->second].key_position.line),
                       "remove one of them, or indent it under what it belongs to");
    return true;
  }
  out.entries.push_back({std::move(name), at, std::move(node)});
  return true;
}

/// Reads a key that has begun with `event`. Keys are scalars or aliases of scalars; what is not is
/// reported and leaves `out` empty.
bool YamlReader::key_text(const Event& event, size_t depth, std::string& out, bool& merges) {
  Node node;
  if (!value(event, depth + 1, node)) return false;
  if (event.type() == YAML_SCALAR_EVENT) {
    merges = !node.quoted && node.text == "<<";
  }
  const bool named = node.is_scalar() || (node.is_null() && !node.text.empty());
  if (!named || node.text.empty()) {
    diagnostics_.error("bad-key", place(event.raw.start_mark),
                       node.is_scalar() || node.is_null() ? "a key is empty"
                                                          : "a key must be a single value",
                       "write `name: value`");
    return true;
  }
  out = std::move(node.text);
  return true;
}

/// Explicit keys win over merged ones; of merged maps the first wins.
void YamlReader::merge(Node& out, const std::vector<Merged>& merged,
                       std::unordered_map<std::string, size_t>& seen) {
  for (const auto& [from, at] : merged) {
    if (!from.is_map()) {
      diagnostics_.error("bad-merge", at, "<< wants a map or a list of maps",
                         "refer to a map: `<<: *name`");
      continue;
    }
    for (const Node::Entry& entry : from.entries) {
      if (seen.emplace(entry.key, out.entries.size()).second) out.entries.push_back(entry);
    }
  }
}

bool YamlReader::alias(const Event& event, Node& out) {
  const std::string name = string_of(event.raw.data.alias.anchor);
  const Position at = place(event.raw.start_mark);
  if (++aliases_ > kDocumentAliasesMax) {
    diagnostics_.error("document-too-large", at, "the document has more than " +
                                                     std::to_string(kDocumentAliasesMax) +
                                                     " aliases");
    return false;
  }
  const auto found = anchors_.find(name);
  if (found == anchors_.end()) {
    std::vector<std::string> known;
    for (const auto& [anchor, _] : anchors_) {
      if (diagnostics_.full() || known.size() == kSuggestedFromMax) break;
      known.push_back(anchor);
    }
    diagnostics_.error("unknown-alias", at, "there is no anchor &" + name + " before this alias",
                       suggestion(name, known));
    out.position = at;
    lost_ = true;
    return true;
  }
  if (!found->second.finished) {
    diagnostics_.error("alias-cycle", at, "*" + name + " refers to a value that contains it");
    return false;
  }
  if (!count(found->second.nodes, found->second.text, at)) return false;
  out = found->second.node;
  return true;
}

bool YamlReader::value(const Event& event, size_t depth, Node& out) {
  if (event.type() == YAML_ALIAS_EVENT) return alias(event, out);
  if (depth > kDocumentDepthMax) {
    diagnostics_.error("document-too-deep", place(event.raw.start_mark),
                       "more than " + std::to_string(kDocumentDepthMax) +
                           " lists and maps stand inside one another");
    return false;
  }
  std::string anchor;
  bool fine = false;
  switch (event.type()) {
    case YAML_SCALAR_EVENT:
      anchor = string_of(event.raw.data.scalar.anchor);
      fine = scalar(event, out);
      break;
    case YAML_SEQUENCE_START_EVENT:
      anchor = string_of(event.raw.data.sequence_start.anchor);
      if (!anchor.empty()) anchors_[anchor] = {};
      fine = list(event, depth, out);
      break;
    case YAML_MAPPING_START_EVENT:
      anchor = string_of(event.raw.data.mapping_start.anchor);
      if (!anchor.empty()) anchors_[anchor] = {};
      fine = map(event, depth, out);
      break;
    default:
      break;
  }
  if (!fine || anchor.empty()) return fine;
  Anchor finished{out, 0, 0, true};
  measure(out, finished.nodes, finished.text);
  const bool affordable = count(finished.nodes, finished.text, out.position);  // it is a copy
  anchors_[anchor] = std::move(finished);
  return affordable;
}

/// The parser compares every directive with every other.
bool YamlReader::has_too_many_directives() {
  size_t directives = 0;
  for (size_t at = text_.find('%'); at != std::string_view::npos; at = text_.find('%', at + 1)) {
    const bool starts_line = at == 0 || text_[at - 1] == '\n' || text_[at - 1] == '\r';
    if (!starts_line || ++directives <= kDirectivesMax) continue;
    diagnostics_.error("document-too-large", places_.at_offset(at),
                       "more than " + std::to_string(kDirectivesMax) + " lines begin with %");
    return true;
  }
  return false;
}

std::optional<Node> YamlReader::read() {
  if (!check_text(text_, places_, diagnostics_) || has_too_many_directives()) return {};
  if (!ready_) {
    diagnostics_.error("yaml-syntax", {}, "out of memory");
    return {};
  }
  Node root;
  Event stream_start, document_start;
  if (!next(stream_start) || !next(document_start)) return {};
  if (document_start.type() == YAML_STREAM_END_EVENT) {
    diagnostics_.error("empty-document", places_.at_offset(0), "there is no document in this file",
                       "a flow has `stages:` and `queues:` at its top level");
    return {};
  }
  Event first, document_end, after;
  if (!next(first) || !value(first, 1, root) || !next(document_end) || !next(after)) return {};
  if (after.type() == YAML_DOCUMENT_START_EVENT) {
    diagnostics_.warning("extra-document", place(after.raw.start_mark),
                         "only the first document of a file is read",
                         "put the other documents into files of their own");
  }
  if (lost_) return {};
  return root;
}

}  // namespace

std::optional<Node> read_yaml(std::string_view text, const std::string& file,
                              Diagnostics& diagnostics) {
  return YamlReader(without_mark(text), file, diagnostics).read();
}

}  // namespace penstock
