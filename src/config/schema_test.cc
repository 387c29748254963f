// SPDX-License-Identifier: Apache-2.0
#include "config/schema.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

enum class Framing { kLines, kRaw };
struct Retry {
  uint32_t max_attempts = 5;
};
struct Options {
  std::string path;
  Framing framing = Framing::kLines;
  ByteSize part_bytes = mebibytes(128);
  Duration idle = seconds(1);
  std::optional<uint32_t> mode;
  std::vector<std::string> columns;
  std::map<std::string, std::string> labels;
  Secret token;
  Retry retry;
  std::vector<Retry> retries;
};

const Schema<Retry>& retry_schema() {
  static const Schema<Retry> schema(
      {field("max_attempts", &Retry::max_attempts).range(1, 100).about("Tries in all.")});
  return schema;
}

const Schema<Options>& options_schema() {
  using O = Options;
  static const Schema<O> schema({
      field("path", &O::path).required().about("File to write."),
      field("framing", &O::framing).one_of({{"lines", Framing::kLines}, {"raw", Framing::kRaw}}),
      field("part_bytes", &O::part_bytes).at_least(kibibytes(1)),
      field("idle", &O::idle).range(milliseconds(1), seconds(3600)),
      field("mode", &O::mode),
      field("columns", &O::columns),
      field("labels", &O::labels),
      field("token", &O::token),
      field("retry", &O::retry, retry_schema()),
      field("retries", &O::retries, retry_schema()),
  });
  return schema;
}

Node scalar(std::string text) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.text = std::move(text);
  return node;
}

Node map(std::vector<std::pair<std::string, Node>> entries) {
  Node node;
  node.kind = Node::Kind::kMap;
  for (auto& [key, value] : entries) node.entries.push_back({key, {}, std::move(value)});
  return node;
}

TEST(Schema, reads_every_kind_of_field) {
  Diagnostics problems;
  const Node doc = map({{"path", scalar("out.txt")},
                        {"framing", scalar("raw")},
                        {"partBytes", scalar("64KiB")},
                        {"idle", scalar("250ms")},
                        {"mode", scalar("420")},
                        {"token", scalar("x")},
                        {"labels", map({{"a", scalar("true")}})},
                        {"retry", map({{"maxAttempts", scalar("7")}})}});
  const Options o = options_schema().parse(&doc, problems);
  EXPECT_FALSE(problems.has_errors());
  EXPECT_EQ(o.path, "out.txt");
  EXPECT_EQ(o.framing, Framing::kRaw);
  EXPECT_EQ(o.part_bytes, kibibytes(64));
  EXPECT_EQ(o.idle, milliseconds(250));
  EXPECT_EQ(o.mode, 420u);
  EXPECT_EQ(o.token.reveal(), "x");
  EXPECT_EQ(o.labels.at("a"), "true");
  EXPECT_EQ(o.retry.max_attempts, 7u);
}

TEST(Schema, null_document_means_all_defaults_and_reports_what_is_required) {
  Diagnostics problems;
  const Options o = options_schema().parse(nullptr, problems);
  EXPECT_EQ(o.idle, seconds(1));
  ASSERT_EQ(problems.error_count(), 1u);
  EXPECT_EQ(problems.all()[0].code, "missing-field");
}

}  // namespace
}  // namespace penstock
