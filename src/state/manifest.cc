// SPDX-License-Identifier: Apache-2.0
#include "state/manifest.h"

#include "base/hash.h"
#include "state/wire.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic = "PNSTKMAN";
constexpr size_t kChecksumBytes = sizeof(uint64_t);

// The upgrade rule: magic, version and the trailing checksum stay where they are for ever. A new
// version may only add fields behind the last one; a reader stops where the file's version stops,
// and leaves later fields at their defaults.

void write_positions(WireWriter& out, const Positions& positions) {
  out.u32(static_cast<uint32_t>(positions.size()));
  for (const auto& [partition, position] : positions) {
    out.text(partition);
    out.text(position.value);
    out.u8(position.finished);
  }
}

bool read_flag(WireReader& in) {
  const uint8_t flag = in.u8();
  if (flag > 1) in.fail();
  return flag == 1;
}

/// Reads a map whose keys ascend, so that one manifest has one spelling. `read` fills a value.
template <class Map, class Read>
void read_map(WireReader& in, Map& map, Read read) {
  const uint32_t count = in.u32();
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    std::string key(in.text());
    if (!map.empty() && key <= map.rbegin()->first) in.fail();
    read(map.emplace_hint(map.end(), std::move(key), typename Map::mapped_type{})->second);
  }
}

void read_positions(WireReader& in, Positions& positions) {
  read_map(in, positions, [&in](PartitionPosition& position) {
    position.value = in.text();
    position.finished = read_flag(in);
  });
}

/// Reads a list; `read` gives one element.
template <class T, class Read>
void read_list(WireReader& in, std::vector<T>& list, Read read) {
  const uint32_t count = in.u32();
  for (uint32_t i = 0; i < count && in.ok(); ++i) list.push_back(read());
}

SnapshotRef read_snapshot_ref(WireReader& in) {
  SnapshotRef ref;
  ref.stage = in.text();
  ref.task = in.u32();
  ref.file = in.text();
  ref.bytes = in.u64();
  ref.checksum = in.u64();
  return ref;
}

}  // namespace

Error damaged_error(const std::string& file, const std::string& what) {
  return stop_error("state-damaged", "the state file '" + file + "' is damaged: " + what,
                    "restore the state folder from a copy, or forget it with `penstock positions "
                    "reset` and read the input again from its beginning");
}

Error too_new_error(const std::string& file, uint32_t version, uint32_t version_max) {
  return stop_error("state-too-new",
                    "the state file '" + file + "' has format version " + std::to_string(version) +
                        "; this program knows versions up to " + std::to_string(version_max),
                    "run the newer penstock that wrote it");
}

std::string encode_manifest(const Manifest& manifest) {
  std::string bytes(kMagic);
  WireWriter out(bytes);
  out.u32(kManifestVersion);
  out.u64(manifest.epoch);
  out.u64(manifest.checkpoint_epoch);
  out.u64(static_cast<uint64_t>(manifest.written_wall_us));
  out.u8(manifest.done);
  out.text(manifest.plan_hash);
  out.u32(static_cast<uint32_t>(manifest.positions.size()));
  for (const auto& [stage, positions] : manifest.positions) {
    out.text(stage);
    write_positions(out, positions);
  }
  out.u32(static_cast<uint32_t>(manifest.snapshots.size()));
  for (const SnapshotRef& ref : manifest.snapshots) {
    out.text(ref.stage);
    out.u32(ref.task);
    out.text(ref.file);
    out.u64(ref.bytes);
    out.u64(ref.checksum);
  }
  out.u32(static_cast<uint32_t>(manifest.sinks.size()));
  for (const auto& [stage, handles] : manifest.sinks) {
    out.text(stage);
    out.u32(static_cast<uint32_t>(handles.size()));
    for (const std::string& handle : handles) out.text(handle);
  }
  out.u32(static_cast<uint32_t>(manifest.rejects.size()));
  for (const std::string& reject : manifest.rejects) out.text(reject);
  out.u64(hash64(bytes));
  return bytes;
}

Result<Manifest> decode_manifest(std::string_view bytes, const std::string& file) {
  if (bytes.size() < kMagic.size() + sizeof(uint32_t) + kChecksumBytes) {
    return damaged_error(file, "it is cut short");
  }
  if (bytes.substr(0, kMagic.size()) != kMagic) {
    return damaged_error(file, "it does not begin as a manifest does");
  }
  const std::string_view covered = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (WireReader(bytes.substr(covered.size())).u64() != hash64(covered)) {
    return damaged_error(file, "its checksum does not match");
  }
  WireReader in(covered.substr(kMagic.size()));
  const uint32_t version = in.u32();
  if (version > kManifestVersion) return too_new_error(file, version, kManifestVersion);
  Manifest manifest;
  manifest.epoch = in.u64();
  manifest.checkpoint_epoch = in.u64();
  manifest.written_wall_us = static_cast<int64_t>(in.u64());
  manifest.done = read_flag(in);
  manifest.plan_hash = in.text();
  read_map(in, manifest.positions, [&in](Positions& positions) { read_positions(in, positions); });
  read_list(in, manifest.snapshots, [&in] { return read_snapshot_ref(in); });
  read_map(in, manifest.sinks, [&in](SinkHandles& handles) {
    read_list(in, handles, [&in] { return std::string(in.text()); });
  });
  read_list(in, manifest.rejects, [&in] { return std::string(in.text()); });
  if (version == 0 || !in.ok() || in.left() != 0) {
    return damaged_error(file, "its fields do not fit together");
  }
  return manifest;
}

}  // namespace penstock
