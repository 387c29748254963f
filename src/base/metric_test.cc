// SPDX-License-Identifier: Apache-2.0
#include "base/metric.h"

#include <gtest/gtest.h>

#include <cmath>

namespace penstock {
namespace {

TEST(MetricWriter, groups_samples_of_a_family_whatever_their_order) {
  MetricWriter w;
  w.counter("penstock_records_total", "Records read.", {{"stage", "a"}}, 5);
  w.gauge("penstock_lag", "Bytes to read.", {}, 0.25);
  w.counter("penstock_records_total", "Records read.", {{"stage", "b"}, {"task", "1"}}, 7);
  EXPECT_EQ(w.text(),
            "# HELP penstock_records_total Records read.\n"
            "# TYPE penstock_records_total counter\n"
            "penstock_records_total{stage=\"a\"} 5\n"
            "penstock_records_total{stage=\"b\",task=\"1\"} 7\n"
            "# HELP penstock_lag Bytes to read.\n"
            "# TYPE penstock_lag gauge\n"
            "penstock_lag 0.25\n");
}

TEST(MetricWriter, escapes_help_and_label_values_each_by_its_rule) {
  MetricWriter w;
  w.gauge("g", "a \"b\"\\\n", {{"k", "a \"b\"\\\n"}}, 1);
  EXPECT_EQ(w.text(),
            "# HELP g a \"b\"\\\\\\n\n# TYPE g gauge\ng{k=\"a \\\"b\\\"\\\\\\n\"} 1\n");
}

TEST(MetricWriter, accumulates_the_buckets_of_a_histogram) {
  MetricWriter w;
  double bounds[] = {0.5, 1};
  uint64_t counts[] = {3, 0, 2};
  w.histogram("h", "x", {{"s", "q"}}, bounds, counts, 9.5);
  EXPECT_EQ(w.text(),
            "# HELP h x\n# TYPE h histogram\n"
            "h_bucket{s=\"q\",le=\"0.5\"} 3\nh_bucket{s=\"q\",le=\"1\"} 3\n"
            "h_bucket{s=\"q\",le=\"+Inf\"} 5\nh_sum{s=\"q\"} 9.5\nh_count{s=\"q\"} 5\n");
}

TEST(MetricWriter, writes_large_and_special_numbers_exactly) {
  MetricWriter w;
  w.gauge("a", "", {}, 9007199254740992.0);
  w.gauge("b", "", {}, -HUGE_VAL);
  w.gauge("c", "", {}, std::nan(""));
  std::string text = w.text();
  EXPECT_NE(text.find("\na 9007199254740992\n"), std::string::npos);
  EXPECT_NE(text.find("\nb -Inf\n"), std::string::npos);
  EXPECT_NE(text.find("\nc NaN\n"), std::string::npos);
}

TEST(MetricWriterDeathTest, refuses_names_and_types_that_only_a_bug_makes) {
  MetricWriter w;
  EXPECT_DEATH(w.gauge("0bad", "", {}, 1), "is_name");
  EXPECT_DEATH(w.gauge("g", "", {{"a-b", "x"}}, 1), "is_name");
  w.gauge("g", "", {}, 1);
  EXPECT_DEATH(w.counter("g", "", {}, 1), "family.type");
}

}  // namespace
}  // namespace penstock
