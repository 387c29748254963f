// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <utility>

#include "record/batch.h"

namespace penstock {

/// "Every epoch there will ever be": what the end of input stands for.
inline constexpr Epoch kFinalEpoch = kNoEpoch - 1;

/// What travels in a lane: batches and, in order among them, control elements.
struct Element {
  enum class Kind : uint8_t { kBatch, kBarrier, kWatermark, kIdle, kChunkStart, kChunkEnd, kEnd };
  Kind kind = Kind::kBatch;
  bool checkpoint = false;  ///< kBarrier
  /// kBarrier: epoch; kWatermark: event time, microseconds; kChunk*: id.
  int64_t value = 0;
  Batch batch;

  static Element of(Batch batch) { return {Kind::kBatch, false, 0, std::move(batch)}; }
  static Element barrier(Epoch epoch, bool checkpoint) {
    return {Kind::kBarrier, checkpoint, static_cast<int64_t>(epoch), {}};
  }
  static Element watermark(int64_t us) { return {Kind::kWatermark, false, us, {}}; }
  static Element idle() { return {Kind::kIdle, false, 0, {}}; }
  static Element chunk(uint64_t id, bool start) {
    return {start ? Kind::kChunkStart : Kind::kChunkEnd, false, static_cast<int64_t>(id), {}};
  }
  static Element end() { return {Kind::kEnd, false, 0, {}}; }
};

}  // namespace penstock
