// SPDX-License-Identifier: Apache-2.0
#include "connectors/jetstream/jetstream_sink.h"

#include <algorithm>
#include <charconv>

#include "record/headers.h"

namespace penstock {
namespace {

constexpr const char* kExpectedStream = "Nats-Expected-Stream";
constexpr std::string_view kTakenPrefix = "{\"stream\":";

/// Reads the acknowledgement of a publication.
NatsVerdict verdict_of(const NatsMessage& message) {
  const std::string_view body = message.payload();
  if (body.substr(0, kTakenPrefix.size()) == kTakenPrefix) return {};
  if (body.empty()) {
    const bool nobody = message.header("Status") == "503";
    return {NatsVerdict::Kind::kRefused,
            retry_error("jetstream-busy", nobody ? "no stream takes the subject now"
                                                 : "the stream's answer is empty")};
  }
  auto ack = read_pub_ack(body);
  if (ack) return {};
  Error error = std::move(ack).error();
  switch (error.reaction) {
    case Reaction::kRejectRecord: return {NatsVerdict::Kind::kRejected, std::move(error)};
    case Reaction::kRetryLater: return {NatsVerdict::Kind::kRefused, std::move(error)};
    default: return {NatsVerdict::Kind::kStop, std::move(error)};
  }
}

void append_number(std::string& text, int64_t number) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, 36).ptr;
  text.push_back('.');
  text.append(digits, end);
}

Error no_stream_for(const std::string& subject) {
  return stop_error("jetstream-no-stream", "no stream takes the subject '" + subject + "'",
                    "make one, or let the pipeline do so with stream and create_stream");
}

}  // namespace

/// Whether there is a stream, at the start.
Result<void> JetStreamSink::prepare(NatsSession& session) const {
  JetStreamApi api(session, options_->connect_timeout);
  if (options_->create_stream) {
    JetStreamMake make = *options_->create_stream;
    if (make.subjects.empty()) make.subjects = {options_->subject};
    PENSTOCK_TRY(api.make_stream(options_->stream, make));
  }
  const auto taking = api.stream_of(options_->subject);
  if (!taking) return taking.error();
  if (taking->empty() && !options_->stream.empty()) {
    const auto there = api.stream(options_->stream);
    if (!there) return there.error();
  }
  if (taking->empty()) return no_stream_for(options_->subject);
  if (options_->stream.empty() || options_->stream == *taking) return {};
  return stop_error("jetstream-refused",
                    "the subject '" + options_->subject + "' belongs to the stream '" + *taking +
                        "', not to '" + options_->stream + "'",
                    "check the options subject and stream");
}

NatsForm JetStreamSink::form(const TaskContext& context) const {
  NatsForm form;
  form.subject = options_->subject;
  form.subject_header = options_->subject_header;
  form.key_header = options_->key_header;
  for (const auto& [name, value] : options_->headers) form.headers.emplace_back(name, value);
  if (!options_->stream.empty()) form.headers.emplace_back(kExpectedStream, options_->stream);
  const std::string prefix = options_->message_id_prefix;
  const bool certain = !identities_.empty();
  if (options_->message_id == JetStreamId::kPosition ||
      (options_->message_id == JetStreamId::kAuto && certain)) {
    // The same record may go to several subjects of a stream, by several sinks.
    form.id = [prefix, names = identities_, stage = context.stage](const Record& record,
                                                                          uint32_t source) {
      std::string id = prefix;
      if (id.empty()) {
        id = source < names.size() ? names[source] : std::to_string(source);
        id += "/" + stage;
      }
      append_number(id, record.position);
      append_number(id, record.event_time_us == kNoEventTime ? 0 : record.event_time_us);
      return id;
    };
  } else if (options_->message_id == JetStreamId::kHeader) {
    form.id = [prefix, name = options_->message_id_header](const Record& record, uint32_t) {
      const auto value = find_header(record.headers_view(), name);
      return value ? prefix + std::string(*value) : std::string();
    };
  } else if (options_->message_id == JetStreamId::kKey) {
    form.id = [prefix](const Record& record, uint32_t) {
      return record.has_key() ? prefix + std::string(record.key_view()) : std::string();
    };
  }
  return form;
}

NatsPublisher::Style JetStreamSink::style(uint32_t tasks) const {
  NatsPublisher::Style style;
  style.acknowledged = true;
  style.verdict = verdict_of;
  style.unconfirmed_max = std::max(options_->unconfirmed_max / tasks, 1u);
  style.patience = options_->ack_timeout;
  style.look = [subject = options_->subject](NatsSession& session,
                                             const Error&) -> Result<void> {
    // A server that begins anew needs a while; a stream that is gone is a mistake.
    const auto taking = JetStreamApi(session).stream_of(subject);
    if (taking && taking->empty()) return no_stream_for(subject);
    if (!taking && taking.error().reaction != Reaction::kRetryLater) return taking.error();
    return {};
  };
  return style;
}

Result<void> JetStreamSink::open(const TaskContext& context) {
  publisher_ = std::make_unique<NatsPublisher>(*options_, context, form(context),
                                                style(context.tasks));
  const auto session = publisher_->open();
  if (!session) return session.error();
  Result<void> ready = prepare(**session);
  if (!ready) {
    ready.error().reaction = Reaction::kStopPipeline;
    return ready.error();
  }
  publisher_->start();
  return {};
}

}  // namespace penstock
