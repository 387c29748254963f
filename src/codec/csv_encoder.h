// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "codec/csv.h"

namespace penstock {

/// Rows of maps (by column) or arrays. Nested arrays and maps become JSON inside a field. `options`
/// must outlive it.
std::unique_ptr<Encoder> make_csv_encoder(const CsvOptions& options);

}  // namespace penstock
