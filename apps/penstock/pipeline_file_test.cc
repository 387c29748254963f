// SPDX-License-Identifier: Apache-2.0
#include "penstock/pipeline_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace penstock {
namespace {

namespace fs = std::filesystem;

/// A folder that goes away with the test.
struct TemporaryFolder {
  fs::path path;
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "penstock-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { fs::remove_all(path); }
  void touch(const std::string& name) { std::ofstream(path / name) << "x"; }
};

/// Sets an environment variable (or removes it) as long as it lives.
struct Variable {
  std::string name;
  std::optional<std::string> before;
  Variable(std::string n, const char* value) : name(std::move(n)) {
    if (const char* old = getenv(name.c_str())) before = old;
    if (value == nullptr) unsetenv(name.c_str());
    else setenv(name.c_str(), value, 1);
  }
  ~Variable() {
    if (before) setenv(name.c_str(), before->c_str(), 1);
    else unsetenv(name.c_str());
  }
};

TEST(PipelineFiles, are_those_of_a_folder_in_order) {
  TemporaryFolder folder;
  for (const char* name : {"b.yml", "a.yaml", "c.json", "notes.txt", "yaml"}) folder.touch(name);
  fs::create_directory(folder.path / "d.yaml");
  const auto files = pipeline_files(folder.path.string());
  ASSERT_TRUE(files.has_value());
  ASSERT_EQ(files->size(), 3u);
  EXPECT_TRUE((*files)[0].ends_with("a.yaml"));
  EXPECT_TRUE((*files)[2].ends_with("c.json"));
}

TEST(PipelineFiles, of_anything_else_are_the_path_itself) {
  EXPECT_EQ(*pipeline_files("none.yaml"), std::vector<std::string>{"none.yaml"});
  TemporaryFolder empty;
  const auto files = pipeline_files(empty.path.string());
  ASSERT_FALSE(files.has_value());
  EXPECT_EQ(files.error().code, "no-pipeline");
}

TEST(StateIdentity, is_the_name_where_it_can_be) {
  Spec spec;
  spec.name = "word-count_2.x";
  EXPECT_EQ(state_identity(spec, "any.yaml"), "word-count_2.x");
  spec.name = "a/b";
  const std::string slash = state_identity(spec, "any.yaml");
  EXPECT_TRUE(slash.starts_with("a-b@")) << slash;
  spec.name = "a b";
  EXPECT_NE(state_identity(spec, "any.yaml"), slash);
  spec.name = "..";
  EXPECT_TRUE(state_identity(spec, "any.yaml").starts_with("..@"));
  spec.name = std::string(300, 'x');
  EXPECT_LT(state_identity(spec, "any.yaml").size(), 120u);
}

TEST(StateIdentity, of_a_nameless_flow_is_its_files_place) {
  const Spec spec;
  TemporaryFolder folder;
  folder.touch("words.yaml");
  const std::string whole = (folder.path / "words.yaml").string();
  const std::string identity = state_identity(spec, whole);
  EXPECT_TRUE(identity.starts_with("words@")) << identity;
  EXPECT_EQ(state_identity(spec, (folder.path / "." / "words.yaml").string()), identity);
  EXPECT_NE(state_identity(spec, "elsewhere/words.yaml"), identity);
}

TEST(StateRoot, is_the_first_that_the_user_or_the_environment_names) {
  const Variable own("PENSTOCK_STATE", "/p"), xdg("XDG_STATE_HOME", "/x"), home("HOME", "/h");
  EXPECT_EQ(*state_root("here"), "here");
  EXPECT_EQ(*state_root(""), "/p");
  const Variable no_own("PENSTOCK_STATE", nullptr);
  EXPECT_EQ(*state_root(""), "/x/penstock");
  const Variable relative_xdg("XDG_STATE_HOME", "x");
  EXPECT_EQ(*state_root(""), "/h/.local/state/penstock");
  const Variable no_home("HOME", nullptr);
  ASSERT_FALSE(state_root("").has_value());
  EXPECT_EQ(state_root("").error().code, "no-state-folder");
}

TEST(DisplayName, is_the_flows_or_the_files) {
  Spec spec;
  EXPECT_EQ(display_name(spec, "flows/words.yaml"), "words");
  spec.name = "counted";
  EXPECT_EQ(display_name(spec, "flows/words.yaml"), "counted");
}

}  // namespace
}  // namespace penstock
