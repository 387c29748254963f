// SPDX-License-Identifier: Apache-2.0
#include "connectors/nats/nats_sink.h"

namespace penstock {
namespace {

void check_options(const NatsSinkOptions& options, const Position& at, Diagnostics& diagnostics) {
  check_nats_access(options, {options.subject}, at, diagnostics);
  check_nats_subject(options.subject, false, "subject", at, diagnostics);
}

}  // namespace

const Schema<NatsSinkOptions>& nats_sink_options() {
  using O = NatsSinkOptions;
  static const Schema<O> schema(
      {
          nats_url_field<O>(),
          field("subject", &O::subject)
              .required()
              .example("orders.new")
              .about("Where to publish."),
          field("subject_header", &O::subject_header)
              .example(kNatsSubjectHeader)
              .about("Header that has a record's own subject; records without it go to `subject`."),
          field("key_header", &O::key_header)
              .about("Header that takes the record's key; \"\" = keys are not sent."),
          field("headers", &O::headers)
              .example("{X-Team: billing}")
              .about("Further headers of each message."),
          field("patience", &O::patience)
              .range(milliseconds(100), seconds(600))
              .about("A connection that has not taken what was sent by then is given up, and "
                     "another one is made."),
          nats_auth_field<O>(),
          nats_tls_field<O>(),
          nats_connect_timeout_field<O>(),
      },
      check_options);
  return schema;
}

Result<void> NatsSink::open(const TaskContext& context) {
  NatsForm form;
  form.subject = options_->subject;
  form.subject_header = options_->subject_header;
  form.key_header = options_->key_header;
  for (const auto& [name, value] : options_->headers) form.headers.emplace_back(name, value);
  NatsPublisher::Style style;
  style.patience = options_->patience;
  style.unconfirmed_max = UINT32_MAX;
  publisher_ = std::make_unique<NatsPublisher>(*options_, context, std::move(form), style);
  const auto session = publisher_->open();
  if (!session) return session.error();
  publisher_->start();
  return {};
}

}  // namespace penstock
