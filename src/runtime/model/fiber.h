// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <setjmp.h>
#include <ucontext.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "base/check.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// swapcontext() makes two system calls each time; sanitizers follow nothing else.
#define PENSTOCK_FIBER_JUMPS 1
#endif

namespace penstock::model {

/// A stack that control can be handed to and taken from, on one thread. For the model checker: the
/// "threads" of a scenario are fibers, so that a switch costs less than a microsecond and happens
/// only where the checker says so.
///
/// A fiber runs one body after the other: start() gives it the next one. Its body must have
/// returned before it is destroyed.
class Fiber {
 public:
  static constexpr size_t kStackBytes = 256 << 10;
  Fiber() : stack_(std::make_unique<char[]>(kStackBytes)) {
    CHECK_EQ(getcontext(&context_), 0);
    context_.uc_stack.ss_sp = stack_.get();
    context_.uc_stack.ss_size = kStackBytes;
    context_.uc_link = nullptr;
    const auto address = reinterpret_cast<uintptr_t>(this);
    makecontext(&context_, reinterpret_cast<void (*)()>(&Fiber::enter), 2,
                static_cast<unsigned>(address), static_cast<unsigned>(address >> 32));
#if defined(__SANITIZE_THREAD__)
    tsan_ = __tsan_create_fiber(0);
#endif
  }
  ~Fiber() {
    CHECK(!busy_);
#if defined(__SANITIZE_THREAD__)
    __tsan_destroy_fiber(tsan_);
#endif
  }
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// What the next resume() runs. REQUIRES: the body before it has returned.
  void start(std::function<void()> body) {
    CHECK(!busy_);
    body_ = std::move(body);
    busy_ = true;
  }
  bool busy() const { return busy_; }
  /// From the thread's own stack: runs the fiber until it suspends itself or its body returns.
  void resume() {
#if defined(PENSTOCK_FIBER_JUMPS)
    if (_setjmp(thread_jump_) != 0) return;
    if (entered_) _longjmp(jump_, 1);
    entered_ = true;
    setcontext(&context_);
#else
    resume_context();
#endif
  }
  /// From the fiber: back to who resumed it.
  void suspend() {
#if defined(PENSTOCK_FIBER_JUMPS)
    if (_setjmp(jump_) == 0) _longjmp(thread_jump_, 1);
#else
    suspend_context();
#endif
  }

 private:
  void resume_context() {
#if defined(__SANITIZE_THREAD__)
    thread_tsan_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(tsan_, 0);
#endif
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, stack_.get(), kStackBytes);
#endif
    swapcontext(&thread_, &context_);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
  }
  void suspend_context() {
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(thread_tsan_, 0);
#endif
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, thread_bottom_, thread_bytes_);
#endif
    swapcontext(&context_, &thread_);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, &thread_bottom_, &thread_bytes_);
#endif
  }

  static void enter(unsigned low, unsigned high) {
    reinterpret_cast<Fiber*>(uintptr_t{low} | uintptr_t{high} << 32)->loop();
  }
  void loop() {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &thread_bottom_, &thread_bytes_);
#endif
    while (true) {
      body_();
      body_ = nullptr;
      busy_ = false;
      suspend();
    }
  }

  std::unique_ptr<char[]> stack_;
  ucontext_t context_{};
  ucontext_t thread_{};
  std::function<void()> body_;
  bool busy_ = false;
#if defined(PENSTOCK_FIBER_JUMPS)
  bool entered_ = false;
  jmp_buf jump_, thread_jump_;
#endif
#if defined(__SANITIZE_THREAD__)
  void* tsan_ = nullptr;
  void* thread_tsan_ = nullptr;
#endif
#if defined(__SANITIZE_ADDRESS__)
  const void* thread_bottom_ = nullptr;
  size_t thread_bytes_ = 0;
#endif
};

}  // namespace penstock::model
