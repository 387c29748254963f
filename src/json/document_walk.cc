// SPDX-License-Identifier: Apache-2.0
#include "json/document_walk.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "json/parse.h"
#include "json/scalar.h"
#include "json/strict_array.h"

namespace penstock {
namespace {

/// Change of depth that a token of a skipped value makes.
struct DepthOf {
  int8_t change[256] = {};
  constexpr DepthOf() {
    change[int{'{'}] = change[int{'['}] = 1;
    change[int{'}'}] = change[int{']'}] = -1;
  }
};
constexpr DepthOf kDepthOf;
int depth_of(char token) { return kDepthOf.change[static_cast<unsigned char>(token)]; }

/// Documents are scanned together up to so many bytes, so that tokens stay in the first cache.
constexpr size_t kRunBytes = 32 << 10;

/// White space with a line break: an open string of the document before cannot reach beyond it.
bool separates(const char* from, const char* to) {
  bool line_break = false;
  for (; from < to; ++from) {
    line_break = line_break || *from == '\n' || *from == '\r';
    if (*from != '\n' && *from != '\r' && *from != ' ' && *from != '\t') return false;
  }
  return line_break;
}

}  // namespace

/// After the token `first` of a value: passes what follows of it.
bool DocumentWalk::skip(char first) {
  int depth = depth_of(first);
  if (depth == 0) return first != ',' && first != ':' && first != '\0';
  if (depth < 0) return false;
  while (depth > 0) {
    if (__builtin_expect(*token_ >= end_, 0)) return false;
    depth += depth_of(text_[*token_++]);
  }
  return true;
}

/// The value that should contain these has no members: how many columns that settles.
uint32_t DocumentWalk::fill(PathTrie& node, Cell cell) {
  if (node.column >= 0) (*columns_)[static_cast<size_t>(node.column)]->put_cell(row_, cell);
  fill_all(node.members, cell);
  fill_all(node.items, cell);
  return node.leaves;
}

uint32_t DocumentWalk::fill_all(const std::vector<std::unique_ptr<PathTrie>>& nodes,
                                   Cell cell) {
  uint32_t leaves = 0;
  for (const auto& node : nodes) leaves += fill(*node, cell);
  return leaves;
}

DocumentWalk::Step DocumentWalk::word(std::string_view expected, ColumnFill& out) {
  const char* at = text_ + offset_;
  const uint32_t size = static_cast<uint32_t>(expected.size());
  if (end_ - offset_ < size || std::memcmp(at, expected.data(), size) != 0 ||
      (offset_ + size < end_ && !ends_json_scalar(at[size]))) {
    return bad("a value was expected");
  }
  if (expected[0] == 'n') {
    out.put_null(row_);
  } else {
    out.put_bool(row_, expected[0] == 't');
    if (out.keeps_sources()) out.put_source(row_, at, size);
  }
  return resolved(1);
}

DocumentWalk::Step DocumentWalk::number(ColumnFill& out) {
  const char* const at = text_ + offset_;
  // Most numbers reach to the next token.
  const uint32_t size = *token_ - offset_;
  if (int64_t whole = 0; __builtin_expect(parse_short_json_integer(at, size, whole), 1) &&
                         (*token_ == end_ || ends_json_scalar(at[size]))) {
    out.put_int(row_, whole);
    if (out.keeps_sources()) out.put_source(row_, at, size);
    return resolved(1);
  }
  Value number;
  const char* stop = nullptr;
  if (!parse_json_number(at, text_ + end_, number, stop)) return bad("a value was expected");
  switch (number.kind()) {
    case ValueKind::kInt: out.put_int(row_, number.as_int()); break;
    case ValueKind::kUint: out.put_uint(row_, number.as_uint()); break;
    case ValueKind::kDouble: out.put_double(row_, number.as_double()); break;
    default: out.put_value(row_, number);
  }
  if (out.keeps_sources()) out.put_source(row_, at, static_cast<size_t>(stop - at));
  return resolved(1);
}

/// A value that is wanted itself. What it contains is not looked at.
DocumentWalk::Step DocumentWalk::leaf(PathTrie& node, char first) {
  ColumnFill& out = *(*columns_)[static_cast<size_t>(node.column)];
  switch (first) {
    case '"': {
      const RawText raw = read_raw_text(text_ + offset_);
      if (__builtin_expect(raw.escaped, 0) && !valid_json_escapes(raw.view())) {
        return bad("an escape is not one of JSON's in the string");
      }
      if (!out.put_text(row_, raw, arena_)) return bad("");
      if (out.keeps_sources()) out.put_source(row_, raw.data - 1, size_t{raw.size} + 2);
      return resolved(1);
    }
    case 't': return word("true", out);
    case 'f': return word("false", out);
    case 'n': return word("null", out);
    case '{':
    case '[': return container(out, first);
    default: return number(out);
  }
}

DocumentWalk::Step DocumentWalk::container(ColumnFill& out, char first) {
  const uint32_t from = offset_;
  const uint32_t* const inner = token_;
  const bool rows = first == '[' && !out.items().empty() && item_rows(out);
  if (!rows && !skip(first)) return bad("something is not closed");
  const std::string_view text(text_ + from, token_[-1] - from + 1);
  Value value = Value::json(text);
  if (first == '[' && out.wants().scalars != out.wants().items) {
    const uint32_t* const after = std::exchange(token_, inner);
    Value array;
    if (items_of_array(out.wants(), array)) value = array;
    token_ = after;
  }
  out.put_value(row_, value);
  if (out.keeps_sources()) out.put_source(row_, text.data(), text.size());
  return resolved(1);
}

/// After the opening bracket of an array: a row for each item, for all that want them. False, and
/// no rows, if it is not JSON.
[[gnu::noinline]] bool DocumentWalk::item_rows(ColumnFill& out) {
  const uint32_t from = offset_;
  const uint32_t* const inner = token_;
  const uint32_t* after = token_;
  if (!strict_json_array(text_, end_, after, item_ends_)) return false;
  const uint32_t row = row_, left = left_;
  const uint64_t stamp = stamp_;
  Columns* const columns = columns_;
  for (const auto& items : out.items()) {
    const uint32_t before = items->rows();
    token_ = inner;
    columns_ = &items->columns();
    bool ok = item_ends_.size() <= ItemColumns::kRowsMax - before;
    for (size_t i = 0; ok && i < item_ends_.size(); ++i) {
      row_ = items->append();
      stamp_ = ++stamps_;
      ok = item(items->trie(), item_ends_[i]);
      token_ = item_ends_[i] + 1;  // behind the comma
    }
    const auto count = static_cast<uint32_t>(item_ends_.size());
    if (ok) items->keep(row, {before, count, after[-1] - from + 1});
    else items->truncate(before);
  }
  columns_ = columns;
  row_ = row;
  left_ = left;
  stamp_ = stamp;
  token_ = after;
  offset_ = from;
  return true;
}

/// An item that is JSON and ends before the token `end`. False if there is no room.
bool DocumentWalk::item(PathTrie& trie, const uint32_t* end) {
  left_ = trie.leaves;
  if (left_ == 0) return true;
  const char c = next();
  if (trie.column < 0 || c != '{') return value(trie, c) != Step::kBad;
  const std::string_view text(text_ + offset_, end[-1] - offset_ + 1);
  (*columns_)[static_cast<size_t>(trie.column)]->put_value(row_, Value::json(text));
  return resolved(1) == Step::kAllFound || inside(trie, c) != Step::kBad;
}

/// After the opening bracket of an array that is closed. False if it is not what is wanted, or not
/// right: then whoever looks into its text will find out.
bool DocumentWalk::items_of_array(const PathUse& wants, Value& out) {
  items_.clear();
  char c = next();
  for (bool more = c != ']'; more; more = c == ',') {
    if (!items_.empty()) c = next();
    const uint32_t from = offset_;
    if (wants.scalars ? depth_of(c) != 0 : !skip(c)) return false;
    if (wants.scalars && (c == ',' || c == ':')) return false;
    c = next();
    const char* stop = text_ + offset_;
    while (stop[-1] == ' ' || stop[-1] == '\n' || stop[-1] == '\t' || stop[-1] == '\r') --stop;
    const char* const at = text_ + from;
    Value item = Value::json({at, static_cast<size_t>(stop - at)});
    if (wants.scalars && !scalar_item(at, stop, item)) return false;
    items_.push_back(item);
  }
  if (c != ']') return false;
  Value* const kept = arena_.allocate_array<Value>(items_.size());
  if (kept == nullptr && !items_.empty()) return false;
  std::copy(items_.begin(), items_.end(), kept);
  out = Value::array({kept, items_.size()});
  return true;
}

/// The scalar that begins at `at` and ends at `limit`.
bool DocumentWalk::scalar_item(const char* at, const char* limit, Value& out) {
  const std::string_view text(at, static_cast<size_t>(limit - at));
  switch (*at) {
    case '"': {
      const RawText raw = read_raw_text(at);
      if (raw.data + raw.size + 1 != limit) return false;
      const Result<Value> value = text_value(raw, arena_);
      if (value) out = *value;
      return value.has_value();
    }
    case 't': return out = Value::boolean(true), text == "true";
    case 'f': return out = Value::boolean(false), text == "false";
    case 'n': return out = Value(), text == "null";
    default: {
      const char* stop = nullptr;
      return parse_json_number(at, text_ + end_, out, stop) && stop == limit;
    }
  }
}

/// After the token `first` of the value at a node.
DocumentWalk::Step DocumentWalk::value(PathTrie& node, char first) {
  if (node.members.empty() && node.items.empty()) return leaf(node, first);
  if (node.column < 0) return inside(node, first);
  const uint32_t* inner = token_;
  const uint32_t at = offset_;
  if (const Step step = leaf(node, first); step != Step::kOk) return step;
  const uint32_t* after = token_;
  token_ = inner;
  offset_ = at;
  const Step step = inside(node, first);
  if (step == Step::kOk) token_ = after;
  return step;
}

DocumentWalk::Step DocumentWalk::inside(PathTrie& node, char first) {
  if (first == '{') {
    const Step step = map(node);
    if (step != Step::kOk || node.items.empty()) return step;
    return resolved(fill_all(node.items, Cell::kNoMember));
  }
  if (first == '[') {
    const Step step = array(node);
    if (step != Step::kOk || node.members.empty()) return step;
    return resolved(fill_all(node.members, Cell::kNoMember));
  }
  if (!scalar(first)) return bad("a value was expected");
  const Cell cell = first == 'n' ? Cell::kMissing : Cell::kNoMember;
  const uint32_t leaves = fill_all(node.members, cell) + fill_all(node.items, cell);
  return resolved(leaves);
}

/// Whether a scalar that only stands in the way is one.
bool DocumentWalk::scalar(char first) const {
  const auto is = [&](std::string_view word) {
    const std::string_view rest(text_ + offset_, end_ - offset_);
    return rest.starts_with(word) &&
           (rest.size() == word.size() || ends_json_scalar(rest[word.size()]));
  };
  Value number;
  const char* stop = nullptr;
  switch (first) {
    case '"': return true;
    case 't': return is("true");
    case 'f': return is("false");
    case 'n': return is("null");
    default: return parse_json_number(text_ + offset_, text_ + end_, number, stop);
  }
}

PathTrie* DocumentWalk::escaped_member(PathTrie& node, const char* quote) {
  const RawText raw = read_raw_text(quote);
  if (__builtin_expect(!raw.escaped, 1)) return nullptr;
  std::string name(raw.size, '\0');
  const int64_t size = unescape_json(raw.view(), name.data());
  if (size < 0) return nullptr;
  name.resize(static_cast<size_t>(size));
  return node.member_named(name);
}

/// After the opening brace.
DocumentWalk::Step DocumentWalk::map(PathTrie& node) {
  size_t wanted = node.members.size();
  if (wanted == 0) return skip('{') ? Step::kOk : bad("something is not closed");
  char c = next();
  while (c != '}') {
    if (__builtin_expect(c != '"', 0)) return bad("a member's name was expected");
    const char* quote = text_ + offset_;
    PathTrie* child = node.member(quote + 1);
    if (child == nullptr) child = escaped_member(node, quote);
    if (__builtin_expect(next() != ':', 0)) return bad("a colon was expected");
    const char first = next();
    if (child != nullptr && child->met != stamp_) {
      child->met = stamp_;
      const Step step = value(*child, first);
      if (step != Step::kOk) return step;
      if (--wanted == 0) return skip('{') ? Step::kOk : bad("something is not closed");
    } else if (__builtin_expect(!skip(first), 0)) {
      return bad("a value was expected");
    }
    c = next();
    if (c == ',') {
      c = next();
      if (c == '}') return bad("a member's name was expected");
    } else if (c != '}') {
      return bad("a comma or } was expected");
    }
  }
  uint32_t leaves = 0;
  for (const auto& child : node.members) {
    if (child->met != stamp_) leaves += child->leaves;  // cells are kMissing as they are
  }
  return resolved(leaves);
}

/// After the opening bracket.
DocumentWalk::Step DocumentWalk::array(PathTrie& node) {
  size_t wanted = 0;  // of node.items, which are in order
  char first = next();
  for (int64_t at = 0; first != ']'; ++at) {
    if (node.items.size() == wanted) {  // the rest; `first` is its first token
      return skip(first) && skip('[') ? Step::kOk : bad("something is not closed");
    }
    if (node.items[wanted]->index == at) {
      const Step step = value(*node.items[wanted++], first);
      if (step != Step::kOk) return step;
    } else if (!skip(first)) {
      return bad("a value was expected");
    }
    const char c = next();
    if (c == ']') break;
    if (c != ',') return bad("a comma or ] was expected");
    first = next();
    if (first == ']') return bad("a value was expected");
  }
  uint32_t leaves = 0;
  for (; wanted < node.items.size(); ++wanted) leaves += node.items[wanted]->leaves;
  return resolved(leaves);
}

/// One document of a scanned text; leaves token_ at the first one behind it.
void DocumentWalk::document(uint32_t row, uint32_t from, uint32_t to) {
  row_ = row;
  end_ = to;
  left_ = root_->leaves;
  stamp_ = ++stamps_;
  const char first = next();
  Step step = first == '\0' ? bad("there is no value") : inside(*root_, first);
  const char closing = first == '{' ? '}' : first == '[' ? ']' : '\0';
  const bool complete = step == Step::kOk || (step == Step::kAllFound && closing == '\0');
  if (complete && *token_ < end_) {
    offset_ = *token_;
    step = bad("there is more after the value");
  }
  while (tokens_end_ - token_ > 8 && token_[8] < end_) token_ += 8;
  while (*token_ < end_) ++token_;
  if (step == Step::kAllFound && closing != '\0' && text_[token_[-1]] != closing) {
    offset_ = end_;
    step = bad("the document is not closed");
  }
  if (__builtin_expect(step != Step::kBad, 1)) return;
  bad_->push_back({row, *problem_ == '\0' ? memory_limit_error(arena_.limit())
                                          : json_error(offset_ - from, problem_)});
}

bool DocumentWalk::scan(std::string_view text) {
  text_ = text.data();
  if (!structure_.scan(text)) return false;
  const std::span<const uint32_t> tokens = structure_.tokens();
  token_ = tokens.data();
  tokens_end_ = token_ + tokens.size();
  return true;
}

void DocumentWalk::alone(const Record& record, uint32_t row) {
  const std::string_view payload = record.payload_view();
  if (scan(payload)) return document(row, 0, record.payload_size);
  const JsonFault fault = find_json_fault(payload);
  bad_->push_back({row, json_error(fault.offset, fault.what)});
}

/// Goes through rows from `first` on that stand one behind the other; returns which comes then.
uint32_t DocumentWalk::run_together(const Batch& batch, const Rows& rows, uint32_t first) {
  const std::span<const Record> heads = batch.heads();
  const char* const start = heads[rows[first]].payload;
  const char* stop = start + heads[rows[first]].payload_size;
  uint32_t last = first + 1;
  for (; last < rows.count; ++last) {
    const Record& record = heads[rows[last]];
    if (record.payload < stop || record.payload > stop + 2 || !separates(stop, record.payload) ||
        static_cast<size_t>(record.payload + record.payload_size - start) > kRunBytes) {
      break;
    }
    stop = record.payload + record.payload_size;
  }
  if (last == first + 1 || !scan({start, static_cast<size_t>(stop - start)})) {
    for (uint32_t i = first; i < last; ++i) alone(heads[rows[i]], rows[i]);
    return last;
  }
  for (uint32_t i = first; i < last; ++i) {
    const Record& record = heads[rows[i]];
    const auto from = static_cast<uint32_t>(record.payload - start);
    document(rows[i], from, from + record.payload_size);
  }
  return last;
}

void DocumentWalk::run(PathTrie& trie, const Batch& batch, const Rows& rows,
                       std::vector<BadRow>& bad) {
  root_ = &trie;
  bad_ = &bad;
  documents_ += rows.count;
  for (uint32_t i = 0; i < rows.count;) i = run_together(batch, rows, i);
}

}  // namespace penstock
