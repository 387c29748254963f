// SPDX-License-Identifier: Apache-2.0
#include "stages/split/word_edges.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <cstring>

// Blocks of 64 bytes become a bit mask of blanks; words begin and end where neighbouring bits
// differ. The bytes behind a text are read but masked out; another thread may be writing them
// (its next record in the same arena), which is harmless but must be hidden from TSan.
#define PENSTOCK_READS_PADDING __attribute__((no_sanitize("thread")))
#define PENSTOCK_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

namespace penstock {
namespace {

/// Writes `base` + the number of each set bit, in order. May write up to 16 entries too many: the
/// usual number of edges in a block of prose, so that the first round has no branch to mispredict.
template <class Text>
PENSTOCK_READS_PADDING [[gnu::always_inline]] inline size_t write_edges(uint64_t bits,
                                                                         uint32_t base,
                                                                         uint32_t* to) {
  const int count = __builtin_popcountll(bits);
  for (int done = 0; done < count; done += 16) {
    for (int i = 0; i < 16; ++i) {
      to[done + i] = base + static_cast<uint32_t>(__builtin_ctzll(bits | (uint64_t{1} << 63)));
      bits &= bits - 1;
    }
  }
  return static_cast<size_t>(count);
}

/// `Text::blanks(p)` gives the mask of blanks among p[0…63].
template <class Text>
PENSTOCK_READS_PADDING [[gnu::always_inline]] inline WordEdges find(const char* text,
                                                                     uint32_t size, uint32_t from,
                                                                     uint32_t* edges,
                                                                     size_t room) {
  size_t count = 0;
  uint64_t in_word = 0;  // 1 = the byte before this block is part of a word
  uint32_t at = from;
  for (; at < size && room - count >= kWordEdgesRoomMin / 2; at += 64) {
    uint64_t word = ~Text::blanks(text + at);
    if (size - at < 64) word &= (uint64_t{1} << (size - at)) - 1;
    count += write_edges<Text>(word ^ (word << 1 | in_word), at, edges + count);
    in_word = word >> 63;
    if (size - at <= 64) {  // last block: a word that reaches its very end is open
      if (count % 2 == 1) edges[count++] = size;
      return {count, size};
    }
  }
  if (count % 2 == 1) return {count - 1, edges[count - 1]};  // the open word is found again
  return {count, at < size ? at : size};
}

struct Portable {
  PENSTOCK_READS_PADDING static uint64_t blanks(const char* p) {
    uint64_t mask = 0;
    for (int i = 0; i < 64; ++i) {
      const auto c = static_cast<unsigned char>(p[i]);
      mask |= uint64_t{c == ' ' || (c >= '\t' && c <= '\r')} << i;
    }
    return mask;
  }
};

#if defined(__x86_64__)
struct Sse2 {
  PENSTOCK_READS_PADDING [[gnu::always_inline]] static inline uint64_t blanks16(const char* p) {
    const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i from_tab = _mm_sub_epi8(c, _mm_set1_epi8('\t'));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(from_tab, _mm_set1_epi8(4)), from_tab);
    const __m128i space = _mm_cmpeq_epi8(c, _mm_set1_epi8(' '));
    return static_cast<uint16_t>(_mm_movemask_epi8(_mm_or_si128(control, space)));
  }
  PENSTOCK_READS_PADDING [[gnu::always_inline]] static inline uint64_t blanks(const char* p) {
    return blanks16(p) | blanks16(p + 16) << 16 | blanks16(p + 32) << 32 | blanks16(p + 48) << 48;
  }
};

struct Avx2 {
  PENSTOCK_AVX2 PENSTOCK_READS_PADDING static inline uint64_t blanks32(const char* p) {
    const __m256i c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    const __m256i from_tab = _mm256_sub_epi8(c, _mm256_set1_epi8('\t'));
    const __m256i control =
        _mm256_cmpeq_epi8(_mm256_min_epu8(from_tab, _mm256_set1_epi8(4)), from_tab);
    const __m256i space = _mm256_cmpeq_epi8(c, _mm256_set1_epi8(' '));
    return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(control, space)));
  }
  PENSTOCK_AVX2 PENSTOCK_READS_PADDING static inline uint64_t blanks(const char* p) {
    return blanks32(p) | blanks32(p + 32) << 32;
  }
};

PENSTOCK_READS_PADDING WordEdges find_sse2(const char* text, uint32_t size, uint32_t from,
                                           uint32_t* edges, size_t room) {
  return find<Sse2>(text, size, from, edges, room);
}
PENSTOCK_AVX2 PENSTOCK_READS_PADDING WordEdges find_avx2(const char* text, uint32_t size,
                                                         uint32_t from, uint32_t* edges,
                                                         size_t room) {
  return find<Avx2>(text, size, from, edges, room);
}
#endif

}  // namespace

PENSTOCK_READS_PADDING WordEdges find_word_edges_portable(const char* text, uint32_t size,
                                                          uint32_t from, uint32_t* edges,
                                                          size_t room) {
  return find<Portable>(text, size, from, edges, room);
}

WordEdgeFinder word_edge_finder() {
#if defined(__x86_64__)
  static const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  return avx2 ? find_avx2 : find_sse2;
#else
  return find_word_edges_portable;
#endif
}

}  // namespace penstock
