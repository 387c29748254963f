// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "config/codes.h"

namespace penstock {

/// The parts of the table behind all_codes(), by who finds the problem.
void add_option_codes(std::vector<CodeInfo>& out);    ///< a field's value: the config room
void add_document_codes(std::vector<CodeInfo>& out);  ///< YAML, JSON, interpolation: the readers
void add_flow_codes(std::vector<CodeInfo>& out);      ///< stages and queues: the dialects
void add_plan_codes(std::vector<CodeInfo>& out);      ///< wiring and guarantees: the planner
void add_component_codes(std::vector<CodeInfo>& out);  ///< options of components, the command line
void add_expression_codes(std::vector<CodeInfo>& out);  ///< the texts of expressions
void add_run_codes(std::vector<CodeInfo>& out);        ///< errors of a running pipeline
void add_nats_codes(std::vector<CodeInfo>& out);       ///< of these, the ones that NATS is at

}  // namespace penstock
