// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "base/error.h"
#include "record/batch.h"

namespace penstock {

/// The port that a stage's plain `output` is.
inline constexpr uint32_t kDefaultPort = 0;

/// Where an instance puts what it makes. Called on the task's thread only, inside a call from the
/// engine. Emitting never blocks and always succeeds; the engine calls an instance only while there
/// is room, so one call should emit no more than a few batches (a source: about one).
class Output {
 public:
  virtual ~Output() = default;
  /// `batch.epoch()` must be the minimum over the inputs it was made from; a batch that keeps
  /// kNoEpoch is given the epoch of the current input. Empty batches are dropped.
  virtual void emit(Batch batch, uint32_t port = kDefaultPort) = 0;
  /// The record cannot be processed: to the dead letters with this error, or, without a
  /// dead-letter queue, the pipeline stops. `epoch` is that of its batch.
  virtual void reject(const Record& record, Epoch epoch, const Error& error) = 0;
  /// Records that shall be tried again later; the engine parks them (in order, their keys'
  /// successors behind them) and hands them in again after the back-off of the stage's `retry:`.
  virtual void retry(Batch batch, const Error& error) = 0;
  /// The same for records that were not tried, because one ahead of them has to be tried again:
  /// no attempt of theirs is counted.
  virtual void retry_untried(Batch batch, const Error& error) { retry(std::move(batch), error); }
  /// A failure that concerns no single record; the engine reacts by its Reaction.
  virtual void fail(Error error) = 0;
};

}  // namespace penstock
