// SPDX-License-Identifier: Apache-2.0
#pragma once
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "json/path_trie.h"
#include "json/strings.h"

namespace penstock {

/// What documents of a stream often have in common: the same bytes up to the last value that is
/// wanted, but for the values. Learnt from one document, tried on others before they are walked
/// through; a document that does not fit is none the worse for it. (Speculation on the form of
/// documents is from Y. Li et al., "Mison: A Fast JSON Parser for Data Analytics", VLDB 2017.)
class PrefixGuess {
 public:
  /// A value that was found. Texts are without escapes.
  struct Found {
    int64_t integer = 0;
    const char* at = nullptr;  // its first byte in the text
    uint32_t size = 0;         // of all of its bytes
  };
  /// A value that is wanted, or not.
  enum class Kind : uint8_t { kInteger, kText, kPassedText, kPassedWord };

  /// Looks for all values that are wanted of the document at `from`, which ends at `to`. False if
  /// it does not fit. REQUIRES: kLiteralMax readable bytes behind the document.
  [[gnu::always_inline]]
  bool find(const JsonStrings& strings, const char* text, uint32_t from, uint32_t to) {
    if (size_ == 0) return false;
    uint32_t at = from;
    for (size_t i = 0; i < size_; ++i) {
      const Step& step = steps_[i];
      if (!step.fits(text + at)) return false;
      at += step.size;
      if (at >= to) return false;  // what fits may be another record's, or nobody's
      Found& found = found_[i];
      found.at = text + at;
      switch (step.kind) {
        case Kind::kInteger:
          found.size = parse_short_json_integer({text + at, to - at}, found.integer);
          if (found.size == 0) return false;
          break;
        case Kind::kText:
        case Kind::kPassedText:
          found.size = strings.closing_quote(at) + 1 - at;
          if (step.kind == Kind::kText && strings.escapes() &&
              std::memchr(text + at, '\\', found.size) != nullptr) {
            return false;
          }
          break;
        case Kind::kPassedWord: {
          uint32_t end = at;
          while (end < to && kJsonWordBytes.is[static_cast<unsigned char>(text[end])]) ++end;
          found.size = end - at;
          if (end == at) return false;
          break;
        }
      }
      at += found.size;
    }
    misses_ = 0;
    return true;
  }
  /// For a document that was not found, and its trie: after some in a row, learns from it.
  void missed(const PathTrie& trie, const JsonCursor& document) {
    if (++misses_ < kMissesMax) return;
    misses_ = 0;
    learn(trie, document);
  }
  /// After a find() that was true: calls f(column, kind, found) for each wanted value.
  template <class F>
  void each(F&& f) const {
    for (size_t i = 0; i < size_; ++i) {
      const Step& step = steps_[i];
      if (step.column >= 0) f(static_cast<size_t>(step.column), step.kind, found_[i]);
    }
  }

 private:
  static constexpr size_t kStepsMax = 8;
  static constexpr uint32_t kLiteralMax = 32, kMissesMax = 8;

  /// Bytes that are the same in all documents, and then a value.
  struct Step {
    char literal[kLiteralMax];  // of a text, its opening quote is the last byte but not of `size`
    uint32_t used = 0;          // a bit for each byte that counts
    uint32_t size = 0;
    int column = -1;            // that wants the value
    Kind kind = Kind::kInteger;

    bool fits(const char* at) const {
#ifdef __SSE2__
      const auto half = [&](int from) {
        const auto* a = reinterpret_cast<const __m128i*>(at + from);
        const auto* b = reinterpret_cast<const __m128i*>(literal + from);
        const __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128(a), _mm_loadu_si128(b));
        return static_cast<uint32_t>(_mm_movemask_epi8(same));
      };
      return ((half(0) | half(16) << 16) & used) == used;
#else
      return std::memcmp(at, literal, static_cast<size_t>(std::popcount(used))) == 0;
#endif
    }
  };

  void learn(const PathTrie& trie, JsonCursor document);
  bool learn_map(const PathTrie& node, JsonCursor& in, const char*& last, uint32_t& left);
  bool learn_scalar(const PathTrie* child, JsonCursor& in, const char*& last);
  bool add(const char* last, const char* value, Kind kind, int column);

  std::array<Step, kStepsMax> steps_;
  std::array<Found, kStepsMax> found_;
  size_t size_ = 0;
  uint32_t misses_ = kMissesMax - 1;  // the first document is learnt from
};

}  // namespace penstock
