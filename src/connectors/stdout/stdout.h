// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

class Catalog;

/// The sinks `stdout` and, under flow-pipe's name, `stdout_sink`. All stdout sinks of a catalog
/// share the descriptor: one writes at a time, whole lines.
void register_stdout(Catalog& catalog);
/// As register_stdout, on another descriptor, which the caller keeps open. For tests.
void register_stdout_on(Catalog& catalog, int fd);

}  // namespace penstock
