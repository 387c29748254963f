// SPDX-License-Identifier: Apache-2.0
#include "codec/avro_plan.h"

#include <algorithm>

#include "base/check.h"

namespace penstock {
namespace {

bool is_plain(AvroType type) {
  return type <= AvroType::kString || type == AvroType::kFixed;
}

/// Whether a value written as one plain type may be read as the other.
bool promotes(AvroType writer, AvroType reader) {
  if (writer == reader) return true;
  switch (writer) {
    case AvroType::kInt:
      return reader == AvroType::kLong || reader == AvroType::kFloat || reader == AvroType::kDouble;
    case AvroType::kLong: return reader == AvroType::kFloat || reader == AvroType::kDouble;
    case AvroType::kFloat: return reader == AvroType::kDouble;
    case AvroType::kString: return reader == AvroType::kBytes;
    case AvroType::kBytes: return reader == AvroType::kString;
    default: return false;
  }
}

std::string_view short_name(std::string_view full) {
  const size_t dot = full.rfind('.');
  return dot == std::string_view::npos ? full : full.substr(dot + 1);
}

/// By unqualified name, or by an alias of the reader.
bool same_name(const AvroNode& writer, const AvroNode& reader) {
  if (short_name(writer.name) == short_name(reader.name)) return true;
  return std::find(reader.aliases.begin(), reader.aliases.end(), writer.name) !=
         reader.aliases.end();
}

std::string described(const AvroNode& node) {
  return node.name.empty() ? to_string(node.type)
                           : std::string(to_string(node.type)) + " " + node.name;
}

const AvroField* field_for(const AvroNode& writer, const AvroField& field) {
  for (const AvroField& each : writer.fields) {
    if (each.name == field.name) return &each;
  }
  for (const std::string& alias : field.aliases) {
    for (const AvroField& each : writer.fields) {
      if (each.name == alias) return &each;
    }
  }
  return nullptr;
}

}  // namespace

Result<std::shared_ptr<const AvroPlan>> AvroPlan::make(std::shared_ptr<const AvroSchema> writer,
                                                       std::shared_ptr<const AvroSchema> reader) {
  std::shared_ptr<AvroPlan> plan(new AvroPlan());
  plan->writer_ = std::move(writer);
  plan->reader_ = std::move(reader);
  plan->root_ = plan->step(plan->writer_->root(), plan->reader_->root());
  if (plan->root_->kind == AvroStep::Kind::kFail) {
    return stop_error("bad-schema", "Avro schemas do not fit each other: " + plan->root_->problem);
  }
  return std::shared_ptr<const AvroPlan>(std::move(plan));
}

AvroStep& AvroPlan::add(AvroStep::Kind kind, const AvroNode& writer, const AvroNode& reader) {
  AvroStep& step = steps_.emplace_back();
  step.kind = kind;
  step.wire = &writer;
  step.reader = &reader;
  return step;
}

/// Whether they may match, without looking inside; what is inside shows when it is filled.
bool AvroPlan::matches(const AvroNode& writer, const AvroNode& reader) const {
  if (is_plain(writer.type) && is_plain(reader.type) && writer.type != AvroType::kFixed) {
    return promotes(writer.type, reader.type);
  }
  if (writer.type != reader.type) return false;
  switch (writer.type) {
    case AvroType::kFixed: return writer.size == reader.size && same_name(writer, reader);
    case AvroType::kRecord:
    case AvroType::kEnum: return same_name(writer, reader);
    default: return true;
  }
}

const AvroStep* AvroPlan::step(const AvroNode& writer, const AvroNode& reader) {
  const auto key = std::make_pair(&writer, &reader);
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  if (writer.type == AvroType::kUnion) {
    AvroStep& made = add(AvroStep::Kind::kUnion, writer, reader);
    known_[key] = &made;
    for (const AvroNode* branch : writer.branches) made.branches.push_back(step(*branch, reader));
    const auto fails = [](const AvroStep* s) { return s->kind == AvroStep::Kind::kFail; };
    if (std::all_of(made.branches.begin(), made.branches.end(), fails)) {
      made.kind = AvroStep::Kind::kFail;
      made.problem = made.branches.front()->problem;
    }
    return &made;
  }
  if (reader.type == AvroType::kUnion) {
    // The same type first, then whatever it may become.
    for (const bool exact : {true, false}) {
      for (const AvroNode* branch : reader.branches) {
        if (!matches(writer, *branch) || (exact && branch->type != writer.type)) continue;
        if (exact && !branch->name.empty() && branch->name != writer.name) continue;
        const AvroStep* made = step(writer, *branch);
        if (made->kind != AvroStep::Kind::kFail) return known_[key] = made;
      }
    }
  } else if (matches(writer, reader)) {
    AvroStep& made = add(AvroStep::Kind::kPlain, writer, reader);
    known_[key] = &made;
    fill(made);
    return &made;
  }
  AvroStep& fail = add(AvroStep::Kind::kFail, writer, reader);
  fail.problem = "a " + described(writer) + " was written, a " + described(reader) + " is read";
  return known_[key] = &fail;
}

void AvroPlan::fill(AvroStep& made) {
  switch (made.wire->type) {
    case AvroType::kRecord: return fill_record(made);
    case AvroType::kEnum: return fill_enum(made);
    case AvroType::kArray:
    case AvroType::kMap:
      made.kind = made.wire->type == AvroType::kArray ? AvroStep::Kind::kArray
                                                      : AvroStep::Kind::kMap;
      made.items = step(*made.wire->items, *made.reader->items);
      if (made.items->kind != AvroStep::Kind::kFail) return;
      made.kind = AvroStep::Kind::kFail;
      made.problem = made.items->problem;
      return;
    default: return;
  }
}

void AvroPlan::fill_enum(AvroStep& made) {
  made.kind = AvroStep::Kind::kEnum;
  const auto& symbols = made.reader->symbols;
  for (const std::string& symbol : made.wire->symbols) {
    const auto found = std::find(symbols.begin(), symbols.end(), symbol);
    made.symbols.push_back(found == symbols.end() ? made.reader->default_symbol
                                                  : static_cast<int>(found - symbols.begin()));
  }
}

void AvroPlan::fill_record(AvroStep& made) {
  made.kind = AvroStep::Kind::kRecord;
  const AvroNode& writer = *made.wire;
  const AvroNode& reader = *made.reader;
  made.fields.resize(writer.fields.size());
  for (size_t i = 0; i < writer.fields.size(); ++i) made.fields[i].skip = writer.fields[i].type;
  for (uint32_t target = 0; target < reader.fields.size(); ++target) {
    const AvroField& field = reader.fields[target];
    const AvroField* written = field_for(writer, field);
    if (written == nullptr) {
      if (field.has_default) {
        made.defaults.push_back(target);
        continue;
      }
      made.kind = AvroStep::Kind::kFail;
      made.problem = reader.name + "." + field.name + " was not written and has no default";
      return;
    }
    AvroStep::Field& from = made.fields[static_cast<size_t>(written - writer.fields.data())];
    from.target = target;
    from.step = step(*written->type, *field.type);
    if (from.step->kind == AvroStep::Kind::kFail) {
      made.kind = AvroStep::Kind::kFail;
      made.problem = reader.name + "." + field.name + ": " + from.step->problem;
      return;
    }
  }
  const size_t count = reader.fields.size();
  MapData* data = arena_.allocate_array<MapData>(1);
  MapEntry* entries = arena_.allocate_array<MapEntry>(count);
  CHECK(data != nullptr && entries != nullptr);
  for (size_t i = 0; i < count; ++i) entries[i] = {reader.fields[i].name, Value::null()};
  *data = MapData{entries, static_cast<uint32_t>(count), 0, nullptr};
  made.shape = data;
}

}  // namespace penstock
