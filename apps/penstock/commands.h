// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "penstock/command.h"

namespace penstock {

// One function a subcommand, each in the file of its name.
Command run_command();
Command validate_command();
Command plan_command();
Command list_command();
Command docs_command(const Catalog& catalog);
Command explain_command();
Command eval_command();
Command test_command();
Command positions_show_command();
Command positions_reset_command();
Command positions_skip_command();
Command tap_command();
Command dlq_ls_command();
Command dlq_show_command();
Command dlq_replay_command();
Command bench_command();
Command topic_list_command();
Command topic_create_command();
Command topic_describe_command();
Command topic_read_command();
Command topic_write_command();
Command topic_delete_command();
Command version_command();
Command completion_command();

/// All of them, in the order in which help lists them. The catalog is what shells complete from.
std::vector<Command> all_commands(const Catalog& catalog);

}  // namespace penstock
