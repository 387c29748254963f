// SPDX-License-Identifier: Apache-2.0
// By blocks of 64 bytes, a bit for each byte; after G. Langdale, D. Lemire, "Parsing Gigabytes of
// JSON per Second" (2019).
#include "json/strings.h"

#include <simdjson.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace penstock {
namespace {

constexpr size_t kBlock = 64;
constexpr size_t kFirstWords = 1024;

/// What was seen of the strings of a text.
struct Seen {
  bool closed = false;   // they end
  bool controls = false;  // in them
  bool ascii = false;
  bool escapes = false;
};

/// Byte after byte.
Seen find_plainly(std::string_view text, uint64_t* words) {
  Seen seen;
  unsigned char all = 0;
  bool inside = false, escaped = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (at % kBlock == 0) words[at / kBlock] = 0;
    all = static_cast<unsigned char>(all | static_cast<unsigned char>(c));
    const bool quote = c == '"' && !escaped;
    escaped = c == '\\' && !escaped;
    seen.escapes |= c == '\\';
    inside ^= quote;
    words[at / kBlock] |= uint64_t{inside} << at % kBlock;
    seen.controls |= inside && static_cast<unsigned char>(c) < 0x20;
  }
  seen.closed = !inside;
  seen.ascii = all < 0x80;
  return seen;
}

uint32_t behind_bracket_plainly(std::string_view text, const uint64_t* words, uint32_t at,
                                uint32_t end) {
  for (uint32_t depth = 1; at < end; ++at) {
    if ((words[at / kBlock] >> at % kBlock & 1) != 0) continue;
    const char c = static_cast<char>(text[at] | 0x20);  // a bracket becomes a brace
    if (c == '{') ++depth;
    if (c == '}' && --depth == 0) return at + 1;
  }
  return 0;
}

#if defined(__x86_64__)

#define PENSTOCK_AVX2 __attribute__((target("avx2,bmi,bmi2,pclmul,popcnt")))
#define PENSTOCK_AVX2_INLINE PENSTOCK_AVX2 __attribute__((always_inline)) inline

bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

struct Block {
  __m256i low, high;
};

PENSTOCK_AVX2_INLINE Block load(const char* at) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)),
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32))};
}
/// Fewer bytes than a block, and white space behind them.
PENSTOCK_AVX2 __attribute__((noinline)) Block load_last(const char* at, size_t size) {
  char bytes[kBlock];
  std::memset(bytes, ' ', kBlock);
  std::memcpy(bytes, at, size);
  return load(bytes);
}
PENSTOCK_AVX2_INLINE uint64_t bits(__m256i low, __m256i high) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
         uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(high))} << 32;
}
PENSTOCK_AVX2_INLINE uint64_t equal_to(const Block& block, char c) {
  const __m256i all = _mm256_set1_epi8(c);
  return bits(_mm256_cmpeq_epi8(block.low, all), _mm256_cmpeq_epi8(block.high, all));
}
PENSTOCK_AVX2_INLINE uint64_t control_characters(const Block& block) {
  const __m256i last = _mm256_set1_epi8(0x1F);
  return bits(_mm256_cmpeq_epi8(_mm256_max_epu8(block.low, last), last),
              _mm256_cmpeq_epi8(_mm256_max_epu8(block.high, last), last));
}

/// Bytes behind a backslash that is not escaped itself. `carry`: whether the first byte is one;
/// then, whether the next block's first byte is.
uint64_t escaped_bytes(uint64_t backslashes, uint64_t& carry) {
  uint64_t escaped = carry;
  uint64_t left = backslashes & ~carry;
  carry = 0;
  while (left != 0) {
    const uint64_t first = left & -left;
    escaped |= first << 1;
    carry = first >> 63;
    left &= ~(first | first << 1);
  }
  return escaped;
}

/// Strings, block after block.
struct Finder {
  uint64_t inside = 0;   // all bits: a string reaches into the next block
  uint64_t escaped = 0;  // the next block's first byte is
  uint64_t controls = 0, backslashes = 0;
  __m256i bytes;         // or-ed

