// SPDX-License-Identifier: Apache-2.0
#include "penstock/reference.h"

#include <gtest/gtest.h>

#include "base/diagnostic.h"
#include "config/codes.h"
#include "penstock/catalog.h"
#include "penstock/commands.h"
#include "penstock/embedded.h"
#include "spec/json_reader.h"

namespace penstock {
namespace {

TEST(Reference, has_a_page_for_every_component_command_and_code) {
  const Catalog catalog = make_catalog();
  const auto pages = reference_pages(catalog, all_commands(catalog));
  for (const Component& component : catalog.all()) {
    const std::string& page = pages.at("components/" + component.type + ".md");
    EXPECT_NE(page.find(component.summary), std::string::npos);
    EXPECT_NE(page.find("## Example"), std::string::npos) << component.type;
    for (const FieldSpec& field : component.schema->fields()) {
      EXPECT_NE(page.find("`" + field.name + "`"), std::string::npos) << field.name;
    }
    EXPECT_NE(pages.at("README.md").find("components/" + component.type + ".md"),
              std::string::npos);
  }
  for (const Command& command : all_commands(make_catalog())) {
    EXPECT_NE(pages.at("cli.md").find("## penstock " + command.name + "\n"), std::string::npos);
  }
  for (const CodeInfo& info : all_codes()) {
    EXPECT_NE(pages.at("codes.md").find("## " + std::string(info.code) + "\n"), std::string::npos);
  }
  EXPECT_NE(pages.at("metrics.md").find("| `penstock_queue_records` | gauge |"),
            std::string::npos);
}

TEST(Reference, includes_the_readme_where_no_link_would_work) {
  const Catalog catalog = make_catalog();
  const std::string page = component_page(catalog.find("noop_source"), Readme::kIncluded);
  EXPECT_NE(page.find(embedded_file("connectors/noop/README.md")), std::string::npos);
  EXPECT_EQ(page.find("[README]"), std::string::npos);
  EXPECT_EQ(embedded_file("connectors/none/README.md"), "");
}

TEST(FlowJsonSchema, joins_the_options_of_every_component_to_its_type) {
  const Catalog catalog = make_catalog();
  Diagnostics diagnostics;
  const auto root = read_json(flow_json_schema(catalog), "schema", diagnostics);
  ASSERT_TRUE(root.has_value()) << to_string(diagnostics);
  const Node& stage = *root->find("properties")->find("stages")->find("items");
  const Node* noop = nullptr;
  for (const Node& condition : stage.find("allOf")->items) {
    const Node& type = *condition.find("if")->find("properties")->find("type");
    if (type.find("const")->text == "noop_source") noop = condition.find("then");
  }
  ASSERT_NE(noop, nullptr);
  const Node* config = noop->find("properties")->find("config");
  EXPECT_EQ(config->find("$schema"), nullptr);
  const Node* delay = config->find("properties")->find("delay_ms");
  ASSERT_NE(delay, nullptr);
  // a number, or a text that is one, or an interpolation
  EXPECT_EQ(delay->find("type")->items.size(), 2u);
  EXPECT_NE(delay->find("pattern")->text.find("\\$\\{"), std::string::npos);
  const Node* types = stage.find("properties")->find("type")->find("examples");
  ASSERT_NE(types, nullptr);
  EXPECT_GE(types->items.size(), catalog.all().size() / 2);
}

}  // namespace
}  // namespace penstock
