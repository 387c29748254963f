// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "runtime/model/explorer.h"

namespace penstock::model {

/// Stands in for RealSync (runtime/sync.h): every operation is one step of the explorer's search.
/// Memory is sequentially consistent.
struct ModelSync {
  template <class T>
  class Atomic {
   public:
    Atomic() : Atomic(T{}) {}
    Atomic(T value)  // NOLINT: as std::atomic, from a value
        : explorer_(Explorer::active()), cell_(explorer_->add_cell()), value_(value) {
      explorer_->set_cell(cell_, static_cast<uint64_t>(value_));
    }
    Atomic(const Atomic&) = delete;
    Atomic& operator=(const Atomic&) = delete;

    T load() const {
      explorer_->step();
      explorer_->observed("load", cell_, static_cast<uint64_t>(value_));
      return value_;
    }
    void store(T value) {
      explorer_->step();
      explorer_->observed("store", cell_, static_cast<uint64_t>(value));
      set(value);
    }
    T exchange(T value) { return change("exchange", [value](T) { return value; }); }
    T fetch_add(T by) { return change("add", [by](T v) { return static_cast<T>(v + by); }); }
    T fetch_sub(T by) { return change("sub", [by](T v) { return static_cast<T>(v - by); }); }
    bool compare_exchange_strong(T& expected, T desired) {
      explorer_->step();
      explorer_->observed("compare_exchange", cell_, static_cast<uint64_t>(value_));
      if (value_ != expected) {
        expected = value_;
        return false;
      }
      set(desired);
      return true;
    }
    /// The value without a step: for conditions that the explorer evaluates.
    T peek() const { return value_; }

   private:
    template <class F>
    T change(const char* what, F&& f) {
      explorer_->step();
      const T before = value_;
      explorer_->observed(what, cell_, static_cast<uint64_t>(before));
      set(f(before));
      return before;
    }
    void set(T value) {
      value_ = value;
      explorer_->set_cell(cell_, static_cast<uint64_t>(value));
    }

    Explorer* explorer_;
    uint32_t cell_;
    T value_;
  };

  /// What it guards is not seen by the explorer: a scenario must make it part of a place
  /// (Explorer::stands_at) of those who changed it.
  class Mutex {
   public:
    Mutex() : explorer_(Explorer::active()), cell_(explorer_->add_cell()) {}
    void lock() {
      if (!explorer_->wait_until([this] { return !locked_; })) return;
      explorer_->observed("lock", cell_, 0);
      set(true);
    }
    void unlock() {
      explorer_->step();
      explorer_->observed("unlock", cell_, 0);
      set(false);
    }

   private:
    void set(bool locked) {
      locked_ = locked;
      explorer_->set_cell(cell_, locked ? 1 : 0);
    }
    Explorer* explorer_;
    uint32_t cell_;
    bool locked_ = false;
  };
};

}  // namespace penstock::model
