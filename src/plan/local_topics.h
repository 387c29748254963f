// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace penstock {

/// What stands in for brokers: the component of the durable log, and the stage that only passes
/// records on. The catalog has them.
inline constexpr const char* kLogType = "topic";
inline constexpr const char* kPassType = "noop_transform";

/// A document without brokers, and what to tell the user of it.
struct WithoutBrokers {
  Spec spec;
  std::vector<std::string> notes;
};

/// Puts something of this process or machine where stages name no broker. `ends`: by index in
/// spec.stages. A topic is a channel if stages of this document both write and read it, nobody asks
/// for durability (the option of a stage, or `durability: power` of the whole), and records cannot
/// come round in it; else it is a topic of the durable log, which other processes may write or read
/// too. Pure.
WithoutBrokers without_brokers(const Spec& spec, const std::map<size_t, LocalTopic>& ends);

/// The name under which the log keeps a topic or subject: as it is, if the log can have it.
std::string log_name(const std::string& topic);

/// Binds plan.stages anew, without the brokers that their options do not name; sets plan.notes.
/// REQUIRES: all stages are bound.
void replace_brokers(Plan& plan, const Catalog& catalog, Diagnostics& diagnostics);

}  // namespace penstock
