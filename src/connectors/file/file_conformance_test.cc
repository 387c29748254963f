// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/file.h"
#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;

void lines_in_two_files(Fixture& fixture) {
  fixture.options = map({{"path", fixture.folder / "in-*"}, {"range_bytes", "64KiB"}});
  for (const char* name : {"a", "b"}) {
    std::string text;
    for (int i = 0; i < 1500; ++i) {
      fixture.expected.push_back(name + std::to_string(i) + std::string(i % 150, '.'));
      text += fixture.expected.back() + "\n";
    }
    write_file(fixture.folder / ("in-" + std::string(name)), text);
  }
}

void one_whole_file(Fixture& fixture) {
  fixture.options = map({{"path", fixture.folder / "in"}});
  fixture.expected = {"all\nof\nit"};
  write_file(fixture.folder / "in", fixture.expected[0]);
}

void lines_out(Fixture& fixture) {
  const std::string path = fixture.folder / "out";
  fixture.options = map({{"path", path}, {"append", false}});
  fixture.read_back = [path] { return lines_of(read_file(path)); };
}

void payloads_out(Fixture& fixture) {
  fixture.options = map({{"path", fixture.folder / "out"}});
}

const bool kConforms = inherit(register_file, {{"file", ComponentKind::kSource, lines_in_two_files},
                                               {"file", ComponentKind::kSink, lines_out},
                                               {"file_source", ComponentKind::kSource,
                                                one_whole_file},
                                               {"file_sink", ComponentKind::kSink, payloads_out}});

}  // namespace
}  // namespace penstock
