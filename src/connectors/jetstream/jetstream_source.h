// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "connectors/jetstream/jetstream_options.h"
#include "connectors/jetstream/jetstream_pending.h"
#include "connectors/nats/nats_uplink.h"
#include "sdk/commit_point.h"
#include "sdk/source.h"

namespace penstock {

/// What stands in the reply subject of a message of a consumer.
struct JetStreamMeta {
  uint64_t delivered = 0;   ///< how often, with this one
  uint64_t sequence = 0;    ///< in the stream
  int64_t stored_ns = 0;    ///< when, since 1970
  uint64_t pending = 0;     ///< messages behind it
};
/// Nothing if it is no such subject.
std::optional<JetStreamMeta> read_jetstream_meta(std::string_view reply);

/// Reads a stream through a durable pull consumer. A message is acknowledged when everything that
/// came of it is delivered and committed; the server gives again what was not. Each task has a
/// session and a link of its own; all share the consumer.
class JetStreamSource final : public Source,
                              public KnowsLag,
                              private NatsUplink::User {
 public:
  static constexpr Duration kHeartbeat = seconds(5);
  static constexpr Duration kPullExpires = seconds(30);
  static constexpr Duration kLookEvery = seconds(5);       ///< at the lag
  static constexpr Duration kRipe = milliseconds(2);       ///< that a batch waits for more
  static constexpr Duration kLookAtEndEvery = milliseconds(20);
  static constexpr Duration kLate = seconds(2);            ///< a server may be with what is due
  static constexpr Duration kGoodbye = seconds(3);         ///< for the last acknowledgements

  explicit JetStreamSource(std::shared_ptr<const JetStreamSourceOptions> options)
      : options_(std::move(options)) {}
  ~JetStreamSource() override;
  Result<void> open(const TaskContext& context, const Positions& restored) override;
  Result<Pull> pull(SourceOutput& out) override;
  Positions positions() override;
  void committed(const Positions& positions) override;
  int64_t lag() const override;
  void stop() override;
  void close() override;

 private:
  /// A pull that is open, and what may still come of it.
  struct Asked {
    uint64_t records = 0;
    uint64_t bytes = 0;
  };
  Result<void> serve(NatsSession& session) override;
  void gave_up(Error error) override;
  Result<void> prepare(NatsSession& session);
  Result<void> rewind(NatsSession& session);
  Result<void> turn(NatsSession& session);
  Result<void> pull_more(NatsSession& session);
  Result<void> acknowledge(NatsSession& session);
  Result<void> report_progress(NatsSession& session);
  Result<void> look(NatsSession& session);
  Result<void> give_back(NatsSession& session);
  Result<void> give_back_rest(NatsSession& session);
  void reject_poison(NatsIntake::Taken& taken, SourceOutput& out) const;
  bool is_poison(std::string_view reply) const;
  void take_in(const NatsMessage& message);
  void answered(uint64_t records, uint64_t bytes);
  void take_status(const NatsMessage& message);
  std::string partition() const { return "task " + std::to_string(context_.task); }

  const std::shared_ptr<const JetStreamSourceOptions> options_;
  TaskContext context_;
  std::string consumer_;
  bool note_subject_ = false;
  int64_t ack_wait_ns_ = 0;          // as the consumer has it
  std::unique_ptr<NatsIntake> intake_;
  std::unique_ptr<JetStreamPending> pending_;

  // The task.
  uint64_t emitted_ = 0;
  uint64_t emitted_at_barrier_ = 0;
  bool asked_for_epoch_ = false;

  mutable std::mutex mutex_;
  // All guarded by mutex_.
  std::deque<Asked> asked_;          // the oldest first: they are served by turns, so about right
  uint64_t asked_records_ = 0;       // of all
  int64_t heard_ns_ = 0;             // from the server, in this session
  std::optional<Error> trouble_;     // of the consumer
  std::optional<Error> failed_;
  bool look_now_ = false;
  bool ended_ = false;
  bool stopping_ = false;            // take in nothing more
  bool closing_ = false;
  std::vector<std::string> lost_acks_;  // of messages that are done already
  std::vector<std::string> late_;    // what came after the stop
  uint64_t behind_ = 0;              // messages that the server has for the consumer
  uint64_t arrived_ = 0;             // messages, in all

  // The link's thread.
  std::string inbox_;
  uint64_t pulls_ = 0;
  int64_t progress_ns_ = 0;
  int64_t looked_ns_ = 0;
  int64_t unread_until_ns_ = 0;      // nothing is asked for: what is old has to come first
  bool given_back_ = false;

  std::unique_ptr<NatsUplink> link_;   // last: its thread uses what stands above
};

}  // namespace penstock
