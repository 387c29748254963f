// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "codec/codec.h"

namespace penstock {

/// MessagePack (github.com/msgpack/msgpack, spec of 2017). A payload is one or more values one
/// after another. bin is bytes, the extension −1 is a time, other extensions become
/// {"ext": TYPE, "data": bytes}, and are read back from that. Keys of maps are strings, or integers
/// and bools as their text; the last of equal keys counts. Written in the shortest form.
std::shared_ptr<const Codec> make_msgpack_codec(const CodecLimits& limits);

}  // namespace penstock
