// SPDX-License-Identifier: Apache-2.0
#include "penstock/commands.h"

namespace penstock {

std::vector<Command> all_commands(const Catalog& catalog) {
  std::vector<Command> commands;
  commands.push_back(run_command());
  commands.push_back(validate_command());
  commands.push_back(plan_command());
  commands.push_back(test_command());
  commands.push_back(positions_show_command());
  commands.push_back(positions_reset_command());
  commands.push_back(positions_skip_command());
  commands.push_back(tap_command());
  commands.push_back(dlq_ls_command());
  commands.push_back(dlq_show_command());
  commands.push_back(dlq_replay_command());
  commands.push_back(bench_command());
  commands.push_back(topic_list_command());
  commands.push_back(topic_create_command());
  commands.push_back(topic_describe_command());
  commands.push_back(topic_read_command());
  commands.push_back(topic_write_command());
  commands.push_back(topic_delete_command());
  commands.push_back(list_command());
  commands.push_back(docs_command(catalog));
  commands.push_back(explain_command());
  commands.push_back(eval_command());
  commands.push_back(version_command());
  commands.push_back(completion_command());
  return commands;
}

}  // namespace penstock
