// SPDX-License-Identifier: Apache-2.0
#include "codec/avro_schema.h"

#include <array>
#include <set>

#include "value/write_json.h"

namespace penstock {
namespace {

std::array<uint64_t, 256> fingerprint_table() {
  std::array<uint64_t, 256> table{};
  for (uint64_t i = 0; i < 256; ++i) {
    uint64_t f = i;
    for (int bit = 0; bit < 8; ++bit) f = f >> 1 ^ (0xc15d213aa4d7a795ull & (0 - (f & 1)));
    table[i] = f;
  }
  return table;
}

/// Writes the canonical form; named types that were written before are only named.
class CanonicalForm {
 public:
  void write(const AvroNode& node) {
    switch (node.type) {
      case AvroType::kUnion:
        out += '[';
        for (size_t i = 0; i < node.branches.size(); ++i) {
          if (i > 0) out += ',';
          write(*node.branches[i]);
        }
        out += ']';
        return;
      case AvroType::kArray:
      case AvroType::kMap:
        out += node.type == AvroType::kArray ? R"({"type":"array","items":)"
                                             : R"({"type":"map","values":)";
        write(*node.items);
        out += '}';
        return;
      case AvroType::kRecord:
      case AvroType::kEnum:
      case AvroType::kFixed:
        write_named(node);
        return;
      default:
        append_json_string(out, to_string(node.type));
    }
  }
  std::string out;

 private:
  void write_named(const AvroNode& node) {
    if (!written_.insert(node.name).second) {
      append_json_string(out, node.name);
      return;
    }
    out += R"({"name":)";
    append_json_string(out, node.name);
    out += std::string(R"(,"type":")") + to_string(node.type) + '"';
    if (node.type == AvroType::kFixed) {
      out += ",\"size\":" + std::to_string(node.size);
    } else if (node.type == AvroType::kEnum) {
      out += ",\"symbols\":[";
      for (size_t i = 0; i < node.symbols.size(); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, node.symbols[i]);
      }
      out += ']';
    } else {
      out += ",\"fields\":[";
      for (size_t i = 0; i < node.fields.size(); ++i) {
        out += i > 0 ? ",{\"name\":" : "{\"name\":";
        append_json_string(out, node.fields[i].name);
        out += ",\"type\":";
        write(*node.fields[i].type);
        out += '}';
      }
      out += ']';
    }
    out += '}';
  }
  std::set<std::string> written_;
};

}  // namespace

const char* to_string(AvroType type) {
  static constexpr const char* kNames[] = {"null",  "boolean", "int",    "long", "float",
                                           "double", "bytes",  "string", "record", "enum",
                                           "array", "map",     "union",  "fixed"};
  return kNames[static_cast<size_t>(type)];
}

uint64_t crc64_avro(std::string_view bytes) {
  static const std::array<uint64_t, 256> table = fingerprint_table();
  uint64_t f = 0xc15d213aa4d7a795ull;
  for (const char c : bytes) f = f >> 8 ^ table[(f ^ static_cast<uint8_t>(c)) & 0xff];
  return f;
}

std::string canonical_form(const AvroNode& root) {
  CanonicalForm form;
  form.write(root);
  return form.out;
}

}  // namespace penstock
