// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "codec/codec.h"

namespace penstock {

/// CloudEvents 1.0: how an event lies in a record.
enum class EventMode : uint8_t {
  kAuto,        ///< decoding: by content-type, ce-* headers, and the shape of the JSON
  kStructured,  ///< the event as JSON
  kBatch,       ///< a JSON array of events
  kBinary,      ///< the data as payload, the attributes as headers
};

struct CloudEventsOptions {
  EventMode mode = EventMode::kAuto;  ///< encoding: kAuto is kStructured
  /// Before the names of attributes in headers: "ce-" (HTTP) or "ce_" (Kafka). Encoding only;
  /// decoding knows both. With "ce-", values are percent-encoded as the HTTP binding has it.
  std::string header_prefix = "ce-";
  /// Encoding a value that is no event (has no specversion): it becomes the data of one with these
  /// attributes, and with the hash of the data as id, so that a repeated record keeps its id.
  /// Empty = such a value cannot be encoded.
  std::string source;
  std::string type;
};

/// An event is a map of its attributes, with `data` (any value) or `data_base64`. Required
/// attributes, their syntax and the names of extensions are checked in both directions.
std::shared_ptr<const Codec> make_cloud_events_codec(CloudEventsOptions options);

/// What is wrong with an event; "" if nothing.
std::string cloud_event_fault(const Value& event);
/// application/json, text/json, or a type that ends in +json, parameters ignored.
bool is_json_type(std::string_view content_type);

}  // namespace penstock
