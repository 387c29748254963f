// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "connectors/stdout/stdout.h"
#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;

/// Writes to a file in the place of the terminal.
void set_up(Fixture& fixture) {
  const std::string path = fixture.folder / "out";
  const std::shared_ptr<int> fd(new int(open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)),
                                [](int* opened) {
                                  close(*opened);
                                  delete opened;
                                });
  fixture.catalog = Catalog();
  register_stdout_on(fixture.catalog, *fd);
  fixture.read_back = [path, fd] { return lines_of(read_file(path)); };
}

const bool kConforms = inherit(register_stdout, {{"stdout", ComponentKind::kSink, set_up},
                                                 {"stdout_sink", ComponentKind::kSink, set_up}});

}  // namespace
}  // namespace penstock
