// SPDX-License-Identifier: Apache-2.0
#include "spec/interpolate.h"

#include <gtest/gtest.h>

#include <map>

#include "config/test_nodes.h"
#include "spec/limits.h"
#include "spec/test_text.h"

namespace penstock {
namespace {

class FixedSources final : public LoadSources {
 public:
  std::map<std::string, std::string> variables, files;
  std::optional<std::string> environment(const std::string& name) const override {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  }
  Result<std::string> file(const std::string& path, size_t) const override {
    const auto found = files.find(path);
    if (found != files.end()) return found->second;
    return stop_error("unreadable-file", "no");
  }
};

class InterpolateTest : public ::testing::Test {
 protected:
  /// The text after interpolation, or the codes of what was wrong.
  std::string run(const std::string& text, const std::string& folder = "") {
    Node root = text_node(text);
    Diagnostics diagnostics;
    secrets_.clear();
    interpolate(root, sources_, folder, secrets_, diagnostics);
    secret_ = root.secret;
    if (!diagnostics.all().empty()) return codes(diagnostics);
    return root.text;
  }
  FixedSources sources_;
  std::vector<Secret> secrets_;
  bool secret_ = false;
};

TEST_F(InterpolateTest, replaces_variables_and_defaults) {
  sources_.variables = {{"HOST", "db"}, {"EMPTY", ""}, {"_x9", "y"}};
  EXPECT_EQ(run("${HOST}"), "db");
  EXPECT_EQ(run("http://${HOST}:${PORT:80}/${HOST}"), "http://db:80/db");
  EXPECT_EQ(run("${NONE:}"), "");
  EXPECT_EQ(run("${EMPTY:default}"), "");
  EXPECT_EQ(run("${NONE:a:b}"), "a:b");
  EXPECT_EQ(run("${_x9}"), "y");
  EXPECT_EQ(run("$HOST {HOST} $ {HOST}"), "$HOST {HOST} $ {HOST}");
  EXPECT_FALSE(secret_);
}

TEST_F(InterpolateTest, does_not_look_into_what_it_inserted) {
  sources_.variables = {{"A", "${B}"}, {"B", "x"}};
  EXPECT_EQ(run("${A}"), "${B}");
}

TEST_F(InterpolateTest, two_dollars_escape) {
  EXPECT_EQ(run("$${HOST}"), "${HOST}");
  EXPECT_EQ(run("a$${b} $$ $${"), "a${b} $$ ${");
  sources_.variables = {{"A", "x"}};
  EXPECT_EQ(run("$${A}${A}$${A}"), "${A}x${A}");
}

TEST_F(InterpolateTest, files_are_secrets_without_their_last_line_break) {
  sources_.files = {{"token", "s3cret\n"}, {"conf/token", "other\r\n\n"}, {"/abs", "abc"}};
  EXPECT_EQ(run("Bearer ${file:token}"), "Bearer s3cret");
  EXPECT_TRUE(secret_);
  ASSERT_EQ(secrets_.size(), 1u);
  EXPECT_EQ(secrets_[0].reveal(), "s3cret");
  EXPECT_EQ(run("${file:token}", "conf"), "other\r\n");
  EXPECT_EQ(run("${file:/abs}", "conf"), "abc");
}

TEST_F(InterpolateTest, says_what_cannot_be_replaced) {
  EXPECT_EQ(run("${NONE}"), "unset-variable@0:0");
  EXPECT_EQ(run("${NONE} ${ALSO}"), "unset-variable@0:0 unset-variable@0:0");
  for (const char* wrong : {"${", "${}", "${a b}", "${a.b}", "${1a}", "${A", "${:x}", "${file:}"}) {
    EXPECT_EQ(run(wrong), "bad-interpolation@0:0") << wrong;
  }
  EXPECT_EQ(run("${file:nothing}"), "unreadable-file@0:0");
}

TEST_F(InterpolateTest, reaches_every_value_but_no_key) {
  sources_.variables = {{"A", "x"}};
  const Node inner = map_node({{"k", text_node("${A}")}});
  Node root = map_node({{"${A}", list_node({text_node("${A}"), inner})}});
  Diagnostics diagnostics;
  interpolate(root, sources_, "", secrets_, diagnostics);
  EXPECT_EQ(flat(root), "{${A}: [x, {k: x}]}");
}

TEST_F(InterpolateTest, what_is_inserted_has_a_limit) {
  sources_.variables = {{"A", std::string(1 << 20, 'x')}, {"E", ""}};
  std::string text;
  for (int i = 0; i < 17; ++i) text += "${A}";
  EXPECT_EQ(run(text), "document-too-large@0:0");
  text.clear();
  for (size_t i = 0; i <= kDocumentAliasesMax; ++i) text += "${E}";
  EXPECT_EQ(run(text), "document-too-large@0:0");
}

}  // namespace
}  // namespace penstock
