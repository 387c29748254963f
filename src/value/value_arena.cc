// SPDX-License-Identifier: Apache-2.0
#include "value/value_arena.h"

#include <algorithm>

#include "base/check.h"

namespace penstock {

void ValueArena::enter(size_t block) {
  current_ = block;
  start_ = at_ = blocks_[block].memory.get();
  end_ = start_ + blocks_[block].size;
}

void* ValueArena::allocate_more(size_t bytes) {
  if (bytes > limit_ || used() > limit_ - bytes) return nullptr;
  if (at_ != nullptr) used_ += static_cast<size_t>(at_ - start_);
  size_t next = at_ == nullptr ? 0 : current_ + 1;
  while (next < blocks_.size() && blocks_[next].size < bytes) ++next;  // skipped: too small
  if (next == blocks_.size()) {
    const size_t size = std::max(kBlockBytes, bytes);
    blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
  }
  enter(next);
  at_ += bytes;
  return start_;
}

void ValueArena::shrink_last(const void* start, size_t reserved, size_t used) {
  reserved = (reserved + 7) & ~size_t{7};
  used = (used + 7) & ~size_t{7};
  char* from = static_cast<char*>(const_cast<void*>(start));
  if (from != nullptr && from + reserved == at_ && used <= reserved) at_ = from + used;
}

void ValueArena::reset() {
  used_ = 0;
  if (blocks_.empty()) return;
  // Large blocks go: one huge record must not keep its memory for ever.
  std::erase_if(blocks_, [](const Block& b) { return b.size > kBlockBytes; });
  if (blocks_.size() > kBlocksKept) blocks_.resize(kBlocksKept);
  if (blocks_.empty()) {
    start_ = at_ = end_ = nullptr;
    current_ = 0;
  } else {
    enter(0);
  }
}

void ValueArena::rewind(const Mark& mark) {
  if (mark.at == nullptr) {
    used_ = 0;
    if (!blocks_.empty()) enter(0);
    return;
  }
  CHECK_LT(mark.block, blocks_.size());
  enter(mark.block);
  at_ = mark.at;
  used_ = mark.used;
}

Error memory_limit_error(size_t limit_bytes) {
  return reject_error("expression-memory",
                      "the expression needs more than " + std::to_string(limit_bytes >> 20) +
                          " MiB for one batch");
}

}  // namespace penstock
