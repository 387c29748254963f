// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

// Headers of a record, encoded one after another as
//   u32 name_size, u32 value_size (little-endian), name bytes, value bytes.
// Order is kept and a name may repeat. Encoded only by append_header, so decoding trusts its input.

inline void append_header(std::string& encoded, std::string_view name, std::string_view value) {
  const uint32_t sizes[2] = {static_cast<uint32_t>(name.size()),
                             static_cast<uint32_t>(value.size())};
  encoded.append(reinterpret_cast<const char*>(sizes), sizeof sizes);
  encoded.append(name);
  encoded.append(value);
}

/// Calls f(name, value) for each header, in order.
template <class F>
void for_each_header(std::string_view encoded, F&& f) {
  while (!encoded.empty()) {
    uint32_t sizes[2];
    std::memcpy(sizes, encoded.data(), sizeof sizes);
    encoded.remove_prefix(sizeof sizes);
    f(encoded.substr(0, sizes[0]), encoded.substr(sizes[0], sizes[1]));
    encoded.remove_prefix(size_t{sizes[0]} + sizes[1]);
  }
}

/// The first value under `name`, exact match.
inline std::optional<std::string_view> find_header(std::string_view encoded,
                                                    std::string_view name) {
  std::optional<std::string_view> found;
  for_each_header(encoded, [&](std::string_view n, std::string_view v) {
    if (!found && n == name) found = v;
  });
  return found;
}

}  // namespace penstock
