// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

class Catalog;

/// The source `nexmark`.
void register_nexmark(Catalog& catalog);

}  // namespace penstock
