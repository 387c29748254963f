// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

class Catalog;

/// The source `generator`.
void register_generator(Catalog& catalog);

}  // namespace penstock
