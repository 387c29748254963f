// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "connectors/nats/nats_intake.h"
#include "connectors/nats/nats_uplink.h"
#include "sdk/source.h"

namespace penstock {

struct NatsSourceOptions : NatsAccess {
  std::vector<std::string> subjects;
  std::string queue_group;
  std::string key_header = "Penstock-Key";
  std::string subject_header = "Penstock-Subject";
  ByteSize waiting_bytes_max = mebibytes(64);
};

const Schema<NatsSourceOptions>& nats_source_options();

/// Reads what is published while it listens. Nothing is kept for it elsewhere: what comes while it
/// is away, or while too much waits, is lost; the latter is counted and said.
class NatsSource final : public Source, private NatsUplink::User {
 public:
  explicit NatsSource(std::shared_ptr<const NatsSourceOptions> options)
      : options_(std::move(options)) {}
  ~NatsSource() override;
  Result<void> open(const TaskContext& context, const Positions& restored) override;
  Result<Pull> pull(SourceOutput& out) override;
  Positions positions() override;
  void stop() override;
  void close() override { stop(); }

 private:
  Result<void> serve(NatsSession& session) override;
  void gave_up(Error error) override;
  Result<void> listen(NatsSession& session);
  void take_in(const NatsMessage& message);
  void tell_dropped();

  const std::shared_ptr<const NatsSourceOptions> options_;
  TaskContext context_;
  bool note_subject_ = false;
  std::unique_ptr<NatsIntake> intake_;
  std::atomic<uint64_t> dropped_{0};
  uint64_t told_ = 0;     // of dropped_: the link's thread
  uint64_t emitted_ = 0;  // the task
  bool listening_ = false;  // the first session has its subscriptions
  std::mutex mutex_;
  std::optional<Error> failed_;  // guarded by mutex_
  std::unique_ptr<NatsUplink> link_;  // last: its thread uses what stands above
};

}  // namespace penstock
