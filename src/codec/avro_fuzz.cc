// SPDX-License-Identifier: Apache-2.0
// Any bytes may be read as an Avro schema, as a container, as a single object, and as values of
// schemas; what comes is written and read again.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "codec/avro.h"
#include "codec/test_codec.h"

namespace {

using namespace penstock;

constexpr const char* kSchema = R"({"type":"record","name":"r","fields":[
  {"name":"i","type":"int"},{"name":"l","type":"long"},{"name":"f","type":"float"},
  {"name":"d","type":"double"},{"name":"b","type":"boolean"},{"name":"s","type":"string"},
  {"name":"y","type":"bytes"},{"name":"x","type":{"type":"fixed","name":"x","size":3}},
  {"name":"e","type":{"type":"enum","name":"e","symbols":["A","B"]}},
  {"name":"a","type":{"type":"array","items":["null","r","string"]}},
  {"name":"m","type":{"type":"map","values":"long"}},
  {"name":"t","type":{"type":"long","logicalType":"timestamp-micros"}},
  {"name":"c","type":{"type":"bytes","logicalType":"decimal","precision":20,"scale":4}}]})";
constexpr const char* kReader = R"({"type":"record","name":"r","fields":[
  {"name":"l","type":"double"},{"name":"s","type":"bytes"},{"name":"n","type":["int","null"],
  "default":7},{"name":"a","type":{"type":"array","items":["r","null","string"]}},
  {"name":"t","type":["null","long"]}]})";

/// What stands in front of a value of the schema in single-object encoding.
std::string single_head(const AvroSchema& schema) {
  std::string head = "\xc3\x01";
  for (int i = 0; i < 8; ++i) head += static_cast<char>(schema.fingerprint() >> (8 * i) & 0xff);
  return head;
}

int framed(const AvroOptions& options, std::string head, std::string_view bytes,
           const CodecLimits& limits) {
  exercise(**make_avro_codec(options, limits), head.append(bytes));
  return 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static const auto writer = *AvroSchema::parse(kSchema);
  static const auto reader = *AvroSchema::parse(kReader);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  CodecLimits limits;
  limits.values_max = 10'000;
  limits.records_max = 10'000;
  limits.block_bytes_max = 1 << 20;
  AvroOptions options;
  options.framing = AvroFraming::kRaw;
  options.schema = writer;
  if (data[0] == 'c') {
    options.framing = AvroFraming::kContainer;
    if (size % 2 == 0) options.schema = reader;
  } else if (data[0] == 'o' || data[0] == 'O') {
    options.framing = AvroFraming::kSingle;
    if (data[0] == 'o') return framed(options, single_head(*writer), bytes, limits);
  } else if (data[0] == 'n') {
    options.framing = AvroFraming::kRegistry;
    options.numbered[7] = writer;
    options.number = 7;
    return framed(options, std::string("\0\0\0\0\7", 5), bytes, limits);
  } else if (data[0] == 's') {
    auto schema = AvroSchema::parse(bytes);
    if (!schema) return 0;
    auto again = AvroSchema::parse((*schema)->canonical());
    CHECK(again.has_value());
    CHECK_EQ((*again)->canonical(), (*schema)->canonical());
    options.schema = *schema;
  } else if (data[0] == 'r') {
    options.schema = reader;
    options.writers = {writer};
    auto codec = make_avro_codec(options, limits);
    const auto decoder = (*codec)->make_decoder();
    ValueArena arena(8 << 20);
    Value value;
    if (decoder->begin(bytes, {})) (void)decoder->next(arena, value).has_value();
    return 0;
  }
  auto codec = make_avro_codec(options, limits);
  if (codec) exercise(**codec, bytes);
  return 0;
}
