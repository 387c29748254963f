// SPDX-License-Identifier: Apache-2.0
#include "topiclog/chain.h"

#include "topiclog/settings.h"

namespace penstock {
namespace {

/// Whether the first batch says that everything in front of its segment was on the disk.
Result<bool> begins_safe(LogFile& file, uint64_t base) {
  char bytes[kBatchHeadBytes];
  const Result<size_t> got = file.read_at(0, bytes, sizeof bytes);
  if (!got) return got.error();
  const auto head = decode_head({bytes, *got});
  return head && head->base == base && head->durable == base;
}

class ChainWalk {
 public:
  ChainWalk(LogDisk& disk, const std::string& folder, bool keep)
      : disk_(disk), folder_(folder), keep_(keep) {}

  Result<LogChain> run() {
    Result<std::vector<uint64_t>> bases = list_segments(disk_, folder_);
    if (!bases) return bases.error();
    bases_ = *std::move(bases);
    const Result<size_t> unsure = first_unsure();
    if (!unsure) return unsure.error();
    for (size_t i = 0; i < *unsure; ++i) PENSTOCK_TRY(take_safe(i));
    for (size_t i = *unsure; i < bases_.size(); ++i) {
      const Result<bool> goes_on = take_unsure(i);
      if (!goes_on) return goes_on.error();
      if (!*goes_on) break;
    }
    return std::move(chain_);
  }

 private:
  Result<std::unique_ptr<LogFile>> open(uint64_t base) {
    return disk_.open(folder_ + "/" + segment_name(base), LogDisk::Open::kRead);
  }

  /// The newest segment in front of which everything was durable.
  Result<size_t> first_unsure() {
    for (size_t i = bases_.size(); i > 1; --i) {
      const auto file = open(bases_[i - 1]);
      if (!file) return file.error();
      const Result<bool> safe = begins_safe(**file, bases_[i - 1]);
      if (!safe) return safe.error();
      if (*safe) return i - 1;
    }
    return size_t{0};
  }

  Result<void> take_safe(size_t i) {
    const auto file = open(bases_[i]);
    if (!file) return file.error();
    const auto index = load_index(disk_, folder_, bases_[i], **file, keep_);
    if (!index) return index.error();
    if (index->end.offset != bases_[i + 1]) {
      return topic_damaged(folder_ + "/" + segment_name(bases_[i]),
                           "it ends at offset " + std::to_string(index->end.offset) +
                               ", and the next segment begins at " +
                               std::to_string(bases_[i + 1]));
    }
    chain_.links.push_back({bases_[i], index->end});
    return {};
  }

  /// False if the chain ends in this segment.
  Result<bool> take_unsure(size_t i) {
    const auto file = open(bases_[i]);
    if (!file) return file.error();
    SegmentIndex index;
    index.end.offset = bases_[i];
    const auto end =
        walk_segment(**file, bases_[i], 0, true, [&](const BatchHead& head, uint64_t at) {
          note_batch(index, head, at);
          return true;
        });
    if (!end) return end.error();
    chain_.links.push_back({bases_[i], *end});
    chain_.last = std::move(index);
    if (i + 1 < bases_.size() && end->whole() && end->offset == bases_[i + 1]) return true;
    chain_.lost.assign(bases_.begin() + static_cast<ptrdiff_t>(i) + 1, bases_.end());
    Result<bool> safe = was_safe(**file, *end);
    for (size_t j = 0; j < chain_.lost.size() && safe && !*safe; ++j) {
      const auto later = open(chain_.lost[j]);
      if (!later) return later.error();
      const Result<uint64_t> size = (*later)->size();
      if (!size) return size.error();
      SegmentEnd all;
      all.offset = end->offset;
      all.file_bytes = *size;
      safe = was_safe(**later, all);
    }
    if (!safe) return safe.error();
    chain_.was_safe = *safe;
    return false;
  }

  LogDisk& disk_;
  const std::string& folder_;
  const bool keep_;
  std::vector<uint64_t> bases_;
  LogChain chain_;
};

}  // namespace

Result<LogChain> walk_chain(LogDisk& disk, const std::string& folder, bool keep) {
  return ChainWalk(disk, folder, keep).run();
}

}  // namespace penstock
