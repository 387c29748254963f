// SPDX-License-Identifier: Apache-2.0
#include "state/store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "state/sim_disk.h"

namespace penstock {
namespace {

using Crash = SimDisk::Crash;
constexpr const char* kFolder = "state/region";

std::string entries_of(Epoch epoch) {
  SnapshotWriter writer;
  writer.put("epoch", std::to_string(epoch));
  writer.put("padding", std::string(300, 'p'));
  return writer.take();
}

/// Prepares a snapshot for `epoch` and publishes it, as the engine does at a checkpoint.
Result<void> checkpoint(StateStore& store, Epoch epoch) {
  auto ref = store.write_snapshot(epoch, "count", 0, entries_of(epoch));
  if (!ref) return ref.error();
  Manifest manifest;
  manifest.epoch = manifest.checkpoint_epoch = epoch;
  manifest.snapshots = {*ref};
  manifest.positions["in"]["part"] = {std::to_string(epoch), false};
  return store.publish(manifest);
}

/// The epoch that the store stands at, after checking that all of it is there; 0 = no manifest.
Epoch standing(StateStore& store) {
  if (!store.manifest()) return 0;
  const Manifest& manifest = *store.manifest();
  EXPECT_EQ(manifest.positions.at("in").at("part").value, std::to_string(manifest.epoch));
  auto entries = store.read_snapshot(manifest.snapshots.at(0));
  EXPECT_TRUE(entries) << to_string(entries.error());
  EXPECT_TRUE(entries && *entries == entries_of(manifest.epoch));
  return manifest.epoch;
}

std::unique_ptr<StateStore> must_open(Disk& disk, Durability durability = Durability::kPower) {
  auto store = StateStore::open(disk, kFolder, durability);
  EXPECT_TRUE(store) << to_string(store.error());
  return store ? std::move(*store) : nullptr;
}

TEST(StateStore, is_empty_at_first_and_remembers_the_last_publish) {
  SimDisk disk(1);
  {
    auto store = must_open(disk);
    EXPECT_FALSE(store->manifest());
    ASSERT_TRUE(checkpoint(*store, 1));
    ASSERT_TRUE(checkpoint(*store, 2));
    EXPECT_EQ(standing(*store), 2u);
  }
  EXPECT_EQ(standing(*must_open(disk)), 2u);
}

TEST(StateStore, has_one_user_at_a_time) {
  SimDisk disk(1);
  auto store = must_open(disk);
  auto second = StateStore::open(disk, kFolder, Durability::kKill);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "state-locked");
  store.reset();
  EXPECT_TRUE(StateStore::open(disk, kFolder, Durability::kKill));
}

TEST(StateStore, keeps_only_the_snapshots_that_count) {
  SimDisk disk(1);
  auto store = must_open(disk);
  ASSERT_TRUE(checkpoint(*store, 1));
  ASSERT_TRUE(store->write_snapshot(2, "count", 0, entries_of(2)));  // of an epoch that failed
  ASSERT_TRUE(store->write_snapshot(4, "count", 0, entries_of(4)));  // being prepared
  ASSERT_TRUE(checkpoint(*store, 3));
  EXPECT_EQ(disk.list(kFolder)->size(), 2 + 1u);  // manifest, 3, 4; the simulator's lock is no file
  store.reset();
  EXPECT_EQ(standing(*must_open(disk)), 3u);
  EXPECT_EQ(disk.list(kFolder)->size(), 2u);  // 4 was never part of a commit point
}

TEST(StateStore, a_publish_without_a_new_checkpoint_keeps_the_old_snapshots) {
  SimDisk disk(1);
  auto store = must_open(disk);
  ASSERT_TRUE(checkpoint(*store, 1));
  Manifest manifest = *store->manifest();
  manifest.epoch = 5;
  ASSERT_TRUE(store->publish(manifest));
  EXPECT_TRUE(store->read_snapshot(manifest.snapshots[0]));
}

TEST(StateStore, reset_forgets_everything) {
  SimDisk disk(1);
  auto store = must_open(disk);
  ASSERT_TRUE(checkpoint(*store, 1));
  ASSERT_TRUE(store->reset());
  EXPECT_FALSE(store->manifest());
  EXPECT_TRUE(disk.list(kFolder)->empty());
  ASSERT_TRUE(checkpoint(*store, 7));
  EXPECT_EQ(standing(*store), 7u);
}

TEST(StateStore, refuses_a_damaged_manifest_and_leaves_it_alone) {
  SimDisk disk(1);
  ASSERT_TRUE(checkpoint(*must_open(disk), 1));
  const uint64_t changes = disk.changes();
  disk.flip("state/region/manifest", 30, 1);
  auto store = StateStore::open(disk, kFolder, Durability::kPower);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, "state-damaged");
  EXPECT_NE(store.error().message.find("state/region/manifest"), std::string::npos);
  EXPECT_EQ(disk.changes(), changes);
  disk.flip("state/region/manifest", 30, 1);
  EXPECT_EQ(standing(*must_open(disk)), 1u);
}

