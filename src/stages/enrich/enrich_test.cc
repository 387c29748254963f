// SPDX-License-Identifier: Apache-2.0
#include "stages/enrich/enrich.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

const bool kConforms =
    inherit(register_enrich, {{"enrich", ComponentKind::kStage, [](Fixture& f) {
                                 const std::string path = f.folder / "users.csv";
                                 write_file(path, "id,name\n7,Ann\n");
                                 f.options = map({{"path", path}, {"key_column", "id"},
                                                  {"key", "user"}, {"into", "row"}});
                                 f.input = {R"({"user":7})", R"({"user": "8"})"};
                                 f.expected = {R"({"user":7,"row":{"name":"Ann"}})", f.input[1]};
                               }}});

class EnrichTest : public testing::Test {
 protected:
  EnrichTest() {
    register_enrich(catalog_);
    write_file(path_, "id,name,city\n7,Ann,Bonn\n8,Bo,Ulm\n");
  }
  Node options(std::initializer_list<std::pair<std::string, NodeValue>> more) {
    Node all = map({{"path", path_}, {"key_column", "id"}, {"key", "user.id"}});
    for (const auto& entry : map(more).entries) all.entries.push_back(entry);
    return all;
  }
  std::shared_ptr<const Bound> enrich(const Node& given) {
    return bind(catalog_, "enrich", ComponentKind::kStage, given);
  }
  std::string problems(const Node& given) {
    return bind_problems(catalog_, "enrich", ComponentKind::kStage, given);
  }
  Texts enriched(const Node& given, const Texts& input) {
    StageHarness stage(services_, enrich(given));
    const auto opened = stage.open();
    EXPECT_TRUE(opened) << to_string(opened.error());
    stage.process(input);
    rejected_.clear();
    for (const Refused& refused : stage.out.rejected) rejected_.push_back(refused.error.code);
    return stage.out.payloads();
  }
  /// Puts another file in the table's place, as its users should.
  void replace(const std::string& text) {
    write_file(path_ + ".new", text);
    ASSERT_EQ(rename((path_ + ".new").c_str(), path_.c_str()), 0);
  }
  TempFolder folder_;
  const std::string path_ = folder_ / "users.csv";
  Catalog catalog_;
  Services services_;
  Texts rejected_;
};

TEST_F(EnrichTest, columns_become_members_of_the_document) {
  EXPECT_EQ(enriched(options({}), {R"({"user": {"id": 7}, "name": "?"})"}),
            (Texts{R"({"user": {"id": 7}, "name": "Ann","city":"Bonn"})"}));
}

TEST_F(EnrichTest, a_row_may_become_one_member_at_any_place) {
  const Texts input = {R"({"user": {"id": "8"}})"};
  EXPECT_EQ(enriched(options({{"into", "row"}}), input),
            (Texts{R"({"user": {"id": "8"},"row":{"name":"Bo","city":"Ulm"}})"}));
  EXPECT_EQ(enriched(options({{"into", "user.row"}, {"columns", list({"city"})}}), input),
            (Texts{R"({"user": {"id": "8","row":{"city":"Ulm"}}})"}));
}

TEST_F(EnrichTest, what_finds_no_row_passes_ends_or_is_rejected) {
  const Texts input = {R"({"user":{"id":9}})", R"({"user":{"id":7}})", R"({"user":null})"};
  const std::string hit = R"({"user":{"id":7},"name":"Ann","city":"Bonn"})";
  EXPECT_EQ(enriched(options({}), input), (Texts{input[0], hit, input[2]}));
  EXPECT_EQ(enriched(options({{"on_miss", "drop"}}), input), (Texts{hit}));
  EXPECT_TRUE(rejected_.empty());
  EXPECT_EQ(enriched(options({{"on_miss", "reject"}}), input), (Texts{hit}));
  EXPECT_EQ(rejected_, (Texts{"not-in-table", "not-in-table"}));
}

