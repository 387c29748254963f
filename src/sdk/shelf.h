// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace penstock {

/// What instances of one region make once and share: one client for several stages. Thread-safe.
class Shelf {
 public:
  /// The T under that name; `make` makes it for the first who asks, and it goes with the last who
  /// holds it. A name stands for one type.
  template <class T>
  Result<std::shared_ptr<T>> get(const std::string& name,
                                 const std::function<Result<std::shared_ptr<T>>()>& make) {
    const std::lock_guard lock(mutex_);
    std::weak_ptr<void>& place = things_[name];
    if (auto found = place.lock()) return std::static_pointer_cast<T>(found);
    Result<std::shared_ptr<T>> made = make();
    if (made) place = *made;
    return made;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<void>> things_;  // guarded by mutex_
};

}  // namespace penstock
