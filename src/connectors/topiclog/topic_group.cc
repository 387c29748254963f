// SPDX-License-Identifier: Apache-2.0
#include "connectors/topiclog/topic_source.h"

namespace penstock {

Result<void> TopicGroup::open() {
  Result<std::shared_ptr<void>> lock = lock_group(topics_->disk(), folder_, name_);
  if (!lock) return lock.error();
  lock_ = *std::move(lock);
  const Result<GroupOffsets> offsets = load_group(topics_->disk(), folder_, name_);
  if (!offsets) return offsets.error();
  restored_ = noted_ = *offsets;
  return {};
}

bool TopicGroup::note(const GroupOffsets& offsets) {
  const std::lock_guard lock(mutex_);
  for (const auto& [partition, offset] : offsets) {
    uint64_t& known = noted_[partition];
    newer_ = newer_ || known != offset;
    known = offset;
  }
  if (!newer_ || saving_) return false;
  return saving_ = true;
}

Result<void> TopicGroup::save() {
  Result<void> result;
  std::unique_lock lock(mutex_);
  while (std::exchange(newer_, false)) {
    const GroupOffsets offsets = noted_;
    lock.unlock();
    result = save_group(topics_->disk(), folder_, name_, offsets);
    lock.lock();
  }
  saving_ = false;
  return result;
}

Result<std::shared_ptr<TopicGroup>> TopicGroupMeeting::meet(
    const std::shared_ptr<SystemTopics>& topics, const std::string& folder,
    const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (auto group = group_.lock()) return group;
  auto group = std::make_shared<TopicGroup>(topics, folder, name);
  PENSTOCK_TRY(group->open());
  group_ = group;
  return group;
}

}  // namespace penstock
