// SPDX-License-Identifier: Apache-2.0
// Ceiling: count words of a file into a file, by hand, one thread. Two variants: what most people
// would write, and what a patient one would.
//   word_count map|table INPUT OUTPUT
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ceiling/measure.h"

namespace {

bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Calls f(line, bytes) for blocks of whole lines.
template <class F>
uint64_t for_each_block(const char* path, F&& f) {
  const int fd = open(path, O_RDONLY);
  if (fd < 0) std::perror(path), std::exit(1);
  std::vector<char> buffer(1 << 20);
  size_t kept = 0;
  uint64_t total = 0;
  for (ssize_t n; (n = read(fd, buffer.data() + kept, buffer.size() - kept)) > 0;) {
    total += static_cast<uint64_t>(n);
    const size_t size = kept + static_cast<size_t>(n);
    size_t end = size;
    while (end > 0 && !blank(buffer[end - 1])) --end;
    f(buffer.data(), end);
    kept = size - end;
    std::memmove(buffer.data(), buffer.data() + end, kept);
  }
  f(buffer.data(), kept);
  close(fd);
  return total;
}

/// FNV-1a while scanning, open addressing over keys in one growing block.
class Table {
 public:
  void add(const char* text, uint32_t size, uint64_t hash) {
    for (size_t at = hash & mask_;; at = (at + 1) & mask_) {
      Slot& slot = slots_[at];
      if (slot.hash == hash && slot.size == size && std::memcmp(slot.text, text, size) == 0) {
        ++slot.count;
        return;
      }
      if (slot.text == nullptr) {
        if (room_ < size) next_ = new char[room_ = 1 << 20];
        slot = {hash, static_cast<char*>(std::memcpy(next_, text, size)), 1, size};
        next_ += size;
        room_ -= size;
        if (++used_ * 2 > mask_) grow();
        return;
      }
    }
  }
  template <class F>
  void for_each(F&& f) const {
    for (const Slot& slot : slots_) {
      if (slot.text != nullptr) f(std::string_view(slot.text, slot.size), slot.count);
    }
  }

 private:
  struct Slot {
    uint64_t hash = 0;
    const char* text = nullptr;
    uint64_t count = 0;
    uint32_t size = 0;
  };
  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (slot.text == nullptr) continue;
      size_t at = slot.hash & mask_;
      while (slots_[at].text != nullptr) at = (at + 1) & mask_;
      slots_[at] = slot;
    }
  }
  std::vector<Slot> slots_ = std::vector<Slot>(1 << 12);
  size_t mask_ = (1 << 12) - 1, used_ = 0, room_ = 0;
  char* next_ = nullptr;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fputs("usage: word_count map|table INPUT OUTPUT\n", stderr), 2;
  const bool by_map = std::string_view(argv[1]) == "map";
  Measure measure;
  std::unordered_map<std::string, uint64_t> map;
  Table table;
  uint64_t words = 0;
  const uint64_t bytes = for_each_block(argv[2], [&](const char* text, size_t size) {
    std::string key;
    for (size_t at = 0; at < size;) {
      if (blank(text[at])) {
        ++at;
        continue;
      }
      const size_t start = at;
      uint64_t hash = 0xcbf29ce484222325;
      for (; at < size && !blank(text[at]); ++at) {
        if (!by_map) hash = (hash ^ static_cast<unsigned char>(text[at])) * 0x100000001b3;
      }
      ++words;
      if (by_map) ++map[key.assign(text + start, at - start)];
      else table.add(text + start, static_cast<uint32_t>(at - start), hash ^ hash >> 32);
    }
  });
  std::string out;
  const auto line = [&](std::string_view key, uint64_t count) {
    out.append(key).append(1, '\t').append(std::to_string(count)).append(1, '\n');
  };
  for (const auto& [key, count] : map) line(key, count);
  table.for_each(line);
  const int fd = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || write(fd, out.data(), out.size()) != static_cast<ssize_t>(out.size())) {
    return std::perror(argv[3]), 1;
  }
  close(fd);
  measure.print(by_map ? "word_count_map" : "word_count_table", words, bytes, out.size());
}
