// SPDX-License-Identifier: Apache-2.0
// Any bytes may be read as MessagePack; what comes is written and read again.
#include <cstddef>
#include <cstdint>

#include "codec/msgpack.h"
#include "codec/test_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::CodecLimits limits;
  limits.values_max = 10'000;
  penstock::exercise(*penstock::make_msgpack_codec(limits),
                     {reinterpret_cast<const char*>(data), size});
  return 0;
}
