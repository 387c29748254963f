// SPDX-License-Identifier: Apache-2.0
#include "connectors/jetstream/jetstream_options.h"

namespace penstock {
namespace {

const Schema<JetStreamMake>& make_options() {
  using O = JetStreamMake;
  static const Schema<O> schema({
      field("subjects", &O::subjects)
          .example("[\"orders.>\"]")
          .about("What the stream takes. Default: the subjects of this stage, or, of a source "
                 "without any, the stream's name."),
      field("storage", &O::storage)
          .one_of({{"file", JetStreamStorage::kFile}, {"memory", JetStreamStorage::kMemory}})
          .about("Where the server keeps it."),
      field("retention", &O::retention)
          .one_of({{"limits", JetStreamRetention::kLimits},
                   {"interest", JetStreamRetention::kInterest},
                   {"workqueue", JetStreamRetention::kWorkQueue}})
          .about("limits: until a limit below; interest: until every consumer has acknowledged; "
                 "workqueue: until one has."),
      field("discard", &O::discard)
          .one_of({{"old", JetStreamDiscard::kOld}, {"new", JetStreamDiscard::kNew}})
          .about("When it is full: the oldest go, unread ones too, or new ones are refused and the "
                 "pipeline waits."),
      field("replicas", &O::replicas).range(1, 5).about("Servers of a cluster that have a copy."),
      field("max_age", &O::max_age).about("Older messages go; 0 = none."),
      field("max_bytes", &O::max_bytes).about("Of the whole stream; 0 = no limit."),
      field("max_messages", &O::max_messages).at_least(0).about("0 = no limit."),
      field("max_message_bytes", &O::max_message_bytes)
          .about("A larger message is refused; 0 = as the server."),
      field("duplicate_window", &O::duplicate_window)
          .at_least(milliseconds(100))
          .about("How long the stream knows the ids of messages, and drops what comes again."),
  });
  return schema;
}

void check_source(const JetStreamSourceOptions& options, const Position& at,
                  Diagnostics& diagnostics) {
  check_nats_access(options, options.subjects, at, diagnostics);
  for (const std::string& subject : options.subjects) {
    check_nats_subject(subject, true, "subjects", at, diagnostics);
  }
  check_jetstream_name(options.stream, "stream", at, diagnostics);
  if (!options.consumer.empty()) {
    check_jetstream_name(options.consumer, "consumer", at, diagnostics);
  }
  if (options.poison_after > 0 && options.max_deliver > 0 &&
      options.max_deliver <= options.poison_after) {
    diagnostics.error("option-conflict", at,
                      "max_deliver: the server gives a message up before poison_after is reached",
                      "set max_deliver above poison_after, or leave it out");
  }
  if ((options.start == JetStreamStart::kSequence) != (options.start_sequence > 0)) {
    diagnostics.error("option-conflict", at, "start: sequence and start_sequence go together");
  }
  if ((options.start == JetStreamStart::kTime) != !options.start_time.empty()) {
    diagnostics.error("option-conflict", at, "start: time and start_time go together");
  }
}

void check_sink(const JetStreamSinkOptions& options, const Position& at,
                Diagnostics& diagnostics) {
  check_nats_access(options, {options.subject}, at, diagnostics);
  check_nats_subject(options.subject, false, "subject", at, diagnostics);
  if (!options.stream.empty()) check_jetstream_name(options.stream, "stream", at, diagnostics);
  if (options.create_stream && options.stream.empty()) {
    diagnostics.error("option-conflict", at, "create_stream needs the stream's name",
                      "set stream");
  }
}

}  // namespace

void check_jetstream_name(const std::string& name, const char* option, const Position& at,
                          Diagnostics& diagnostics) {
  const bool good = !name.empty() && name.find_first_of(" \t\r\n.*>/\\") == std::string::npos;
  if (good) return;
  diagnostics.error("bad-stream-name", at, std::string(option) + ": '" + name +
                                               "' cannot be a name in JetStream",
                    "names have no blanks, dots, slashes and wildcards");
}

const Schema<JetStreamSourceOptions>& jetstream_source_options() {
  using O = JetStreamSourceOptions;
  static const Schema<O> schema(
      {
          nats_url_field<O>(),
          field("stream", &O::stream).required().example("ORDERS").about("The stream to read."),
          field("consumer", &O::consumer)
              .about("Name of the durable consumer, with which the server keeps what is "
                     "acknowledged. Pipelines that name the same one share the messages. Default: "
                     "the stage's name."),
          field("subjects", &O::subjects)
              .example("[\"orders.*\"]")
              .about("Read only messages of these subjects. More than one needs a server of 2.10."),
          field("create_consumer", &O::create_consumer)
              .about("Make the consumer, or change it to these options; false: it must be there."),
          field("create_stream", &O::create_stream, make_options())
              .about("Make the stream if it is not there."),
          field("start", &O::start)
              .one_of({{"all", JetStreamStart::kAll},
                       {"new", JetStreamStart::kNew},
                       {"last", JetStreamStart::kLast},
                       {"last_per_subject", JetStreamStart::kLastPerSubject},
                       {"sequence", JetStreamStart::kSequence},
                       {"time", JetStreamStart::kTime}})
              .about("Where a new consumer begins."),
          field("start_sequence", &O::start_sequence).about("With start: sequence."),
          field("start_time", &O::start_time)
              .example("2026-01-31T12:00:00Z")
              .about("With start: time."),
          field("ack_wait", &O::ack_wait)
              .range(milliseconds(500), seconds(24 * 3600))
              .about("The server gives a message again that is not acknowledged by then; after a "
                     "crash, this long passes. What is still on its way is reported at half of "
                     "it."),
          field("max_ack_pending", &O::max_ack_pending)
              .range(2, 1'000'000)
              .about("Messages delivered and not acknowledged, of all that share the consumer. At "
                     "half of it an epoch is closed at once."),
          field("max_deliver", &O::max_deliver)
              .range(-1, 1'000'000)
              .about("Deliveries of a message before the server gives it up; -1 = no end."),
          field("alone", &O::alone)
              .about("true: nobody else reads with this consumer, and this stage with one task. "
                     "What was delivered and not acknowledged before a crash or a lost connection "
                     "is given again at once and first, so that the order of the stream is kept. A "
                     "server that cannot do that is waited for by ack_wait."),
          field("poison_after", &O::poison_after)
              .about("A message delivered more often than this was never done, the pipeline ended "
                     "each time: it is rejected, and ended with the server (term); 0 = never."),
          field("prefetch_records", &O::prefetch_records)
              .range(1, 1'000'000)
              .about("Messages that wait in this process, for each task."),
          field("prefetch_bytes", &O::prefetch_bytes)
              .at_least(kibibytes(64))
              .about("The same in bytes; one message more may come."),
          field("follow", &O::follow)
              .about("false: ends when the consumer has nothing left, delivered or not."),
          field("key_header", &O::key_header)
              .about("Header that has the record's key; \"\" = records have none."),
          field("subject_header", &O::subject_header)
              .about("Header in which a message's subject is noted, unless `subjects` is a single "
                     "one; \"\" = nowhere."),
          nats_auth_field<O>(),
          nats_tls_field<O>(),
          nats_connect_timeout_field<O>(),
      },
      check_source);
  return schema;
}

const Schema<JetStreamSinkOptions>& jetstream_sink_options() {
  using O = JetStreamSinkOptions;
  static const Schema<O> schema(
      {
          nats_url_field<O>(),
          field("subject", &O::subject)
              .required()
              .example("orders.new")
              .about("Where to publish; a stream must take it."),
          field("subject_header", &O::subject_header)
              .example("Penstock-Subject")
              .about("Header that has a record's own subject; records without it go to `subject`."),
          field("stream", &O::stream)
              .example("ORDERS")
              .about("The stream that is expected to take the subject; another one is an error."),
          field("create_stream", &O::create_stream, make_options())
              .about("Make the stream if it is not there."),
          field("message_id", &O::message_id)
              .one_of({{"auto", JetStreamId::kAuto},
                       {"none", JetStreamId::kNone},
                       {"position", JetStreamId::kPosition},
                       {"header", JetStreamId::kHeader},
                       {"key", JetStreamId::kKey}})
              .about("The id by which the stream drops what it has already: the place where the "
                     "record was read (position), one of its headers, or its key. auto: position "
                     "where `plan` can prove that no two records share one, else none."),
          field("message_id_header", &O::message_id_header)
              .about("With message_id: header. Records without it get no id."),
          field("message_id_prefix", &O::message_id_prefix)
              .about("Stands in front of the ids, so that those of several pipelines differ. "
                     "Default: names of the pipeline's stages, with position."),
          field("key_header", &O::key_header)
              .about("Header that takes the record's key; \"\" = keys are not sent."),
          field("headers", &O::headers)
              .example("{X-Team: billing}")
              .about("Further headers of each message."),
          field("unconfirmed_max", &O::unconfirmed_max)
              .range(1, 1'000'000)
              .about("Messages sent and not acknowledged at a time, by all tasks. 1 keeps the "
                     "order even where the stream refuses some for a while; one that 10,000 wait "
                     "for refuses more."),
          field("ack_timeout", &O::ack_timeout)
              .range(milliseconds(100), seconds(600))
              .about("Without any acknowledgement for so long, the connection is given up and what "
                     "was not acknowledged is sent again."),
          nats_auth_field<O>(),
          nats_tls_field<O>(),
          nats_connect_timeout_field<O>(),
      },
      check_sink);
  return schema;
}

}  // namespace penstock
