// SPDX-License-Identifier: Apache-2.0
// Every wrong document of tests/scenarios/diagnostics/components: options of real components, and
// what the planner refuses.
#include <gtest/gtest.h>

#include "penstock/catalog.h"
#include "penstock/pipeline_file.h"
#include "spec/test_documents.h"

namespace penstock {
namespace {

TEST(WrongOptions, each_document_gets_exactly_the_messages_beside_it) {
  const std::filesystem::path folder =
      std::filesystem::path(PENSTOCK_SOURCE_DIR) / "tests/scenarios/diagnostics/components";
  const Catalog catalog = make_catalog();
  EXPECT_GE(wrong_documents(folder).size(), 30u);
  check_documents(folder, [&](const std::string& name, Diagnostics& diagnostics) {
    return load_plan(name, catalog, diagnostics) != nullptr;
  });
}

TEST(WrongDocuments, the_whole_catalog_adds_nothing_to_the_messages_about_a_document) {
  const std::filesystem::path folder =
      std::filesystem::path(PENSTOCK_SOURCE_DIR) / "tests/scenarios/diagnostics";
  const Catalog catalog = make_catalog();
  check_documents(folder, [&](const std::string& name, Diagnostics& diagnostics) {
    return load_plan(name, catalog, diagnostics) != nullptr;
  });
}

}  // namespace
}  // namespace penstock
