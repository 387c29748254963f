// SPDX-License-Identifier: Apache-2.0
#include "mapping/edits.h"

#include "expr/eval_context.h"
#include "expr/type.h"
#include "json/parse.h"
#include "json/scalar.h"
#include "value/build.h"
#include "value/write_json.h"

namespace penstock {
namespace {

std::string shown(const EditStep& step) {
  return step.index < 0 ? "\"" + std::string(step.key) + "\"" : std::to_string(step.index);
}

std::string with_article(ValueKind kind) {
  const std::string name(kind_name(kind));
  return (name[0] == 'a' || name[0] == 'i' ? "an " : "a ") + name;
}

Error not_a_map(const EditStep& step, std::string_view kind) {
  return eval_error("cannot go to " + shown(step) + ": it would stand in " + std::string(kind) +
                    ", not in " + (step.index < 0 ? "a map" : "an array"));
}

Error beyond_end(int64_t index, size_t size) {
  return eval_error("there is no item " + std::to_string(index) + ": the array has " +
                    std::to_string(size));
}

Result<Value> with_item(const Value& array, EditPath path, const Value& value,
                        ValueArena& arena) {
  const auto at = static_cast<size_t>(path[0].index);
  const std::span<const Value> items = array.is_null() ? std::span<const Value>{} : array.items();
  if (at > items.size()) return beyond_end(path[0].index, items.size());
  ArrayBuilder builder(arena, items.size() + 1);
  for (const Value& item : items) builder.push(item);
  Result<Value> changed =
      with_value(at < items.size() ? items[at] : Value(), path.subspan(1), value, arena);
  if (!changed) return changed;
  if (at == items.size()) builder.push(*changed);
  else if (builder.size() > at) builder.items()[at] = *changed;
  return builder.finish();
}

}  // namespace

Result<Value> with_value(const Value& document, EditPath path, const Value& value,
                         ValueArena& arena) {
  if (path.empty()) return value;
  const EditStep& step = path[0];
  if (step.index >= 0) {
    if (!document.is_null() && !document.is(ValueKind::kArray)) {
      return not_a_map(step, with_article(document.kind()));
    }
    return with_item(document, path, value, arena);
  }
  if (!document.is_null() && !document.is(ValueKind::kMap)) {
    return not_a_map(step, with_article(document.kind()));
  }
  const Value* old = document.is_null() ? nullptr : document.find(step.key);
  Result<Value> changed =
      with_value(old == nullptr ? Value() : *old, path.subspan(1), value, arena);
  if (!changed) return changed;
  MapBuilder builder(arena, document.is_null() ? 1 : document.size() + 1);
  if (!document.is_null()) {
    for (const MapEntry& entry : document.entries()) builder.add_new(entry.key, entry.value);
  }
  builder.set(step.key, *changed);
  return builder.finish();
}

Result<Value> without_value(const Value& document, EditPath path, ValueArena& arena) {
  CHECK(!path.empty());
  const EditStep& step = path[0];
  const bool last = path.size() == 1;
  if (step.index >= 0) {
    const auto at = static_cast<size_t>(step.index);
    if (!document.is(ValueKind::kArray) || at >= document.size()) return document;
    ArrayBuilder builder(arena, document.size());
    for (size_t i = 0; i < document.size(); ++i) {
      if (i != at) {
        builder.push(document.items()[i]);
      } else if (!last) {
        Result<Value> changed = without_value(document.items()[i], path.subspan(1), arena);
        if (!changed) return changed;
        builder.push(*changed);
      }
    }
    return builder.finish();
  }
  if (!document.is(ValueKind::kMap) || document.find(step.key) == nullptr) return document;
  MapBuilder builder(arena, document.size());
  for (const MapEntry& entry : document.entries()) {
    if (entry.key != step.key) {
      builder.add_new(entry.key, entry.value);
    } else if (!last) {
      Result<Value> changed = without_value(entry.value, path.subspan(1), arena);
      if (!changed) return changed;
      builder.add_new(entry.key, *changed);
    }
  }
  return builder.finish();
}

void Edits::clear() {
  nodes_.clear();
  nodes_.emplace_back();
}

uint32_t Edits::child_of(uint32_t parent, const EditStep& step) {
  uint32_t* link = &nodes_[parent].child;
  while (*link != 0) {
    const EditStep& known = nodes_[*link].step;
    if (known.index == step.index && known.key == step.key) return *link;
    link = &nodes_[*link].next;
  }
  const auto made = static_cast<uint32_t>(nodes_.size());
  *link = made;
  nodes_.emplace_back();
  nodes_.back().step = step;
  return made;
}

/// Whether something will stand there: it is set, or something below was.
bool Edits::wanted(uint32_t node) const {
  return nodes_[node].state == State::kSet ||
         (nodes_[node].state == State::kKept && nodes_[node].made != Shape::kNone);
}

Result<void> Edits::set(EditPath path, const Value& value, ValueArena& arena) {
  uint32_t at = 0;
  for (size_t i = 0; i <= path.size(); ++i) {
    Node& node = nodes_[at];
    if (i < path.size() && node.state == State::kKept) {
      const Shape shape = path[i].index < 0 ? Shape::kMap : Shape::kArray;
      if (node.made != Shape::kNone && node.made != shape) {
        return not_a_map(path[i], shape == Shape::kMap ? "an array" : "a map");
      }
      node.made = shape;
      at = child_of(at, path[i]);
      continue;
    }
    // Something here was set before (or removed, which leaves nil): the value changes.
    Result<Value> changed = with_value(node.state == State::kSet ? node.value : Value(),
                                       path.subspan(i), value, arena);
    if (!changed) return unexpected(changed.error());
    node.state = State::kSet;
    node.value = *changed;
    node.child = 0;
    node.made = Shape::kNone;
    break;
  }
  return {};
}

Result<void> Edits::remove(EditPath path, ValueArena& arena) {
  uint32_t at = 0;
  for (size_t i = 0; i <= path.size(); ++i) {
    Node& node = nodes_[at];
    if (i == path.size()) {
      node.state = State::kRemoved;
      node.child = 0;
      node.made = Shape::kNone;
      break;
    }
    if (node.state == State::kRemoved) break;
    if (node.state == State::kSet) {
      Result<Value> changed = without_value(node.value, path.subspan(i), arena);
      if (!changed) return unexpected(changed.error());
      node.value = *changed;
      break;
    }
    at = child_of(at, path[i]);
  }
  return {};
}

/// What a node makes of nothing: nil if it only removes.
Result<Value> Edits::created(uint32_t at, ValueArena& arena) const {
  const Node& node = nodes_[at];
  if (node.state == State::kSet) return node.value;
  Result<Value> value = Value();
  if (node.made == Shape::kArray) value = ArrayBuilder(arena).finish();
  if (node.made == Shape::kMap) value = MapBuilder(arena).finish();
  for (uint32_t child = node.child; child != 0 && value; child = nodes_[child].next) {
    if (!wanted(child)) continue;
    const Result<Value> part = created(child, arena);
    if (!part) return part;
    value = with_value(*value, {&nodes_[child].step, 1}, *part, arena);
  }
  return value;
}

/// One walk over the tokens of a document. What lies between edits is copied in one piece.
class Edits::Splice {
 public:
  Splice(Edits& edits, std::string_view text, ValueArena& arena, std::string& out)
      : edits_(edits), nodes_(edits.nodes_), text_(text), tokens_(edits.structure_.tokens()),
        arena_(arena), out_(out) {}

