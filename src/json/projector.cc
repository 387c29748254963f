// SPDX-License-Identifier: Apache-2.0
#include "json/projector.h"

#include <algorithm>
#include <bitset>

#include "base/check.h"
#include "json/column_fill.h"
#include "json/document_walk.h"
#include "json/path_trie.h"

namespace penstock {
namespace {

/// A reader that wants fewer of the records than this has a pass of its own.
constexpr float kShareForFirstPass = 0.125f;
constexpr float kShareOfLatest = 0.125f;  // in the running mean

/// A trie of some columns; made anew when others are wanted.
struct ColumnTrie {
  std::vector<size_t> columns;
  std::unique_ptr<PathTrie> trie;
  PrefixGuess guess;  // of the documents that were walked through by it
};

struct Reader {
  std::vector<size_t> columns;
  std::vector<std::pair<size_t, ItemColumns*>> items;  // and of which column they are
  float share = 0;       // of the rows of the first pass, how many it lately asked for
  uint32_t asked = 0;    // for the batch at hand
  ColumnTrie all;        // its columns
  ColumnTrie missing;    // those of them that the first pass did not fill
};

// Whose rows a column was filled for last; else a reader's number.
constexpr size_t kNobody = SIZE_MAX, kFirstPass = SIZE_MAX - 1;

}  // namespace

struct Projector::Impl {
  explicit Impl(size_t memory_max) : arena(memory_max), walk(arena, columns) {}

  void start(const Batch& batch);
  std::vector<size_t> likely(size_t reader) const;
  void first_pass(size_t reader, const Batch& batch, const Rows& rows);
  void later_pass(size_t reader, const Batch& batch, const Rows& rows);
  void look_again(const Batch& batch, const Rows& rows, Reader& reader);
  bool fill(ColumnTrie& trie, const std::vector<size_t>& wanted, const Batch& batch,
            const Rows& rows, std::vector<BadRow>& to);
  void make_trie(ColumnTrie& kept, const std::vector<size_t>& wanted) const;
  void reject_all(const Rows& rows);

  ValueArena arena;
  std::vector<std::unique_ptr<ColumnFill>> columns;
  std::vector<DocumentPath> paths;  // of the columns
  std::vector<Reader> readers;
  DocumentWalk walk;
  std::vector<BadRow> bad;          // of the last read()

