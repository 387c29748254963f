// SPDX-License-Identifier: Apache-2.0
#include "topiclog/tail.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace penstock {

/// The file `tail`, byte for byte; one u64 a partition follows.
struct Tail::Words {
  static constexpr size_t kBootBytes = 40;
  std::atomic<uint32_t> published;
  std::atomic<uint32_t> announced;
  char boot[kBootBytes];
  uint64_t reserved[2];
  std::atomic<uint64_t> ends[];
};

namespace {

constexpr size_t kHeadBytes = 64;

std::shared_ptr<void> map(int fd, size_t bytes, bool writer) {
  void* at = ::mmap(nullptr, bytes, writer ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return nullptr;
  return {at, [bytes](void* p) { ::munmap(p, bytes); }};
}

std::string read_boot_id() {
  char text[37] = {};
  const int fd = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  const ssize_t n = ::read(fd, text, 36);
  ::close(fd);
  return std::string(text, n > 0 ? static_cast<size_t>(n) : 0);
}

class SystemTailStore final : public TailStore {
 public:
  SystemTailStore() : boot_(read_boot_id()) {}
  Result<std::shared_ptr<Tail>> open(const std::string& folder, uint32_t partitions,
                                     bool writer) override {
    const std::string path = folder + "/tail";
    const size_t bytes = Tail::bytes_for(partitions);
    const int fd = ::open(path.c_str(), (writer ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0600);
    if (fd < 0 && errno == ENOENT && !writer) return std::shared_ptr<Tail>();
    if (fd < 0) return errno_error(errno, "cannot open '" + path + "'");
    struct stat info{};
    int failed = ::fstat(fd, &info) == 0 ? 0 : errno;
    const bool small = static_cast<size_t>(info.st_size) < bytes;
    // Room on the disk first: a mapped page that finds none kills the process.
    if (failed == 0 && small && writer) {
      failed = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
    }
    std::shared_ptr<void> memory;
    if (failed == 0 && (!small || writer) && (memory = map(fd, bytes, writer)) == nullptr) {
      failed = errno;
    }
    ::close(fd);
    if (failed != 0) return errno_error(failed, "cannot map '" + path + "'");
    if (memory == nullptr) return std::shared_ptr<Tail>();
    auto* words = static_cast<Tail::Words*>(memory.get());
    return std::make_shared<Tail>(std::move(memory), words, boot_);
  }

 private:
  const std::string boot_;
};

}  // namespace

Tail::Tail(std::shared_ptr<void> owner, Words* words, std::string boot)
    : owner_(std::move(owner)), words_(words), boot_(std::move(boot)) {
  static_assert(offsetof(Words, ends) == kHeadBytes);
  CHECK_LT(boot_.size(), Words::kBootBytes);
}

size_t Tail::bytes_for(uint32_t partitions) { return kHeadBytes + 8 * size_t{partitions}; }

bool Tail::published() const {
  // A machine that does not name its runs has no way to tell old words from new ones.
  return words_->published.load(std::memory_order_acquire) == 1 && !boot_.empty() &&
         std::memcmp(words_->boot, boot_.c_str(), boot_.size() + 1) == 0;
}

uint64_t Tail::end(uint32_t partition) const {
  return words_->ends[partition].load(std::memory_order_acquire);
}

uint32_t Tail::announced() const { return words_->announced.load(std::memory_order_acquire); }

void Tail::wait(uint32_t seen, Duration longest) const {
  const timespec time{longest.us / 1'000'000, longest.us % 1'000'000 * 1000};
  ::syscall(SYS_futex, &words_->announced, FUTEX_WAIT, seen, &time, nullptr, 0);
}

void Tail::publish_all(const std::vector<uint64_t>& ends) {
  words_->published.store(0, std::memory_order_release);
  for (size_t i = 0; i < ends.size(); ++i) {
    words_->ends[i].store(ends[i], std::memory_order_relaxed);
  }
  std::memcpy(words_->boot, boot_.c_str(), boot_.size() + 1);
  words_->published.store(1, std::memory_order_release);
  announce();
}

void Tail::publish(uint32_t partition, uint64_t end) {
  words_->ends[partition].store(end, std::memory_order_release);
}

void Tail::announce() {
  words_->announced.fetch_add(1, std::memory_order_acq_rel);
  rouse();
}

void Tail::rouse() const {
  ::syscall(SYS_futex, &words_->announced, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0);
}

std::unique_ptr<TailStore> make_system_tail_store() { return std::make_unique<SystemTailStore>(); }

Result<std::shared_ptr<Tail>> MemoryTailStore::open(const std::string& folder, uint32_t partitions,
                                                    bool writer) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<void>& memory = memory_[folder];
  if (memory == nullptr && !writer) return std::shared_ptr<Tail>();
  if (memory == nullptr) {
    memory = {::operator new(Tail::bytes_for(partitions)), [](void* p) { ::operator delete(p); }};
    std::memset(memory.get(), 0, Tail::bytes_for(partitions));
  }
  auto* words = static_cast<Tail::Words*>(memory.get());
  return std::make_shared<Tail>(memory, words, "boot-" + std::to_string(boots_));
}

void MemoryTailStore::restart() {
  const std::lock_guard lock(mutex_);
  ++boots_;
}

}  // namespace penstock
