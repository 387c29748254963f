// SPDX-License-Identifier: Apache-2.0
#include "penstock/bench_ledger.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "base/check.h"

namespace penstock {
namespace {

constexpr std::string_view kHead = "{\"penstock_bench\":\"";
constexpr std::string_view kTask = "\",\"task\":";
constexpr std::string_view kNumber = ",\"n\":";
constexpr std::string_view kAt = ",\"at_ns\":";
constexpr std::string_view kFill = ",\"fill\":\"";
constexpr uint64_t kNumberMax = uint64_t{1} << 36;  // of a task: bounds the list of what came

template <class T>
bool take(std::string_view& text, std::string_view word, T* number) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

}  // namespace

size_t LatencyHistogram::row_of(uint64_t ns) {
  const int width = std::bit_width(ns);
  if (width <= kSubBits + 1) return ns;
  const int shift = width - kSubBits - 1;
  return (static_cast<size_t>(shift) << kSubBits) + (ns >> shift);
}

uint64_t LatencyHistogram::end_of(size_t row) {
  if (row < (size_t{2} << kSubBits)) return row + 1;
  const size_t shift = (row >> kSubBits) - 1;
  return ((row & ((size_t{1} << kSubBits) - 1)) + (size_t{1} << kSubBits) + 1) << shift;
}

void LatencyHistogram::add(int64_t ns) {
  ns = std::max<int64_t>(ns, 0);
  ++rows_[row_of(static_cast<uint64_t>(ns))];
  ++count_;
  max_ = std::max(max_, ns);
}

int64_t LatencyHistogram::percentile(double p) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(p * static_cast<double>(count_)));
  uint64_t below = 0;
  for (size_t row = 0; row < kRows && wanted > 0; ++row) {
    below += rows_[row];
    if (below >= wanted) return std::min(max_, static_cast<int64_t>(end_of(row)));
  }
  return max_;
}

uint64_t LatencyHistogram::between(int64_t from, int64_t to) const {
  uint64_t count = 0;
  for (size_t row = 0; row < kRows; ++row) {
    const auto end = static_cast<int64_t>(end_of(row));
    if (end > from && end <= to) count += rows_[row];
    if (end > to) break;
  }
  return count;
}

void write_load(std::string& to, std::string_view run, const LoadMark& mark, size_t bytes) {
  to.clear();
  to += kHead;
  to += run;
  to += kTask;
  to += std::to_string(mark.task);
  to += kNumber;
  to += std::to_string(mark.number);
  to += kAt;
  to += std::to_string(mark.at_ns);
  const size_t shortest = to.size() + kFill.size() + 2;
  if (bytes > shortest) {
    to += kFill;
    to.append(bytes - shortest, 'x');
    to += '"';
  }
  to += '}';
}

std::optional<LoadMark> read_load(std::string_view payload, std::string_view run) {
  const size_t at = payload.starts_with(kHead) ? 0 : payload.find(kHead);
  if (at == std::string_view::npos) return std::nullopt;
  payload.remove_prefix(at + kHead.size());
  if (!payload.starts_with(run)) return std::nullopt;
  payload.remove_prefix(run.size());
  LoadMark mark;
  const bool whole = take(payload, kTask, &mark.task) && take(payload, kNumber, &mark.number) &&
                     take(payload, kAt, &mark.at_ns);
  return whole ? std::optional(mark) : std::nullopt;
}

BenchLedger::BenchLedger(std::string run, uint32_t tasks, uint64_t keys)
    : run_(std::move(run)), keys_(keys), tasks_(tasks) {
  for (Task& task : tasks_) task.last.resize(std::max<uint64_t>(keys, 1));
}

void BenchLedger::sent(uint32_t task, uint64_t count, uint64_t bytes, int64_t now_ns) {
  CHECK_LT(task, tasks_.size());
  sent_.fetch_add(count, std::memory_order_relaxed);
  sent_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  int64_t none = 0;
  first_sent_ns_.compare_exchange_strong(none, now_ns, std::memory_order_relaxed);
  last_sent_ns_.store(now_ns, std::memory_order_relaxed);
}

void BenchLedger::received(std::string_view payload, int64_t now_ns) {
  const std::optional<LoadMark> mark = read_load(payload, run_);
  const std::lock_guard lock(mutex_);
  if (!mark || mark->task >= tasks_.size() || mark->number >= kNumberMax) {
    ++seen_.foreign;
    return;
  }
  Task& task = tasks_[mark->task];
  const uint64_t word = mark->number / 64, bit = uint64_t{1} << mark->number % 64;
  if (word >= task.bits.size()) task.bits.resize(std::max(word + 1, 2 * task.bits.size()));
  if ((task.bits[word] & bit) != 0) {
    ++seen_.twice;
    return;
  }
  task.bits[word] |= bit;
  uint64_t& last = task.last[keys_ == 0 ? 0 : mark->number % keys_];
  if (mark->number < last) ++seen_.disordered;
  last = std::max(last, mark->number + 1);
  ++seen_.received;
  seen_.bytes += payload.size();
  if (seen_.first_ns == 0) seen_.first_ns = now_ns;
  seen_.last_ns = now_ns;
  if (mark->at_ns >= warm_ns_.load(std::memory_order_relaxed)) {
    seen_.latency.add(now_ns - mark->at_ns);
  }
  received_.store(seen_.received, std::memory_order_relaxed);
}

BenchLedger::Seen BenchLedger::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

}  // namespace penstock
