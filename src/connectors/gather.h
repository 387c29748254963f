// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <errno.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "record/batch_builder.h"

namespace penstock {

/// Bytes to be written, in order: slices of batches where they are long, copies where they are
/// short. It keeps what it points to. Filled on the task's thread, then moved to where it is
/// written; one owner at a time.
///
/// Records that lie one behind the other with the delimiter between them, as a reader of lines
/// leaves them, become one slice.
class Gather {
 public:
  /// Slices shorter than this are cheaper to copy than to name to the kernel.
  static constexpr size_t kBorrowBytesMin = 2048;

  struct Layout {
    bool delimited = true;
    char delimiter = '\n';
    bool skip_empty = false;
  };

  explicit Gather(BatchPool& pool) : pool_(&pool) {}

  bool empty() const { return bytes_ == 0; }
  size_t bytes() const { return bytes_; }
  std::vector<iovec>& pieces() { return pieces_; }

  void add(Batch batch, const Layout& layout) {
    borrowed_ = false;
    if (layout.delimited) {
      add_delimited(batch, layout);
    } else {
      batch.for_each([&](const Record& r) { put(r.payload, r.payload_size); });
    }
    if (borrowed_) batches_.push_back(std::move(batch));
  }
  void add(std::string_view bytes) { copy(bytes.data(), bytes.size()); }

 private:
  void add_delimited(const Batch& batch, const Layout& layout) {
    const char* run = nullptr;  // records from here to end are in one piece
    const char* end = nullptr;
    batch.for_each([&](const Record& r) {
      if (layout.skip_empty && r.payload_size == 0) return;
      // Between two records of one batch nothing is written any more, so that looking at the byte
      // between them is safe; behind the last one it would not be.
      if (run != nullptr && r.payload == end + 1 && *end == layout.delimiter) {
        end = r.payload + r.payload_size;
        return;
      }
      if (run != nullptr) put_line(run, end, layout.delimiter);
      run = r.payload;
      end = run + r.payload_size;
    });
    if (run != nullptr) put_line(run, end, layout.delimiter);
  }
  void put_line(const char* data, const char* end, char delimiter) {
    const auto size = static_cast<size_t>(end - data);
    if (size >= kBorrowBytesMin) {
      put(data, size);
      copy(&delimiter, 1);
      return;
    }
    char* to = room(size + 1);
    std::memcpy(to, data, size);
    to[size] = delimiter;
    used(size + 1);
  }
  void put(const char* data, size_t size) {
    if (size < kBorrowBytesMin) return copy(data, size);
    pieces_.push_back({const_cast<char*>(data), size});
    bytes_ += size;
    borrowed_ = true;
  }
  void copy(const char* data, size_t size) {
    if (size == 0) return;
    std::memcpy(room(size), data, size);
    used(size);
  }
  char* room(size_t size) {
    if (!arena_ || arena_->capacity() - at_ < size) {
      arena_ = pool_->arenas().get(size);
      arenas_.push_back(arena_);
      at_ = 0;
    }
    return arena_->data() + at_;
  }
  void used(size_t size) {
    char* const from = arena_->data() + at_;
    if (!pieces_.empty() && last_end() == from) {
      pieces_.back().iov_len += size;
    } else {
      pieces_.push_back({from, size});
    }
    at_ += size;
    bytes_ += size;
  }
  char* last_end() const {
    return static_cast<char*>(pieces_.back().iov_base) + pieces_.back().iov_len;
  }

  BatchPool* pool_;
  std::vector<iovec> pieces_;
  std::vector<Batch> batches_;
  std::vector<ArenaRef> arenas_;
  ArenaRef arena_;
  size_t at_ = 0;
  size_t bytes_ = 0;
  bool borrowed_ = false;  // the batch being added is pointed into
};

/// Writes pieces from index `first` on, as far as `write` takes them. `write(iovec*, count)` gives
/// the bytes written or −errno. Pieces that were written are cut off. Returns 0 when all is
/// written, otherwise the errno.
template <class Write>
int write_pieces(std::vector<iovec>& pieces, size_t& first, uint64_t& written, Write write) {
  constexpr size_t kPiecesMax = 1024;  // IOV_MAX of Linux
  while (first < pieces.size()) {
    const size_t count = std::min(pieces.size() - first, kPiecesMax);
    const ssize_t wrote = write(pieces.data() + first, static_cast<int>(count));
    if (wrote == -EINTR) continue;
    if (wrote < 0) return static_cast<int>(-wrote);
    written += static_cast<uint64_t>(wrote);
    auto left = static_cast<size_t>(wrote);
    for (; first < pieces.size() && left >= pieces[first].iov_len; ++first) {
      left -= pieces[first].iov_len;
    }
    if (left > 0) {
      pieces[first].iov_base = static_cast<char*>(pieces[first].iov_base) + left;
      pieces[first].iov_len -= left;
    }
  }
  return 0;
}

}  // namespace penstock
