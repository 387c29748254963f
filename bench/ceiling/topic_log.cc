// SPDX-License-Identifier: Apache-2.0
// Ceiling of the topic log: 1 KiB records in blocks of 64, each block checksummed, eight blocks a
// writev, an fdatasync a second beside it; the file read back block by block, checksummed; single
// records, each followed by fdatasync.
//   ceiling_topic_log FILE append|read MIB      ceiling_topic_log FILE sync COUNT
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "ceiling/measure.h"

namespace {

constexpr size_t kRecordBytes = 1024, kBlockRecords = 63, kBlocks = 8;
constexpr size_t kBodyBytes = kRecordBytes * kBlockRecords;

struct Block {
  uint64_t checksum = 0, size = kBodyBytes, base = 0, reserved[5] = {};
  char body[kBodyBytes];
};

void append(int fd, uint64_t records) {
  std::vector<Block> blocks(kBlocks);
  for (size_t i = 0; i < kBlocks; ++i) {
    for (size_t j = 0; j < kBodyBytes; ++j) blocks[i].body[j] = static_cast<char>(i + j % 251);
  }
  std::mutex mutex;
  std::condition_variable ended;
  bool ending = false;
  std::thread syncer([&] {
    std::unique_lock lock(mutex);
    while (!ended.wait_for(lock, std::chrono::seconds(1), [&] { return ending; })) fdatasync(fd);
  });
  Measure measure;
  uint64_t done = 0, check = 0;
  while (done < records) {
    iovec pieces[kBlocks];
    for (size_t i = 0; i < kBlocks; ++i) {
      blocks[i].base = done;
      blocks[i].checksum = penstock::hash64({blocks[i].body, kBodyBytes});
      pieces[i] = {&blocks[i], sizeof(Block)};
      check += blocks[i].checksum & 0xff;
      done += kBlockRecords;
    }
    if (writev(fd, pieces, kBlocks) != static_cast<ssize_t>(kBlocks * sizeof(Block))) {
      return std::perror("writev");
    }
  }
  measure.print("append", done, done * kRecordBytes, check);
  {
    const std::lock_guard lock(mutex);
    ending = true;
  }
  ended.notify_one();
  syncer.join();
}

void read_back(int fd) {
  const auto block = std::make_unique<Block>();
  Measure measure;
  uint64_t records = 0, wrong = 0;
  while (read(fd, block.get(), sizeof(Block)) == static_cast<ssize_t>(sizeof(Block))) {
    if (penstock::hash64({block->body, kBodyBytes}) != block->checksum) ++wrong;
    records += kBlockRecords;
  }
  measure.print("read", records, records * kRecordBytes, wrong);
}

void sync_each(int fd, uint64_t count) {
  const std::string record(kRecordBytes, 'x');
  std::vector<double> us;
  for (uint64_t i = 0; i < count; ++i) {
    Measure one;
    if (write(fd, record.data(), record.size()) < 0 || fdatasync(fd) != 0) {
      return std::perror("sync");
    }
    us.push_back(one.seconds() * 1e6);
  }
  std::sort(us.begin(), us.end());
  std::printf("{\"name\":\"sync\",\"p50_us\":%.1f,\"p99_us\":%.1f}\n", us[us.size() / 2],
              us[us.size() * 99 / 100]);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return std::fputs("usage: topic_log FILE append|read|sync N\n", stderr), 2;
  const std::string_view what = argv[2];
  const uint64_t n = std::strtoull(argv[3], nullptr, 10);
  const int flags = what == "read" ? O_RDONLY : O_RDWR | O_CREAT | O_TRUNC;
  const int fd = open(argv[1], flags, 0600);
  if (fd < 0) return std::perror(argv[1]), 1;
  if (what == "append") append(fd, n * 1024);
  if (what == "read") read_back(fd);
  if (what == "sync") sync_each(fd, n);
  close(fd);
}
