// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/functions.h"

#include "expr/functions/library.h"

namespace penstock {

void add_rows(FunctionTable& table, const FunctionGroup& group, std::span<const Function> rows) {
  for (Function row : rows) {
    if (row.category.empty()) row.category = group.category;
    if (row.space.empty()) row.space = group.space;
    table.add(std::move(row));
  }
}

void add_all_functions(FunctionTable& table) {
  add_text_functions(table);
  add_text_shape_functions(table);
  add_text_case_functions(table);
  add_format_functions(table);
  add_number_functions(table);
  add_aggregate_functions(table);
  add_bit_functions(table);
  add_array_functions(table);
  add_array_set_functions(table);
  add_map_functions(table);
  add_map_path_functions(table);
  add_convert_functions(table);
  add_choice_functions(table);
  add_time_functions(table);
  add_time_part_functions(table);
  add_time_methods(table);
  add_regex_functions(table);
  add_parse_functions(table);
  add_encoding_functions(table);
  add_hash_functions(table);
  add_url_functions(table);
  add_ip_functions(table);
  add_id_functions(table);
  add_semver_functions(table);
  add_argo_functions(table);
  add_outside_functions(table);
  add_sprig_text_functions(table);
  add_sprig_case_functions(table);
  add_sprig_number_functions(table);
  add_sprig_list_functions(table);
  add_sprig_dict_functions(table);
  add_sprig_default_functions(table);
  add_sprig_date_functions(table);
  add_sprig_regex_functions(table);
  add_sprig_path_functions(table);
  add_sprig_crypto_functions(table);
}

std::shared_ptr<const FunctionTable> all_functions() {
  auto table = std::make_shared<FunctionTable>();
  add_all_functions(*table);
  return table;
}

}  // namespace penstock
