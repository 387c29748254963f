// SPDX-License-Identifier: Apache-2.0
#include "codec/avro_writer.h"

#include <bit>

#include "codec/avro_logical.h"
#include "codec/base64.h"
#include "codec/byte_reader.h"
#include "codec/codec_error.h"

namespace penstock {
namespace {

bool has_symbol(const AvroNode& node, std::string_view text, int64_t& index) {
  for (size_t i = 0; i < node.symbols.size(); ++i) {
    if (node.symbols[i] != text) continue;
    index = static_cast<int64_t>(i);
    return true;
  }
  return false;
}

bool in_range(const AvroNode& node, const std::optional<int64_t>& number) {
  if (!number) return false;
  return node.type == AvroType::kLong || (*number >= INT32_MIN && *number <= INT32_MAX);
}

}  // namespace

Error AvroWriter::fault(std::string_view what) const {
  std::string path;
  for (const std::string_view step : path_) path.append(path.empty() ? "" : ".").append(step);
  return unencodable("avro", path, what);
}

Error AvroWriter::mismatch(const AvroNode& node, const Value& value) const {
  const std::string& name = node.name;
  return fault(std::string(to_string(value.kind())) + " is no " + to_string(node.type) +
               (name.empty() ? "" : " " + name));
}

Result<void> AvroWriter::write(const AvroNode& node, const Value& value, std::string& to) {
  path_.clear();
  fit_steps_ = 0;
  return write(node, value, to, 0);
}

Result<void> AvroWriter::write(const AvroNode& node, const Value& value, std::string& to,
                               uint32_t depth) {
  if (depth > limits_.depth_max) return fault("it is nested too deeply");
  switch (node.type) {
    case AvroType::kNull:
      if (!value.is_null()) return mismatch(node, value);
      return {};
    case AvroType::kBoolean:
      if (!value.is(ValueKind::kBool)) return mismatch(node, value);
      to += value.as_bool() ? '\1' : '\0';
      return {};
    case AvroType::kInt:
    case AvroType::kLong: return write_integer(node, value, to);
    case AvroType::kFloat:
      if (!value.is_numeric()) return mismatch(node, value);
      append_little(to, std::bit_cast<uint32_t>(static_cast<float>(nearest_double(value))));
      return {};
    case AvroType::kDouble:
      if (!value.is_numeric()) return mismatch(node, value);
      append_little(to, std::bit_cast<uint64_t>(nearest_double(value)));
      return {};
    case AvroType::kString:
      if (!value.is(ValueKind::kString)) return mismatch(node, value);
      append_zigzag(to, value.size());
      to += value.text();
      return {};
    case AvroType::kBytes:
    case AvroType::kFixed: return write_bytes(node, value, to);
    case AvroType::kEnum: {
      int64_t index = 0;
      if (!value.is(ValueKind::kString) || !has_symbol(node, value.text(), index)) {
        return value.is(ValueKind::kString)
                   ? fault(shown_bytes(value.text()) + " is no symbol of " + node.name)
                   : mismatch(node, value);
      }
      append_zigzag(to, index);
      return {};
    }
    case AvroType::kRecord: return write_record(node, value, to, depth);
    case AvroType::kArray:
    case AvroType::kMap: return write_items(node, value, to, depth);
    case AvroType::kUnion: return write_union(node, value, to, depth);
  }
  return mismatch(node, value);
}

Result<void> AvroWriter::write_integer(const AvroNode& node, const Value& value,
                                       std::string& to) {
  const std::optional<int64_t> number = integer_of_logical(node.logical, value);
  if (!number) return mismatch(node, value);
  if (!in_range(node, number)) return fault("an int has 32 bits, too few for this number");
  append_zigzag(to, *number);
  return {};
}

Result<void> AvroWriter::write_bytes(const AvroNode& node, const Value& value, std::string& to) {
  scratch_.clear();
  const bool logical = node.logical != AvroLogical::kNone &&
                       !value.is(ValueKind::kBytes) && append_logical_bytes(node, value, scratch_);
  if (!logical) {
    scratch_.clear();
    if (value.is(ValueKind::kBytes)) {
      scratch_ += value.text();
    } else if (node.logical != AvroLogical::kNone || !value.is(ValueKind::kString)) {
      return mismatch(node, value);
    } else if (!append_base64_decoded(value.text(), scratch_)) {
      return fault("text for bytes is base64; this is not");
    }
  }
  if (node.type == AvroType::kBytes) {
    append_zigzag(to, static_cast<int64_t>(scratch_.size()));
  } else if (scratch_.size() != node.size) {
    return fault(std::to_string(scratch_.size()) + " bytes are not the " +
                 std::to_string(node.size) + " of " + node.name);
  }
  to += scratch_;
  return {};
}

Result<void> AvroWriter::write_record(const AvroNode& node, const Value& value, std::string& to,
                                      uint32_t depth) {
  if (!value.is(ValueKind::kMap)) return mismatch(node, value);
  size_t used = 0;
  for (const AvroField& field : node.fields) {
    const Value* member = value.find(field.name);
    used += member != nullptr ? 1 : 0;
    path_.push_back(field.name);
    if (member == nullptr) {
      if (field.has_default) {
        member = &field.default_value;
      } else if (fits(*field.type, Value::null(), true, depth)) {
        static const Value kNull;
        member = &kNull;
      } else {
        return fault("it is missing, and the field has no default");
      }
    }
    PENSTOCK_TRY(write(*field.type, *member, to, depth + 1));
    path_.pop_back();
  }
  if (used == value.size() || drop_unknown_) return {};
  for (const MapEntry& entry : value.entries()) {
    bool known = false;
    for (const AvroField& field : node.fields) known = known || field.name == entry.key;
    if (!known) return fault(node.name + " has no field " + shown_bytes(entry.key));
  }
  return {};
}

Result<void> AvroWriter::write_items(const AvroNode& node, const Value& value, std::string& to,
                                     uint32_t depth) {
  const bool array = node.type == AvroType::kArray;
  if (!value.is(array ? ValueKind::kArray : ValueKind::kMap)) return mismatch(node, value);
  if (value.size() > 0) append_zigzag(to, value.size());
  if (array) {
    path_.push_back("[]");
    for (const Value& item : value.items()) PENSTOCK_TRY(write(*node.items, item, to, depth + 1));
    path_.pop_back();
  } else {
    for (const MapEntry& entry : value.entries()) {
      append_zigzag(to, static_cast<int64_t>(entry.key.size()));
      to += entry.key;
      path_.push_back(entry.key);
      PENSTOCK_TRY(write(*node.items, entry.value, to, depth + 1));
      path_.pop_back();
    }
  }
  append_zigzag(to, 0);
  return {};
}

/// The first branch that takes the value as it is, else the first that takes it at all.
Result<void> AvroWriter::write_union(const AvroNode& node, const Value& value, std::string& to,
                                     uint32_t depth) {
  for (const bool exact : {true, false}) {
    for (size_t i = 0; i < node.branches.size(); ++i) {
      if (!fits(*node.branches[i], value, exact, depth)) continue;
      append_zigzag(to, static_cast<int64_t>(i));
      return write(*node.branches[i], value, to, depth + 1);
    }
  }
  if (fit_steps_ > kFitStepsMax) return fault("it takes too long to find the branch of a union");
  return fault(std::string(to_string(value.kind())) + " fits no branch of the union");
}

bool AvroWriter::fits(const AvroNode& node, const Value& value, bool exact, uint32_t depth) {
  if (++fit_steps_ > kFitStepsMax || depth > limits_.depth_max) return false;
  switch (node.type) {
    case AvroType::kNull: return value.is_null();
    case AvroType::kBoolean: return value.is(ValueKind::kBool);
    case AvroType::kInt:
    case AvroType::kLong: {
      const bool plain = node.logical == AvroLogical::kNone;
      if (exact && plain && !value.is_integer()) return false;
      return in_range(node, integer_of_logical(node.logical, value));
    }
    case AvroType::kFloat: {
      if (!value.is_numeric()) return false;
      const double real = nearest_double(value);
      return !exact || (value.is(ValueKind::kDouble) &&
                        static_cast<double>(static_cast<float>(real)) == real);
    }
    case AvroType::kDouble:
      return exact ? value.is(ValueKind::kDouble) : value.is_numeric();
    case AvroType::kString: return value.is(ValueKind::kString);
    case AvroType::kBytes:
    case AvroType::kFixed: {
      if (exact && node.logical == AvroLogical::kNone && !value.is(ValueKind::kBytes)) return false;
      if (value.is(ValueKind::kBytes) && node.type == AvroType::kFixed) {
        return value.size() == node.size;
      }
      std::string bytes;
      return static_cast<bool>(write_bytes(node, value, bytes));
    }
    case AvroType::kEnum: {
      int64_t index = 0;
      return value.is(ValueKind::kString) && has_symbol(node, value.text(), index);
    }
    case AvroType::kArray:
      if (!value.is(ValueKind::kArray)) return false;
      for (const Value& item : value.items()) {
        if (!fits(*node.items, item, exact, depth + 1)) return false;
      }
      return true;
    case AvroType::kMap:
      if (!value.is(ValueKind::kMap)) return false;
      for (const MapEntry& entry : value.entries()) {
        if (!fits(*node.items, entry.value, exact, depth + 1)) return false;
      }
      return true;
    case AvroType::kUnion:
      for (const AvroNode* branch : node.branches) {
        if (fits(*branch, value, exact, depth + 1)) return true;
      }
      return false;
    case AvroType::kRecord: break;
  }
  if (!value.is(ValueKind::kMap)) return false;
  size_t used = 0;
  for (const AvroField& field : node.fields) {
    const Value* member = value.find(field.name);
    if (member == nullptr) {
      if (exact || (!field.has_default && !fits(*field.type, Value::null(), true, depth + 1))) {
        return false;
      }
      continue;
    }
    ++used;
    if (!fits(*field.type, *member, exact, depth + 1)) return false;
  }
  return used == value.size() || (drop_unknown_ && !exact);
}

}  // namespace penstock
