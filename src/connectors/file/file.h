// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

class Catalog;

/// The source and the sink `file`, and flow-pipe's `file_source` and `file_sink`.
void register_file(Catalog& catalog);

}  // namespace penstock
