// SPDX-License-Identifier: Apache-2.0
#include "json/structure.h"

#include <simdjson.h>

#include <algorithm>

#include "base/check.h"
#include "value/utf8.h"

namespace penstock {

struct JsonStructure::Impl {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  size_t capacity = 0;
};

JsonStructure::JsonStructure() : impl_(std::make_unique<Impl>()) {
  constexpr size_t kFirstCapacity = 64 << 10;
  const auto& active = simdjson::get_active_implementation();
  CHECK(active->create_dom_parser_implementation(kFirstCapacity, 1, impl_->parser) ==
        simdjson::SUCCESS);
  impl_->capacity = kFirstCapacity;
}
JsonStructure::~JsonStructure() = default;

bool JsonStructure::scan(std::string_view text) {
  if (text.size() >= impl_->capacity) {
    const size_t wanted = std::max(text.size() + 1, impl_->capacity * 2);
    if (impl_->parser->set_capacity(std::min<size_t>(wanted, 0xFFFFFFFF)) != simdjson::SUCCESS) {
      return false;
    }
    impl_->capacity = wanted;
  }
  return impl_->parser->stage1(reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                               simdjson::stage1_mode::regular) == simdjson::SUCCESS;
}

std::span<const uint32_t> JsonStructure::tokens() const {
  return {impl_->parser->structural_indexes.get(), impl_->parser->n_structural_indexes};
}

JsonFault find_json_fault(std::string_view text) {
  bool in_string = false;
  size_t opened = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_sequence(text, at);
    if (length == 0) return {at, "this is not UTF-8"};
    const char c = text[at];
    if (in_string && static_cast<unsigned char>(c) < 0x20) {
      return {at, "a control character in a string must be escaped"};
    }
    if (c == '\\') {
      ++at;
      if (at < text.size() && static_cast<unsigned char>(text[at]) >= 0x20) {
        at += std::max<size_t>(1, utf8_sequence(text, at));
      }
      continue;
    }
    if (c == '"') {
      in_string = !in_string;
      opened = at;
    }
    at += length;
  }
  if (in_string) return {opened, "this string does not end"};
  return {text.size(), "there is no value"};
}

}  // namespace penstock
