// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <vector>

#include "codec/avro_schema.h"
#include "codec/block_compression.h"
#include "codec/codec.h"

namespace penstock {

enum class AvroFraming : uint8_t {
  kContainer,  ///< an object container file: schema, then blocks of values
  kSingle,     ///< single-object encoding: C3 01, fingerprint of the schema, value
  kRegistry,   ///< Confluent's wire format: 00, number of the schema (u32, big-endian), value
  kRaw,        ///< the value alone
};

struct AvroOptions {
  AvroFraming framing = AvroFraming::kContainer;
  /// What is read into and written with. Decoding containers needs none: then it is the writer's.
  std::shared_ptr<const AvroSchema> schema;
  /// kSingle: schemas that payloads may have been written with, beside `schema`.
  /// kRaw: the one that they were written with, if it is another than `schema`.
  std::vector<std::shared_ptr<const AvroSchema>> writers;
  /// kRegistry: schemas by number.
  std::map<uint32_t, std::shared_ptr<const AvroSchema>> numbered;
  uint32_t number = 0;  ///< kRegistry: of `schema`, for encoding
  BlockCompression compression = BlockCompression::kNone;  ///< kContainer: of what is written
  bool drop_unknown = false;  ///< encoding: members without a field are left out
};

/// Avro 1.11. Error "bad-schema" (stop_pipeline) if schemas do not fit each other, or one is
/// missing.
Result<std::shared_ptr<const Codec>> make_avro_codec(AvroOptions options,
                                                     const CodecLimits& limits);

}  // namespace penstock
