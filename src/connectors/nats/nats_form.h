// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>

#include "connectors/nats/nats_session.h"
#include "record/record.h"

namespace penstock {

/// Where a record's key travels, since messages have none; under the same name by default on both
/// sides.
inline constexpr const char* kNatsKeyHeader = "Penstock-Key";
/// Where a source that reads more than one subject notes a message's own.
inline constexpr const char* kNatsSubjectHeader = "Penstock-Subject";

/// How records become messages. One thread.
class NatsForm {
 public:
  std::string subject;                  ///< where to; of records without the header below
  std::string subject_header;           ///< names the header that has a record's own subject; or ""
  std::string key_header;               ///< takes the key; or ""
  NatsSession::Headers headers;         ///< of every message
  /// The message's id, for streams that drop what they have already; may be empty.
  std::function<std::string(const Record& record, uint32_t source)> id;

  /// What a message is made of, valid until the next call.
  struct Message {
    const std::string* subject = nullptr;
    const NatsSession::Headers* headers = nullptr;
    uint64_t header_bytes = 0;
  };
  /// Errors (reject_record): "bad-subject" if the record's own cannot be published to.
  Result<Message> message(const Record& record, uint32_t source);

 private:
  std::string own_subject_;
  NatsSession::Headers own_headers_;
};

}  // namespace penstock
