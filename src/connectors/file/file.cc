// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/file.h"

#include "connectors/file/file_sink.h"
#include "connectors/file/file_source.h"
#include "sdk/catalog.h"

namespace penstock {
namespace {

constexpr const char* kFolder = "connectors/file";

class FileSourceFactory final : public SourceFactory {
 public:
  explicit FileSourceFactory(std::shared_ptr<const FileSourceOptions> options)
      : options_(std::move(options)), meeting_(std::make_shared<FileSetMeeting>(options_)) {}
  std::unique_ptr<Source> create() const override {
    return std::make_unique<FileSource>(options_, meeting_);
  }

 private:
  std::shared_ptr<const FileSourceOptions> options_;
  std::shared_ptr<FileSetMeeting> meeting_;
};

void add_sources(Catalog& catalog) {
  catalog.add(component<FileSourceOptions>(
      ComponentKind::kSource, "file", kFolder, "Reads lines, NDJSON or whole files.", {},
      file_source_options(), [](Bound& bound, std::shared_ptr<const FileSourceOptions> options) {
        bound.source = std::make_unique<FileSourceFactory>(std::move(options));
      }));
  catalog.add(component<FlowPipeFileSourceOptions>(
      ComponentKind::kSource, "file_source", kFolder, "Reads a file as one payload.", {},
      flow_pipe_file_source_options(),
      [](Bound& bound, std::shared_ptr<const FlowPipeFileSourceOptions> options) {
        bound.source = std::make_unique<FileSourceFactory>(
            std::make_shared<const FileSourceOptions>(options->as_file()));
      }));
}

void add_sinks(Catalog& catalog) {
  Traits traits;
  traits.two_phase = true;
  catalog.add(sink_component<FileSinkOptions, FileSink>(
      "file", kFolder, "Writes lines, or payloads as they are, to files.", traits,
      file_sink_options()));
  catalog.add(component<FlowPipeFileSinkOptions>(
      ComponentKind::kSink, "file_sink", kFolder, "Writes payloads, as they are, to one file.",
      traits, flow_pipe_file_sink_options(),
      [](Bound& bound, std::shared_ptr<const FlowPipeFileSinkOptions> options) {
        using Factory = InstanceFactory<SinkFactory, Sink, FileSinkOptions, FileSink>;
        bound.sink = std::make_unique<Factory>(
            std::make_shared<const FileSinkOptions>(options->as_file()));
      }));
}

}  // namespace

void register_file(Catalog& catalog) {
  add_sources(catalog);
  add_sinks(catalog);
}

}  // namespace penstock