TEST(StateStore, names_a_damaged_or_missing_snapshot) {
  SimDisk disk(1);
  auto store = must_open(disk);
  ASSERT_TRUE(checkpoint(*store, 1));
  const SnapshotRef ref = store->manifest()->snapshots[0];
  const std::string path = std::string(kFolder) + "/" + ref.file;
  for (uint64_t at = 0; at < ref.bytes; ++at) {
    disk.flip(path, at, 4);
    const auto read = store->read_snapshot(ref);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, "state-damaged");
    EXPECT_NE(read.error().message.find(path), std::string::npos);
    disk.flip(path, at, 4);
  }
  for (const uint64_t bytes : {ref.bytes - 1, ref.bytes + 1}) {
    SnapshotRef wrong = ref;
    wrong.bytes = bytes;
    EXPECT_EQ(store->read_snapshot(wrong).error().code, "state-damaged");
  }
  store.reset();
  ASSERT_TRUE(disk.remove(path));
  EXPECT_EQ(StateStore::open(disk, kFolder, Durability::kKill).error().code, "state-damaged");
}

TEST(StateStore, a_later_snapshot_format_is_refused_as_such) {
  SimDisk disk(1);
  auto store = must_open(disk);
  std::string entries = entries_of(1);
  entries[8] = 2;
  auto ref = store->write_snapshot(1, "count", 0, entries);
  ASSERT_TRUE(ref);
  EXPECT_EQ(store->read_snapshot(*ref).error().code, "state-too-new");
}

TEST(StateStore, a_full_disk_changes_nothing_and_can_be_tried_again) {
  SimDisk disk(1);
  auto store = must_open(disk);
  ASSERT_TRUE(checkpoint(*store, 1));
  disk.set_faults({.full = 1000});
  const auto failed = checkpoint(*store, 2);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "disk-full");
  EXPECT_EQ(failed.error().reaction, Reaction::kRetryLater);
  EXPECT_EQ(standing(*store), 1u);
  disk.set_faults({});
  ASSERT_TRUE(checkpoint(*store, 3));
  EXPECT_EQ(standing(*store), 3u);
}

/// Runs two checkpoints and dies inside change `n` of the second; false when it lived through.
bool die_at(uint64_t n, uint64_t seed, Durability durability, Crash how) {
  SimDisk disk(seed);
  auto store = must_open(disk, durability);
  EXPECT_TRUE(checkpoint(*store, 1));
  disk.die_at_change(disk.changes() + n);
  const bool published = checkpoint(*store, 2).has_value();
  const bool died = disk.dead();
  disk.crash(how);
  store = must_open(disk, durability);
  if (store == nullptr) return died;
  const Epoch epoch = standing(*store);
  EXPECT_TRUE(epoch == 2 || (epoch == 1 && !published)) << "epoch " << epoch << " seed " << seed;
  // What it stands at must not change any more, whatever happens next.
  store.reset();
  disk.crash(how);
  store = must_open(disk, durability);
  EXPECT_EQ(standing(*store), epoch) << "seed " << seed;
  EXPECT_TRUE(checkpoint(*store, 3));
  return died;
}

