// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "codec/codec.h"

namespace penstock {

/// `limits` must outlive it.
std::unique_ptr<Encoder> make_msgpack_encoder(const CodecLimits& limits);

}  // namespace penstock
