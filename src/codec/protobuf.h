// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "codec/codec.h"
#include "codec/proto_schema.h"

namespace penstock {

enum class ProtoFraming : uint8_t {
  kMessage,    ///< a payload is one message
  kDelimited,  ///< messages one after another, each behind its length as a varint
};

struct ProtobufOptions {
  std::shared_ptr<const ProtoSchema> schema;
  const ProtoMessage* message = nullptr;  ///< of `schema`
  ProtoFraming framing = ProtoFraming::kMessage;
  bool proto_names = false;   ///< decoding: field_name instead of fieldName
  bool int64_text = false;    ///< decoding: 64-bit integers as text, as proto3's JSON has them
  bool defaults = false;      ///< decoding: fields that were not sent have their default
  bool enum_numbers = false;  ///< decoding: enums as numbers
  bool drop_unknown = false;  ///< encoding: members without a field are left out
};

/// Messages as maps by the rules of proto3's JSON mapping, but 64-bit integers stay integers and
/// bytes are bytes. Timestamps are times, durations "1.5s". Encoding takes both forms of names,
/// enums by name or number, numbers as numbers or text, bytes also as base64. Unknown fields of a
/// message are left out.
std::shared_ptr<const Codec> make_protobuf_codec(ProtobufOptions options,
                                                 const CodecLimits& limits);

}  // namespace penstock
