// SPDX-License-Identifier: Apache-2.0
#include "connectors/nats/nats_form.h"

#include <algorithm>

#include "record/headers.h"

namespace penstock {
namespace {

constexpr const char* kIdHeader = "Nats-Msg-Id";
/// Headers that begin so are words to and from servers: what was said of a message that was read
/// (the stream that it was expected in, say) is not to be said again of the one that is sent.
constexpr std::string_view kServerWords = "Nats-";
constexpr uint64_t kHeaderLine = 12;  // "NATS/1.0" and two line ends

/// The protocol is made of lines: a line end in a name or value would end the header.
bool sendable(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

bool good_subject(std::string_view subject) {
  if (subject.empty() || subject.front() == '.' || subject.back() == '.') return false;
  if (subject.find("..") != std::string_view::npos) return false;
  return subject.find_first_of(std::string_view(" \t\r\n*>\0", 7)) == std::string_view::npos;
}

}  // namespace

Result<NatsForm::Message> NatsForm::message(const Record& record, uint32_t source) {
  own_headers_.clear();
  Message message;
  message.subject = &subject;
  Result<void> good;
  for_each_header(record.headers_view(), [&](std::string_view name, std::string_view value) {
    if (!subject_header.empty() && name == subject_header) {
      own_subject_ = value;
      message.subject = &own_subject_;
      return;
    }
    if (name == key_header || name.starts_with(kServerWords)) return;  // anew below, or not at all
    if (name.empty() || name.find(':') != std::string_view::npos || !sendable(name) ||
        !sendable(value)) {
      good = reject_error("bad-header", "the header '" + std::string(name.substr(0, 64)) +
                                            "' cannot be sent over NATS",
                          "names have no colon; names and values are one line");
      return;
    }
    own_headers_.emplace_back(name, value);
  });
  if (!good) return good.error();
  if (!good_subject(*message.subject)) {
    return reject_error("bad-subject", "cannot publish to '" + message.subject->substr(0, 100) +
                                           "'",
                        "subjects are words joined by dots, without blanks and wildcards");
  }
  if (record.has_key() && !key_header.empty()) {
    if (!sendable(record.key_view())) {
      return reject_error("bad-header", "a key of several lines cannot be sent over NATS",
                          "set key_header to \"\" to send no keys");
    }
    own_headers_.emplace_back(key_header, record.key_view());
  }
  own_headers_.insert(own_headers_.end(), headers.begin(), headers.end());
  if (id) {
    std::string made = id(record, source);
    if (!made.empty()) own_headers_.emplace_back(kIdHeader, std::move(made));
  }
  message.headers = &own_headers_;
  for (const auto& [name, value] : own_headers_) {
    message.header_bytes += name.size() + value.size() + 4;
  }
  if (!own_headers_.empty()) message.header_bytes += kHeaderLine;
  return message;
}

}  // namespace penstock
