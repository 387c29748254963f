// SPDX-License-Identifier: Apache-2.0
#include "penstock/bench_report.h"

#include <algorithm>
#include <cstdio>

#include "config/json_text.h"
#include "penstock/quantity.h"

namespace penstock {
namespace {

constexpr double kPercentiles[] = {0.5, 0.9, 0.99, 0.999};
constexpr const char* kPercentileNames[] = {"p50", "p90", "p99", "p99.9"};

double seconds_between(int64_t first_ns, int64_t last_ns) {
  return static_cast<double>(std::max<int64_t>(last_ns - first_ns, 1)) / 1e9;
}

uint64_t lost(const BenchLedger& ledger, const BenchLedger::Seen& seen) {
  return ledger.sent_count() - std::min(ledger.sent_count(), seen.received);
}

double rate(uint64_t count, int64_t first_ns, int64_t last_ns) {
  return static_cast<double>(count) / seconds_between(first_ns, last_ns);
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

/// A row for each doubling from the fastest to the slowest.
std::string picture(const LatencyHistogram& latency) {
  constexpr double kWidth = 40;
  std::string text;
  bool begun = false;
  for (int64_t from = 1000; from <= latency.max(); from *= 2) {
    const uint64_t count =
        from == 1000 ? latency.between(0, 2000) : latency.between(from, 2 * from);
    begun = begun || count > 0;
    if (!begun) continue;
    const double part = static_cast<double>(count) / static_cast<double>(latency.count());
    std::string bar;
    for (int i = 0; i < static_cast<int>(part * kWidth + 0.5); ++i) bar += "█";
    char share[16];
    std::snprintf(share, sizeof share, "%5.1f %%", part * 100);
    const std::string label = short_time(from) + " – " + short_time(2 * from);
    text += "  " + label + std::string(label.size() < 22 ? 22 - label.size() : 0, ' ') + share +
            (bar.empty() ? "" : "  " + bar) + "\n";
  }
  return text;
}

}  // namespace

bool bench_good(const BenchResult& result, const BenchLedger& ledger) {
  const BenchLedger::Seen seen = ledger.seen();
  if (!result.error.empty() || result.outcome == Outcome::kFailed) return false;
  if (!result.metered) return true;
  return lost(ledger, seen) == 0 && (!result.exactly_once || seen.twice == 0);
}

std::string bench_text(const BenchResult& result, const BenchLedger& ledger) {
  const BenchLedger::Seen seen = ledger.seen();
  std::string text;
  for (const std::string& note : result.notes) text += note + "\n";
  const auto line = [&](const char* name, uint64_t count, uint64_t bytes, int64_t first,
                        int64_t last) {
    text += std::string(name) + long_count(count) + " records, " +
            short_bytes(static_cast<double>(bytes)) + " in " + short_time(last - first) + ": " +
            long_count(static_cast<uint64_t>(rate(count, first, last))) + " records/s\n";
  };
  line("sent      ", ledger.sent_count(), ledger.sent_bytes(), ledger.first_sent_ns(),
       ledger.last_sent_ns());
  if (result.metered) {
    line("received  ", seen.received, seen.bytes, seen.first_ns, seen.last_ns);
    text += "lost      " + long_count(lost(ledger, seen)) + ", twice " + long_count(seen.twice) +
            ", out of order " + long_count(seen.disordered) + ", of other runs " +
            long_count(seen.foreign) + "\n";
  }
  const auto thousands = static_cast<double>(std::max<uint64_t>(ledger.sent_count(), 1));
  text += "CPU       " + number(result.cpu_seconds) + " s, " +
          number(result.cpu_seconds / thousands * 1e6) + " s a million records\n";
  if (seen.latency.count() > 0) {
    text += "latency  ";
    for (size_t i = 0; i < std::size(kPercentiles); ++i) {
      text += " " + std::string(kPercentileNames[i]) + " " +
              short_time(seen.latency.percentile(kPercentiles[i])) + " ";
    }
    text += " max " + short_time(seen.latency.max()) + "\n" + picture(seen.latency);
  }
  if (!result.error.empty()) text += "failed    " + result.error + "\n";
  return text;
}

std::string bench_json(const BenchResult& result, const BenchLedger& ledger) {
  const BenchLedger::Seen seen = ledger.seen();
  JsonWriter json;
  const auto count = [&](const char* name, uint64_t value) {
    json.key(name), json.raw(std::to_string(value));
  };
  json.open_object();
  json.key("good"), json.boolean(bench_good(result, ledger));
  json.key("error"), json.string(result.error);
  count("sent", ledger.sent_count());
  json.key("sent_per_second");
  json.raw(number(rate(ledger.sent_count(), ledger.first_sent_ns(), ledger.last_sent_ns())));
  if (result.metered) {
    count("received", seen.received);
    json.key("received_per_second");
    json.raw(number(rate(seen.received, seen.first_ns, seen.last_ns)));
    count("lost", lost(ledger, seen));
    count("twice", seen.twice);
    count("out_of_order", seen.disordered);
    count("of_other_runs", seen.foreign);
    json.key("latency_us");
    json.open_object();
    for (size_t i = 0; i < std::size(kPercentiles); ++i) {
      json.key(kPercentileNames[i]);
      json.raw(number(static_cast<double>(seen.latency.percentile(kPercentiles[i])) / 1e3));
    }
    json.key("max"), json.raw(number(static_cast<double>(seen.latency.max()) / 1e3));
    count("count", seen.latency.count());
    json.close_object();
    // From the end of one to the end of the next: upper ends in microseconds.
    json.key("histogram");
    json.open_list();
    int64_t from = 0;
    for (int64_t to = 1000; from <= seen.latency.max(); from = to, to *= 2) {
      const uint64_t in = seen.latency.between(from, to);
      if (in == 0) continue;
      json.open_object();
      json.key("up_to_us"), json.raw(number(static_cast<double>(to) / 1e3));
      count("count", in);
      json.close_object();
    }
    json.close_list();
  }
  json.key("cpu_seconds"), json.raw(number(result.cpu_seconds));
  json.key("notes");
  json.open_list();
  for (const std::string& note : result.notes) json.string(note);
  json.close_list();
  json.close_object();
  return json.finish();
}

}  // namespace penstock
