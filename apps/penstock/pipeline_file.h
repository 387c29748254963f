// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "plan/plan.h"
#include "sdk/catalog.h"

namespace penstock {

/// The pipeline files that a path stands for: itself, or, of a folder, every *.yaml, *.yml and
/// *.json right inside it, sorted. Codes: no-pipeline.
Result<std::vector<std::string>> pipeline_files(const std::string& path);

/// Reads a file and lays it out; all its problems, in its order, go to `diagnostics`. Null if any
/// is an error. `drain_timeout` stands in for the file's own, if given.
std::shared_ptr<const Plan> load_plan(const std::string& path, const Catalog& catalog,
                                      Diagnostics& diagnostics,
                                      std::optional<Duration> drain_timeout = {});

/// The plan of a document that was read, `found` being what is wrong with it (spec/load.h). What is
/// wrong beyond it is added; all is sorted, secrets are masked. Null if any is an error.
std::shared_ptr<const Plan> plan_of(std::optional<Spec> read, const Catalog& catalog,
                                    Diagnostics& found);

/// What a pipeline is called in views and messages: its name, else its file's without extension.
std::string display_name(const Spec& spec, const std::string& path);

/// Under which name a pipeline's state is kept: its own name, else one from the whole path of its
/// file. Safe as a folder's name; different names never become the same.
std::string state_identity(const Spec& spec, const std::string& path);

/// The folder under which all state is kept: `chosen` if not empty, else by the environment
/// (PENSTOCK_STATE, XDG_STATE_HOME, HOME). Codes: no-state-folder.
Result<std::string> state_root(const std::string& chosen);

}  // namespace penstock
