// SPDX-License-Identifier: Apache-2.0
// decode: and encode: of flows.
#include <gtest/gtest.h>

#include "spec/load.h"
#include "spec/test_text.h"

namespace penstock {
namespace {

std::optional<Spec> load(const std::string& text, std::string& found) {
  Diagnostics diagnostics;
  auto spec = load_text(text, "f.yaml", diagnostics);
  found = codes(diagnostics);
  return spec;
}

TEST(FlowCodecs, a_source_and_a_sink_get_codec_stages_of_the_same_width_between_them) {
  std::string found;
  const auto spec = load(R"(
stages:
  - {name: in, type: file, threads: 2, output_queue: q, dead_letter: dead,
     decode: {format: csv}}
  - {name: out, type: stdout, threads: 3, input_queue: q, key: record_key,
     encode: {format: msgpack}}
  - {name: rest, type: log, input_queue: dead}
queues: [{name: q, ordering: partition}, {name: dead}]
)", found);
  ASSERT_TRUE(spec) << found;
  ASSERT_EQ(spec->stages.size(), 5u);
  const StageSpec& in = spec->stages[0];
  const StageSpec& decode = spec->stages[1];
  const StageSpec& encode = spec->stages[2];
  const StageSpec& out = spec->stages[3];
  EXPECT_EQ(in.outputs[0].queue, "in.decode");
  EXPECT_EQ(decode.name, "in.decode");
  EXPECT_EQ(decode.type, "decode");
  EXPECT_EQ(decode.threads, 2u);
  EXPECT_EQ(decode.inputs[0].queue, "in.decode");
  EXPECT_EQ(decode.outputs[0].queue, "q");
  EXPECT_EQ(decode.dead_letter, "dead");
  EXPECT_EQ(decode.config.find("format")->text, "csv");
  EXPECT_EQ(decode.config.find("format")->position.line, 4);
  EXPECT_EQ(encode.inputs[0].queue, "q");
  EXPECT_EQ(encode.outputs[0].queue, "out.encode");
  EXPECT_EQ(encode.threads, 3u);
  EXPECT_EQ(encode.key.kind, KeySpec::Kind::kRecordKey);
  EXPECT_EQ(out.inputs[0].queue, "out.encode");
  EXPECT_EQ(out.key.kind, KeySpec::Kind::kNone);
  EXPECT_EQ(spec->find_queue("in.decode")->ordering, Ordering::kPartition);
}

TEST(FlowCodecs, elsewhere_they_are_refused) {
  std::string found;
  load(R"(
stages:
  - {name: in, type: file, output_queue: q, encode: {format: csv}}
  - {name: mid, type: split, input_queue: q, output_queue: p, decode: {format: csv}}
  - {name: out, type: stdout, input_queue: p, decode: {format: csv}}
queues: [{name: q}, {name: p}]
)", found);
  EXPECT_EQ(found, "misplaced-codec@3:53 misplaced-codec@4:71 misplaced-codec@5:55");
}

TEST(FlowCodecs, a_name_that_is_already_there_is_reported) {
  std::string found;
  load(R"(
stages:
  - {name: in, type: file, output_queue: q, decode: {format: csv}}
  - {name: in.decode, type: stdout, input_queue: q}
queues: [{name: q}]
)", found);
  EXPECT_EQ(found, "duplicate-name@4:12");
}

}  // namespace
}  // namespace penstock
