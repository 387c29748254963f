// SPDX-License-Identifier: Apache-2.0
#include "config/secret.h"
#include "plan/explain.h"

namespace penstock {
namespace {

/// How one diagram language writes things.
struct Language {
  std::string (*quoted)(const std::string& text);  ///< as it may stand between double quotes
  const char* line_break;
};

/// DOT: backslash escapes.
std::string dot_quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

/// Mermaid: HTML entities with # for &.
std::string mermaid_quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "#quot;";
        break;
      case '#':
        out += "#35;";
        break;
      case '<':
        out += "#lt;";
        break;
      case '>':
        out += "#gt;";
        break;
      case '\n':
        out += ' ';
        break;
      default:
        out += c;
    }
  }
  return out;
}

constexpr Language kDot{dot_quoted, "\\n"};
constexpr Language kMermaid{mermaid_quoted, "<br/>"};

std::string node(uint32_t stage) { return "s" + std::to_string(stage); }

std::string node_label(const PlanStage& stage, const Language& language) {
  std::string out =
      "\"" + language.quoted(stage.name) + language.line_break + language.quoted(stage.type);
  if (stage.tasks > 1) out += " × " + std::to_string(stage.tasks);
  return out + "\"";
}

std::string edge_label(const PlanEdge& edge, const Language& language) {
  return "\"" + language.quoted(edge.queue) + " (" + to_string(edge.mode) +
         (edge.dead_letters ? ", dead letters)\"" : ")\"");
}

/// Calls f(edge, from, to) for each arrow of the picture.
template <class F>
void for_each_arrow(const Plan& plan, F f) {
  for (const PlanEdge& edge : plan.edges) {
    for (const uint32_t from : edge.producers) {
      for (const uint32_t to : edge.consumers) f(edge, from, to);
    }
  }
}

}  // namespace

std::string to_dot(const Plan& plan) {
  std::string out = "digraph flow {\n  rankdir=LR;\n  node [shape=box];\n";
  for (size_t c = 0; c < plan.chains.size(); ++c) {
    const bool frame = plan.chains[c].stages.size() > 1;
    const std::string indent = frame ? "    " : "  ";
    if (frame) out += "  subgraph cluster_" + std::to_string(c) + " {\n    style=dashed;\n";
    for (const uint32_t i : plan.chains[c].stages) {
      out += indent + node(i) + " [label=" + node_label(plan.stages[i], kDot) + "];\n";
    }
    if (frame) out += "  }\n";
  }
  for_each_arrow(plan, [&out](const PlanEdge& edge, uint32_t from, uint32_t to) {
    out += "  " + node(from) + " -> " + node(to) + " [label=" + edge_label(edge, kDot) +
           (edge.dead_letters ? ", style=dotted];\n" : "];\n");
  });
  return masked(out + "}\n", plan.spec.secrets);
}

std::string to_mermaid(const Plan& plan) {
  std::string out = "flowchart LR\n";
  for (size_t c = 0; c < plan.chains.size(); ++c) {
    const bool frame = plan.chains[c].stages.size() > 1;
    const std::string number = std::to_string(c + 1);
    if (frame) out += "  subgraph c" + number + " [\"chain " + number + "\"]\n";
    for (const uint32_t i : plan.chains[c].stages) {
      out += (frame ? "    " : "  ") + node(i) + "[" + node_label(plan.stages[i], kMermaid) + "]\n";
    }
    if (frame) out += "  end\n";
  }
  for_each_arrow(plan, [&out](const PlanEdge& edge, uint32_t from, uint32_t to) {
    out += "  " + node(from) + (edge.dead_letters ? " -. " : " -- ") + edge_label(edge, kMermaid) +
           (edge.dead_letters ? " .-> " : " --> ") + node(to) + "\n";
  });
  return masked(out, plan.spec.secrets);
}

}  // namespace penstock
