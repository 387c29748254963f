// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/diagnostic.h"
#include "config/json_text.h"
#include "penstock/program.h"

namespace penstock {

/// "penstock: what" and, on the next line, the hint; for stderr.
std::string complaint(const Error& error);

/// The findings of one file, each with its lines, and where to read more. Empty if there are none.
std::string problems_text(const Diagnostics& diagnostics);

/// A list of objects: severity, code, file, line, column, what, hint.
void write_problems(JsonWriter& json, const Diagnostics& diagnostics);

/// A JSON text of several lines as one, with its line end.
std::string one_line(const std::string& json);

}  // namespace penstock
