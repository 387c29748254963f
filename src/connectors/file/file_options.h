// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "config/schema.h"

namespace penstock {

enum class FileFraming : uint8_t { kLines, kNdjson, kWhole, kRaw };
enum class FileFrom : uint8_t { kStart, kEnd };
/// flow-pipe's numbers.
enum class FileCompression : uint8_t { kUnset = 0, kNone = 1, kGzip = 2, kAuto = 3 };

struct FileSourceOptions {
  std::string path;
  FileFraming framing = FileFraming::kLines;
  std::string delimiter = "\n";
  FileCompression compression = FileCompression::kNone;
  bool follow = false;
  Duration follow_interval = milliseconds(250);
  FileFrom from = FileFrom::kStart;
  std::optional<ByteSize> range_bytes;
  std::optional<ByteSize> max_record_bytes;
  std::string file_header;

  uint32_t record_bytes_max() const;
};

struct FileSinkOptions {
  std::string path;
  FileFraming framing = FileFraming::kLines;
  std::string delimiter = "\n";
  bool append = true;
  FileCompression compression = FileCompression::kNone;
  int32_t compression_level = 0;
  ByteSize part_bytes{0};
  Duration part_interval{0};
  bool skip_empty = false;
  /// Not an option: tasks may share the file, taking turns between their writes.
  bool shared = false;
};

/// The options of `file`.
const Schema<FileSourceOptions>& file_source_options();
const Schema<FileSinkOptions>& file_sink_options();

/// flow-pipe's options of `file_source` and `file_sink`, and what they mean as ours.
struct FlowPipeFileSourceOptions {
  std::string path;
  FileCompression compression = FileCompression::kNone;
  uint64_t max_bytes = 0;
  FileSourceOptions as_file() const;
};
struct FlowPipeFileSinkOptions {
  std::string path;
  bool append = false;
  FileCompression compression = FileCompression::kNone;
  int32_t compression_level = 0;
  FileSinkOptions as_file() const;
};
const Schema<FlowPipeFileSourceOptions>& flow_pipe_file_source_options();
const Schema<FlowPipeFileSinkOptions>& flow_pipe_file_sink_options();

/// Whether a file of that name is to be unpacked.
bool is_gzip(FileCompression compression, std::string_view path);

}  // namespace penstock
