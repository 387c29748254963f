// SPDX-License-Identifier: Apache-2.0
#include "config/code_tables.h"

namespace penstock {

void add_flow_codes(std::vector<CodeInfo>& out) {
}

}  // namespace penstock