TEST_F(EnrichTest, what_cannot_be_looked_up_or_changed_is_rejected_alone) {
  EXPECT_EQ(enriched(options({{"into", "a.b"}}),
                     {"no json", R"({"user":{"id":7},"a":5})", R"({"user":{"id":8},"a":{}})"}),
            (Texts{R"({"user":{"id":8},"a":{"b":{"name":"Bo","city":"Ulm"}}})"}));
  EXPECT_EQ(rejected_, (Texts{"bad-json", "expression-failed"}));
}

TEST_F(EnrichTest, tables_have_types_and_formats) {
  replace("7;1.50;x\n8;2;y\n");
  EXPECT_EQ(enriched(options({{"csv", map({{"delimiter", ";"}, {"header", false},
                                           {"columns", list({"id", "price", "c"})},
                                           {"types", map({{"price", "float"}})}})}}),
                     {R"({"user":{"id":7}})"}),
            (Texts{R"({"user":{"id":7},"price":1.5,"c":"x"})"}));
  replace("{\"id\": 7, \"tags\": [1, {\"a\": null}]}\n");
  EXPECT_EQ(enriched(options({{"format", "ndjson"}}), {R"({"user":{"id":7}})"}),
            (Texts{R"({"user":{"id":7},"tags":[1,{"a":null}]})"}));
  replace("id\tname\n7\tAnn\n");
  EXPECT_EQ(enriched(options({{"format", "tsv"}}), {R"({"user":{"id":7}})"}),
            (Texts{R"({"user":{"id":7},"name":"Ann"})"}));
}

TEST_F(EnrichTest, a_changed_file_takes_the_place_of_the_old_one) {
  StageHarness stage(services_, enrich(options({{"columns", list({"name"})}})));
  ASSERT_TRUE(stage.open());
  const std::string input = R"({"user":{"id":7}})";
  stage.process({input});
  replace("id,name\n7,Eve\n");
  stage.process({input});
  stage.advance(seconds(1));
  stage.settle();
  stage.process({input});
  EXPECT_EQ(stage.out.payloads(), (Texts{R"({"user":{"id":7},"name":"Ann"})",
                                         R"({"user":{"id":7},"name":"Ann"})",
                                         R"({"user":{"id":7},"name":"Eve"})"}));
  EXPECT_NE(services_.logged().find("the table was read again"), std::string::npos);
  stage.close();
}

TEST_F(EnrichTest, a_file_written_in_place_is_seen_too) {
  StageHarness stage(services_, enrich(options({{"columns", list({"name"})}})));
  ASSERT_TRUE(stage.open());
  write_file(path_, "id,name\n7,Abe\n8,Bob\n");
  stage.advance(seconds(1));
  stage.settle();
  stage.process({R"({"user":{"id":7}})"});
  EXPECT_EQ(stage.out.payloads(), (Texts{R"({"user":{"id":7},"name":"Abe"})"}));
}

TEST_F(EnrichTest, a_file_that_is_no_table_leaves_the_old_one_and_is_said_once) {
  StageHarness stage(services_, enrich(options({{"columns", list({"name"})}})));
  ASSERT_TRUE(stage.open());
  const auto later = [&] {
    stage.advance(seconds(1));
    stage.settle();
    stage.process({R"({"user":{"id":7}})"});
    return stage.out.payloads().back();
  };
  replace("id,name\n7,Eve\n7,Eva\n");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(later(), R"({"user":{"id":7},"name":"Ann"})");
  ASSERT_EQ(unlink(path_.c_str()), 0);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(later(), R"({"user":{"id":7},"name":"Ann"})");
  const std::string logged = services_.logged();
  const std::string said = "the changed table is not used, the one before it stays";
  const size_t first = logged.find(said);
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(logged.find("row 2: the key"), std::string::npos) << logged;
  EXPECT_NE(logged.find("No such file"), std::string::npos) << logged;
  EXPECT_EQ(logged.find(said, logged.find(said, first + 1) + 1), std::string::npos) << logged;
  replace("id,name\n7,Eve\n");
  later();
  EXPECT_EQ(later(), R"({"user":{"id":7},"name":"Eve"})");
}

