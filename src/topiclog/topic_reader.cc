// SPDX-License-Identifier: Apache-2.0
#include "topiclog/topic_reader.h"

#include <algorithm>

#include "topiclog/topics.h"
#include "topiclog/transaction.h"

namespace penstock {

Result<std::unique_ptr<TopicReader>> TopicReader::open(const TopicPlace& place,
                                                       const std::string& folder) {
  std::unique_ptr<TopicReader> reader(new TopicReader(place, folder));
  const Result<TopicSettings> settings = load_topic(*place.disk, folder);
  if (!settings) return settings.error();
  reader->settings_ = *settings;
  for (uint32_t p = 0; p < settings->partitions; ++p) {
    const std::string path = folder + "/" + std::to_string(p);
    reader->partitions_.push_back(std::make_unique<PartitionReader>(place, path));
  }
  return reader;
}

std::shared_ptr<const Tail> TopicReader::tail() {
  if (tail_ == nullptr) {
    if (auto opened = place_.tails->open(folder_, settings_.partitions, false)) tail_ = *opened;
  }
  return tail_ != nullptr && tail_->published() ? tail_ : nullptr;
}

Result<uint64_t> TopicReader::visible(uint32_t p) {
  if (const auto shared = tail()) return shared->end(p);
  if (scanned_.empty()) {
    PENSTOCK_TRY(scan());
    // A writer may have begun meanwhile, and what was seen be not for readers yet.
    if (const auto shared = tail()) return shared->end(p);
  }
  return scanned_[p];
}

/// Nobody has written since the machine started: what is on the disk is all there is.
Result<void> TopicReader::scan() {
  std::vector<uint64_t> ends;
  for (uint32_t p = 0; p < settings_.partitions; ++p) {
    const std::string folder = folder_ + "/" + std::to_string(p);
    const Result<bool> there = place_.disk->exists(folder);
    if (!there) return there.error();
    const Result<uint64_t> end =
        *there ? PartitionReader(place_, folder).scan_end() : Result<uint64_t>(0);
    if (!end) return end.error();
    ends.push_back(*end);
  }
  const auto transaction = load_transaction(*place_.disk, folder_);
  if (!transaction) return transaction.error();
  if (*transaction && (*transaction)->ends.size() == ends.size()) {
    for (size_t p = 0; p < ends.size(); ++p) ends[p] = std::min(ends[p], (*transaction)->ends[p]);
  }
  scanned_ = std::move(ends);
  return {};
}

}  // namespace penstock
