// SPDX-License-Identifier: Apache-2.0
// Codecs over one record of an order (8 members, about 200 bytes of JSON): payload → value, value →
// JSON beside it (what the stage decode does), and value → payload.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "codec/avro.h"
#include "codec/cloud_events.h"
#include "codec/csv.h"
#include "codec/json_codec.h"
#include "codec/logfmt.h"
#include "codec/msgpack.h"
#include "codec/protobuf.h"
#include "codec/test_codec.h"
#include "codec/test_proto_schema.h"
#include "value/write_json.h"

namespace penstock {
namespace {

constexpr size_t kContainerRecords = 1000;

constexpr const char* kOrder =
    R"({"anInt64":1234567890123,"anInt32":17,"aDouble":99.95,"aBool":true,)"
    R"("aString":"a customer of some name","aUint32":4000000000,"pickText":"express delivery",)"
    R"("words":["alpha","beta","gamma"]})";
constexpr const char* kFlatOrder =
    R"({"anInt64":1234567890123,"anInt32":17,"aDouble":99.95,"aBool":true,)"
    R"("aString":"a customer of some name","aUint32":4000000000,"pickText":"express delivery"})";
constexpr const char* kEvent =
    R"({"specversion":"1.0","id":"7","source":"/shop","type":"order","time":)"
    R"("2024-05-01T10:00:00Z","datacontenttype":"application/json",)"
    R"("data":{"anInt64":1234567890123,"anInt32":17,"aDouble":99.95,)"
    R"("aString":"a customer of some name"}})";
constexpr const char* kSchema = R"({"type":"record","name":"Order","fields":[
  {"name":"anInt64","type":"long"},{"name":"anInt32","type":"int"},
  {"name":"aDouble","type":"double"},{"name":"aBool","type":"boolean"},
  {"name":"aString","type":"string"},{"name":"aUint32","type":"long"},
  {"name":"pickText","type":["null","string"]},
  {"name":"words","type":{"type":"array","items":"string"}}]})";

/// `records` values in one payload; a second payload would be the same.
void decode(benchmark::State& state, const std::shared_ptr<const Codec>& codec, const char* json,
            size_t records, bool to_json) {
  const std::string payload = encoded(*codec, std::vector<std::string>(records, json));
  const auto decoder = codec->make_decoder();
  ValueArena arena;
  std::string text;
  uint64_t count = 0;
  for (auto _ : state) {
    if (!decoder->begin(payload, {})) std::abort();
    for (Value value;;) {
      Result<bool> more = decoder->next(arena, value);
      if (!more) std::abort();
      if (!*more) break;
      if (to_json) {
        text.clear();
        if (!write_json(value, text)) std::abort();
        benchmark::DoNotOptimize(text.data());
      }
      benchmark::DoNotOptimize(value);
      arena.reset();
      ++count;
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(count));
  state.SetBytesProcessed(static_cast<int64_t>(count / records * payload.size()));
}

void encode(benchmark::State& state, const std::shared_ptr<const Codec>& codec, const char* json,
            size_t records) {
  ValueArena values, arena;
  const std::vector<Value> all(records, test_value(json, values));
  const auto encoder = codec->make_encoder();
  EncodedPayload out;
  size_t failed = 0;
  for (auto _ : state) {
    out.clear();
    if (!encoder->encode(all, arena, out, failed)) std::abort();
    benchmark::DoNotOptimize(out.payload.data());
    arena.reset();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * records));
}

std::shared_ptr<const Codec> avro(AvroFraming framing, BlockCompression compression) {
  AvroOptions options;
  options.framing = framing;
  options.schema = *AvroSchema::parse(kSchema);
  options.compression = compression;
  return *make_avro_codec(options, CodecLimits{});
}

std::shared_ptr<const Codec> protobuf() {
  ProtobufOptions options;
  options.schema = *ProtoSchema::parse(test_descriptor_set());
  options.message = options.schema->find("test.All");
  return make_protobuf_codec(options, CodecLimits{});
}

void add(const std::string& name, const std::shared_ptr<const Codec>& codec, const char* json,
         size_t records = 1) {
  using benchmark::RegisterBenchmark;
  for (const bool to_json : {false, true}) {
    RegisterBenchmark((name + (to_json ? "/decode_to_json" : "/decode")).c_str(),
                      [=](benchmark::State& s) { decode(s, codec, json, records, to_json); });
  }
  RegisterBenchmark((name + "/encode").c_str(),
                    [=](benchmark::State& s) { encode(s, codec, json, records); });
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  using namespace penstock;
  const CodecLimits limits;
  CsvOptions csv;
  csv.columns = {"anInt64", "anInt32", "aDouble", "aBool", "aString", "aUint32", "pickText"};
  csv.header = false;
  add("json", make_json_codec({}), kOrder);
  add("csv", make_csv_codec(csv, limits), kFlatOrder);
  csv.other_types = TextType::kInfer;
  add("csv_infer", make_csv_codec(csv, limits), kFlatOrder);
  add("logfmt", make_logfmt_codec({}, limits), kFlatOrder);
  add("msgpack", make_msgpack_codec(limits), kOrder);
  add("cloudevents", make_cloud_events_codec({}), kEvent);
  add("avro_raw", avro(AvroFraming::kRaw, BlockCompression::kNone), kOrder);
  add("avro_container", avro(AvroFraming::kContainer, BlockCompression::kNone), kOrder,
      kContainerRecords);
  add("avro_zstandard", avro(AvroFraming::kContainer, BlockCompression::kZstandard), kOrder,
      kContainerRecords);
  add("protobuf", protobuf(), kOrder);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
