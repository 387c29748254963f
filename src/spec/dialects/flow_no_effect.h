// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/diagnostic.h"
#include "config/located.h"
#include "spec/spec.h"

namespace penstock {

/// Warns of what a flow asks of observability and this program does not do: it exports nothing, so
/// everything about exports is without effect.
void warn_of_exports(const Located<Observability>& asked, Diagnostics& diagnostics);

}  // namespace penstock
