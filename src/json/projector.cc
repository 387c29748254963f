// SPDX-License-Identifier: Apache-2.0
#include "json/projector.h"

#include <cstring>
#include <string>

#include "base/check.h"
#include "json/column_fill.h"
#include "json/parse.h"
#include "json/path_trie.h"
#include "json/scalar.h"

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

enum class Step : uint8_t { kOk, kAllFound, kBad };

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

struct Projector::Impl {
  explicit Impl(ValueArena& values) : arena(values) {}

  Step value(PathTrie& node, char first);
  Step inside(PathTrie& node, char first);
  Step map(PathTrie& node);
  Step array(PathTrie& node);
  Step leaf(PathTrie& node, char first);
  Step word(PathTrie& node, std::string_view expected, ColumnFill& out);
  PathTrie* escaped_member(PathTrie& node, const char* quote);
  uint32_t fill(PathTrie& node, Cell cell);
  uint32_t fill_all(const std::vector<std::unique_ptr<PathTrie>>& nodes, Cell cell);

  bool skip(char first);
  bool scalar(char first) const;
  Step resolved(uint32_t leaves) {
    left -= leaves;
    return left == 0 ? Step::kAllFound : Step::kOk;
  }
  Step bad(const char* why) {
    problem = why;
    return Step::kBad;
  }
  /// The next token's first byte, 0 at the end of the document.
  char next() {
    offset = *token;
    if (__builtin_expect(offset >= end, 0)) return '\0';
    ++token;
    return text[offset];
  }
  void document(uint32_t row_number, uint32_t from, uint32_t to);
  void reject(uint32_t row_number, Error error);
  uint32_t run(const Batch& batch, uint32_t first);
  void alone(const Batch& batch, uint32_t row_number);

  ValueArena& arena;
  PathTrie root;
  std::vector<std::unique_ptr<ColumnFill>> columns;
  std::vector<DocumentPath> paths;
  JsonStructure structure;
  std::vector<BadRow> bad_rows;

  // The document at hand. Offsets count from `text`, which may be the first of several documents.
  const char* text = nullptr;
  const uint32_t* token = nullptr;
  uint32_t offset = 0, end = 0, row = 0, left = 0;
  uint64_t stamp = 0;  // differs for each document: which nodes were met in this one
  const char* problem = "";
};

/// After the token `first` of a value: passes what follows of it.
bool Projector::Impl::skip(char first) {
  int depth = depth_of(first);
  if (depth == 0) return first != ',' && first != ':' && first != '\0';
  if (depth < 0) return false;
  while (depth > 0) {
    if (__builtin_expect(*token >= end, 0)) return false;
    depth += depth_of(text[*token++]);
  }
  return true;
}

/// The value that should contain these has no members: how many columns that settles.
uint32_t Projector::Impl::fill(PathTrie& node, Cell cell) {
  if (node.column >= 0) columns[static_cast<size_t>(node.column)]->put_cell(row, cell);
  fill_all(node.members, cell);
  fill_all(node.items, cell);
  return node.leaves;
}

uint32_t Projector::Impl::fill_all(const std::vector<std::unique_ptr<PathTrie>>& nodes,
                                   Cell cell) {
  uint32_t leaves = 0;
  for (const auto& node : nodes) leaves += fill(*node, cell);
  return leaves;
}

Step Projector::Impl::word(PathTrie& node, std::string_view expected, ColumnFill& out) {
  const char* at = text + offset;
  const uint32_t size = static_cast<uint32_t>(expected.size());
  if (end - offset < size || std::memcmp(at, expected.data(), size) != 0 ||
      (offset + size < end && !ends_json_scalar(at[size]))) {
    return bad("a value was expected");
  }
  if (expected[0] == 'n') out.put_null(row);
  else out.put_bool(row, expected[0] == 't');
  return resolved(1);
}

/// A value that is wanted itself. What it contains is not looked at.
Step Projector::Impl::leaf(PathTrie& node, char first) {
  ColumnFill& out = *columns[static_cast<size_t>(node.column)];
  switch (first) {
    case '"': {
      const RawText raw = read_raw_text(text + offset);
      if (__builtin_expect(raw.escaped, 0) && !valid_json_escapes(raw.view())) {
        return bad("an escape is not one of JSON's in the string");
      }
      if (!out.put_text(row, raw, arena)) return bad("");
      return resolved(1);
    }
    case 't': return word(node, "true", out);
    case 'f': return word(node, "false", out);
    case 'n': return word(node, "null", out);
    case '{':
    case '[': {
      const uint32_t from = offset;
      if (!skip(first)) return bad("something is not closed");
      out.put_value(row, Value::json({text + from, token[-1] - from + 1}));
      return resolved(1);
    }
    default: {
      Value number;
      const char* stop = nullptr;
      if (!parse_json_number(text + offset, text + end, number, stop)) {
        return bad("a value was expected");
      }
      if (number.is(ValueKind::kInt)) out.put_int(row, number.as_int());
      else if (number.is(ValueKind::kDouble)) out.put_double(row, number.as_double());
      else out.put_value(row, number);
      return resolved(1);
    }
  }
}

/// After the token `first` of the value at a node.
Step Projector::Impl::value(PathTrie& node, char first) {
  if (node.members.empty() && node.items.empty()) return leaf(node, first);
  if (node.column < 0) return inside(node, first);
  const uint32_t* inner = token;
  const uint32_t at = offset;
  if (const Step step = leaf(node, first); step != Step::kOk) return step;
  const uint32_t* after = token;
  token = inner;
  offset = at;
  const Step step = inside(node, first);
  if (step == Step::kOk) token = after;
  return step;
}

