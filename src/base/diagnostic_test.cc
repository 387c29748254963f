// SPDX-License-Identifier: Apache-2.0
#include "base/diagnostic.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Diagnostic, prints_place_code_and_hint) {
  EXPECT_EQ(to_string(Diagnostic{Severity::kError, "a-b", {"f.yaml", 3, 7}, "wrong", "do it"}),
            "f.yaml:3:7: error[a-b]: wrong\n  hint: do it");
  EXPECT_EQ(to_string(Diagnostic{Severity::kWarning, "a-b", {}, "odd", ""}),
            "<input>: warning[a-b]: odd");
}

TEST(Diagnostics, a_warning_is_not_an_error) {
  Diagnostics all;
  all.warning("w", {}, "x");
  EXPECT_FALSE(all.has_errors());
  all.error("e", {}, "x");
  EXPECT_TRUE(all.has_errors());
  EXPECT_EQ(all.all().size(), 2u);
}

TEST(Diagnostics, sort_follows_the_file_and_keeps_order_at_one_place) {
  Diagnostics all;
  all.error("third", {"f", 2, 1}, "");
  all.error("first", {"f", 1, 9}, "");
  all.error("second", {"f", 1, 9}, "");
  all.sort();
  EXPECT_EQ(all.all()[0].code, "first");
  EXPECT_EQ(all.all()[1].code, "second");
  EXPECT_EQ(all.all()[2].code, "third");
}

TEST(Diagnostics, counts_but_does_not_keep_beyond_the_limit) {
  Diagnostics all;
  for (size_t i = 0; i < Diagnostics::kKeptMax + 3; ++i) all.error("e", {}, "x");
  EXPECT_EQ(all.all().size(), Diagnostics::kKeptMax);
  EXPECT_EQ(all.error_count(), Diagnostics::kKeptMax + 3);
  EXPECT_TRUE(to_string(all).ends_with("and 3 more\n"));
}

}  // namespace
}  // namespace penstock
