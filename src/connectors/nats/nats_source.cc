// SPDX-License-Identifier: Apache-2.0
#include "connectors/nats/nats_source.h"

#include "record/headers.h"

namespace penstock {
namespace {

constexpr const char* kPartition = "messages";
constexpr Duration kDropReportEvery = seconds(5);
constexpr Duration kGoodbye = seconds(1);

void check_options(const NatsSourceOptions& options, const Position& at,
                   Diagnostics& diagnostics) {
  check_nats_access(options, options.subjects, at, diagnostics);
  for (const std::string& subject : options.subjects) {
    check_nats_subject(subject, true, "subjects", at, diagnostics);
  }
}

}  // namespace

const Schema<NatsSourceOptions>& nats_source_options() {
  using O = NatsSourceOptions;
  static const Schema<O> schema(
      {
          nats_url_field<O>(),
          field("subjects", &O::subjects)
              .required()
              .example("[\"orders.*\"]")
              .about("Subjects to listen to; * stands for one word, a final > for any number."),
          field("queue_group", &O::queue_group)
              .about("Listeners of one group share the messages. With several tasks it is needed: "
                     "each task listens for itself."),
          field("key_header", &O::key_header)
              .about("Header that has the record's key; \"\" = records have none."),
          field("subject_header", &O::subject_header)
              .about("Header in which a message's subject is noted where more than one is listened "
                     "to; \"\" = nowhere."),
          field("waiting_bytes_max", &O::waiting_bytes_max)
              .at_least(kibibytes(64))
              .about("When so much waits for the pipeline, further messages are dropped and "
                     "counted."),
          nats_auth_field<O>(),
          nats_tls_field<O>(),
          nats_connect_timeout_field<O>(),
      },
      check_options);
  return schema;
}

NatsSource::~NatsSource() { stop(); }

Result<void> NatsSource::open(const TaskContext& context, const Positions&) {
  context_ = context;
  if (context.tasks > 1 && options_->queue_group.empty()) {
    return stop_error("option-conflict",
                      "stage '" + context.stage + "' listens with " +
                          std::to_string(context.tasks) + " tasks and no queue_group",
                      "each task would take in every message: set queue_group, or threads: 1");
  }
  note_subject_ = !options_->subject_header.empty() &&
                  (options_->subjects.size() > 1 || has_wildcard(options_->subjects[0]));
  intake_ = std::make_unique<NatsIntake>(*context.pool, context.batch_records_max, context.waker);
  link_ = std::make_unique<NatsUplink>(*options_, context, static_cast<User&>(*this));
  auto session = link_->open();
  if (!session) return session.error();
  PENSTOCK_TRY(listen(**session));
  listening_ = true;
  link_->start();
  return {};
}

Result<void> NatsSource::listen(NatsSession& session) {
  for (const std::string& subject : options_->subjects) {
    PENSTOCK_TRY(session.subscribe(subject, options_->queue_group,
                                   [this](const NatsMessage& message) { take_in(message); }));
  }
  // So that what is published from now on is heard, and a refusal is known.
  PENSTOCK_TRY(session.flush(options_->connect_timeout));
  if (std::optional<Error> trouble = session.trouble()) return *trouble;
  return {};
}

/// On the session's thread.
void NatsSource::take_in(const NatsMessage& message) {
  NatsIntake::Message in;
  in.payload = message.payload();
  if (intake_->bytes() + in.payload.size() > options_->waiting_bytes_max.bytes) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  std::string headers;
  message.append_headers(headers, options_->key_header);
  if (note_subject_) append_header(headers, options_->subject_header, message.subject());
  if (!options_->key_header.empty()) {
    in.key = message.header(options_->key_header.c_str());
    in.has_key = in.key.data() != nullptr;
  }
  in.headers = headers;
  in.event_time_us = context_.clock->wall_us();
  intake_->add(in, false);
}

Result<void> NatsSource::serve(NatsSession& session) {
  if (!std::exchange(listening_, false)) PENSTOCK_TRY(listen(session));
  while (!link_->stopped()) {
    if (std::optional<Error> trouble = session.trouble()) return *trouble;
    tell_dropped();
    link_->wait(kDropReportEvery);
  }
  session.unsubscribe(kGoodbye);
  return {};
}

void NatsSource::tell_dropped() {
  const uint64_t dropped = dropped_.load(std::memory_order_relaxed);
  if (dropped == told_) return;
  context_.log->warn("messages were dropped: more came than the pipeline takes",
                     {{"stage", context_.stage}, {"dropped", std::to_string(dropped - told_)}});
  told_ = dropped;
}

void NatsSource::gave_up(Error error) {
  {
    const std::lock_guard lock(mutex_);
    failed_ = std::move(error);
  }
  context_.waker->wake();
}

Result<Pull> NatsSource::pull(SourceOutput& out) {
  std::optional<NatsIntake::Taken> taken = intake_->take();
  if (!taken) {
    const std::lock_guard lock(mutex_);
    if (failed_) return *failed_;
    return Pull::idle();
  }
  emitted_ += taken->batch.size();
  out.emit(std::move(taken->batch));
  return Pull::more();
}

Positions NatsSource::positions() {
  return {{kPartition + std::to_string(context_.task), {std::to_string(emitted_), false}}};
}

void NatsSource::stop() {
  if (link_ != nullptr) link_->stop_soon();
}

}  // namespace penstock