  Result<void> run() {
    PENSTOCK_TRY(value(0));
    if (token_ != tokens_.size()) return json_error(offset(), "more text after the document");
    copy_to(text_.size());
    return {};
  }

 private:
  size_t offset() const { return token_ < tokens_.size() ? tokens_[token_] : text_.size(); }
  char here() const { return token_ < tokens_.size() ? text_[tokens_[token_]] : '\0'; }
  void copy_to(size_t end) {
    if (end > copied_) out_.append(text_.substr(copied_, end - copied_));
    copied_ = std::max(copied_, end);
  }
  /// Behind the last byte of what ends before the current token.
  size_t end_of_last() const {
    size_t end = offset();
    while (end > 0 && (text_[end - 1] == ' ' || text_[end - 1] == '\n' ||
                       text_[end - 1] == '\t' || text_[end - 1] == '\r')) {
      --end;
    }
    return end;
  }
  static bool begins_value(char c) { return c != '\0' && c != ',' && c != ':' && c != '}' &&
                                            c != ']'; }
  /// Over one value, whatever it is.
  Result<void> skip() {
    if (!begins_value(here())) return json_error(offset(), "a value is missing");
    size_t depth = 0;
    do {
      const char c = here();
      if (c == '\0') return json_error(text_.size(), "the document ends too early");
      depth += c == '{' || c == '[';
      depth -= c == '}' || c == ']';
      ++token_;
    } while (depth > 0);
    return {};
  }
  Result<void> write(const Value& value) { return write_json(value, out_); }

  Result<void> value(uint32_t at) {
    const Node& node = nodes_[at];
    const size_t begin = offset();
    if (node.state == State::kKept && node.child != 0) {
      if (here() == '{' && node.made != Shape::kArray) return members(at);
      if (here() == '[' && node.made != Shape::kMap) return array(at);
      return other(at);
    }
    PENSTOCK_TRY(skip());
    if (node.state != State::kSet) return {};
    copy_to(begin);
    copied_ = end_of_last();
    return write(node.value);
  }
  /// Edits inside of what is no map (array): fine if it is null.
  Result<void> other(uint32_t at) {
    const size_t begin = offset();
    const EditStep& step = nodes_[nodes_[at].child].step;
    PENSTOCK_TRY(skip());
    const size_t end = end_of_last();
    const std::string_view old = text_.substr(begin, end - begin);
    Result<Value> made = edits_.created(at, arena_);
    if (!made) return unexpected(made.error());
    const char c = old[0];
    Value number;
    const char* number_end = nullptr;
    if (old != "null" && old != "true" && old != "false" && c != '"' && c != '{' && c != '[' &&
        !(parse_json_number(old.data(), old.data() + old.size(), number, number_end) &&
          number_end == old.data() + old.size())) {
      return json_error(begin, "this is no value");
    }
    if (made->is_null()) return {};  // nothing but removals
    if (old != "null") {
      return not_a_map(step, c == '{' ? "a map" : c == '[' ? "an array" : c == '"' ? "a string"
                             : c == 't' || c == 'f' ? "a bool" : "a number");
    }
    copy_to(begin);
    copied_ = end;
    return write(*made);
  }

