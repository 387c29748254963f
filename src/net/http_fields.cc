// SPDX-License-Identifier: Apache-2.0
#include "net/http_fields.h"

namespace penstock {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); i++)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

HttpFields::HttpFields(
    std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  for (const auto& [name, value] : fields) add(name, value);
}

void HttpFields::add(std::string_view name, std::string_view value) {
  slices_.push_back({static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(name.size()),
                     static_cast<uint32_t>(value.size())});
  bytes_.append(name).append(value);
}

void HttpFields::clear() {
  bytes_.clear();
  slices_.clear();
}

std::string_view HttpFields::name(size_t i) const {
  return std::string_view(bytes_).substr(slices_[i].begin, slices_[i].name_size);
}

std::string_view HttpFields::value(size_t i) const {
  const Slice& s = slices_[i];
  return std::string_view(bytes_).substr(s.begin + s.name_size, s.value_size);
}

std::optional<std::string_view> HttpFields::find(std::string_view wanted) const {
  for (size_t i = 0; i < slices_.size(); i++)
    if (equals_ignoring_case(name(i), wanted)) return value(i);
  return std::nullopt;
}

bool is_field_name(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text) {
    bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word && std::string_view("!#$%&'*+-.^_`|~").find(c) == std::string_view::npos)
      return false;
  }
  return true;
}

bool is_field_value(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace penstock