TEST(StateStore, death_at_any_step_of_a_publish_leaves_the_old_or_the_new_commit_point) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    for (const auto& [durability, how] : {std::pair{Durability::kPower, Crash::kPower},
                                          {Durability::kPower, Crash::kKill},
                                          {Durability::kKill, Crash::kKill}}) {
      uint64_t n = 0;
      while (die_at(n, seed, durability, how)) ++n;
      EXPECT_GE(n, 4u);  // snapshot, temporary manifest, rename, removal of the old snapshot
    }
  }
}

/// What the store said about epochs during the lives of its process.
struct Ledger {
  Epoch promised = 0;       // the newest commit point that must be found again
  Epoch tried = 0;          // the newest that may be
  bool forgotten = false;   // a reset may have happened
  std::set<Epoch> refused;  // reported as not published: must never be found
};

/// One life: opens, checks against the ledger, then checkpoints under faults until it dies.
void live(SimDisk& disk, Random& random, Ledger& ledger) {
  auto opened = StateStore::open(disk, kFolder, Durability::kPower);
  if (!opened) {
    ASSERT_NE(opened.error().code, "state-damaged") << to_string(opened.error());
    return;
  }
  StateStore& store = **opened;
  const Epoch found = store.manifest() ? store.manifest()->epoch : 0;
  ASSERT_GE(found, ledger.forgotten ? 0 : ledger.promised);
  ASSERT_LE(found, ledger.tried);
  ASSERT_FALSE(ledger.refused.contains(found));
  ledger.promised = found;
  ledger.forgotten = false;
  for (int i = 0; i < 20 && !disk.dead(); ++i) {
    if (random.chance(1, 40)) {
      ledger.forgotten = true;
      if (!store.reset()) return;
      ledger.promised = 0;
      ledger.forgotten = false;
      continue;
    }
    const auto result = checkpoint(store, ++ledger.tried);
    if (result) ledger.promised = ledger.tried;
    if (disk.dead() || (!result && result.error().code == "state-unsettled")) return;
    if (!result) ledger.refused.insert(ledger.tried);
    ASSERT_EQ(store.manifest() ? store.manifest()->epoch : 0, ledger.promised);
  }
}

TEST(StateStore, keeps_what_it_promised_and_nothing_it_refused_whatever_the_disk_does) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SimDisk disk(seed);
    Random random(seed + 1);
    Ledger ledger;
    for (int life = 0; life < 12; ++life) {
      disk.set_faults({.full = 30, .failed = 10, .torn = 30, .failed_but_done = 30});
      if (random.chance(1, 2)) disk.die_at_change(disk.changes() + random.below(60));
      ASSERT_NO_FATAL_FAILURE(live(disk, random, ledger)) << "seed " << seed;
      disk.crash(random.chance(1, 2) ? Crash::kPower : Crash::kKill);
    }
    disk.set_faults({});
    auto store = must_open(disk);
    ASSERT_NE(store, nullptr) << "seed " << seed;
    const Epoch epoch = standing(*store);
    EXPECT_GE(epoch, ledger.forgotten ? 0 : ledger.promised) << "seed " << seed;
    EXPECT_LE(disk.list(kFolder)->size(), 2u) << "seed " << seed;
  }
}

TEST(StateStore, snapshots_are_written_beside_a_publish) {
  constexpr Epoch kEpochs = 50;
  SimDisk disk(1);
  auto store = must_open(disk);
  ASSERT_TRUE(checkpoint(*store, 1));
  std::vector<SnapshotRef> refs;
  std::thread writer([&] {
    for (Epoch epoch = 2; epoch <= kEpochs; ++epoch) {
      auto ref = store->write_snapshot(kEpochs + epoch, "count", 0, entries_of(epoch));
      if (ref) refs.push_back(*ref);
    }
  });
  for (Epoch epoch = 2; epoch <= kEpochs; ++epoch) EXPECT_TRUE(checkpoint(*store, epoch));
  writer.join();
  EXPECT_EQ(standing(*store), kEpochs);
  ASSERT_EQ(refs.size(), kEpochs - 1);
  for (const SnapshotRef& ref : refs) EXPECT_TRUE(store->read_snapshot(ref));
}

