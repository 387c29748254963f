// SPDX-License-Identifier: Apache-2.0
#include "base/metric.h"

#include <charconv>
#include <cmath>

#include "base/check.h"

namespace penstock {
namespace {

bool is_name(std::string_view text, bool colon) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  for (char c : text) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && !(c >= '0' && c <= '9') && !(colon && c == ':')) return false;
  }
  return true;
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (quotes && c == '"') {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    char text[40];
    auto [end, error] = std::to_chars(text, text + sizeof text, value);
    CHECK(error == std::errc());
    out.append(text, end);
  }
}

/// `extra` is the label that a histogram's bucket adds; its name is empty elsewhere.
void append_sample(std::string& out, std::string_view name, std::string_view suffix,
                   MetricLabels labels, MetricLabel extra, double value) {
  out.append(name).append(suffix);
  char before = '{';
  auto append_label = [&](const MetricLabel& label) {
    CHECK(is_name(label.first, false));
    out += before;
    out.append(label.first).append("=\"");
    append_escaped(out, label.second, true);
    out += '"';
    before = ',';
  };
  for (const MetricLabel& label : labels) append_label(label);
  if (!extra.first.empty()) append_label(extra);
  out += before == '{' ? " " : "} ";
  append_number(out, value);
  out += '\n';
}

}  // namespace

std::string& MetricWriter::samples_of(std::string_view name, std::string_view help,
                                      std::string_view type) {
  CHECK(is_name(name, true));
  auto it = by_name_.find(name);
  if (it == by_name_.end()) {
    it = by_name_.emplace(std::string(name), families_.size()).first;
    families_.push_back({std::string(name), std::string(help), type, {}});
  }
  Family& family = families_[it->second];
  CHECK_EQ(family.type, type);
  return family.samples;
}

void MetricWriter::counter(std::string_view name, std::string_view help, MetricLabels labels,
                           double value) {
  append_sample(samples_of(name, help, "counter"), name, "", labels, {}, value);
}

void MetricWriter::gauge(std::string_view name, std::string_view help, MetricLabels labels,
                         double value) {
  append_sample(samples_of(name, help, "gauge"), name, "", labels, {}, value);
}

void MetricWriter::histogram(std::string_view name, std::string_view help, MetricLabels labels,
                             std::span<const double> bounds, std::span<const uint64_t> counts,
                             double sum) {
  CHECK_EQ(counts.size(), bounds.size() + 1);
  std::string& out = samples_of(name, help, "histogram");
  uint64_t total = 0;
  for (size_t i = 0; i < counts.size(); i++) {
    total += counts[i];
    std::string bound;
    append_number(bound, i < bounds.size() ? bounds[i] : HUGE_VAL);
    append_sample(out, name, "_bucket", labels, {"le", bound}, static_cast<double>(total));
  }
  append_sample(out, name, "_sum", labels, {}, sum);
  append_sample(out, name, "_count", labels, {}, static_cast<double>(total));
}

std::string MetricWriter::text() const {
  std::string out;
  for (const Family& family : families_) {
    out.append("# HELP ").append(family.name).append(" ");
    append_escaped(out, family.help, false);
    out.append("\n# TYPE ").append(family.name).append(" ").append(family.type).append("\n");
    out += family.samples;
  }
  return out;
}

}  // namespace penstock
