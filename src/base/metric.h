// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock {

/// One `name="value"` of a sample.
using MetricLabel = std::pair<std::string_view, std::string_view>;
using MetricLabels = std::initializer_list<MetricLabel>;

/// Collects samples and writes them in the Prometheus text exposition format 0.0.4. Samples may
/// come in any order; they are grouped by family, families in the order in which they first came.
/// Names must be legal ([a-zA-Z_:][a-zA-Z0-9_:]*), a family keeps its first type and help: anything
/// else is a bug. Label values may be any text. Not thread-safe; made for one scrape.
class MetricWriter {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  void counter(std::string_view name, std::string_view help, MetricLabels labels, double value);
  void gauge(std::string_view name, std::string_view help, MetricLabels labels, double value);
  /// `counts[i]` observations were ≤ `bounds[i]` and > `bounds[i - 1]`; one more count than bounds:
  /// the last one is beyond all. Bounds ascend.
  void histogram(std::string_view name, std::string_view help, MetricLabels labels,
                 std::span<const double> bounds, std::span<const uint64_t> counts, double sum);

  std::string text() const;

 private:
  struct Family {
    std::string name;
    std::string help;
    std::string_view type;
    std::string samples;
  };
  std::string& samples_of(std::string_view name, std::string_view help, std::string_view type);

  std::vector<Family> families_;
  std::map<std::string, size_t, std::less<>> by_name_;
};

}  // namespace penstock