TEST_F(EnrichTest, without_reload_every_no_clock_is_set) {
  StageHarness stage(services_, enrich(options({{"reload_every", "0s"}})));
  ASSERT_TRUE(stage.open());
  EXPECT_EQ(stage.stage().next_timer_ns(), kNever);
  EXPECT_FALSE(enrich(options({{"reload_every", "0s"}}))->traits.clocked);
  EXPECT_TRUE(enrich(options({}))->traits.clocked);
}

TEST_F(EnrichTest, tasks_share_one_table_and_one_of_them_looks_for_changes) {
  const auto bound = enrich(options({{"columns", list({"name"})}}));
  StageHarness one(services_, bound), two(services_, bound);
  two.context.task = 1;
  one.context.tasks = two.context.tasks = 2;
  ASSERT_TRUE(one.open());
  ASSERT_TRUE(two.open());
  replace("id,name\n7,Eve\n");
  services_.clock.advance_ns(seconds(1).ns());
  const int64_t now_ns = services_.clock.monotonic_ns();
  struct Nowhere final : Output {
    void emit(Batch, uint32_t) override {}
    void reject(const Record&, Epoch, const Error&) override {}
    void retry(Batch, const Error&) override {}
    void fail(Error) override {}
  } nowhere;
  one.stage().on_timer(now_ns, nowhere);
  two.stage().on_timer(now_ns, nowhere);
  EXPECT_EQ(services_.blocking.run_all(), 1u);
  for (StageHarness* stage : {&one, &two}) {
    stage->process({R"({"user":{"id":7}})"});
    EXPECT_EQ(stage->out.payloads(), (Texts{R"({"user":{"id":7},"name":"Eve"})"}));
  }
}

TEST_F(EnrichTest, no_table_at_the_start_stops_the_pipeline) {
  const auto opened = [&] {
    StageHarness stage(services_, enrich(options({})));
    const auto result = stage.open();
    return result ? "opened" : to_string(result.error());
  };
  replace("name\nAnn\n");
  EXPECT_EQ(opened(), "bad-table: the table " + path_ +
                          " cannot be used: row 1: it has no column id");
  ASSERT_EQ(unlink(path_.c_str()), 0);
  EXPECT_EQ(opened(), "unreadable-file: cannot read the table " + path_ +
                          " (No such file or directory)");
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(opened(), "unreadable-file: cannot read the table " + path_ +
                          " (it is not a regular file)");
  ASSERT_EQ(unlink(path_.c_str()), 0);
  write_file(path_, std::string(5000, 'x'));
  StageHarness small(services_, enrich(options({{"memory_max", "4KiB"}})));
  EXPECT_NE(to_string(small.open().error()).find("longer than memory_max, 4096 bytes"),
            std::string::npos);
}

TEST_F(EnrichTest, mistakes_are_found_before_anything_runs) {
  EXPECT_NE(problems(map({{"path", "t"}, {"key_column", "id"}, {"key", "a"}}))
                .find("does not say what it is written in"), std::string::npos);
  EXPECT_NE(problems(options({{"into", "a..b"}})).find("path of into is empty"),
            std::string::npos);
  EXPECT_NE(problems(options({{"format", "ndjson"}, {"csv", map({{"header", false}})}}))
                .find("option-conflict"), std::string::npos);
  EXPECT_NE(problems(map({{"path", "t.csv"}, {"key_column", "id"}, {"key", "uper(a)"}}))
                .find("did you mean \"upper\"?"), std::string::npos);
  EXPECT_NE(problems(map({})).find("missing-field"), std::string::npos);
}

}  // namespace
}  // namespace penstock
