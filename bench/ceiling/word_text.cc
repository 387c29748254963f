// SPDX-License-Identifier: Apache-2.0
// Writes the text that word counts are measured on: lines of ten words, drawn from a vocabulary by
// Zipf's law. Same arguments, same bytes, everywhere.
//   word_text FILE [LINES=2700000] [WORDS=200000] [SEED=1]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/random.h"

namespace {

/// A word of 2 to 13 letters, frequent ones shorter, as in prose.
std::string make_word(penstock::Random& random, size_t rank) {
  const size_t shortest = rank < 100 ? 2 : rank < 5000 ? 4 : 6;
  const size_t size = shortest + random.below(rank < 100 ? 4 : 8);
  std::string word;
  for (size_t i = 0; i < size; ++i) {
    static constexpr const char* kLetters[2] = {"bcdfghjklmnpqrstvwxz", "aeiouy"};
    const bool vowel = i % 2 == 1;
    word += kLetters[vowel][random.below(vowel ? 6 : 20)];
  }
  return word;
}

/// Index of the first cumulative weight above `at`.
size_t pick(const std::vector<double>& cumulative, double at) {
  size_t low = 0, high = cumulative.size() - 1;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (cumulative[middle] > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fputs("usage: word_text FILE [LINES] [WORDS] [SEED]\n", stderr), 2;
  const size_t lines = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 2'700'000;
  const size_t words = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 200'000;
  penstock::Random random(argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 1);

  std::vector<std::string> vocabulary;
  std::unordered_set<std::string> taken;
  while (vocabulary.size() < words) {
    std::string word = make_word(random, vocabulary.size());
    // the few short words run out: try again a little further down the ranks
    for (size_t rank = vocabulary.size(); !taken.insert(word).second; rank += 100) {
      word = make_word(random, rank);
    }
    vocabulary.push_back(std::move(word));
  }
  std::vector<double> cumulative(words);
  double total = 0;
  for (size_t i = 0; i < words; ++i) cumulative[i] = total += 1.0 / static_cast<double>(i + 1);

  std::FILE* file = std::fopen(argv[1], "wb");
  if (file == nullptr) return std::perror(argv[1]), 1;
  std::string out;
  for (size_t line = 0; line < lines; ++line) {
    for (int i = 0; i < 10; ++i) {
      if (i > 0) out += ' ';
      out += vocabulary[pick(cumulative, random.uniform() * total)];
    }
    out += '\n';
    if (out.size() > (1 << 20) || line + 1 == lines) {
      const size_t written = std::fwrite(out.data(), 1, out.size(), file);
      if (written != out.size()) return std::perror(argv[1]), 1;
      out.clear();
    }
  }
  return std::fclose(file) == 0 ? 0 : 1;
}
