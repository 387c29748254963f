// SPDX-License-Identifier: Apache-2.0
#include "state/snapshot.h"

#include "base/hash.h"
#include "state/manifest.h"
#include "state/store.h"
#include "state/wire.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic = "PNSTKSNP";
// Block head: u64 XXH3 of everything behind it, u8 key group, u64 bytes of entries.
constexpr size_t kChecksumBytes = sizeof(uint64_t);
constexpr size_t kBlockHeadBytes = kChecksumBytes + sizeof(uint8_t) + sizeof(uint64_t);
constexpr const char* kName = "snapshot";

using TakeEntry = std::function<Result<void>(std::string_view key, std::string_view value)>;

Result<void> read_entries(std::string_view body, const TakeEntry& f) {
  WireReader in(body);
  while (in.left() != 0) {
    const uint32_t key_size = in.u32();
    const uint32_t value_size = in.u32();
    const std::string_view key = in.take(key_size);
    const std::string_view value = in.take(value_size);
    if (!in.ok()) return damaged_error(kName, "an entry is cut short");
    PENSTOCK_TRY(f(key, value));
  }
  return {};
}

}  // namespace

Result<void> check_snapshot_head(std::string_view bytes, const std::string& file) {
  if (bytes.empty()) return {};
  WireReader in(bytes);
  if (in.take(kMagic.size()) != kMagic) {
    return damaged_error(file, "it does not begin as a snapshot does");
  }
  const uint32_t version = in.u32();
  if (version > kSnapshotVersion) return too_new_error(file, version, kSnapshotVersion);
  if (version == 0 || !in.ok()) return damaged_error(file, "it has no version");
  return {};
}

void SnapshotWriter::put(std::string_view key, std::string_view value) {
  CHECK_LE(key.size(), UINT32_MAX);
  CHECK_LE(value.size(), UINT32_MAX);
  if (blocks_.empty()) blocks_.resize(kKeyGroups);
  std::string& block = blocks_[key_group(hash64(key))];
  if (block.empty()) block.resize(kBlockHeadBytes);
  const uint32_t sizes[2] = {static_cast<uint32_t>(key.size()),
                             static_cast<uint32_t>(value.size())};
  block.append(reinterpret_cast<const char*>(sizes), sizeof sizes);
  block.append(key);
  block.append(value);
}

std::string SnapshotWriter::take() {
  size_t bytes = kMagic.size() + sizeof(uint32_t);
  for (const std::string& block : blocks_) bytes += block.size();
  std::string out;
  out.reserve(bytes);
  out.append(kMagic);
  WireWriter(out).u32(kSnapshotVersion);
  for (size_t group = 0; group < blocks_.size(); ++group) {
    std::string block = std::move(blocks_[group]);  // freed at once: the state is not held twice
    if (block.empty()) continue;
    std::string head;
    WireWriter fields(head);
    fields.u8(static_cast<uint8_t>(group));
    fields.u64(block.size() - kBlockHeadBytes);
    block.replace(kChecksumBytes, head.size(), head);
    head.clear();
    fields.u64(hash64(std::string_view(block).substr(kChecksumBytes)));
    block.replace(0, head.size(), head);
    out.append(block);
  }
  blocks_.clear();
  return out;
}

Result<void> SnapshotReader::for_each(
    const std::function<Result<void>(std::string_view key, std::string_view value)>& f) {
  for (const std::string& snapshot : snapshots_) {
    if (snapshot.empty()) continue;
    PENSTOCK_TRY(check_snapshot_head(snapshot, kName));
    WireReader in(snapshot);
    in.take(kMagic.size() + sizeof(uint32_t));
    while (in.left() != 0) {
      const std::string_view block = std::string_view(snapshot).substr(snapshot.size() - in.left());
      const uint64_t checksum = in.u64();
      const uint8_t group = in.u8();
      const uint64_t bytes = in.u64();
      const std::string_view body = in.take(bytes);
      if (!in.ok()) return damaged_error(kName, "a block is cut short");
      if (group_owner(group, tasks_) != task_) continue;
      const std::string_view covered =
          block.substr(kChecksumBytes, kBlockHeadBytes - kChecksumBytes + bytes);
      if (checksum != hash64(covered)) return damaged_error(kName, "a block's checksum is wrong");
      PENSTOCK_TRY(read_entries(body, f));
    }
  }
  return {};
}

}  // namespace penstock
