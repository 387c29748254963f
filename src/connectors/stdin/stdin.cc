// SPDX-License-Identifier: Apache-2.0
#include "connectors/stdin/stdin.h"

#include <unistd.h>

#include "connectors/stdin/stdin_source.h"
#include "sdk/catalog.h"

namespace penstock {
namespace {

class Factory final : public SourceFactory {
 public:
  Factory(int fd, std::shared_ptr<const StdinOptions> options)
      : fd_(fd), options_(std::move(options)) {}
  std::unique_ptr<Source> create() const override {
    return std::make_unique<StdinSource>(fd_, options_);
  }

 private:
  int fd_;
  std::shared_ptr<const StdinOptions> options_;
};

}  // namespace

void register_stdin(Catalog& catalog) { register_stdin_from(catalog, STDIN_FILENO); }

void register_stdin_from(Catalog& catalog, int fd) {
  Traits traits;
  traits.replayable = false;
  traits.remembers = false;
  traits.single_task = true;
  traits.limit = "standard input cannot be read again: what was read and not delivered is lost";
  catalog.add(component<StdinOptions>(
      ComponentKind::kSource, "stdin", "connectors/stdin", "Reads records from standard input.",
      traits, stdin_schema(), [fd](Bound& bound, std::shared_ptr<const StdinOptions> options) {
        bound.source = std::make_unique<Factory>(fd, std::move(options));
      }));
}

}  // namespace penstock
