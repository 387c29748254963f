// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/conformance.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace penstock::conformance {
namespace {

class FunctionTest final : public testing::Test {
 public:
  explicit FunctionTest(std::function<void()> body) : body_(std::move(body)) {}
  void TestBody() override { body_(); }

 private:
  std::function<void()> body_;
};

void add_test(const std::string& suite, const char* name, std::function<void()> body) {
  testing::RegisterTest(suite.c_str(), name, nullptr, nullptr, __FILE__, __LINE__,
                        [body]() -> testing::Test* { return new FunctionTest(body); });
}

bool mentions(const std::string& text, const std::string& word) {
  return text.find("`" + word + "`") != std::string::npos;
}

/// Their page is printed from what they say about themselves here.
void check_options(const SchemaBase& schema, const std::string& type) {
  for (const FieldSpec& field : schema.fields()) {
    EXPECT_FALSE(field.about.empty()) << type << "." << field.name << " has no about()";
    if (field.type->schema() != nullptr) check_options(*field.type->schema(), type);
  }
}

/// A README does not list options a second time: it leads to their page, which cannot be wrong.
void check_option_page(const std::string& readme, const Component& component) {
  if (component.schema->fields().empty()) return;
  const std::string page = "docs/reference/components/" + component.type + ".md)";
  EXPECT_NE(readme.find(page), std::string::npos) << "README.md does not link " << page;
}

void check_unknown_option(const Component& component) {
  Diagnostics diagnostics;
  const Node options = map({{"no_such_option_anywhere", "1"}});
  EXPECT_EQ(component.bind(options, diagnostics), nullptr);
  bool named = false;
  for (const Diagnostic& d : diagnostics.all()) {
    named = named || d.what.find("no_such_option_anywhere") != std::string::npos;
  }
  EXPECT_TRUE(named) << component.type << " accepts unknown options";
}

}  // namespace

std::shared_ptr<const Bound> Fixture::bound() const {
  return conformance::bind(catalog, type, kind, options);  // not std::bind, which a string finds
}

void check_documents(const std::string& source_folder, const Component& component) {
  const std::string folder = source_folder + "/src/" + component.folder;
  ASSERT_TRUE(std::filesystem::exists(folder + "/README.md")) << folder;
  ASSERT_TRUE(std::filesystem::exists(folder + "/example.yaml")) << folder;
  const std::string readme = read_file(folder + "/README.md");
  EXPECT_TRUE(mentions(readme, component.type)) << "README.md does not name " << component.type;
  for (const char* word : {"guarantee", "ordering", "| failure |"}) {
    const bool needed = component.kind != ComponentKind::kStage || word[0] != 'g';
    EXPECT_TRUE(!needed || readme.find(word) != std::string::npos) << "README.md lacks " << word;
  }
  const std::string example = read_file(folder + "/example.yaml");
  EXPECT_NE(example.find("stages:"), std::string::npos);
  EXPECT_FALSE(component.summary.empty());
  ASSERT_NE(component.schema, nullptr);
  check_options(*component.schema, component.type);
  check_option_page(readme, component);
  check_unknown_option(component);
}

bool inherit_in(const char* source_folder, std::function<void(Catalog&)> register_components,
                std::vector<Case> cases) {
  Catalog catalog;
  register_components(catalog);
  for (const Component& component : catalog.all()) {
    const std::string suite =
        "Conformance_" + component.type + "_" + to_string(component.kind);
    const std::string type = component.type;
    const ComponentKind kind = component.kind;
    add_test(suite, "is_documented", [=, root = std::string(source_folder)] {
      Catalog own;
      register_components(own);
      check_documents(root, *own.find(type, kind));
    });
    const Case* found = nullptr;
    for (const Case& one : cases) {
      if (one.type == type && one.kind == kind) found = &one;
    }
    if (found == nullptr) {
      add_test(suite, "has_a_case",
               [type] { ADD_FAILURE() << type << " has no conformance case"; });
      continue;
    }
    Fixture first;  // for the traits, which may depend on options
    const auto set_up = [=, set_up = found->set_up](Fixture& fixture) {
      fixture.type = type;
      fixture.kind = kind;
      register_components(fixture.catalog);
      if (set_up) set_up(fixture);
    };
    set_up(first);
    const Traits traits = first.bound()->traits;
    const std::vector<Claim> claims = kind == ComponentKind::kSource ? source_claims(traits, first)
                                      : kind == ComponentKind::kStage ? stage_claims(traits, first)
                                                                      : sink_claims(traits, first);
    for (const Claim& claim : claims) {
      add_test(suite, claim.name, [set_up, check = claim.check] {
        Fixture fixture;
        set_up(fixture);
        check(fixture);
      });
    }
  }
  return true;
}

}  // namespace penstock::conformance
