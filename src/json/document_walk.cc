// SPDX-License-Identifier: Apache-2.0
#include "json/document_walk.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "json/parse.h"
#include "json/scalar.h"
#include "json/strict_array.h"
#include "json/structure.h"

namespace penstock {
namespace {

/// Documents are scanned together up to so many bytes, so that they stay in the first cache.
constexpr size_t kRunBytes = 32 << 10;

/// White space with a line break: an open string of the document before cannot reach beyond it.
bool separates(const char* from, const char* to) {
  if (__builtin_expect(to - from == 1, 1)) return *from == '\n' || *from == '\r';
  bool line_break = false;
  for (; from < to; ++from) {
    line_break = line_break || *from == '\n' || *from == '\r';
    if (*from != '\n' && *from != '\r' && *from != ' ' && *from != '\t') return false;
  }
  return line_break;
}

}  // namespace

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

/// At an opening quote: passes the string.
RawText DocumentWalk::raw_string() {
  const char* const data = in_.here() + 1;
  const uint32_t size = in_.pass_string();
  const bool escaped = in_.escapes() && std::memchr(data, '\\', size) != nullptr;
  return {data, size, escaped};
}

DocumentWalk::Step DocumentWalk::string(ColumnFill& out) {
  const RawText raw = raw_string();
  if (__builtin_expect(raw.escaped, 0) && !valid_json_escapes(raw.view())) {
    in_.move_to(static_cast<uint32_t>(raw.data - 1 - text_));
    return bad("an escape is not one of JSON's in the string");
  }
  if (!out.put_text(row_, raw, arena_)) return bad("");
  if (out.keeps_sources()) out.put_source(row_, raw.data - 1, size_t{raw.size} + 2);
  return resolved(1);
}

DocumentWalk::Step DocumentWalk::word(std::string_view expected, ColumnFill& out) {
  const char* const at = in_.here();
  if (!in_.pass_word(expected)) return bad("a value was expected");
  if (expected[0] == 'n') {
    out.put_null(row_);
  } else {
    out.put_bool(row_, expected[0] == 't');
    if (out.keeps_sources()) out.put_source(row_, at, expected.size());
  }
  return resolved(1);
}

bool DocumentWalk::pass_number(Value& out) {
  const char* stop = nullptr;
  const std::string_view rest = in_.rest();
  if (!parse_json_number(rest.data(), rest.data() + rest.size(), out, stop)) return false;
  in_.pass(static_cast<uint32_t>(stop - rest.data()));
  return true;
}

inline DocumentWalk::Step DocumentWalk::integer(PathTrie& node, const char* at, uint32_t size,
                                               int64_t value) {
  ColumnFill& out = *(*columns_)[static_cast<size_t>(node.column)];
  out.put_int(row_, value);
  if (out.keeps_sources()) out.put_source(row_, at, size);
  return resolved(1);
}

DocumentWalk::Step DocumentWalk::number(ColumnFill& out) {
  const char* const at = in_.here();
  Value number;
  int64_t whole = 0;
  if (const uint32_t size = parse_short_json_integer(in_.rest(), whole); size > 0) {
    in_.pass(size);
    number = Value::integer(whole);
  } else if (!pass_number(number)) {
    return bad("a value was expected");
  }
  switch (number.kind()) {
    case ValueKind::kInt: out.put_int(row_, number.as_int()); break;
    case ValueKind::kUint: out.put_uint(row_, number.as_uint()); break;
    case ValueKind::kDouble: out.put_double(row_, number.as_double()); break;
    default: out.put_value(row_, number);
  }
  if (out.keeps_sources()) out.put_source(row_, at, static_cast<size_t>(in_.here() - at));
  return resolved(1);
}

/// A value that is wanted itself. What it contains is not looked at.
DocumentWalk::Step DocumentWalk::leaf(PathTrie& node, char first) {
  ColumnFill& out = *(*columns_)[static_cast<size_t>(node.column)];
  switch (first) {
    case '"': return string(out);
    case 't': return word("true", out);
    case 'f': return word("false", out);
    case 'n': return word("null", out);
    case '{':
    case '[': return container(out, first);
    default: return number(out);
  }
}

DocumentWalk::Step DocumentWalk::container(ColumnFill& out, char first) {
  const JsonCursor before = in_;
  const bool rows = first == '[' && !out.items().empty() && item_rows(out);
  if (!rows && !in_.pass_value(first)) return bad("something is not closed");
  const std::string_view text(before.here(), in_.at() - before.at());
  Value value = Value::json(text);
  if (first == '[' && out.wants().scalars != out.wants().items) {
    const JsonCursor after = std::exchange(in_, before);
    Value array;
    if (items_of_array(out.wants(), array)) value = array;
    in_ = after;
  }
  out.put_value(row_, value);
  if (out.keeps_sources()) out.put_source(row_, text.data(), text.size());
  return resolved(1);
}

/// At the opening bracket of an array: a row for each item, for all that want them. False, and no
/// rows, if it is not JSON.
[[gnu::noinline]] bool DocumentWalk::item_rows(ColumnFill& out) {
  const JsonCursor before = in_;
  JsonCursor after = in_;
  after.pass(1);
  if (!strict_json_array(after, item_ends_)) return false;
  const uint32_t row = row_, left = left_;
  const uint64_t stamp = stamp_;
  Columns* const columns = columns_;
  for (const auto& items : out.items()) {
    const uint32_t rows_before = items->rows();
    in_.move_to(before.at() + 1);
    columns_ = &items->columns();
    bool ok = item_ends_.size() <= ItemColumns::kRowsMax - rows_before;
    for (size_t i = 0; ok && i < item_ends_.size(); ++i) {
      row_ = items->append();
      stamp_ = ++stamps_;
      ok = item(items->trie(), item_ends_[i]);
      in_.move_to(item_ends_[i]);
      in_.take();  // the comma
    }
    const auto count = static_cast<uint32_t>(item_ends_.size());
    if (ok) items->keep(row, {rows_before, count, after.at() - before.at()});
    else items->truncate(rows_before);
  }
  columns_ = columns;
  row_ = row;
  left_ = left;
  stamp_ = stamp;
  in_ = after;
  return true;
}

/// An item that is JSON and ends at `end`. False if there is no room.
bool DocumentWalk::item(PathTrie& trie, uint32_t end) {
  left_ = trie.leaves;
  if (left_ == 0) return true;
  const char c = in_.next();
  if (trie.column < 0 || c != '{') return value(trie, c) != Step::kBad;
  const std::string_view text(in_.here(), end - in_.at());
  (*columns_)[static_cast<size_t>(trie.column)]->put_value(row_, Value::json(text));
  return resolved(1) == Step::kAllFound || inside(trie, c) != Step::kBad;
}

/// At the opening bracket of an array that is closed. False if it is not what is wanted, or not
/// right: then whoever looks into its text will find out.
bool DocumentWalk::items_of_array(const PathUse& wants, Value& out) {
  items_.clear();
  in_.pass(1);
  char c = in_.next();
  for (bool more = c != ']'; more; more = c == ',') {
    if (!items_.empty()) {
      in_.pass(1);
      c = in_.next();
    }
    const char* const at = in_.here();
    Value item;
    if (wants.scalars) {
      if (!scalar_item(c, item)) return false;
    } else {
      if (!in_.pass_value(c)) return false;
      item = Value::json({at, static_cast<size_t>(in_.here() - at)});
    }
    items_.push_back(item);
    c = in_.next();
  }
  if (c != ']') return false;
  Value* const kept = arena_.allocate_array<Value>(items_.size());
  if (kept == nullptr && !items_.empty()) return false;
  std::copy(items_.begin(), items_.end(), kept);
  out = Value::array({kept, items_.size()});
  return true;
}

/// The scalar that begins here.
bool DocumentWalk::scalar_item(char first, Value& out) {
  switch (first) {
    case '"': {
      const Result<Value> value = text_value(raw_string(), arena_);
      if (value) out = *value;
      return value.has_value();
    }
    case 't': return out = Value::boolean(true), in_.pass_word("true");
    case 'f': return out = Value::boolean(false), in_.pass_word("false");
    case 'n': return out = Value(), in_.pass_word("null");
    default: return pass_number(out);
  }
}

/// The value at a node, at its first byte.
DocumentWalk::Step DocumentWalk::value(PathTrie& node, char first) {
  if (node.leaf) return leaf(node, first);
  if (node.column < 0) return inside(node, first);
  const JsonCursor before = in_;
  if (const Step step = leaf(node, first); step != Step::kOk) return step;
  const JsonCursor after = std::exchange(in_, before);
  const Step step = inside(node, first);
  if (step == Step::kOk) in_ = after;
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
  if (!pass_scalar(first)) return bad("a value was expected");
  const Cell cell = first == 'n' ? Cell::kMissing : Cell::kNoMember;
  const uint32_t leaves = fill_all(node.members, cell) + fill_all(node.items, cell);
  return resolved(leaves);
}

/// A scalar that only stands in the way, if it is one.
bool DocumentWalk::pass_scalar(char first) {
  Value number;
  switch (first) {
    case '"': return in_.pass_string(), true;
    case 't': return in_.pass_word("true");
    case 'f': return in_.pass_word("false");
    case 'n': return in_.pass_word("null");
    default: return pass_number(number);
  }
}

/// Of a name as it stands in the text.
PathTrie* DocumentWalk::escaped_member(PathTrie& node, std::string_view raw) {
  if (raw.find('\\') == std::string_view::npos) return nullptr;
  std::string name(raw.size(), '\0');
  const int64_t size = unescape_json(raw, name.data());
  if (size < 0) return nullptr;
  name.resize(static_cast<size_t>(size));
  return node.member_named(name);
}

/// All that is wanted of a map or an array has been met.
DocumentWalk::Step DocumentWalk::pass_rest() {
  return in_.pass_rest() ? Step::kOk : bad("something is not closed");
}

/// At the opening brace. Walks with a cursor of its own, which need not go through memory.
DocumentWalk::Step DocumentWalk::map(PathTrie& node) {
  JsonCursor in = in_;
  const auto bad_here = [&](const char* why) {
    in_ = in;
    return bad(why);
  };
  const auto pass_rest = [&] {
    const bool closed = in.pass_rest();
    in_ = in;
    return closed ? Step::kOk : bad("something is not closed");
  };
  in.pass(1);
  size_t wanted = node.members.size();
  if (wanted == 0) return pass_rest();
  char c = in.next();
  while (c != '}') {
    if (__builtin_expect(c != '"', 0)) return bad_here("a member's name was expected");
    const char* const name = in.here() + 1;
    PathTrie* child = node.member(name);
    if (child != nullptr) {
      in.pass(static_cast<uint32_t>(child->key.size()) + 2);
    } else {
      const uint32_t size = in.pass_string();
      if (__builtin_expect(in.escapes(), 0)) child = escaped_member(node, {name, size});
    }
    if (__builtin_expect(in.next() != ':', 0)) return bad_here("a colon was expected");
    in.pass(1);
    const char first = in.next();
    if (child != nullptr && child->met != stamp_) {
      child->met = stamp_;
      int64_t whole = 0;
      uint32_t size = 0;
      Step step = Step::kOk;
      if (child->leaf && (size = parse_short_json_integer(in.rest(), whole)) > 0) {
        step = integer(*child, in.here(), size, whole);
        in.pass(size);
      } else {
        in_ = in;
        step = value(*child, first);
        in = in_;
      }
      if (step != Step::kOk) return step;
      if (--wanted == 0) return pass_rest();
    } else if (__builtin_expect(!in.pass_value(first), 0)) {
      return bad_here("a value was expected");
    }
    c = in.next();
    if (c == ',') {
      in.pass(1);
      c = in.next();
      if (c == '}') return bad_here("a member's name was expected");
    } else if (c != '}') {
      return bad_here("a comma or } was expected");
    }
  }
  in.pass(1);
  in_ = in;
  uint32_t leaves = 0;
  for (const auto& child : node.members) {
    if (child->met != stamp_) leaves += child->leaves;  // cells are kMissing as they are
  }
  return resolved(leaves);
}

/// At the opening bracket.
DocumentWalk::Step DocumentWalk::array(PathTrie& node) {
  in_.pass(1);
  size_t wanted = 0;  // of node.items, which are in order
  char first = in_.next();
  if (first == ']') in_.pass(1);
  for (int64_t at = 0; first != ']'; ++at) {
    if (node.items.size() == wanted) return pass_rest();
    if (node.items[wanted]->index == at) {
      const Step step = value(*node.items[wanted++], first);
      if (step != Step::kOk) return step;
    } else if (!in_.pass_value(first)) {
      return bad("a value was expected");
    }
    const char c = in_.next();
    if (c != ']' && c != ',') return bad("a comma or ] was expected");
    in_.pass(1);
    if (c == ']') break;
    first = in_.next();
    if (first == ']') return bad("a value was expected");
  }
  uint32_t leaves = 0;
  for (; wanted < node.items.size(); ++wanted) leaves += node.items[wanted]->leaves;
  return resolved(leaves);
}

/// Whether the last byte of the document is that bracket. Strings are known to end before it.
bool DocumentWalk::ends_with(char closing, uint32_t from) const {
  uint32_t last = in_.end() - 1;
  if (__builtin_expect(text_[last] == closing, 1)) return true;
  while (last > from && (text_[last] == ' ' || text_[last] == '\n' || text_[last] == '\t' ||
                         text_[last] == '\r')) {
    --last;
  }
  return text_[last] == closing;
}

/// What is wanted of a document that has the form of others. False, and nothing done, if it has
/// not.
inline bool DocumentWalk::guessed(uint32_t from, uint32_t to) {
  if (!guess_->find(strings_, text_, from, to)) return false;
  guess_->each([&](size_t column, PrefixGuess::Kind kind, const PrefixGuess::Found& found) {
    ColumnFill& out = *(*columns_)[column];
    if (kind == PrefixGuess::Kind::kInteger) {
      out.put_int(row_, found.integer);
    } else {
      full_ |= !out.put_text(row_, {found.at + 1, found.size - 2, false}, arena_);
    }
    if (out.keeps_sources()) out.put_source(row_, found.at, found.size);
  });
  return true;
}

/// One document of a scanned text.
void DocumentWalk::document(uint32_t row, uint32_t from, uint32_t to) {
  row_ = row;
  in_ = JsonCursor(strings_, text_, from, to);
  full_ = false;
  char closing = '}';
  Step step = Step::kAllFound;
  if (guessed(from, to)) {
    if (full_) step = bad("");
  } else {
    left_ = root_->leaves;
    stamp_ = ++stamps_;
    const char first = in_.next();
    step = first == '\0' ? bad("there is no value") : inside(*root_, first);
    closing = first == '{' ? '}' : first == '[' ? ']' : '\0';
    const bool complete = step == Step::kOk || (step == Step::kAllFound && closing == '\0');
    if (complete && in_.next() != '\0') step = bad("there is more after the value");
    guess_->missed(*root_, JsonCursor(strings_, text_, from, to));
  }
  if (step == Step::kAllFound && closing != '\0' && !ends_with(closing, from)) {
    in_.move_to(to);
    step = bad("the document is not closed");
  }
  if (__builtin_expect(step != Step::kBad, 1)) return;
  bad_->push_back({row, *problem_ == '\0' ? memory_limit_error(arena_.limit())
                                          : json_error(in_.at() - from, problem_)});
}

bool DocumentWalk::scan(std::string_view text) {
  text_ = text.data();
  return strings_.scan(text);
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

void DocumentWalk::run(PathTrie& trie, PrefixGuess& guess, const Batch& batch, const Rows& rows,
                       std::vector<BadRow>& bad) {
  root_ = &trie;
  guess_ = &guess;
  bad_ = &bad;
  documents_ += rows.count;
  for (uint32_t i = 0; i < rows.count;) i = run_together(batch, rows, i);
}

}  // namespace penstock
