// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "connectors/stdin/stdin.h"
#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;

/// A pipe with both its ends, closed with the last copy.
struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() { CHECK_EQ(pipe2(ends, O_CLOEXEC), 0); }
  ~Pipe() {
    for (const int end : ends) {
      if (end >= 0) close(end);
    }
  }
};

const bool kConforms = inherit(register_stdin, {{"stdin", ComponentKind::kSource, [](Fixture& f) {
  const auto pipe = std::make_shared<Pipe>();
  f.catalog = Catalog();
  register_stdin_from(f.catalog, pipe->ends[0]);
  f.threaded = true;
  for (int i = 0; i < 200; ++i) f.expected.push_back("line " + std::to_string(i));
  f.feed = [pipe, lines = f.expected](Source&) {
    for (const std::string& line : lines) {
      const std::string whole = line + "\n";
      CHECK_EQ(write(pipe->ends[1], whole.data(), whole.size()), ssize_t(whole.size()));
    }
    close(std::exchange(pipe->ends[1], -1));
  };
}}});

}  // namespace
}  // namespace penstock
