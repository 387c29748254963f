// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

#include "expr/function.h"

namespace penstock {

/// What the rows of one group share, so that they need not say it each.
struct FunctionGroup {
  std::string_view category;
  std::string_view space = "";
};
/// Adds rows; an empty category or space is the group's.
void add_rows(FunctionTable& table, const FunctionGroup& group, std::span<const Function> rows);

// One for each file of this folder that has rows.
void add_text_functions(FunctionTable& table);
void add_text_shape_functions(FunctionTable& table);
void add_text_case_functions(FunctionTable& table);
void add_format_functions(FunctionTable& table);
void add_number_functions(FunctionTable& table);
void add_aggregate_functions(FunctionTable& table);
void add_bit_functions(FunctionTable& table);
void add_array_functions(FunctionTable& table);
void add_array_set_functions(FunctionTable& table);
void add_map_functions(FunctionTable& table);
void add_map_path_functions(FunctionTable& table);
void add_convert_functions(FunctionTable& table);
void add_choice_functions(FunctionTable& table);
void add_encoding_functions(FunctionTable& table);
void add_hash_functions(FunctionTable& table);
void add_regex_functions(FunctionTable& table);
void add_url_functions(FunctionTable& table);
void add_ip_functions(FunctionTable& table);
void add_id_functions(FunctionTable& table);
void add_parse_functions(FunctionTable& table);
void add_semver_functions(FunctionTable& table);
void add_time_functions(FunctionTable& table);
void add_time_part_functions(FunctionTable& table);
void add_time_methods(FunctionTable& table);
void add_argo_functions(FunctionTable& table);
void add_outside_functions(FunctionTable& table);
void add_sprig_text_functions(FunctionTable& table);
void add_sprig_case_functions(FunctionTable& table);
void add_sprig_number_functions(FunctionTable& table);
void add_sprig_list_functions(FunctionTable& table);
void add_sprig_dict_functions(FunctionTable& table);
void add_sprig_default_functions(FunctionTable& table);
void add_sprig_date_functions(FunctionTable& table);
void add_sprig_regex_functions(FunctionTable& table);
void add_sprig_path_functions(FunctionTable& table);
void add_sprig_crypto_functions(FunctionTable& table);

}  // namespace penstock
