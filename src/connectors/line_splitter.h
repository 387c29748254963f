// SPDX-License-Identifier: Apache-2.0
#pragma once
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>
#include <cstring>
#include <string>
#include <string_view>

#include "record/batch_builder.h"

namespace penstock {

/// Cuts a stream of chunks into records at a delimiter. Records are slices of the chunks' arenas;
/// only a line that two arenas share is copied. One thread.
///
///   splitter.feed(arena, data, size);
///   while ((step = splitter.fill(builder)) != Step::kDrained) { …emit, reject… }
class LineSplitter {
 public:
  struct Options {
    char delimiter = '\n';
    bool skip_blank = false;             ///< NDJSON: lines of white space are no records
    uint32_t record_bytes_max = 1 << 20; ///< longer lines are reported, not kept
  };
  enum class Step : uint8_t {
    kDrained,    ///< the chunk is used up: feed the next
    kFull,       ///< the builder is full
    kOversized,  ///< a line was too long; see oversized()
    kLimit,      ///< the next line starts at or behind the limit
  };
  struct Oversized {
    uint64_t offset = 0;  ///< of its first byte
    uint64_t size = 0;
    std::string head;     ///< its first bytes
  };
  static constexpr size_t kOversizedHeadBytes = 4096;

  /// `offset`: where the first byte fed stands in its source. `inside`: it may be the middle of a
  /// line; everything up to and with the first delimiter is passed over.
  LineSplitter(const Options& options, uint64_t offset, bool inside = false,
               uint64_t limit = UINT64_MAX)
      : options_(options), line_offset_(offset), limit_(limit), aligning_(inside) {}

  /// Where the next line that was not yet given out starts.
  uint64_t next_offset() const { return line_offset_; }
  bool aligning() const { return aligning_; }
  /// Bytes of a line whose end has not come yet.
  uint64_t pending() const { return long_size_ + carry_.size() + held(); }
  const Oversized& oversized() const { return oversized_; }

  /// REQUIRES: fill() said kDrained (or nothing was fed yet). `data` lies in `arena`. `copy`: the
  /// records are copied, so that a few small ones do not pin a large arena.
  void feed(const ArenaRef& arena, const char* data, size_t size, bool copy = false) {
    if (line_ != end_ && data != end_) stash();
    if (line_ == end_) line_ = data;
    arena_ = arena;
    borrow_ = !copy;
    scan_ = block_ = data;
    end_ = data + size;
    mask_ = 0;
  }

  /// Adds lines to `builder` until something is to be said. The limit is checked first: a chunk
  /// may be left unread.
  Step fill(BatchBuilder& builder);

  /// Lets go of the chunk; the unfinished line is copied. REQUIRES: as feed().
  void release() {
    stash();
    arena_ = {};
    line_ = end_ = scan_ = block_ = nullptr;
  }

  /// No more will come: the line without delimiter at the end, if there is one and it lies before
  /// the limit. Same results as fill(); kDrained = all is done.
  Step finish(BatchBuilder& builder) {
    if (pending() == 0 || aligning_ || line_offset_ >= limit_) return Step::kDrained;
    if (borrow_ && arena_) builder.attach(arena_);
    return line_ends_at(end_, builder, 0) ? Step::kOversized : Step::kDrained;
  }

 private:
  size_t held() const { return static_cast<size_t>(end_ - line_); }

