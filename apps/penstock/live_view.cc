// SPDX-License-Identifier: Apache-2.0
#include "penstock/live_view.h"

#include <algorithm>
#include <cmath>

#include "penstock/quantity.h"
#include "penstock/text_table.h"

namespace penstock {
namespace {

constexpr size_t kBarColumns = 8;

double share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double elapsed_s(const LivePipeline& p) {
  return static_cast<double>(p.now.running_ns - p.before.running_ns) / 1e9;
}

/// A counter's growth a second.
double per_second(const LivePipeline& p, size_t stage, uint64_t StageStatus::*counter) {
  const double s = elapsed_s(p);
  if (s <= 0) return 0;
  const uint64_t then = stage < p.before.stages.size() ? p.before.stages[stage].*counter : 0;
  const uint64_t now = p.now.stages[stage].*counter;
  return now <= then ? 0 : static_cast<double>(now - then) / s;
}

/// Share of the time that the tasks of a stage worked.
double busy_of(const LivePipeline& p, size_t stage) {
  const double s = per_second(p, stage, &StageStatus::busy_ns) / 1e9;
  return std::min(1.0, s / std::max(1u, p.now.stages[stage].tasks));
}

std::string percent(double part) { return std::to_string(std::lround(part * 100)) + " %"; }

std::string bar(double part, bool unicode) {
  static const char* const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const size_t steps = unicode ? 8 : 1;
  const size_t filled = std::min<size_t>(
      static_cast<size_t>(std::lround(part * static_cast<double>(kBarColumns * steps))),
      kBarColumns * steps);
  std::string out;
  for (size_t i = 0; i < filled / steps; ++i) out += unicode ? "█" : "#";
  if (filled % steps != 0) out += eighths[filled % steps];
  out += std::string(kBarColumns - columns_of(out), unicode ? ' ' : '.');
  return unicode ? "▕" + out + "▏" : "[" + out + "]";
}

std::string fill_cell(const LivePipeline& p, size_t stage, const Terminal& terminal) {
  const double fill = fill_of(p, stage);
  if (fill < 0) return p.now.stages[stage].kind == ComponentKind::kSource ? "" : "chained";
  const Colour colour = fill > 0.9 ? Colour::kYellow : Colour::kGreen;
  return coloured(colour, bar(fill, terminal.unicode), terminal.colours);
}

std::string lag_cell(const StageStatus& stage, int64_t wall_us) {
  if (stage.watermark_us == kNoEventTime) return "-";
  if (stage.watermark_us == kEndOfTime) return "end";
  return short_time(std::max<int64_t>(0, wall_us - stage.watermark_us) * 1000);
}

std::string trouble_cell(const StageStatus& stage, bool colours) {
  std::string out;
  const auto add = [&](Colour colour, uint64_t count, const char* word) {
    if (count == 0) return;
    const std::string text = short_count(static_cast<double>(count)) + " " + word;
    out += (out.empty() ? "" : ", ") + coloured(colour, text, colours);
  };
  add(Colour::kRed, stage.rejected - std::min(stage.rejected, stage.dead_lettered), "rejected");
  add(Colour::kYellow, stage.dead_lettered, "dead-lettered");
  add(Colour::kYellow, stage.parked, "to retry");
  return out;
}

/// A column: its heading, its place in the order in which columns are given up, its cells.
struct Column {
  std::string heading;
  int importance = 0;  // the least important goes first
  TextTable::Align align = TextTable::Align::kRight;
  std::vector<std::string> cells;
};

std::vector<Column> columns_for(const LivePipeline& p, const Terminal& terminal, int64_t wall_us) {
  using Align = TextTable::Align;
  Column name{"stage", 100, Align::kLeft, {}}, type{"type", 20, Align::kLeft, {}};
  Column tasks{"tasks", 30, Align::kRight, {}}, in{"in/s", 90, Align::kRight, {}};
  Column out{"out/s", 80, Align::kRight, {}}, total{"records", 85, Align::kRight, {}};
  Column fill{"queue", 60, Align::kLeft, {}}, busy{"busy", 40, Align::kRight, {}};
  Column lag{"lag", 70, Align::kRight, {}}, trouble{"errors", 95, Align::kLeft, {}};
  bool any_lag = false, any_busy = false;
  for (size_t i = 0; i < p.now.stages.size(); ++i) {
    const StageStatus& stage = p.now.stages[i];
    const bool source = stage.kind == ComponentKind::kSource;
    name.cells.push_back(coloured(stage.ended ? Colour::kDim : Colour::kBold,
                                  cut_to(stage.name, 32), terminal.colours));
    type.cells.push_back(coloured(Colour::kDim, cut_to(stage.type, 24), terminal.colours));
    tasks.cells.push_back(std::to_string(stage.tasks));
    in.cells.push_back(source ? "" : short_rate(per_second(p, i, &StageStatus::records_in)));
    out.cells.push_back(stage.kind == ComponentKind::kSink
                            ? ""
                            : short_rate(per_second(p, i, &StageStatus::records_out)));
    total.cells.push_back(
        short_count(static_cast<double>(source ? stage.records_out : stage.records_in)));
    fill.cells.push_back(fill_cell(p, i, terminal));
    busy.cells.push_back(stage.ended ? "ended" : percent(busy_of(p, i)));
    lag.cells.push_back(lag_cell(stage, wall_us));
    any_busy = any_busy || stage.busy_ns > 0 || stage.ended;
    any_lag = any_lag || stage.watermark_us != kNoEventTime;
    trouble.cells.push_back(trouble_cell(stage, terminal.colours));
  }
  std::vector<Column> columns{name, type, tasks, in, out, total, fill};
  if (any_busy) columns.push_back(std::move(busy));
  if (any_lag) columns.push_back(std::move(lag));
  const auto& cells = trouble.cells;
  const bool any_trouble =
      std::any_of(cells.begin(), cells.end(), [](const std::string& c) { return !c.empty(); });
  if (any_trouble) columns.push_back(std::move(trouble));
  return columns;
}

std::vector<std::string> table_lines(const std::vector<Column>& columns, bool colours) {
  std::vector<TextTable::Align> aligns{TextTable::Align::kLeft};
  std::vector<std::string> headings{""};
  for (const Column& column : columns) {
    aligns.push_back(column.align);
    headings.push_back(coloured(Colour::kDim, column.heading, colours));
  }
  TextTable table(aligns);
  table.row(headings);
  for (size_t i = 0; i < columns[0].cells.size(); ++i) {
    std::vector<std::string> cells{""};
    for (const Column& column : columns) cells.push_back(column.cells[i]);
    table.row(std::move(cells));
  }
  return table.lines();
}

std::string epochs_text(const EngineStatus& now, const Terminal& terminal) {
  if (now.regions.empty()) return {};
  const RegionStatus* oldest = &now.regions[0];
  for (const RegionStatus& region : now.regions) {
    if (region.commit_age_ns > oldest->commit_age_ns) oldest = &region;
  }
  std::string out = "epoch " + std::to_string(oldest->epoch) + ", ";
  if (oldest->committed == 0) out += "none committed";
  else out += "committed " + std::to_string(oldest->committed) + " " +
              short_time(oldest->commit_age_ns) + " ago";
  if (oldest->resets > 0) out += ", " + counted(oldest->resets, "reset");
  if (now.regions.size() > 1) out = oldest->name + ": " + out;
  return coloured(Colour::kDim, out, terminal.colours);
}

Colour colour_of(RunState state) {
  switch (state) {
    case RunState::kRunning:
    case RunState::kDone: return Colour::kGreen;
    case RunState::kFailed: return Colour::kRed;
    default: return Colour::kYellow;
  }
}

}  // namespace

const char* to_string(RunState state) {
  switch (state) {
    case RunState::kStarting: return "starting";
    case RunState::kRunning: return "running";
    case RunState::kDraining: return "draining";
    case RunState::kDone: return "done";
    case RunState::kStopped: return "stopped";
    case RunState::kFailed: return "failed";
  }
  return "unknown";
}

double rate_of(const LivePipeline& p, size_t stage) {
  const bool source = p.now.stages[stage].kind == ComponentKind::kSource;
  return per_second(p, stage, source ? &StageStatus::records_out : &StageStatus::records_in);
}

double fill_of(const LivePipeline& p, size_t stage) {
  double fill = -1;
  if (stage >= p.plan->stages.size()) return fill;
  for (const uint32_t index : p.plan->stages[stage].inputs) {
    if (index >= p.now.edges.size() || p.now.edges[index].chained) continue;
    const EdgeStatus& edge = p.now.edges[index];
    fill = std::max({fill, share(edge.records, edge.capacity_records),
                     share(edge.bytes, edge.capacity_bytes)});
  }
  return std::min(fill, 1.0);
}

std::vector<std::string> live_lines(const LivePipeline& p, const Terminal& terminal,
                                    int64_t wall_us) {
  const bool colours = terminal.colours;
  std::string title = coloured(Colour::kBold, p.name, colours) + "  " +
                      coloured(colour_of(p.now.state), to_string(p.now.state), colours) + " " +
                      clock_time(p.now.running_ns);
  const std::string epochs = epochs_text(p.now, terminal);
  if (!epochs.empty()) title += "  " + epochs;
  std::vector<std::string> lines{title};
  if (!p.now.stages.empty()) {
    std::vector<Column> columns = columns_for(p, terminal, wall_us);
    std::vector<std::string> table = table_lines(columns, colours);
    const auto too_wide = [&] {
      return std::any_of(table.begin(), table.end(), [&](const std::string& line) {
        return columns_of(line) >= terminal.columns;
      });
    };
    while (columns.size() > 1 && too_wide()) {
      columns.erase(std::min_element(
          columns.begin(), columns.end(),
          [](const Column& a, const Column& b) { return a.importance < b.importance; }));
      table = table_lines(columns, colours);
    }
    lines.insert(lines.end(), table.begin(), table.end());
  }
  for (const RegionStatus& region : p.now.regions) {
    if (region.laggards.empty()) continue;
    std::string names;
    for (const std::string& task : region.laggards) names += (names.empty() ? "" : ", ") + task;
    lines.push_back("  " + coloured(Colour::kYellow, "waiting for " + names, colours));
  }
  if (!p.now.error.empty()) {
    lines.push_back("  " + coloured(Colour::kRed, p.now.error, colours));
  }
  if (lines.size() >= terminal.rows) {
    const size_t kept = terminal.rows >= 3 ? terminal.rows - 2 : 1;
    const std::string left = std::to_string(lines.size() - kept);
    lines.resize(kept);
    lines.push_back("  " + coloured(Colour::kDim, "and " + left + " more lines", colours));
  }
  return lines;
}

std::string plain_line(const LivePipeline& p, int64_t wall_us) {
  std::string out = p.name + ": " + to_string(p.now.state) + " " + clock_time(p.now.running_ns);
  for (size_t i = 0; i < p.now.stages.size(); ++i) {
    const StageStatus& stage = p.now.stages[i];
    const bool source = stage.kind == ComponentKind::kSource;
    out += ", " + stage.name + " " +
           short_count(static_cast<double>(source ? stage.records_out : stage.records_in));
    const double rate = rate_of(p, i);
    if (rate > 0) out += " (" + short_rate(rate) + "/s)";
    const std::string trouble = trouble_cell(stage, false);
    if (!trouble.empty()) out += " [" + trouble + "]";
    if (stage.watermark_us != kNoEventTime && stage.watermark_us != kEndOfTime) {
      out += " lag " + lag_cell(stage, wall_us);
    }
  }
  for (const RegionStatus& region : p.now.regions) {
    for (const std::string& task : region.laggards) out += ", waiting for " + task;
  }
  return out;
}

}  // namespace penstock
