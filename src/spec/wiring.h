// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/diagnostic.h"
#include "spec/spec.h"

namespace penstock {

/// Names and references: at least one stage, not too many, unique names, every queue that a stage
/// names exists, keys only where something is read.
void check_references(const Spec& spec, Diagnostics& diagnostics);

/// The shape of the graph: each queue has a writer and a reader, each stage is connected, and
/// records cannot come round to a stage that they have passed. Meant for specs whose references
/// are right; others would get findings that follow from the first.
void check_shape(const Spec& spec, Diagnostics& diagnostics);

}  // namespace penstock
