// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/file_options.h"

#include <algorithm>

#include "connectors/file/path_template.h"

namespace penstock {
namespace {

constexpr uint32_t kLineBytesMax = 1 << 20;
constexpr uint32_t kWholeBytesMax = 256 << 20;
constexpr uint64_t kRecordBytesCeiling = 1 << 30;

void check_delimiter(const std::string& delimiter, const Position& at, Diagnostics& diagnostics) {
  if (delimiter.size() == 1) return;
  diagnostics.error("bad-delimiter", at, "delimiter must be one byte",
                    "for example \"\\n\" in double quotes");
}

void check_source(const FileSourceOptions& options, const Position& at, Diagnostics& diagnostics) {
  check_delimiter(options.delimiter, at, diagnostics);
  if (!options.follow) return;
  if (options.framing == FileFraming::kWhole) {
    diagnostics.error("option-conflict", at, "follow does not go with framing whole",
                      "a file that grows has no end at which it would be whole");
  }
  if (options.compression == FileCompression::kGzip) {
    diagnostics.error("option-conflict", at, "follow does not go with compression gzip",
                      "leave follow out");
  }
}

void check_sink(const FileSinkOptions& options, const Position& at, Diagnostics& diagnostics) {
  check_delimiter(options.delimiter, at, diagnostics);
  const Result<PathTemplate> path = PathTemplate::parse(options.path);
  if (!path) {
    diagnostics.error(path.error().code, at, path.error().message, path.error().hint);
  } else if ((options.part_bytes.bytes > 0 || options.part_interval.us > 0) && !path->has_part()) {
    diagnostics.error("option-conflict", at, "parts need {part} in the path",
                      "for example out-{part}.ndjson");
  }
}

}  // namespace

uint32_t FileSourceOptions::record_bytes_max() const {
  if (max_record_bytes) return static_cast<uint32_t>(max_record_bytes->bytes);
  return framing == FileFraming::kWhole ? kWholeBytesMax : kLineBytesMax;
}

const Schema<FileSourceOptions>& file_source_options() {
  using O = FileSourceOptions;
  static const Schema<O> schema(
      {
          field("path", &O::path).required().example("logs/*.ndjson")
              .about("File, or a pattern with * ? [ ] for several."),
          field("framing", &O::framing)
              .one_of({{"lines", FileFraming::kLines},
                       {"ndjson", FileFraming::kNdjson},
                       {"whole", FileFraming::kWhole}})
              .about("lines: each line is a record; ndjson: the same, blank lines skipped; whole: "
                     "each file is one record."),
          field("delimiter", &O::delimiter).about("One byte that ends a line."),
          field("compression", &O::compression)
              .one_of({{"none", FileCompression::kNone},
                       {"gzip", FileCompression::kGzip},
                       {"auto", FileCompression::kAuto}})
              .about("auto: files whose name ends in .gz are unpacked."),
          field("follow", &O::follow)
              .about("Goes on reading what is appended, in files that appear later, and across "
                     "rotation."),
          field("follow_interval", &O::follow_interval)
              .range(milliseconds(1), seconds(3600))
              .about("How often files are looked at when there is nothing to read."),
          field("from", &O::from)
              .one_of({{"start", FileFrom::kStart}, {"end", FileFrom::kEnd}})
              .about("end: the first start leaves out what is in the files already."),
          field("range_bytes", &O::range_bytes)
              .at_least(kibibytes(64))
              .about("With several tasks: size of the ranges of a file that they share out. "
                     "Default: by what is left to read."),
          field("max_record_bytes", &O::max_record_bytes)
              .range(ByteSize{1}, ByteSize{kRecordBytesCeiling})
              .about("A longer record is rejected. Default 1MiB; for whole files 256MiB."),
          field("file_header", &O::file_header)
              .about("Name of a header that holds the path of the record's file; empty = none."),
      },
      check_source);
  return schema;
}

const Schema<FileSinkOptions>& file_sink_options() {
  using O = FileSinkOptions;
  static const Schema<O> schema(
      {
          field("path", &O::path).required().example("out/{task}-{part}.ndjson")
              .about("File to write; {task}, {part} and {stage} are filled in. Several tasks need "
                     "{task}. Missing folders are made."),
          field("framing", &O::framing)
              .one_of({{"lines", FileFraming::kLines}, {"raw", FileFraming::kRaw}})
              .about("lines: the delimiter behind each record; raw: payloads as they are."),
          field("delimiter", &O::delimiter).about("One byte, for framing lines."),
          field("append", &O::append)
              .about("false: a pipeline that starts anew replaces what is there; one that goes on "
                     "after a stop appends in any case."),
          field("compression", &O::compression)
              .one_of({{"none", FileCompression::kNone}, {"gzip", FileCompression::kGzip}})
              .about("gzip: every barrier ends a gzip member, so that the file can be read."),
          field("compression_level", &O::compression_level)
              .at_most(9)
              .about("1 (fast) to 9 (small); 0 or less = zlib's default."),
          field("part_bytes", &O::part_bytes)
              .about("A new part begins when one has this size (before compression); 0 = never."),
          field("part_interval", &O::part_interval)
              .about("A new part begins when one is this old; 0 = never."),
          field("skip_empty", &O::skip_empty).about("Leaves out records without payload."),
      },
      check_sink);
  return schema;
}

const Schema<FlowPipeFileSourceOptions>& flow_pipe_file_source_options() {
  using O = FlowPipeFileSourceOptions;
  static const Schema<O> schema({
      field("path", &O::path).required().about("File to read; the whole file is one payload."),
      field("compression", &O::compression)
          .one_of({{"COMPRESSION_NONE", FileCompression::kNone},
                   {"COMPRESSION_GZIP", FileCompression::kGzip},
                   {"COMPRESSION_AUTO", FileCompression::kAuto},
                   {"COMPRESSION_UNSPECIFIED", FileCompression::kUnset},
                   {"NONE", FileCompression::kNone},
                   {"GZIP", FileCompression::kGzip},
                   {"AUTO", FileCompression::kAuto}})
          .numbered()
          .about("COMPRESSION_AUTO: a file whose name ends in .gz is unpacked."),
      field("max_bytes", &O::max_bytes)
          .about("A longer file (unpacked) is rejected; 0 = 1GiB."),
  });
  return schema;
}

const Schema<FlowPipeFileSinkOptions>& flow_pipe_file_sink_options() {
  using O = FlowPipeFileSinkOptions;
  static const Schema<O> schema({
      field("path", &O::path).required().about("File to write."),
      field("append", &O::append).about("false: a flow that starts anew replaces what is there."),
      field("compression", &O::compression)
          .one_of({{"COMPRESSION_NONE", FileCompression::kNone},
                   {"COMPRESSION_GZIP", FileCompression::kGzip},
                   {"COMPRESSION_UNSPECIFIED", FileCompression::kUnset},
                   {"NONE", FileCompression::kNone},
                   {"GZIP", FileCompression::kGzip},
                   {"none", FileCompression::kNone},
                   {"gzip", FileCompression::kGzip}})
          .numbered()
          .about("COMPRESSION_NONE or COMPRESSION_GZIP."),
      field("compression_level", &O::compression_level)
          .at_most(9)
          .about("1 (fast) to 9 (small); 0 or less = zlib's default."),
  });
  return schema;
}

FileSourceOptions FlowPipeFileSourceOptions::as_file() const {
  FileSourceOptions options;
  options.path = path;
  options.framing = FileFraming::kWhole;
  options.compression = compression;
  const uint64_t bytes = max_bytes == 0 ? kRecordBytesCeiling : max_bytes;
  options.max_record_bytes = ByteSize{std::min(bytes, kRecordBytesCeiling)};
  return options;
}

FileSinkOptions FlowPipeFileSinkOptions::as_file() const {
  FileSinkOptions options;
  options.path = path;
  options.framing = FileFraming::kRaw;
  options.shared = true;
  options.append = append;
  options.compression = compression;
  options.compression_level = compression_level;
  return options;
}

bool is_gzip(FileCompression compression, std::string_view path) {
  if (compression == FileCompression::kAuto) return path.ends_with(".gz");
  return compression == FileCompression::kGzip;
}

}  // namespace penstock