  /// Copies the unfinished line out of the chunk.
  void stash() {
    const size_t size = held();
    if (aligning_) {
      line_offset_ += size;
    } else if (long_size_ > 0 || carry_.size() + size > options_.record_bytes_max) {
      keep_head({line_, size});
      long_size_ += size;
    } else {
      carry_.append(line_, size);
    }
    line_ = end_;
  }
  /// The line turns out to be too long: only its head is kept from here on.
  void keep_head(std::string_view more) {
    if (long_size_ == 0) {
      oversized_.head = carry_.substr(0, kOversizedHeadBytes);
      long_size_ = carry_.size();
      carry_.clear();
    }
    const size_t room = kOversizedHeadBytes - oversized_.head.size();
    oversized_.head.append(more.substr(0, room));
  }
  bool is_blank(const char* data, size_t size) const {
    for (size_t i = 0; i < size; ++i) {
      if (static_cast<unsigned char>(data[i]) > ' ') return false;
    }
    return true;
  }
  void add(const char* data, size_t size, bool borrowed, BatchBuilder& builder) {
    if (options_.skip_blank && is_blank(data, size)) return;
    Record& record = borrowed ? builder.append_slice({data, size}) : builder.append({data, size});
    record.position = static_cast<int64_t>(line_offset_);
  }
  /// The line [line_, at), and what was stashed of it, is complete. True if it was too long.
  bool line_ends_at(const char* at, BatchBuilder& builder, size_t delimiter_bytes) {
    const auto size = static_cast<size_t>(at - line_);
    const uint64_t whole = long_size_ + carry_.size() + size;
    bool too_long = false;
    if (aligning_) {
      aligning_ = false;
    } else if (long_size_ > 0 || whole > options_.record_bytes_max) {
      keep_head({line_, size});
      oversized_.offset = line_offset_;
      oversized_.size = whole;
      long_size_ = 0;
      too_long = true;
    } else if (carry_.empty()) {
      add(line_, size, borrow_, builder);
    } else {
      carry_.append(line_, size);
      add(carry_.data(), carry_.size(), false, builder);
      carry_.clear();
    }
    line_offset_ += whole + delimiter_bytes;
    line_ = at + delimiter_bytes;
    return too_long;
  }
  /// Moves to the next delimiter; null if there is none up to end_.
  const char* next_delimiter();
  void find_block();
  const char* last_delimiter();

  Options options_;
  uint64_t line_offset_;
  uint64_t limit_;
  bool aligning_;
  bool borrow_ = true;
  ArenaRef arena_;                // keeps the chunk
  const char* line_ = nullptr;    // where the current line starts, or goes on, in the chunk
  const char* end_ = nullptr;     // of the chunk
  const char* scan_ = nullptr;    // what lies before has been searched
  const char* block_ = nullptr;   // where mask_ belongs to
  uint64_t mask_ = 0;             // delimiters in block_[0, 64) not yet given out
  std::string carry_;             // the part of the current line that lay in earlier arenas
  uint64_t long_size_ = 0;        // bytes of a line that is too long, so far; 0 = it is not
  Oversized oversized_;
};

inline const char* LineSplitter::next_delimiter() {
#if defined(__SSE2__)
  if (mask_ == 0) find_block();
  if (__builtin_expect(mask_ == 0, 0)) return last_delimiter();
  const char* at = block_ + std::countr_zero(mask_);
  mask_ &= mask_ - 1;
  return at;
#else
  return last_delimiter();
#endif
}

/// Goes to the next 64 bytes that have delimiters, as long as there are so many: what lies behind
/// the end is never looked at, because another thread may be writing there.
inline void LineSplitter::find_block() {
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8(options_.delimiter);
  const char* at = scan_;
  for (; end_ - at >= 64; at += 64) {
    const auto sixteen = [&](int i) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i));
      return _mm_cmpeq_epi8(bytes, wanted);
    };
    const __m128i a = sixteen(0), b = sixteen(16), c = sixteen(32), d = sixteen(48);
    const __m128i any = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
    if (__builtin_expect(_mm_movemask_epi8(any) == 0, 1)) continue;
    const auto bits = [](__m128i bytes, int i) {
      return uint64_t{static_cast<uint32_t>(_mm_movemask_epi8(bytes))} << i;
    };
    mask_ = (bits(a, 0) | bits(b, 16)) | (bits(c, 32) | bits(d, 48));
    block_ = at;
    scan_ = at + 64;
    return;
  }
  scan_ = at;
#endif
}

inline const char* LineSplitter::last_delimiter() {
  if (scan_ == end_) return nullptr;
  const void* found = std::memchr(scan_, options_.delimiter, static_cast<size_t>(end_ - scan_));
  scan_ = found == nullptr ? end_ : static_cast<const char*>(found) + 1;
  return static_cast<const char*>(found);
}

inline LineSplitter::Step LineSplitter::fill(BatchBuilder& builder) {
  if (line_offset_ >= limit_ && !aligning_) return Step::kLimit;
  if (mask_ == 0 && scan_ == end_) return Step::kDrained;
  if (builder.full()) return Step::kFull;
  if (borrow_) builder.attach(arena_);
  while (const char* at = next_delimiter()) {
    if (line_ends_at(at, builder, 1)) return Step::kOversized;
    if (line_offset_ >= limit_) return Step::kLimit;
    if (builder.full()) return Step::kFull;
  }
  // An endless line must not pin chunk after chunk.
  if (held() > options_.record_bytes_max) stash();
  return Step::kDrained;
}

}  // namespace penstock
