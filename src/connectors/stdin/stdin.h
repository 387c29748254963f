// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

class Catalog;

/// The source `stdin`: records from standard input.
void register_stdin(Catalog& catalog);
/// As register_stdin, from another descriptor, which the caller keeps open. For tests.
void register_stdin_from(Catalog& catalog, int fd);

}  // namespace penstock
