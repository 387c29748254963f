// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "codec/avro.h"
#include "codec/cloud_events.h"
#include "codec/codec.h"
#include "codec/csv.h"
#include "codec/json_codec.h"
#include "codec/logfmt.h"
#include "codec/protobuf.h"
#include "config/schema.h"

namespace penstock {

enum class CodecFormat : uint8_t {
  kJson, kCsv, kTsv, kLogfmt, kMsgpack, kCloudEvents, kAvro, kProtobuf,
};
/// Some defaults are not the same for both.
enum class CodecUse : uint8_t { kDecode, kEncode };
const char* to_string(CodecFormat format);  ///< as in files: "json", "csv", …

/// What to do with members that a schema has no field for.
enum class UnknownMembers : uint8_t { kReject, kDrop };

struct CsvSettings {
  std::string delimiter;  ///< "" = by format
  std::optional<bool> header;  ///< unset: reading true, writing only with several records a payload
  std::vector<std::string> columns;
  std::map<std::string, TextType> types;
  TextType other_types = TextType::kString;
  std::optional<std::string> null_text;
  RaggedRows ragged = RaggedRows::kReject;
  bool trim = false;
  bool lazy_quotes = false;
  bool crlf = false;
};

struct AvroSettings {
  AvroFraming framing = AvroFraming::kContainer;
  std::string schema;       ///< JSON
  std::string schema_file;
  std::vector<std::string> writer_schemas;
  std::vector<std::string> writer_schema_files;
  std::map<std::string, std::string> registry_files;
  uint32_t registry_id = 0;
  BlockCompression compression = BlockCompression::kNone;
  UnknownMembers unknown = UnknownMembers::kReject;
};

struct ProtobufSettings {
  std::string descriptor_set;  ///< a file
  std::string message;
  ProtoFraming framing = ProtoFraming::kMessage;
  bool proto_names = false;
  bool int64_text = false;
  bool defaults = false;
  bool enum_numbers = false;
  UnknownMembers unknown = UnknownMembers::kReject;
};

struct LimitSettings {
  uint32_t depth_max = CodecLimits{}.depth_max;
  uint64_t values_max = CodecLimits{}.values_max;
  uint64_t records_max = CodecLimits{}.records_max;
  ByteSize payload_max{CodecLimits{}.payload_bytes_max};
  ByteSize block_max{CodecLimits{}.block_bytes_max};
};

/// A format and its options, as stages take them. The part of another format than `format` is an
/// error.
struct CodecOptions {
  CodecFormat format = CodecFormat::kJson;
  std::optional<JsonOptions> json;
  std::optional<CsvSettings> csv;
  std::optional<LogfmtOptions> logfmt;
  std::optional<CloudEventsOptions> cloudevents;
  std::optional<AvroSettings> avro;
  std::optional<ProtobufSettings> protobuf;
  std::optional<uint32_t> payload_records;  ///< encoding: most records of one payload
  LimitSettings limits;
};

const Schema<CodecOptions>& codec_schema();
/// For components that read CSV by themselves.
const Schema<CsvSettings>& csv_settings_schema();
/// What is wrong between options, for the check of a schema that has them.
void check_codec(const CodecOptions& options, const Position& at, Diagnostics& diagnostics);

CodecLimits limits_of(const CodecOptions& options);
/// payload_records, or what fits the format: 1, or a batch where a payload is made for many.
uint32_t payload_records_of(const CodecOptions& options);

/// Reads schema files and builds the codec. Blocks for as long as the files take. Errors
/// (stop_pipeline): "bad-schema", "unreadable-file".
Result<std::shared_ptr<const Codec>> make_codec(const CodecOptions& options,
                                                CodecUse use);

}  // namespace penstock
