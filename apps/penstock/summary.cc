// SPDX-License-Identifier: Apache-2.0
#include "penstock/summary.h"

#include <algorithm>

#include "penstock/problems.h"
#include "penstock/quantity.h"
#include "penstock/status_json.h"
#include "penstock/text_table.h"

namespace penstock {
namespace {

const char* outcome_word(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDelivered: return "delivered";
    case Outcome::kFailed: return "failed";
    case Outcome::kUndelivered: return "undelivered";
  }
  return "unknown";
}

std::string headline(const RunEnd& end) {
  const std::string took = " after " + short_time(end.status.running_ns);
  switch (end.outcome) {
    case Outcome::kDelivered:
      if (end.status.state == RunState::kStopped) {
        return "stopped" + took + "; everything that was read is delivered";
      }
      return "done" + took + "; everything is delivered";
    case Outcome::kUndelivered: return "stopped" + took + " with records undelivered";
    case Outcome::kFailed:
      return "failed" + took + (end.status.error.empty() ? "" : ": " + end.status.error);
  }
  return {};
}

std::string table_of(const EngineStatus& status) {
  using Align = TextTable::Align;
  TextTable table({Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kRight,
                   Align::kLeft});
  table.row({"", "stage", "in", "out", "records/s", ""});
  const double s = std::max(static_cast<double>(status.running_ns) / 1e9, 1e-9);
  for (const StageStatus& stage : status.stages) {
    const bool source = stage.kind == ComponentKind::kSource;
    const bool sink = stage.kind == ComponentKind::kSink;
    std::string trouble;
    if (stage.rejected > 0) {
      trouble = long_count(stage.rejected) + " rejected";
      if (stage.dead_lettered > 0) {
        trouble += ", " + long_count(stage.dead_lettered) + " dead-lettered";
      }
    }
    const auto records = static_cast<double>(source ? stage.records_out : stage.records_in);
    table.row({"", stage.name, source ? "" : long_count(stage.records_in),
               sink ? "" : long_count(stage.records_out), short_rate(records / s), trouble});
  }
  return table.text();
}

/// What the next run will do with what this one left.
std::string next_step(const RunEnd& end) {
  const std::string run = "penstock run " + end.path;
  if (!end.remembers) {
    return end.outcome == Outcome::kDelivered
               ? ""
               : "nothing was remembered: the next run begins anew";
  }
  switch (end.outcome) {
    case Outcome::kDelivered: return "";
    case Outcome::kUndelivered:
      return run + "   goes on behind the last commit: what was not confirmed is read again and "
                   "may arrive twice";
    case Outcome::kFailed:
      return "put it right, then " + run + "   goes on behind the last commit: what was not "
             "confirmed is read again and may arrive twice";
  }
  return {};
}

}  // namespace

std::string summary_text(const RunEnd& end) {
  if (end.refused != nullptr) {
    Error error = *end.refused;
    error.message = end.name + " could not start: " + error.message;
    return complaint(error);
  }
  std::string out = end.name + ": " + headline(end) + "\n";
  if (!end.status.stages.empty()) out += table_of(end.status);
  for (const std::string& note : end.status.notes) out += "  note: " + note + "\n";
  const std::string next = next_step(end);
  if (!next.empty()) out += "  next: " + next + "\n";
  return out;
}

std::string summary_line(const RunEnd& end) {
  JsonWriter json;
  json.open_object();
  json.key("kind"), json.string("summary");
  json.key("outcome"), json.string(outcome_word(end.outcome));
  json.key("exit_code"), json.raw(std::to_string(static_cast<int>(end.outcome)));
  write_status(json, {end.plan, end.name, {}, end.status});
  json.key("notes");
  json.open_list();
  for (const std::string& note : end.status.notes) json.string(note);
  json.close_list();
  json.close_object();
  return one_line(json.finish());
}

int worse(int exit_code, Outcome outcome) {
  const int failed = static_cast<int>(Outcome::kFailed);
  if (exit_code == failed || outcome == Outcome::kFailed) return failed;
  return std::max(exit_code, static_cast<int>(outcome));
}

}  // namespace penstock
