// SPDX-License-Identifier: Apache-2.0
#include "plan/ordering.h"

#include <algorithm>

#include "config/value_type.h"
#include "plan/layout.h"

namespace penstock {
namespace {

/// Lowers `order` to at most `kind`, and says why.
void lower(PathOrder& order, PathOrder::Kind kind, std::string why) {
  if (order.kind >= kind) return;
  order.kind = kind;
  order.limits.push_back(std::move(why));
}

uint32_t consuming_tasks(const Plan& plan, const PlanEdge& edge) {
  uint32_t tasks = 0;
  for (const uint32_t consumer : edge.consumers) tasks += plan.stages[consumer].tasks;
  return tasks;
}

void lower_by_exchange(PathOrder& order, const Plan& plan, const PlanEdge& edge) {
  const uint32_t tasks = consuming_tasks(plan, edge);
  if (edge.mode == EdgeMode::kForward || tasks <= 1) return;
  if (edge.mode == EdgeMode::kShared) {
    lower(order, PathOrder::Kind::kNone,
          "order: " + std::to_string(tasks) + " tasks compete for the queue " + shown(edge.queue));
    return;
  }
  // Records of one key now that were of several keys before came through several tasks.
  const bool keyed_before = order.kind == PathOrder::Kind::kKey;
  const std::string queue = "the queue " + shown(edge.queue);
  lower(order, keyed_before ? PathOrder::Kind::kNone : PathOrder::Kind::kKey,
        keyed_before
            ? "order: " + queue + " divides by key what was divided by key before"
            : "order: " + queue + " divides by key among " + std::to_string(tasks) + " tasks");
}

/// A record that is tried again stays in front of its successors only as far as the queue asks.
void lower_by_retries(PathOrder& order, const PlanStage& consumer, const PlanEdge& edge) {
  if (edge.ordering == Ordering::kNone) {
    lower(order, PathOrder::Kind::kNone,
          "order: the queue " + shown(edge.queue) + " asks for none");
  } else if (edge.ordering == Ordering::kKey && consumer.bound->traits.retries) {
    lower(order, PathOrder::Kind::kKey,
          "order: while stage " + shown(consumer.name) +
              " tries a record again, others pass it; "
              "records of its key do not");
  }
}

PathOrder carried(const Plan& plan, PathOrder order, uint32_t producer, const PlanEdge& edge,
              const PlanStage& consumer) {
  const PlanStage& from = plan.stages[producer];
  if (from.dead_letter && &plan.edges[*from.dead_letter] == &edge) {
    lower(order, PathOrder::Kind::kNone,
          "order: the dead letters of stage " + shown(from.name) + " leave it when they fail");
  }
  lower_by_exchange(order, plan, edge);
  lower_by_retries(order, consumer, edge);
  if (consumer.bound->traits.unordered) {
    lower(order, PathOrder::Kind::kNone,
          "order: stage " + shown(consumer.name) + " has several requests under way at a time");
  }
  return order;
}

PathOrder arriving(const Plan& plan, const std::vector<PathOrder>& orders,
                   const PlanStage& consumer) {
  PathOrder joined;
  size_t ways = 0;
  for (const uint32_t input : consumer.inputs) {
    for (const uint32_t producer : plan.edges[input].producers) {
      if (!orders[producer].reached()) continue;
      PathOrder order = carried(plan, orders[producer], producer, plan.edges[input], consumer);
      if (ways++ == 0) {
        joined = std::move(order);
        continue;
      }
      for (std::string& limit : order.limits) {
        const auto known = std::find(joined.limits.begin(), joined.limits.end(), limit);
        if (known == joined.limits.end()) joined.limits.push_back(std::move(limit));
      }
    }
  }
  if (ways > 1) {
    lower(joined, PathOrder::Kind::kNone,
          "order: " + std::to_string(ways) + " ways meet at stage " + shown(consumer.name));
  }
  return joined;
}

}  // namespace

const char* PathOrder::text() const {
  switch (kind) {
    case Kind::kPartition:
      return "per partition";
    case Kind::kKey:
      return "per key";
    case Kind::kUnreached:
    case Kind::kNone:
      return "none";
  }
  return "none";
}

std::vector<PathOrder> orders_of(const Plan& plan, uint32_t source) {
  std::vector<PathOrder> orders(plan.stages.size());
  for (const uint32_t stage : flow_order(plan)) {
    if (stage == source) {
      orders[stage].kind = PathOrder::Kind::kPartition;
      if (plan.stages[source].bound->traits.unordered) {
        lower(orders[stage], PathOrder::Kind::kNone,
              "order: what source " + shown(plan.stages[source].name) +
                  " is given again, after a crash or a lost connection, comes behind others");
      }
    } else {
      orders[stage] = arriving(plan, orders, plan.stages[stage]);
    }
  }
  return orders;
}

void check_ordering(const Plan& plan, Diagnostics& diagnostics) {
  for (uint32_t source = 0; source < plan.stages.size(); ++source) {
    if (plan.stages[source].kind != ComponentKind::kSource) continue;
    const std::vector<PathOrder> orders = orders_of(plan, source);
    for (const PlanEdge& edge : plan.edges) {
      if (edge.ordering != Ordering::kPartition) continue;
      const PathOrder& order = orders[edge.consumers[0]];
      if (!order.reached() || order.kind == PathOrder::Kind::kPartition) continue;
      diagnostics.error("ordering-lost", plan.spec.find_queue(edge.queue)->position,
                        "the queue " + shown(edge.queue) +
                            " asks for the order of each partition, but records of source " +
                            shown(plan.stages[source].name) + " arrive with " +
                            (order.kind == PathOrder::Kind::kKey ? "order per key only" : "none") +
                            " (" + order.limits.back() + ")",
                        "set threads: 1 on the stages up to here, or ask for ordering: key");
    }
  }
}

}  // namespace penstock