TEST(RegionFolder, names_stay_readable_apart_and_inside) {
  EXPECT_EQ(region_folder_name("read-lines_2.v1"), "read-lines_2.v1");
  EXPECT_EQ(region_folder_name("../x"), "%2e.%2fx");
  EXPECT_EQ(region_folder_name(".."), "%2e.");
  EXPECT_EQ(region_folder_name("a b%"), "a%20b%25");
  EXPECT_EQ(region_folder_name("ä"), "%c3%a4");
  EXPECT_EQ(region_folder_name(""), "%");
  const std::string at_limit(120, 'a'), beyond(121, 'a');
  EXPECT_EQ(region_folder_name(at_limit), at_limit);
  EXPECT_EQ(region_folder_name(beyond).size(), 138u);
  EXPECT_NE(region_folder_name(beyond), region_folder_name(beyond + "a"));
}

TEST(StateStore, works_on_the_disk_of_this_machine) {
  const std::string folder = testing::TempDir() + "penstock_store_" + std::to_string(::getpid());
  const auto disk = make_system_disk();
  for (const Durability durability : {Durability::kKill, Durability::kPower}) {
    auto store = StateStore::open(*disk, folder, durability);
    ASSERT_TRUE(store) << to_string(store.error());
    ASSERT_TRUE(checkpoint(**store, 1));
    ASSERT_TRUE(checkpoint(**store, 2));
    EXPECT_EQ(standing(**store), 2u);
  }
  auto store = StateStore::open(*disk, folder, Durability::kKill);
  EXPECT_EQ(standing(**store), 2u);
  ASSERT_TRUE((*store)->reset());
  EXPECT_EQ(*disk->list(folder), std::vector<std::string>{"lock"});
  ASSERT_TRUE(disk->remove(folder + "/lock"));
  ASSERT_EQ(::rmdir(folder.c_str()), 0);
}

TEST(StateStore, what_is_prepared_is_found_until_something_newer_is_published) {
  const auto disk = make_memory_disk();
  Manifest manifest;
  manifest.epoch = manifest.checkpoint_epoch = 7;
  int64_t mark = -1;
  {
    const auto store = must_open(*disk);
    ASSERT_TRUE(checkpoint(*store, 6));
    const auto ref = store->write_snapshot(7, "count", 0, entries_of(7));
    ASSERT_TRUE(ref);
    manifest.snapshots = {*ref};
    manifest.positions["in"]["part"] = {"7", false};
    const auto prepared = store->prepare(manifest);
    ASSERT_TRUE(prepared);
    mark = *prepared;
    EXPECT_GE(mark, 0);
  }
  {
    const auto store = must_open(*disk);
    EXPECT_EQ(standing(*store), 6u);
    ASSERT_TRUE(store->prepared());
    EXPECT_EQ(store->prepared()->mark, mark);
    const Manifest chosen = store->prepared()->manifest;
    ASSERT_TRUE(store->publish(chosen));
    EXPECT_EQ(standing(*store), 7u);
    EXPECT_FALSE(store->prepared());
  }
}

TEST(StateStore, a_reset_forgets_what_is_prepared) {
  const auto disk = make_memory_disk();
  {
    const auto store = must_open(*disk);
    ASSERT_TRUE(store->prepare(Manifest{}));
  }
  {
    const auto store = must_open(*disk);
    ASSERT_TRUE(store->prepared());
    ASSERT_TRUE(store->reset());
  }
  EXPECT_FALSE(must_open(*disk)->prepared());
}

}  // namespace
}  // namespace penstock