  PENSTOCK_AVX2_INLINE uint64_t next(const Block& block) {
    bytes = _mm256_or_si256(bytes, _mm256_or_si256(block.low, block.high));
    uint64_t quotes = equal_to(block, '"');
    const __m256i slash = _mm256_set1_epi8('\\');
    const __m256i any = _mm256_or_si256(_mm256_cmpeq_epi8(block.low, slash),
                                        _mm256_cmpeq_epi8(block.high, slash));
    if (__builtin_expect((static_cast<uint32_t>(_mm256_movemask_epi8(any)) | escaped) != 0, 0)) {
      const uint64_t slashes = equal_to(block, '\\');
      quotes &= ~escaped_bytes(slashes, escaped);
      backslashes |= slashes;
    }
    // Each bit becomes the parity of the quotes up to it.
    const __m128i parity = _mm_clmulepi64_si128(
        _mm_set_epi64x(0, static_cast<int64_t>(quotes)), _mm_set1_epi8(-1), 0);
    const uint64_t in = static_cast<uint64_t>(_mm_cvtsi128_si64(parity)) ^ inside;
    inside = static_cast<uint64_t>(static_cast<int64_t>(in) >> 63);
    controls |= control_characters(block) & in;
    return in;
  }
};

PENSTOCK_AVX2 Seen find_by_blocks(std::string_view text, uint64_t* words) {
  Finder finder;
  finder.bytes = _mm256_setzero_si256();
  size_t at = 0;
  for (; text.size() - at >= kBlock; at += kBlock) *words++ = finder.next(load(text.data() + at));
  if (at < text.size()) *words = finder.next(load_last(text.data() + at, text.size() - at));
  return {finder.inside == 0, finder.controls != 0, _mm256_movemask_epi8(finder.bytes) == 0,
          finder.backslashes != 0};
}

/// By blocks as the words have them. Where fewer brackets close than are open, the bracket is not.
PENSTOCK_AVX2 uint32_t behind_bracket_by_blocks(std::string_view text, const uint64_t* words,
                                                uint32_t at, uint32_t end) {
  int64_t depth = 1;
  uint64_t wanted = UINT64_MAX << at % kBlock;
  for (uint32_t block = at - at % kBlock; block < end; block += kBlock, wanted = UINT64_MAX) {
    const char* const from = text.data() + block;
    const size_t size = text.size() - block;
    Block bytes = __builtin_expect(size >= kBlock, 1) ? load(from) : load_last(from, size);
    const __m256i bit = _mm256_set1_epi8(0x20);  // a bracket becomes a brace
    bytes.low = _mm256_or_si256(bytes.low, bit);
    bytes.high = _mm256_or_si256(bytes.high, bit);
    wanted &= ~words[block / kBlock];
    const uint64_t opening = equal_to(bytes, '{') & wanted;
    uint64_t closing = equal_to(bytes, '}') & wanted;
    if (depth > _mm_popcnt_u64(closing)) {
      depth += _mm_popcnt_u64(opening) - _mm_popcnt_u64(closing);
      continue;
    }
    for (int64_t closed = 1; closing != 0; ++closed) {
      const uint64_t before = closing ^ (closing - 1);  // up to the next one that closes
      if (depth + _mm_popcnt_u64(opening & before) == closed) {
        const uint32_t found = block + static_cast<uint32_t>(_tzcnt_u64(closing));
        return found < end ? found + 1 : 0;
      }
      closing &= closing - 1;
      if (closing == 0) depth += _mm_popcnt_u64(opening) - closed;
    }
  }
  return 0;
}

#else

bool has_avx2() { return false; }
Seen find_by_blocks(std::string_view text, uint64_t* words) { return find_plainly(text, words); }
uint32_t behind_bracket_by_blocks(std::string_view text, const uint64_t* words, uint32_t at,
                                  uint32_t end) {
  return behind_bracket_plainly(text, words, at, end);
}

#endif

}  // namespace

JsonStrings::JsonStrings(Way way) : avx2_(way == Way::kBest && has_avx2()) {}

bool JsonStrings::scan(std::string_view text) {
  const size_t wanted = (text.size() + kBlock - 1) / kBlock;
  if (wanted > capacity_) {
    capacity_ = std::max({kFirstWords, wanted, capacity_ * 2});
    words_ = std::make_unique_for_overwrite<uint64_t[]>(capacity_);
  }
  text_ = text;
  const Seen seen = avx2_ ? find_by_blocks(text, words_.get()) : find_plainly(text, words_.get());
  escapes_ = seen.escapes;
  return seen.closed && !seen.controls &&
         (seen.ascii || simdjson::validate_utf8(text.data(), text.size()));
}

uint32_t JsonStrings::behind_bracket(uint32_t at, uint32_t end) const {
  return avx2_ ? behind_bracket_by_blocks(text_, words_.get(), at, end)
               : behind_bracket_plainly(text_, words_.get(), at, end);
}

}  // namespace penstock
