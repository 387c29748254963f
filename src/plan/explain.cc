// SPDX-License-Identifier: Apache-2.0
#include "plan/explain.h"

#include <algorithm>

#include "config/secret.h"

namespace penstock {
namespace {

using Row = std::vector<std::string>;

/// Columns as wide as their widest cell (in code points), two blanks between, nothing at the end.
std::string table(const std::vector<Row>& rows) {
  const auto width = [](const std::string& cell) {
    return static_cast<size_t>(
        std::count_if(cell.begin(), cell.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  };
  std::vector<size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line = "  ";
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string tasks_text(uint32_t tasks) {
  return std::to_string(tasks) + (tasks == 1 ? " task" : " tasks");
}

std::string key_text(const PlanStage& stage) {
  switch (stage.key.kind) {
    case KeySelector::Kind::kNone:
      return "";
    case KeySelector::Kind::kPayload:
      return "key payload";
    case KeySelector::Kind::kRecordKey:
      return "key record_key";
    case KeySelector::Kind::kHeader:
      return "key header " + stage.key.header;
    case KeySelector::Kind::kComputed:
      return "key " + stage.key.program->text();
  }
  return "";
}

std::string names(const Plan& plan, const std::vector<uint32_t>& stages) {
  std::string out;
  for (const uint32_t stage : stages) out += (out.empty() ? "" : ", ") + plan.stages[stage].name;
  return out;
}

std::string stage_notes(const Plan& plan, const PlanStage& stage) {
  Row notes;
  if (plan.chains[stage.chain].stages.size() > 1) {
    notes.push_back("chain " + std::to_string(stage.chain + 1));
  }
  if (stage.key.is_set()) notes.push_back(key_text(stage));
  if (stage.combined) notes.push_back("combined before the exchange");
  if (stage.bound->traits.stateful) notes.push_back("keeps state");
  if (!stage.cpu_pinning.empty()) {
    std::string cpus;
    for (const uint32_t cpu : stage.cpu_pinning) cpus += " " + std::to_string(cpu);
    notes.push_back("on CPU" + cpus);
  }
  if (stage.realtime_priority) {
    notes.push_back("real-time priority " + std::to_string(*stage.realtime_priority));
  }
  std::string out;
  for (const std::string& note : notes) out += (out.empty() ? "" : ", ") + note;
  return out;
}

std::string edge_capacity(const PlanEdge& edge) {
  if (edge.mode == EdgeMode::kForward) return "";
  return std::to_string(edge.capacity_records) + " records, " +
         to_string(ByteSize{edge.capacity_bytes});
}

std::string title(const Plan& plan) {
  const size_t stages = plan.stages.size();
  uint32_t tasks = 0;
  for (const PlanChain& chain : plan.chains) tasks += chain.tasks;
  std::string out = plan.spec.name.empty() ? "flow" : "flow " + plan.spec.name;
  return out + ": " + std::to_string(stages) + (stages == 1 ? " stage, " : " stages, ") +
         tasks_text(tasks) + "\n";
}

std::string guarantees(const Plan& plan) {
  std::string out;
  for (const PlanPath& path : plan.paths) {
    out += "  " + plan.stages[path.source].name + " → " + plan.stages[path.sink].name + "\n";
    out += "    " + path.guarantee + "; order: " + path.ordering + "; survives: " +
           (path.durability == "none"    ? "no crash"
            : path.durability == "power" ? "kill -9 and power loss"
                                         : "kill -9") +
           "\n";
    for (const std::string& limit : path.limits) out += "    - " + limit + "\n";
  }
  return out;
}

}  // namespace

std::string to_text(const Plan& plan) {
  std::vector<Row> stages, queues;
  for (const PlanStage& stage : plan.stages) {
    stages.push_back({stage.name, to_string(stage.kind), stage.type, tasks_text(stage.tasks),
                      stage_notes(plan, stage)});
  }
  for (const PlanEdge& edge : plan.edges) {
    const QueueSpec* queue = plan.spec.find_queue(edge.queue);
    std::string mode = to_string(edge.mode);
    if (queue != nullptr && queue->broadcast) mode += ", broadcast";
    if (edge.dead_letters) mode += ", dead letters";
    queues.push_back({edge.queue, names(plan, edge.producers) + " → " + names(plan, edge.consumers),
                      mode, edge_capacity(edge)});
  }
  std::string out = title(plan) + "\nstages\n" + table(stages) + "\nqueues\n" + table(queues);
  if (plan.regions.size() > 1) {
    out += "\nparts that commit by themselves\n";
    for (const PlanRegion& region : plan.regions) {
      out += "  " + region.name + ": " + names(plan, region.stages) + "\n";
    }
  }
  out += "\nguarantees\n" + guarantees(plan);
  if (!plan.notes.empty()) out += "\nin a broker's place\n";
  for (const std::string& note : plan.notes) out += "  " + note + "\n";
  return masked(out, plan.spec.secrets);
}

}  // namespace penstock