  uint32_t edit_of(uint32_t parent, std::string_view raw_key) {
    std::string decoded;
    if (raw_key.find('\\') != std::string_view::npos) {
      decoded.resize(raw_key.size());
      const int64_t size = unescape_json(raw_key, decoded.data());
      if (size < 0) return 0;
      raw_key = std::string_view(decoded).substr(0, static_cast<size_t>(size));
    }
    for (uint32_t child = nodes_[parent].child; child != 0; child = nodes_[child].next) {
      if (nodes_[child].step.index < 0 && nodes_[child].step.key == raw_key) return child;
    }
    return 0;
  }

  Result<void> members(uint32_t at) {
    size_t kept = 0, comma = 0;
    ++token_;  // the brace
    while (here() != '}') {
      const size_t key_begin = offset();
      if (here() != '"') return json_error(key_begin, "a member's name is missing");
      ++token_;
      if (here() != ':') return json_error(offset(), "a colon is missing");
      const size_t key_end = end_of_last();
      ++token_;
      const uint32_t edit =
          edit_of(at, text_.substr(key_begin + 1, key_end - key_begin - 2));
      // A name that comes again counts where it came first; the others go, if it was edited.
      const bool removed =
          edit != 0 && (nodes_[edit].state == State::kRemoved || nodes_[edit].done);
      if (removed) {
        PENSTOCK_TRY(skip());
        remove_member(kept > 0, comma, key_begin);
      } else {
        PENSTOCK_TRY(edit != 0 ? value(edit) : skip());
        ++kept;
      }
      if (edit != 0) nodes_[edit].done = true;
      if (here() != ',' && here() != '}') return json_error(offset(), "a comma is missing");
      if (here() == ',') {
        comma = offset();
        ++token_;
        if (here() == '}') return json_error(offset(), "a member is missing");
      }
    }
    PENSTOCK_TRY(add_members(at, kept));
    ++token_;
    return {};
  }
  void remove_member(bool has_before, size_t comma_before, size_t key_begin) {
    if (has_before) {
      copy_to(comma_before);
      copied_ = end_of_last();
      return;
    }
    copy_to(key_begin);
    // With the comma behind it, and the blanks up to the next name.
    const size_t next = here() == ',' && token_ + 1 < tokens_.size() ? tokens_[token_ + 1]
                                                                     : end_of_last();
    copied_ = next;
  }
  Result<void> add_members(uint32_t at, size_t kept) {
    for (uint32_t child = nodes_[at].child; child != 0; child = nodes_[child].next) {
      if (nodes_[child].done || !edits_.wanted(child)) continue;
      Result<Value> made = edits_.created(child, arena_);
      if (!made) return unexpected(made.error());
      copy_to(end_of_last());
      if (kept++ > 0) out_ += ',';
      append_json_string(out_, nodes_[child].step.key);
      out_ += ':';
      PENSTOCK_TRY(write(*made));
    }
    return {};
  }

  Result<void> array(uint32_t at) {
    int64_t index = 0;
    ++token_;
    while (here() != ']') {
      uint32_t edit = nodes_[at].child;
      while (edit != 0 && nodes_[edit].step.index != index) edit = nodes_[edit].next;
      PENSTOCK_TRY(edit != 0 ? value(edit) : skip());
      if (edit != 0) nodes_[edit].done = true;
      ++index;
      if (here() != ',' && here() != ']') return json_error(offset(), "a comma is missing");
      if (here() == ',') ++token_;
    }
    for (uint32_t child = nodes_[at].child; child != 0; child = nodes_[child].next) {
      if (nodes_[child].done || !edits_.wanted(child)) continue;
      if (nodes_[child].step.index != index) {
        return beyond_end(nodes_[child].step.index, static_cast<size_t>(index));
      }
      Result<Value> made = edits_.created(child, arena_);
      if (!made) return unexpected(made.error());
      copy_to(end_of_last());
      if (index++ > 0) out_ += ',';
      PENSTOCK_TRY(write(*made));
    }
    ++token_;
    return {};
  }

  Edits& edits_;
  std::vector<Node>& nodes_;
  std::string_view text_;
  std::span<const uint32_t> tokens_;
  ValueArena& arena_;
  std::string& out_;
  size_t token_ = 0;
  size_t copied_ = 0;
};

Result<void> Edits::apply(std::string_view text, ValueArena& arena, std::string& out) {
  if (nodes_[0].state == State::kSet) return write_json(nodes_[0].value, out);
  if (!structure_.scan(text)) {
    const JsonFault fault = find_json_fault(text);
    return json_error(fault.offset, fault.what);
  }
  return Splice(*this, text, arena, out).run();
}

}  // namespace penstock
