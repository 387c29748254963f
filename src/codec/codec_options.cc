// SPDX-License-Identifier: Apache-2.0
#include "codec/codec_options.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "codec/msgpack.h"

namespace penstock {
namespace {

constexpr size_t kSchemaFileBytesMax = 16 << 20;

Result<std::string> read_schema_file(const std::string& path) {
  const auto failed = [&](const std::string& detail) {
    Error error = stop_error("unreadable-file", "cannot read the schema file " + path);
    error.detail = detail;
    return error;
  };
  const std::unique_ptr<FILE, int (*)(FILE*)> in(std::fopen(path.c_str(), "rbe"), std::fclose);
  if (!in) return failed(std::strerror(errno));
  std::string out;
  char buffer[16 << 10];
  for (size_t got; (got = std::fread(buffer, 1, sizeof buffer, in.get())) > 0;) {
    out.append(buffer, got);
    if (out.size() > kSchemaFileBytesMax) return failed("it is larger than 16 MiB");
  }
  if (std::ferror(in.get())) return failed(std::strerror(errno));
  return out;
}

Result<std::shared_ptr<const AvroSchema>> avro_file(const std::string& path) {
  Result<std::string> text = read_schema_file(path);
  if (!text) return text.error();
  Result<std::shared_ptr<const AvroSchema>> schema = AvroSchema::parse(*text);
  if (!schema) schema.error().message = path + ": " + schema.error().message;
  return schema;
}

CsvOptions csv_options(const CodecOptions& options, CodecUse use) {
  const CsvSettings from = options.csv.value_or(CsvSettings{});
  CsvOptions out;
  const char other = options.format == CodecFormat::kTsv ? '\t' : ',';
  out.delimiter = from.delimiter.empty() ? other : from.delimiter[0];
  out.header =
      from.header.value_or(use == CodecUse::kDecode || payload_records_of(options) > 1);
  out.columns = from.columns;
  out.types = from.types;
  out.other_types = from.other_types;
  out.null_text = from.null_text;
  out.ragged = from.ragged;
  out.trim = from.trim;
  out.lazy_quotes = from.lazy_quotes;
  out.crlf = from.crlf;
  return out;
}

Result<std::shared_ptr<const Codec>> avro_codec(const CodecOptions& options, CodecUse use) {
  const AvroSettings from = options.avro.value_or(AvroSettings{});
  AvroOptions out;
  out.framing = from.framing;
  out.number = from.registry_id;
  out.compression = from.compression;
  out.drop_unknown = from.unknown == UnknownMembers::kDrop;
  if (!from.schema.empty() || !from.schema_file.empty()) {
    Result<std::shared_ptr<const AvroSchema>> schema =
        from.schema.empty() ? avro_file(from.schema_file) : AvroSchema::parse(from.schema);
    if (!schema) return schema.error();
    out.schema = *schema;
  } else if (use == CodecUse::kEncode) {
    return stop_error("bad-schema", "Avro is written with a schema, but none is given",
                      "give avro.schema or avro.schema_file");
  }
  for (const std::string& text : from.writer_schemas) {
    Result<std::shared_ptr<const AvroSchema>> schema = AvroSchema::parse(text);
    if (!schema) return schema.error();
    out.writers.push_back(*schema);
  }
  for (const std::string& path : from.writer_schema_files) {
    Result<std::shared_ptr<const AvroSchema>> schema = avro_file(path);
    if (!schema) return schema.error();
    out.writers.push_back(*schema);
  }
  for (const auto& [number, path] : from.registry_files) {
    char* end = nullptr;
    const unsigned long long id = std::strtoull(number.c_str(), &end, 10);
    if (number.empty() || *end != '\0' || id > UINT32_MAX) {
      return stop_error("bad-schema", "the key " + number + " of registry_files is no number");
    }
    Result<std::shared_ptr<const AvroSchema>> schema = avro_file(path);
    if (!schema) return schema.error();
    out.numbered[static_cast<uint32_t>(id)] = *schema;
  }
  return make_avro_codec(std::move(out), limits_of(options));
}

Result<std::shared_ptr<const Codec>> protobuf_codec(const CodecOptions& options) {
  const ProtobufSettings from = options.protobuf.value_or(ProtobufSettings{});
  Result<std::string> bytes = read_schema_file(from.descriptor_set);
  if (!bytes) return bytes.error();
  Result<std::shared_ptr<const ProtoSchema>> schema = ProtoSchema::parse(*bytes);
  if (!schema) {
    schema.error().message = from.descriptor_set + ": " + schema.error().message;
    return schema.error();
  }
  ProtobufOptions out;
  out.schema = *schema;
  out.message = out.schema->find(from.message);
  if (out.message == nullptr) {
    std::string names;
    for (const std::string& name : out.schema->names()) {
      if (names.size() > 200) break;
      names += (names.empty() ? "" : ", ") + name;
    }
    return stop_error("bad-schema",
                      from.descriptor_set + " has no message " + from.message,
                      "it has " + names);
  }
  out.framing = from.framing;
  out.proto_names = from.proto_names;
  out.int64_text = from.int64_text;
  out.defaults = from.defaults;
  out.enum_numbers = from.enum_numbers;
  out.drop_unknown = from.unknown == UnknownMembers::kDrop;
  return make_protobuf_codec(std::move(out), limits_of(options));
}

}  // namespace

const char* to_string(CodecFormat format) {
  static constexpr const char* kNames[] = {"json",    "csv",         "tsv",  "logfmt",
                                           "msgpack", "cloudevents", "avro", "protobuf"};
  return kNames[static_cast<size_t>(format)];
}

CodecLimits limits_of(const CodecOptions& options) {
  CodecLimits limits;
  limits.depth_max = options.limits.depth_max;
  limits.values_max = options.limits.values_max;
  limits.records_max = options.limits.records_max;
  limits.payload_bytes_max = options.limits.payload_max.bytes;
  limits.block_bytes_max = options.limits.block_max.bytes;
  return limits;
}

uint32_t payload_records_of(const CodecOptions& options) {
  if (options.payload_records) return *options.payload_records;
  const bool container =
      options.format == CodecFormat::kAvro &&
      options.avro.value_or(AvroSettings{}).framing == AvroFraming::kContainer;
  const bool array = options.json && options.json->framing == JsonFraming::kArray;
  const bool batch = options.cloudevents && options.cloudevents->mode == EventMode::kBatch;
  return container || array || batch ? 1024 : 1;
}

Result<std::shared_ptr<const Codec>> make_codec(const CodecOptions& options, CodecUse use) {
  const CodecLimits limits = limits_of(options);
  switch (options.format) {
    case CodecFormat::kJson: return make_json_codec(options.json.value_or(JsonOptions{}));
    case CodecFormat::kCsv:
    case CodecFormat::kTsv: return make_csv_codec(csv_options(options, use), limits);
    case CodecFormat::kLogfmt:
      return make_logfmt_codec(options.logfmt.value_or(LogfmtOptions{}), limits);
    case CodecFormat::kMsgpack: return make_msgpack_codec(limits);
    case CodecFormat::kCloudEvents:
      return make_cloud_events_codec(options.cloudevents.value_or(CloudEventsOptions{}));
    case CodecFormat::kAvro: return avro_codec(options, use);
    case CodecFormat::kProtobuf: return protobuf_codec(options);
  }
  return stop_error("bad-schema", "no such format");
}

}  // namespace penstock
