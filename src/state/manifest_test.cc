// SPDX-License-Identifier: Apache-2.0
#include "state/manifest.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "state/wire.h"

namespace penstock {
namespace {

Manifest full_manifest() {
  Manifest m;
  m.epoch = 12;
  m.checkpoint_epoch = 10;
  m.written_wall_us = -5;
  m.done = true;
  m.plan_hash = "0123abcd";
  m.positions["in"]["part-0"] = {"1024", false};
  m.positions["in"]["part-1"] = {std::string("\0\xff", 2), true};
  m.positions["other"] = {};
  m.snapshots.push_back({"count", 3, "snapshot-10-7", 99, 0xdeadbeefULL});
  m.sinks["out"] = {"handle 1", ""};
  m.rejects = {"in part-0 17"};
  return m;
}

/// `bytes` with a checksum that fits again.
std::string sealed(std::string bytes) {
  bytes.resize(bytes.size() - 8);
  WireWriter(bytes).u64(hash64(bytes));
  return bytes;
}

TEST(Manifest, comes_back_as_it_was_written) {
  const Manifest m = full_manifest();
  auto back = decode_manifest(encode_manifest(m), "m");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->epoch, 12u);
  EXPECT_EQ(back->checkpoint_epoch, 10u);
  EXPECT_EQ(back->written_wall_us, -5);
  EXPECT_TRUE(back->done);
  EXPECT_EQ(back->plan_hash, m.plan_hash);
  EXPECT_EQ(back->positions, m.positions);
  ASSERT_EQ(back->snapshots.size(), 1u);
  EXPECT_EQ(back->snapshots[0].stage, "count");
  EXPECT_EQ(back->snapshots[0].task, 3u);
  EXPECT_EQ(back->snapshots[0].file, "snapshot-10-7");
  EXPECT_EQ(back->snapshots[0].bytes, 99u);
  EXPECT_EQ(back->snapshots[0].checksum, 0xdeadbeefULL);
  EXPECT_EQ(back->sinks, m.sinks);
  EXPECT_EQ(back->rejects, m.rejects);
  EXPECT_EQ(encode_manifest(*back), encode_manifest(m));
}

TEST(Manifest, an_empty_one_comes_back_too) {
  auto back = decode_manifest(encode_manifest(Manifest{}), "m");
  ASSERT_TRUE(back);
  EXPECT_EQ(encode_manifest(*back), encode_manifest(Manifest{}));
}

TEST(Manifest, every_changed_bit_is_noticed_and_the_file_is_named) {
  const std::string good = encode_manifest(full_manifest());
  for (size_t at = 0; at < good.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      const auto decoded = decode_manifest(bad, "folder/manifest");
      ASSERT_FALSE(decoded) << "byte " << at << " bit " << bit;
      ASSERT_EQ(decoded.error().code, "state-damaged");
      ASSERT_EQ(decoded.error().reaction, Reaction::kStopPipeline);
      ASSERT_NE(decoded.error().message.find("'folder/manifest'"), std::string::npos);
    }
  }
}

TEST(Manifest, every_cut_and_every_extra_byte_is_noticed) {
  const std::string good = encode_manifest(full_manifest());
  for (size_t size = 0; size < good.size(); ++size) {
    ASSERT_FALSE(decode_manifest(good.substr(0, size), "m")) << size;
  }
  EXPECT_FALSE(decode_manifest(good + '\0', "m"));
  EXPECT_FALSE(decode_manifest(good + good, "m"));
}

TEST(Manifest, a_later_version_is_refused_as_such) {
  std::string later = encode_manifest(full_manifest());
  later[8] = kManifestVersion + 1;
  const auto decoded = decode_manifest(sealed(later), "m");
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, "state-too-new");
}

TEST(Manifest, a_good_checksum_over_nonsense_is_not_enough) {
  const std::string good = encode_manifest(full_manifest());
  for (size_t size = 12 + 8; size < good.size(); ++size) {
    const auto decoded = decode_manifest(sealed(good.substr(0, size)), "m");
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error().code, "state-damaged");
  }
  std::string flag = good;
  flag[8 + 4 + 24] = 2;  // `done`
  EXPECT_FALSE(decode_manifest(sealed(flag), "m"));
}

}  // namespace
}  // namespace penstock
