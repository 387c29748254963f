// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "codec/avro.h"

namespace penstock {

// Object container files: "Obj" 01, a map of metadata (avro.schema, avro.codec), 16 bytes of mark,
// then blocks of: count, bytes, content, the mark again.

/// `options` and `limits` must outlive it.
std::unique_ptr<Decoder> make_avro_container_decoder(const AvroOptions& options,
                                                     const CodecLimits& limits);
/// One container of all values that it is given. The same values make the same bytes: the mark is
/// their hash. REQUIRES: options.schema.
std::unique_ptr<Encoder> make_avro_container_encoder(const AvroOptions& options,
                                                     const CodecLimits& limits);

}  // namespace penstock
