// SPDX-License-Identifier: Apache-2.0
#include "connectors/gather.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

std::string text_of(Gather& gather) {
  std::string text;
  for (const iovec& piece : gather.pieces()) {
    text.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  EXPECT_EQ(text.size(), gather.bytes());
  return text;
}

TEST(Gather, puts_a_delimiter_behind_each_record_whatever_its_size) {
  conformance::Services services;
  Random random(3);
  std::string expected;
  Gather gather(services.pool);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> payloads;
    for (int i = 0; i < 20; ++i) {
      payloads.emplace_back(random.below(i % 7 == 0 ? 10'000 : 40), 'a' + round % 26);
      expected += payloads.back() + "\n";
    }
    gather.add(conformance::make_batch(services, payloads), {});
  }
  EXPECT_EQ(text_of(gather), expected);
}

TEST(Gather, names_lines_that_a_reader_left_side_by_side_as_one_piece) {
  conformance::Services services;
  std::string text;
  for (int i = 0; i < 500; ++i) text += "line " + std::to_string(i) + "\n";
  ArenaRef arena = services.pool.arenas().get();
  text.copy(arena->data(), text.size());
  BatchBuilder builder(services.pool);
  builder.attach(arena);
  const char* at = arena->data();
  for (const std::string& line : [&] {
         std::vector<std::string> lines;
         for (int i = 0; i < 500; ++i) lines.push_back("line " + std::to_string(i));
         return lines;
       }()) {
    builder.append_slice({at, line.size()});
    at += line.size() + 1;
  }
  Gather gather(services.pool);
  gather.add(builder.take(), {});
  EXPECT_EQ(text_of(gather), text);
  EXPECT_EQ(gather.pieces().size(), 2u);  // all lines, and the last newline
  EXPECT_EQ(gather.pieces()[0].iov_base, arena->data());
}

TEST(Gather, does_not_join_across_another_byte_or_a_record_that_was_filtered_out) {
  conformance::Services services;
  ArenaRef arena = services.pool.arenas().get();
  std::string_view("a;b\nc\nd\n").copy(arena->data(), 8);
  BatchBuilder builder(services.pool);
  builder.attach(arena);
  for (int i : {0, 2, 4, 6}) builder.append_slice({arena->data() + i, 1});
  Batch batch = builder.take();
  batch.filter([](const Record& r) { return r.payload_view() != "c"; });
  Gather gather(services.pool);
  gather.add(std::move(batch), {});
  EXPECT_EQ(text_of(gather), "a\nb\nd\n");
}

TEST(Gather, leaves_out_empty_records_when_told) {
  conformance::Services services;
  Gather gather(services.pool);
  gather.add(conformance::make_batch(services, std::vector<std::string>{"a", "", "b"}),
             {.skip_empty = true});
  EXPECT_EQ(text_of(gather), "a\nb\n");
}

TEST(Gather, writes_payloads_as_they_are_when_not_delimited) {
  conformance::Services services;
  Gather gather(services.pool);
  gather.add(conformance::make_batch(services, std::vector<std::string>{"a", "", "b"}),
             {.delimited = false});
  EXPECT_EQ(text_of(gather), "ab");
}

TEST(WritePieces, goes_on_in_the_middle_of_a_piece_after_a_short_write) {
  std::vector<std::string> texts;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    texts.push_back(std::string(1 + i % 5, 'a' + i % 26));
    expected += texts.back();
  }
  std::vector<iovec> pieces;
  for (std::string& text : texts) pieces.push_back({text.data(), text.size()});
  Random random(5);
  std::string got;
  size_t first = 0;
  uint64_t written = 0;
  int error = 0;
  do {
    error = write_pieces(pieces, first, written, [&](iovec* from, int count) -> ssize_t {
      EXPECT_LE(count, 1024);
      if (random.chance(1, 10)) return -EAGAIN;
      if (random.chance(1, 10)) return -EINTR;
      size_t room = 1 + random.below(100), taken = 0;
      for (int i = 0; i < count && room > 0; ++i) {
        const size_t size = std::min(room, from[i].iov_len);
        got.append(static_cast<char*>(from[i].iov_base), size);
        room -= size;
        taken += size;
      }
      return static_cast<ssize_t>(taken);
    });
  } while (error == EAGAIN);
  EXPECT_EQ(error, 0);
  EXPECT_EQ(got, expected);
  EXPECT_EQ(written, expected.size());
}

}  // namespace
}  // namespace penstock
