// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/gzip.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace penstock {
namespace {

/// Unpacks with input and output cut into small steps.
Result<std::string> unpack(std::string_view packed, size_t step_in, size_t step_out) {
  Gunzip gunzip;
  std::string text;
  while (!packed.empty()) {
    char out[1000];
    Result<Gunzip::Step> step = gunzip.step(packed.data(), std::min(step_in, packed.size()), out,
                                            std::min(step_out, sizeof out));
    if (!step) return unexpected(step.error());
    text.append(out, step->made);
    packed.remove_prefix(step->used);
  }
  if (!gunzip.between_members()) return stop_error("unfinished", "inside a member");
  return text;
}

std::string sample(size_t size) {
  Random random(9);
  std::string text;
  while (text.size() < size) text += std::string(random.below(30), 'a' + random.below(26));
  return text;
}

TEST(Gzip, unpacks_several_members_in_steps_of_any_size) {
  Gzip gzip(0);
  std::string packed;
  const std::string text = sample(200'000);
  gzip.add(text.data(), 100'000, packed);
  gzip.end_member(packed);
  gzip.end_member(packed);  // nothing in it: nothing is written
  gzip.add(text.data() + 100'000, text.size() - 100'000, packed);
  EXPECT_TRUE(gzip.in_member());
  gzip.end_member(packed);
  EXPECT_FALSE(gzip.in_member());
  for (const auto& [in, out] : {std::pair{1ul, 1000ul}, {7ul, 3ul}, {100'000ul, 1000ul}}) {
    const Result<std::string> unpacked = unpack(packed, in, out);
    ASSERT_TRUE(unpacked);
    EXPECT_TRUE(*unpacked == text);
  }
}

TEST(Gzip, says_when_the_input_is_damaged_or_ends_early) {
  Gzip gzip(9);
  std::string packed;
  const std::string text = sample(50'000);
  gzip.add(text.data(), text.size(), packed);
  gzip.end_member(packed);
  EXPECT_EQ(unpack(packed.substr(0, packed.size() - 5), 100, 1000).error().code, "unfinished");
  EXPECT_EQ(unpack("this is not gzip", 100, 1000).error().code, "bad-gzip");
  std::string damaged = packed;
  damaged[damaged.size() / 2] = static_cast<char>(~damaged[damaged.size() / 2]);
  EXPECT_EQ(unpack(damaged, 100, 1000).error().code, "bad-gzip");
}

}  // namespace
}  // namespace penstock
