// SPDX-License-Identifier: Apache-2.0
#include "connectors/line_splitter.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace penstock {
namespace {

using Step = LineSplitter::Step;

/// What a splitter made of a text that came in chunks.
struct Cut {
  std::vector<std::string> lines;
  std::vector<int64_t> offsets;
  std::vector<LineSplitter::Oversized> oversized;
  uint64_t next_offset = 0;
};

/// Feeds text in chunks of the given sizes (the last size repeats), each in an arena of its own
/// (`apart`) or one behind the other.
Cut cut(std::string_view text, LineSplitter& splitter, std::vector<size_t> sizes, bool apart) {
  Cut result;
  BatchPool pool;
  {
    BatchBuilder builder(pool, 7);
    ArenaRef arena;
    size_t at = 0;
    const auto take = [&](Step step) {
      const Batch batch = builder.take();
      batch.for_each([&](const Record& r) {
        result.lines.emplace_back(r.payload_view());
        result.offsets.push_back(r.position);
      });
      if (step == Step::kOversized) result.oversized.push_back(splitter.oversized());
    };
    Step step = Step::kDrained;
    for (size_t i = 0; !text.empty() && step != Step::kLimit; ++i) {
      const size_t size = std::min(text.size(), sizes[std::min(i, sizes.size() - 1)]);
      if (apart || !arena || arena->capacity() - at < size) {
        arena = pool.arenas().get(size);
        at = 0;
      }
      char* const to = arena->data() + at;
      text.copy(to, size);
      at += size;
      text.remove_prefix(size);
      splitter.feed(arena, to, size);
      do {
        step = splitter.fill(builder);
        take(step);
      } while (step == Step::kFull || step == Step::kOversized);
    }
    take(splitter.finish(builder));
    result.next_offset = splitter.next_offset();
    splitter.feed({}, nullptr, 0);
  }
  return result;
}

std::vector<std::string> expected_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

TEST(LineSplitter, cuts_lines_wherever_the_chunks_end) {
  Random random(7);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    while (text.size() < 2000) {
      text += std::string(random.below(round % 3 == 0 ? 3 : 150), 'a' + round % 26) + "\n";
    }
    if (round % 2 == 0) text += "unfinished";
    std::vector<size_t> sizes;
    for (int i = 0; i < 2000; ++i) sizes.push_back(1 + random.below(round % 5 == 0 ? 4 : 300));
    LineSplitter splitter({}, 0);
    const Cut got = cut(text, splitter, sizes, round % 2 == 1);
    ASSERT_EQ(got.lines, expected_lines(text)) << "round " << round;
    EXPECT_EQ(got.next_offset, text.size());
    for (size_t i = 0; i < got.lines.size(); ++i) {
      ASSERT_EQ(text.substr(got.offsets[i], got.lines[i].size()), got.lines[i]);
    }
  }
}

TEST(LineSplitter, every_line_belongs_to_exactly_one_range) {
  Random random(11);
  for (int round = 0; round < 200; ++round) {
    std::string text;
    while (text.size() < 400) text += std::string(random.below(40), 'x') + "\n";
    if (round % 2 == 0) text += "end";
    std::vector<std::string> all;
    for (uint64_t begin = 0; begin < text.size();) {
      const uint64_t end = std::min<uint64_t>(text.size(), begin + 1 + random.below(90));
      const uint64_t from = begin == 0 ? 0 : begin - 1;
      LineSplitter splitter({}, from, begin > 0, end);
      const Cut got = cut(std::string_view(text).substr(from), splitter, {13}, true);
      all.insert(all.end(), got.lines.begin(), got.lines.end());
      begin = end;
    }
    ASSERT_EQ(all, expected_lines(text)) << "round " << round;
  }
}

TEST(LineSplitter, reports_a_line_that_is_too_long_and_goes_on_behind_it) {
  const std::string text = "ok\n" + std::string(50'000, 'x') + "\nfine\n";
  for (const size_t chunk : {1u, 10u, 3000u, 60'000u}) {
    LineSplitter::Options options;
    options.record_bytes_max = 10;
    LineSplitter splitter(options, 0);
    const Cut got = cut(text, splitter, {chunk}, chunk != 10);
    EXPECT_EQ(got.lines, (std::vector<std::string>{"ok", "fine"})) << chunk;
    ASSERT_EQ(got.oversized.size(), 1u) << chunk;
    EXPECT_EQ(got.oversized[0].offset, 3u);
    EXPECT_EQ(got.oversized[0].size, 50'000u);
    EXPECT_EQ(got.oversized[0].head, std::string(LineSplitter::kOversizedHeadBytes, 'x'));
  }
}

TEST(LineSplitter, keeps_a_line_of_exactly_the_limit) {
  LineSplitter::Options options;
  options.record_bytes_max = 10;
  for (const size_t chunk : {3u, 100u}) {
    LineSplitter splitter(options, 0);
    const Cut got = cut("0123456789\n0123456789a\n", splitter, {chunk}, true);
    EXPECT_EQ(got.lines, (std::vector<std::string>{"0123456789"}));
    ASSERT_EQ(got.oversized.size(), 1u);
    EXPECT_EQ(got.oversized[0].size, 11u);
  }
}

TEST(LineSplitter, skips_blank_lines_of_ndjson_but_counts_their_bytes) {
  LineSplitter::Options options;
  options.skip_blank = true;
  LineSplitter splitter(options, 0);
  const Cut got = cut("{}\n\n \t\r\n{\"a\":1}\n", splitter, {100}, true);
  EXPECT_EQ(got.lines, (std::vector<std::string>{"{}", "{\"a\":1}"}));
  EXPECT_EQ(got.offsets, (std::vector<int64_t>{0, 8}));
}

TEST(LineSplitter, takes_any_byte_as_delimiter) {
  LineSplitter::Options options;
  options.delimiter = '\0';
  LineSplitter splitter(options, 0);
  EXPECT_EQ(cut(std::string("a\nb\0c\0", 6), splitter, {100}, true).lines,
            (std::vector<std::string>{"a\nb", "c"}));
}

}  // namespace
}  // namespace penstock
