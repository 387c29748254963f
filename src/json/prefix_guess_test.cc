// SPDX-License-Identifier: Apache-2.0
#include "json/prefix_guess.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "json/projector.h"
#include "record/batch_builder.h"
#include "value/write_json.h"

namespace penstock {
namespace {

using Documents = std::vector<std::string>;

/// What a projection of documents that stand one behind the other finds: a line for each.
class Found {
 public:
  explicit Found(const std::vector<DocumentPath>& paths) {
    for (const DocumentPath& path : paths) columns_.push_back(projector_.add(reader_, path));
  }
  std::vector<std::string> in(const Documents& documents, const std::string& gap = "\n") {
    BatchBuilder builder(pool_);
    std::string all;
    for (const std::string& d : documents) all += d + gap;
    ArenaRef arena = pool_.arenas().get(all.size() + 1);
    std::memcpy(arena->data(), all.data(), all.size());
    builder.attach(arena);
    size_t at = 0;
    for (const std::string& d : documents) {
      builder.append_slice({arena->data() + at, d.size()});
      at += d.size() + gap.size();
    }
    const Batch batch = builder.take();
    projector_.read(reader_, batch, Rows{nullptr, batch.size()});
    std::vector<std::string> lines;
    for (uint32_t row = 0; row < batch.size(); ++row) lines.push_back(line(row));
    for (const BadRow& bad : projector_.bad_rows()) lines[bad.row] = bad.error.message;
    return lines;
  }

 private:
  std::string line(uint32_t row) {
    std::string out;
    for (const size_t c : columns_) {
      const Column& column = projector_.column(c);
      out += " " + std::to_string(static_cast<int>(column.cell(row))) + ":";
      if (column.cell(row) != Cell::kValue) continue;
      EXPECT_TRUE(write_json(*cell_value(column, row, values_), out));
    }
    return out;
  }

  BatchPool pool_;
  ValueArena values_;
  Projector projector_;
  size_t reader_ = projector_.add_reader();
  std::vector<size_t> columns_;
};

/// A value, or what stands where one should.
std::string any_value(Random& chance) {
  static const Documents kValues = {
      "1", "23", "456789", "-7", "1.50", "12345678901234567890", "1e3", "0", "01", "true", "null",
      "nul", "\"\"", "\"text\"", "\"a\\nb\"", "\"bad \\q\"", "\"é\"", "{\"x\":1}", "[1,2]", "[", "",
      "\"a long text, with a comma: and more of it than a block of sixty-four bytes has\""};
  return kValues[chance.below(chance.chance(1, 3) ? kValues.size() : 3)];
}

std::string any_document(Random& chance) {
  const std::string gap = chance.chance(1, 9) ? " " : "";
  std::string text = "{\"kind\":" + gap + any_value(chance);
  if (chance.chance(1, 9)) text += ",\"more\":" + any_value(chance);
  text += ",\"name\":\"" + std::string(chance.below(40), 'n') + "\"";
  const char* const inner = chance.chance(1, 9) ? "other" : "bid";
  text += std::string(",\"") + inner + "\":{\"passed\":" + any_value(chance);
  if (!chance.chance(1, 9)) text += gap + ",\"price\":" + any_value(chance) + gap;
  if (chance.chance(1, 9)) text += ",\"pr\\u0069ce\":" + any_value(chance);
  if (chance.chance(1, 9)) text += ",\"kind\":8";
  text += "},\"tail\":" + any_value(chance) + "}";
  if (chance.chance(1, 20)) text.resize(chance.below(text.size() + 1));
  return text;
}

TEST(PrefixGuess, finds_what_is_found_without_it) {
  Random chance(7);
  const std::vector<std::vector<DocumentPath>> wanted = {
      {{{"kind"}}},
      {{{"kind"}}, {{"bid"}, {"price"}}},
      {{{"name"}}, {{"bid"}, {"price"}}, {{"bid"}, {"passed"}}},
      {{{"bid"}, {"price"}}, {{"tail"}}},
      {{{"kind"}}, {{"nothing"}}},
      {{{"bid"}}, {{"bid"}, {"price"}}}};
  size_t values = 0, refused = 0;
  for (const auto& paths : wanted) {
    Found together(paths);
    for (int round = 0; round < 40; ++round) {
      Documents documents(100);
      for (std::string& d : documents) d = any_document(chance);
      const std::vector<std::string> found = together.in(documents);
      for (size_t i = 0; i < documents.size(); ++i) {
        const std::string alone = Found(paths).in({documents[i]})[0];
        ASSERT_EQ(found[i], alone) << documents[i];
        values += alone.starts_with(" ");
        refused += !alone.starts_with(" ");
      }
    }
  }
  EXPECT_GT(values, 5'000u);
  EXPECT_GT(refused, 500u);
}

TEST(PrefixGuess, does_not_go_on_in_the_next_record) {
  Found found({{{"a"}}, {{"b"}}});
  const Documents alike(20, R"({"a":1,"b":"x"})");
  EXPECT_EQ(found.in(alike, "")[19], " 0:1 0:\"x\"");
  const std::vector<std::string> cut =
      found.in({R"({"a":1,"b":)", R"("y"})", R"({"a":)", R"(1,"b":"y"})", alike[0]}, "");
  for (size_t i = 0; i < 4; ++i) EXPECT_TRUE(cut[i].starts_with("not JSON")) << cut[i];
  EXPECT_EQ(cut[4], " 0:1 0:\"x\"");
}

}  // namespace
}  // namespace penstock
