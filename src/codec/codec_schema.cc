// SPDX-License-Identifier: Apache-2.0
// The options of codecs, as files have them.
#include "codec/codec_options.h"

namespace penstock {
namespace {

constexpr std::initializer_list<std::pair<const char*, TextType>> kTextTypes = {
    {"string", TextType::kString}, {"int", TextType::kInt},   {"float", TextType::kFloat},
    {"bool", TextType::kBool},     {"time", TextType::kTime}, {"infer", TextType::kInfer}};
constexpr std::initializer_list<std::pair<const char*, UnknownMembers>> kUnknown = {
    {"reject", UnknownMembers::kReject}, {"drop", UnknownMembers::kDrop}};

const Schema<JsonOptions>& json_schema() {
  using O = JsonOptions;
  static const Schema<O> schema({
      field("framing", &O::framing)
          .one_of({{"document", JsonFraming::kDocument},
                   {"lines", JsonFraming::kLines},
                   {"array", JsonFraming::kArray}})
          .about("How documents lie in a payload: one `document`, one a line (`lines`), or the "
                 "items of one `array`."),
      field("indent", &O::indent).range(0, 16).about(
          "Writing: blanks a level; 0 = all on one line."),
      field("sort_keys", &O::sort_keys).about("Writing: members in the order of their names."),
  });
  return schema;
}

}  // namespace

const Schema<CsvSettings>& csv_settings_schema() {
  using O = CsvSettings;
  static const Schema<O> schema(
      {
          field("delimiter", &O::delimiter)
              .about("One byte between fields. Default: a comma; a tab for tsv.")
              .example("\";\""),
          field("header", &O::header)
              .about("Reading: each payload begins with a row that names the columns; with "
                     "`columns`, rows that repeat those names are left out (default true). "
                     "Writing: the names come first (default: if a payload has several records)."),
          field("columns", &O::columns)
              .about("The names of the columns. Without them and without a header rows are "
                     "arrays."),
          field("types", &O::types).one_of(kTextTypes).about("Reading: types of columns, by name.")
              .example("{amount: float}"),
          field("other_types", &O::other_types)
              .one_of(kTextTypes)
              .about("Reading: the type of all other columns. `infer`: JSON's numbers, true and "
                     "false; everything else, and what is in quotes, is a string."),
          field("null_text", &O::null_text)
              .about("An unquoted field of this text is null, and null is written so.")
              .example("\"\\\\N\""),
          field("ragged", &O::ragged)
              .one_of({{"reject", RaggedRows::kReject}, {"fit", RaggedRows::kFit}})
              .about("Rows with more or fewer fields than columns: `reject` the record, or `fit`: "
                     "missing fields are absent, those too many are left out."),
          field("trim", &O::trim).about("Blanks around unquoted fields are not part of them."),
          field("lazy_quotes", &O::lazy_quotes)
              .about("A quote inside an unquoted field stands for itself."),
          field("crlf", &O::crlf).about("Writing: rows are divided by CR LF instead of LF."),
      },
      [](const O& o, const Position& at, Diagnostics& diagnostics) {
        const bool valid = o.delimiter.size() <= 1 && o.delimiter != "\"" && o.delimiter != "\n" &&
                           o.delimiter != "\r";
        if (valid) return;
        diagnostics.error("bad-delimiter", at, "the delimiter of CSV is one byte, and no quote",
                          "write delimiter: \";\"; a tab is \"\\t\"");
      });
  return schema;
}

namespace {

const Schema<LogfmtOptions>& logfmt_schema() {
  using O = LogfmtOptions;
  static const Schema<O> schema({
      field("types", &O::types)
          .one_of(kTextTypes)
          .about("Reading: the type of values that are not in quotes."),
  });
  return schema;
}

const Schema<CloudEventsOptions>& cloud_events_schema() {
  using O = CloudEventsOptions;
  static const Schema<O> schema({
      field("mode", &O::mode)
          .one_of({{"auto", EventMode::kAuto},
                   {"structured", EventMode::kStructured},
                   {"batch", EventMode::kBatch},
                   {"binary", EventMode::kBinary}})
          .about("`structured`: the event as JSON. `batch`: a JSON array of events. `binary`: the "
                 "data as payload, the attributes as headers. `auto`: reading by content-type and "
                 "ce- headers; writing structured."),
      field("header_prefix", &O::header_prefix)
          .one_of({"ce-", "ce_"})
          .about("Writing binary: before the names of attributes; `ce_` is Kafka's."),
      field("source", &O::source)
          .about("Writing values that are no events: they become the data of one with this source "
                 "and type; its id is the hash of the data, so that a repeated record keeps it.")
          .example("/shop/orders"),
      field("type", &O::type).about("See `source`.").example("com.example.order"),
  });
  return schema;
}

const Schema<AvroSettings>& avro_schema() {
  using O = AvroSettings;
  static const Schema<O> schema({
      field("framing", &O::framing)
          .one_of({{"container", AvroFraming::kContainer},
                   {"single_object", AvroFraming::kSingle},
                   {"registry", AvroFraming::kRegistry},
                   {"raw", AvroFraming::kRaw}})
          .about("`container`: an object container file with its schema. `single_object`: C3 01 "
                 "and the schema's fingerprint before the value. `registry`: 00 and the number of "
                 "the schema, as Confluent's clients write it. `raw`: the value alone."),
      field("schema", &O::schema)
          .about("The schema, as JSON: what is read into, what is written with. Reading containers "
                 "needs none: then it is the writer's."),
      field("schema_file", &O::schema_file).about("The same from a file."),
      field("writer_schemas", &O::writer_schemas)
          .about("Reading single_object: further schemas that payloads may have been written with; "
                 "raw: the one that they were written with."),
      field("writer_schema_files", &O::writer_schema_files).about("The same from files."),
      field("registry_files", &O::registry_files)
          .about("Reading registry: files with schemas, by their numbers.")
          .example("{7: order-v1.avsc}"),
      field("registry_id", &O::registry_id).about("Writing registry: the number of the schema."),
      field("compression", &O::compression)
          .one_of({{"none", BlockCompression::kNone},
                   {"deflate", BlockCompression::kDeflate},
                   {"snappy", BlockCompression::kSnappy},
                   {"zstandard", BlockCompression::kZstandard}})
          .about("Writing containers: how blocks are compressed. All are read."),
      field("unknown", &O::unknown)
          .one_of(kUnknown)
          .about("Writing: members that the schema has no field for: `reject` the record, or "
                 "`drop` them."),
  });
  return schema;
}

const Schema<ProtobufSettings>& protobuf_schema() {
  using O = ProtobufSettings;
  static const Schema<O> schema({
      field("descriptor_set", &O::descriptor_set)
          .required()
          .not_empty()
          .about("A file that `protoc --include_imports --descriptor_set_out` wrote."),
      field("message", &O::message)
          .required()
          .not_empty()
          .about("The full name of the message.")
          .example("shop.v1.Order"),
      field("framing", &O::framing)
          .one_of({{"message", ProtoFraming::kMessage}, {"delimited", ProtoFraming::kDelimited}})
          .about("A payload is one `message`, or many, each behind its length as a varint "
                 "(`delimited`)."),
      field("proto_names", &O::proto_names).about("Reading: field_name instead of fieldName."),
      field("int64_text", &O::int64_text)
          .about("Reading: 64-bit integers as text, as JSON of proto3 has them."),
      field("defaults", &O::defaults)
          .about("Reading: fields that were not sent have their default instead of being absent."),
      field("enum_numbers", &O::enum_numbers).about("Reading: enums as numbers, not names."),
      field("unknown", &O::unknown)
          .one_of(kUnknown)
          .about("Writing: members that the message has no field for: `reject` the record, or "
                 "`drop` them."),
  });
  return schema;
}

const Schema<LimitSettings>& limit_schema() {
  using O = LimitSettings;
  static const Schema<O> schema({
      field("depth_max", &O::depth_max).range(1, 200).about("Arrays and maps inside each other."),
      field("values_max", &O::values_max).at_least(1).about(
          "Scalars, arrays and maps of one record."),
      field("records_max", &O::records_max).at_least(1).about("Records of one payload."),
      field("payload_max", &O::payload_max)
          .range(kibibytes(1), mebibytes(2048))
          .about("Bytes of one payload."),
      field("block_max", &O::block_max)
          .range(kibibytes(1), mebibytes(1024))
          .about("Bytes of one compressed block, inflated."),
  });
  return schema;
}

/// The part of another format would silently do nothing.
void check_parts(const CodecOptions& o, const Position& at, Diagnostics& diagnostics) {
  const bool csv = o.format == CodecFormat::kCsv || o.format == CodecFormat::kTsv;
  const std::pair<const char*, bool> kParts[] = {
      {"json", o.json && o.format != CodecFormat::kJson},
      {"csv", o.csv && !csv},
      {"logfmt", o.logfmt && o.format != CodecFormat::kLogfmt},
      {"cloudevents", o.cloudevents && o.format != CodecFormat::kCloudEvents},
      {"avro", o.avro && o.format != CodecFormat::kAvro},
      {"protobuf", o.protobuf && o.format != CodecFormat::kProtobuf},
  };
  for (const auto& [name, unused] : kParts) {
    if (!unused) continue;
    diagnostics.error("option-conflict", at,
                      std::string(name) + " has no effect with format: " + to_string(o.format),
                      std::string("remove ") + name + ", or write format: " + name);
  }
}

void check_avro(const AvroSettings& avro, const Position& at, Diagnostics& diagnostics) {
  if (!avro.schema.empty() && !avro.schema_file.empty()) {
    diagnostics.error("option-conflict", at, "both schema and schema_file are given",
                      "keep one of them");
  }
  const bool none = avro.schema.empty() && avro.schema_file.empty();
  if (none && avro.framing != AvroFraming::kContainer) {
    diagnostics.error("missing-field", at, "avro.schema is missing",
                      "give schema or schema_file; only reading containers needs none");
  }
  const auto check = [&](const std::string& text) {
    if (text.empty()) return;
    Result<std::shared_ptr<const AvroSchema>> parsed = AvroSchema::parse(text);
    if (!parsed) diagnostics.error("bad-schema", at, parsed.error().message, parsed.error().hint);
  };
  check(avro.schema);
  for (const std::string& text : avro.writer_schemas) check(text);
}

}  // namespace

void check_codec(const CodecOptions& o, const Position& at, Diagnostics& diagnostics) {
  check_parts(o, at, diagnostics);
  if (o.format == CodecFormat::kAvro && o.avro) check_avro(*o.avro, at, diagnostics);
  if (o.format == CodecFormat::kAvro && !o.avro) check_avro({}, at, diagnostics);
  if (o.format == CodecFormat::kProtobuf && !o.protobuf) {
    diagnostics.error("missing-field", at, "protobuf is missing",
                      "give protobuf: {descriptor_set: FILE, message: NAME}");
  }
  if (o.cloudevents && o.cloudevents->source.empty() != o.cloudevents->type.empty()) {
    diagnostics.error("missing-field", at, "cloudevents has only one of source and type",
                      "give both, or none");
  }
}

const Schema<CodecOptions>& codec_schema() {
  using O = CodecOptions;
  static const Schema<O> schema(
      {
          field("format", &O::format)
              .required()
              .one_of({{"json", CodecFormat::kJson},
                       {"csv", CodecFormat::kCsv},
                       {"tsv", CodecFormat::kTsv},
                       {"logfmt", CodecFormat::kLogfmt},
                       {"msgpack", CodecFormat::kMsgpack},
                       {"cloudevents", CodecFormat::kCloudEvents},
                       {"avro", CodecFormat::kAvro},
                       {"protobuf", CodecFormat::kProtobuf}})
              .about("The format of the payloads."),
          field("json", &O::json, json_schema()).about("Options of `format: json`."),
          field("csv", &O::csv, csv_settings_schema()).about("Options of `format: csv` and `tsv`."),
          field("logfmt", &O::logfmt, logfmt_schema()).about("Options of `format: logfmt`."),
          field("cloudevents", &O::cloudevents, cloud_events_schema())
              .about("Options of `format: cloudevents`."),
          field("avro", &O::avro, avro_schema()).about("Options of `format: avro`."),
          field("protobuf", &O::protobuf, protobuf_schema())
              .about("Options of `format: protobuf`."),
          field("payload_records", &O::payload_records)
              .range(1, 1024)
              .about("Writing: at most so many records of one batch become one payload, in formats "
                     "where it can hold several. Default: 1; for Avro containers, JSON arrays and "
                     "batches of CloudEvents all records of the batch."),
          field("limits", &O::limits, limit_schema())
              .about("What one payload may cost; beyond it the record is rejected."),
      },
      check_codec);
  return schema;
}

}  // namespace penstock