  // The batch at hand.
  Batch::Contents contents;
  uint32_t heads = 0;
  uint32_t first_rows = 0;                 // how many the first pass went through, and which:
  std::bitset<kBatchRecordsMax> first;
  std::vector<size_t> filled_for;          // by column
  std::vector<BadRow> doubtful;            // bad in the first pass: whose paths led there?
  ColumnTrie together;                     // of the first pass
};

void Projector::Impl::start(const Batch& batch) {
  for (Reader& reader : readers) {
    if (first_rows > 0) {
      const float share = static_cast<float>(reader.asked) / static_cast<float>(first_rows);
      reader.share += kShareOfLatest * (share - reader.share);
    }
    reader.asked = 0;
  }
  arena.reset();
  contents = batch.contents();
  heads = static_cast<uint32_t>(batch.heads().size());
  first_rows = 0;
  first.reset();
  doubtful.clear();
  filled_for.assign(columns.size(), kNobody);
}

void Projector::Impl::make_trie(ColumnTrie& kept, const std::vector<size_t>& wanted) const {
  if (kept.trie == nullptr || kept.columns != wanted) {
    kept.guess = {};
    kept.columns = wanted;
    kept.trie = std::make_unique<PathTrie>();
    for (const size_t c : wanted) kept.trie->add(paths[c]).column = static_cast<int>(c);
    kept.trie->count_leaves();
  }
}

/// False if the memory did not suffice.
bool Projector::Impl::fill(ColumnTrie& trie, const std::vector<size_t>& wanted,
                           const Batch& batch, const Rows& rows, std::vector<BadRow>& to) {
  for (const size_t c : wanted) columns[c]->begin(heads);
  make_trie(trie, wanted);
  walk.run(*trie.trie, trie.guess, batch, rows, to);
  bool failed = false;
  for (const size_t c : wanted) {
    columns[c]->end(rows.count);
    failed = failed || columns[c]->failed();
  }
  return !failed;
}

void Projector::Impl::reject_all(const Rows& rows) {
  bad.clear();
  for (uint32_t i = 0; i < rows.count; ++i) {
    bad.push_back({rows[i], memory_limit_error(arena.limit())});
  }
}

/// The columns of this reader and of those that are likely to follow.
std::vector<size_t> Projector::Impl::likely(size_t reader) const {
  std::vector<size_t> wanted = readers[reader].columns;
  for (size_t r = 0; r < readers.size(); ++r) {
    if (r == reader || readers[r].share < kShareForFirstPass) continue;
    wanted.insert(wanted.end(), readers[r].columns.begin(), readers[r].columns.end());
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  return wanted;
}

void Projector::Impl::first_pass(size_t reader, const Batch& batch, const Rows& rows) {
  const std::vector<size_t> wanted = likely(reader);
  first_rows = rows.count;
  if (rows.index == nullptr) first = ~decltype(first)() >> (kBatchRecordsMax - rows.count);
  else for (uint32_t i = 0; i < rows.count; ++i) first.set(rows[i]);
  if (!fill(together, wanted, batch, rows, doubtful)) {
    first.reset();
    doubtful.clear();
    return later_pass(reader, batch, rows);
  }
  for (const size_t c : wanted) filled_for[c] = kFirstPass;
  look_again(batch, rows, readers[reader]);
}

/// What is not there from the first pass, for these rows.
void Projector::Impl::later_pass(size_t number, const Batch& batch, const Rows& rows) {
  Reader& reader = readers[number];
  uint32_t known = 0;
  for (uint32_t i = 0; i < rows.count; ++i) known += first.test(rows[i]);
  reader.asked += known;
  std::vector<size_t> missing;
  for (const size_t c : reader.columns) {
    if (known < rows.count || filled_for[c] != kFirstPass) missing.push_back(c);
  }
  if (!missing.empty()) {
    if (!fill(reader.missing, missing, batch, rows, bad)) return reject_all(rows);
    for (const size_t c : missing) filled_for[c] = number;
  }
  if (missing.size() < reader.columns.size()) look_again(batch, rows, reader);
}

/// Documents that the first pass found bad, by the paths of this reader alone: what is wrong with
/// one may lie where only others look.
void Projector::Impl::look_again(const Batch& batch, const Rows& rows, Reader& reader) {
  if (__builtin_expect(doubtful.empty(), 1)) return;
  std::vector<uint16_t> again;
  auto at = doubtful.begin();
  for (uint32_t i = 0; i < rows.count && at != doubtful.end(); ++i) {
    while (at != doubtful.end() && at->row < rows[i]) ++at;
    if (at != doubtful.end() && at->row == rows[i]) again.push_back(rows.index == nullptr
                                                        ? static_cast<uint16_t>(i) : rows.index[i]);
  }
  if (again.empty()) return;
  // One that was refused meanwhile is refused for good.
  std::erase_if(bad, [&](const BadRow& b) {
    return std::binary_search(again.begin(), again.end(), b.row);
  });
  for (const size_t c : reader.columns) {
    for (const uint16_t row : again) columns[c]->forget(row);
  }
  make_trie(reader.all, reader.columns);
  walk.run(*reader.all.trie, reader.all.guess, batch,
           {again.data(), static_cast<uint32_t>(again.size())}, bad);
  std::sort(bad.begin(), bad.end(),
            [](const BadRow& a, const BadRow& b) { return a.row < b.row; });
  for (const size_t c : reader.columns) {
    columns[c]->end_with(false);
    if (columns[c]->failed()) return reject_all(rows);
  }
}

Projector::Projector(size_t memory_max) : impl_(std::make_unique<Impl>(memory_max)) {}
Projector::~Projector() = default;

size_t Projector::add_reader() {
  impl_->readers.emplace_back();
  return impl_->readers.size() - 1;
}

size_t Projector::add(size_t reader, const DocumentPath& path, const PathUse& use) {
  CHECK(!path.empty());
  impl_->contents = {};
  const auto found = std::find(impl_->paths.begin(), impl_->paths.end(), path);
  const auto column = static_cast<size_t>(found - impl_->paths.begin());
  if (found == impl_->paths.end()) {
    impl_->paths.push_back(path);
    impl_->columns.push_back(std::make_unique<ColumnFill>());
    impl_->columns.back()->set_arena(&impl_->arena);
  }
  impl_->columns[column]->want(use);
  std::vector<size_t>& columns = impl_->readers[reader].columns;
  if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
    columns.push_back(column);
  }
  return column;
}

ItemColumns& Projector::items(size_t reader, size_t column) {
  impl_->contents = {};
  auto& known = impl_->readers[reader].items;
  for (const auto& [of, items] : known) {
    if (of == column) return *items;
  }
  known.emplace_back(column, &impl_->columns[column]->add_items());
  return *known.back().second;
}

void Projector::read(size_t reader, const Batch& batch, const Rows& rows) {
  Impl& impl = *impl_;
  impl.bad.clear();
  const bool other = impl.contents.data == nullptr || impl.contents != batch.contents();
  if (other) impl.start(batch);
  if (other) impl.first_pass(reader, batch, rows);
  else impl.later_pass(reader, batch, rows);
  for (const BadRow& row : impl.bad) {
    for (const size_t c : impl.readers[reader].columns) {
      impl.columns[c]->put_cell(row.row, Cell::kError);
      impl.columns[c]->end_with(false);
    }
  }
}

bool Projector::holds(const Batch& batch) const { return impl_->contents == batch.contents(); }
const Column& Projector::column(size_t column) const { return impl_->columns[column]->column(); }
std::span<const BadRow> Projector::bad_rows() const { return impl_->bad; }
ValueArena& Projector::arena() { return impl_->arena; }
uint64_t Projector::documents_walked() const { return impl_->walk.documents(); }

}  // namespace penstock