Step Projector::Impl::inside(PathTrie& node, char first) {
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
bool Projector::Impl::scalar(char first) const {
  const auto is = [&](std::string_view word) {
    const std::string_view rest(text + offset, end - offset);
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
    default: return parse_json_number(text + offset, text + end, number, stop);
  }
}

PathTrie* Projector::Impl::escaped_member(PathTrie& node, const char* quote) {
  const RawText raw = read_raw_text(quote);
  if (__builtin_expect(!raw.escaped, 1)) return nullptr;
  std::string name(raw.size, '\0');
  const int64_t size = unescape_json(raw.view(), name.data());
  if (size < 0) return nullptr;
  name.resize(static_cast<size_t>(size));
  return node.member_named(name);
}

/// After the opening brace.
Step Projector::Impl::map(PathTrie& node) {
  size_t wanted = node.members.size();
  if (wanted == 0) return skip('{') ? Step::kOk : bad("something is not closed");
  char c = next();
  while (c != '}') {
    if (__builtin_expect(c != '"', 0)) return bad("a member's name was expected");
    const char* quote = text + offset;
    PathTrie* child = node.member(quote + 1);
    if (child == nullptr) child = escaped_member(node, quote);
    if (__builtin_expect(next() != ':', 0)) return bad("a colon was expected");
    const char first = next();
    if (child != nullptr && child->met != stamp) {
      child->met = stamp;
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
    if (child->met != stamp) leaves += child->leaves;  // cells are kMissing as they are
  }
  return resolved(leaves);
}

/// After the opening bracket.
Step Projector::Impl::array(PathTrie& node) {
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

void Projector::Impl::reject(uint32_t row_number, Error error) {
  for (auto& column : columns) column->put_cell(row_number, Cell::kError);
  bad_rows.push_back({row_number, std::move(error)});
}

/// One document of a scanned text; leaves `token` at the first one behind it.
void Projector::Impl::document(uint32_t row_number, uint32_t from, uint32_t to) {
  row = row_number;
  end = to;
  left = root.leaves;
  ++stamp;
  const char first = next();
  Step step = first == '\0' ? bad("there is no value") : inside(root, first);
  const char closing = first == '{' ? '}' : first == '[' ? ']' : '\0';
  const bool complete = step == Step::kOk || (step == Step::kAllFound && closing == '\0');
  if (complete && *token < end) {
    offset = *token;
    step = bad("there is more after the value");
  }
  while (*token < end) ++token;
  if (step == Step::kAllFound && closing != '\0' && text[token[-1]] != closing) {
    offset = end;
    step = bad("the document is not closed");
  }
  if (__builtin_expect(step != Step::kBad, 1)) return;
  reject(row, *problem == '\0' ? memory_limit_error(arena.limit())
                               : json_error(offset - from, problem));
}

void Projector::Impl::alone(const Batch& batch, uint32_t row_number) {
  const std::string_view payload = batch[row_number].payload_view();
  text = payload.data();
  if (!structure.scan(payload)) {
    const JsonFault fault = find_json_fault(payload);
    return reject(row_number, json_error(fault.offset, fault.what));
  }
  token = structure.tokens().data();
  document(row_number, 0, static_cast<uint32_t>(payload.size()));
}

/// Projects rows from `first` on that stand one behind the other; returns the row after them.
uint32_t Projector::Impl::run(const Batch& batch, uint32_t first) {
  const char* start = batch[first].payload;
  uint32_t last = first + 1;
  const char* stop = start + batch[first].payload_size;
  for (; last < batch.size(); ++last) {
    const Record& record = batch[last];
    if (record.payload < stop || record.payload > stop + 2 || !separates(stop, record.payload) ||
        static_cast<size_t>(record.payload + record.payload_size - start) > kRunBytes) {
      break;
    }
    stop = record.payload + record.payload_size;
  }
  text = start;
  if (last == first + 1 || !structure.scan({start, static_cast<size_t>(stop - start)})) {
    for (uint32_t r = first; r < last; ++r) alone(batch, r);
    return last;
  }
  token = structure.tokens().data();
  for (uint32_t r = first; r < last; ++r) {
    const Record& record = batch[r];
    const auto from = static_cast<uint32_t>(record.payload - start);
    document(r, from, from + record.payload_size);
  }
  return last;
}

Projector::Projector(ValueArena& arena) : impl_(std::make_unique<Impl>(arena)) {}
Projector::~Projector() = default;

size_t Projector::add(const DocumentPath& path) {
  CHECK(!path.empty());
  PathTrie& node = impl_->root.add(path);
  if (node.column < 0) {
    node.column = static_cast<int>(impl_->columns.size());
    impl_->columns.push_back(std::make_unique<ColumnFill>());
    impl_->columns.back()->set_arena(&impl_->arena);
    impl_->root.count_leaves();
  }
  return static_cast<size_t>(node.column);
}

bool Projector::empty() const { return impl_->columns.empty(); }

void Projector::project(const Batch& batch) {
  impl_->bad_rows.clear();
  const uint32_t rows = batch.size();
  for (auto& column : impl_->columns) column->begin(rows);
  for (uint32_t row = 0; row < rows;) row = impl_->run(batch, row);
  bool failed = false;
  for (auto& column : impl_->columns) failed = failed || column->failed();
  if (failed) {
    impl_->bad_rows.clear();
    for (uint32_t row = 0; row < rows; ++row) {
      impl_->reject(row, memory_limit_error(impl_->arena.limit()));
    }
  }
  for (auto& column : impl_->columns) column->end(rows);
}

const Column& Projector::column(size_t path) const { return impl_->columns[path]->column(); }
std::span<const BadRow> Projector::bad_rows() const { return impl_->bad_rows; }

}  // namespace penstock
