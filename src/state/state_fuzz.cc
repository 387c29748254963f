// SPDX-License-Identifier: Apache-2.0
// Whatever bytes stand in a state folder, reading them gives what was written or an error.
#include <cstring>

#include "base/hash.h"
#include "state/manifest.h"
#include "state/store.h"
#include "state/wire.h"

namespace penstock {
namespace {

void fuzz_manifest(std::string bytes, bool seal) {
  if (seal && bytes.size() >= 12) {
    // Without a checksum that fits, hardly any input would reach the fields.
    WireWriter(bytes).u64(hash64(bytes));
  }
  const auto decoded = decode_manifest(bytes, "manifest");
  if (decoded) CHECK(encode_manifest(*decoded) == bytes);
}

/// Gives every block the checksum that fits, as far as the lengths make sense.
void seal_blocks(std::string& bytes) {
  constexpr size_t kHead = 12;  // magic, version
  size_t at = kHead;
  while (bytes.size() >= at + 17) {
    uint64_t size;
    std::memcpy(&size, bytes.data() + at + 9, sizeof size);
    if (size > bytes.size() - at - 17) return;
    const uint64_t checksum = hash64(std::string_view(bytes).substr(at + 8, 9 + size));
    std::memcpy(bytes.data() + at, &checksum, sizeof checksum);
    at += 17 + size;
  }
}

void fuzz_snapshot(std::string bytes, bool seal) {
  if (seal) seal_blocks(bytes);
  size_t entries = 0;
  size_t size = 0;
  SnapshotWriter writer;
  for (uint32_t task = 0; task < 3; ++task) {
    SnapshotReader reader({bytes}, task, 3);
    (void)reader.for_each([&](std::string_view key, std::string_view value) -> Result<void> {
      ++entries;
      size += key.size() + value.size();
      writer.put(key, value);
      return {};
    });
  }
  CHECK_LE(size, bytes.size());
  SnapshotReader again({writer.take()}, 0, 1);
  const auto read = again.for_each([&](std::string_view, std::string_view) -> Result<void> {
    --entries;
    return {};
  });
  CHECK(read.has_value());
  CHECK_EQ(entries, 0u);
}

}  // namespace
}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const bool seal = data[1] % 2 == 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[0] % 2 == 0) {
    penstock::fuzz_manifest(std::move(bytes), seal);
  } else {
    penstock::fuzz_snapshot(std::move(bytes), seal);
  }
  return 0;
}
