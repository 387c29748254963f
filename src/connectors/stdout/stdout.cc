// SPDX-License-Identifier: Apache-2.0
#include "connectors/stdout/stdout.h"

#include <unistd.h>

#include "connectors/stdout/stdout_sink.h"
#include "sdk/catalog.h"

namespace penstock {
namespace {

class Factory final : public SinkFactory {
 public:
  Factory(std::shared_ptr<StdoutLine> line, Gather::Layout layout)
      : line_(std::move(line)), layout_(layout) {}
  std::unique_ptr<Sink> create() const override {
    return std::make_unique<StdoutSink>(line_, layout_);
  }

 private:
  std::shared_ptr<StdoutLine> line_;
  Gather::Layout layout_;
};

struct NoOptions {};

const Schema<NoOptions>& no_options_schema() {
  static const Schema<NoOptions> schema({});
  return schema;
}

}  // namespace

void register_stdout(Catalog& catalog) { register_stdout_on(catalog, STDOUT_FILENO); }

void register_stdout_on(Catalog& catalog, int fd) {
  auto line = std::make_shared<StdoutLine>();
  line->fd = fd;
  Traits traits;
  traits.limit = "what the reader of the pipe does with it is not seen";
  catalog.add(component<StdoutOptions>(
      ComponentKind::kSink, "stdout", "connectors/stdout", "Writes records to standard output.",
      traits, stdout_schema(), [line](Bound& bound, std::shared_ptr<const StdoutOptions> options) {
        const Gather::Layout layout{options->framing == StdoutFraming::kLines,
                                    options->delimiter[0], options->skip_empty};
        bound.sink = std::make_unique<Factory>(line, layout);
      }));
  catalog.add(component<NoOptions>(
      ComponentKind::kSink, "stdout_sink", "connectors/stdout",
      "Writes each payload as a line to standard output; skips empty ones.", traits,
      no_options_schema(), [line](Bound& bound, std::shared_ptr<const NoOptions>) {
        bound.sink = std::make_unique<Factory>(line, Gather::Layout{true, '\n', true});
      }));
}

}  // namespace penstock
