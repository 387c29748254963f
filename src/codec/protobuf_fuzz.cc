// SPDX-License-Identifier: Apache-2.0
// Any bytes may be read as a message, and as a descriptor set; what comes is written and read
// again.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "codec/protobuf.h"
#include "codec/test_codec.h"
#include "codec/test_proto_schema.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  if (size == 0) return 0;
  static const auto schema = *ProtoSchema::parse(test_descriptor_set());
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  CodecLimits limits;
  limits.values_max = 10'000;
  ProtobufOptions options;
  options.schema = schema;
  options.message = schema->find("test.All");
  options.framing = (data[0] & 1) != 0 ? ProtoFraming::kDelimited : ProtoFraming::kMessage;
  options.proto_names = (data[0] & 2) != 0;
  options.int64_text = (data[0] & 4) != 0;
  options.defaults = (data[0] & 8) != 0;
  options.enum_numbers = (data[0] & 16) != 0;
  exercise(*make_protobuf_codec(options, limits), bytes);
  if ((data[0] & 32) != 0) {
    auto other = ProtoSchema::parse(bytes);
    if (!other) return 0;
    options.schema = *other;
    for (const std::string& name : (*other)->names()) {
      options.message = (*other)->find(name);
      exercise(*make_protobuf_codec(options, limits), bytes.substr(0, 100));
    }
  }
  return 0;
}
