// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "codec/avro_schema.h"

namespace penstock {

/// How to read one type of the writer as one type of the reader.
struct AvroStep {
  enum class Kind : uint8_t {
    kPlain,    ///< `wire` as `reader`'s type, promoted if they differ
    kRecord, kArray, kMap, kEnum,
    kUnion,    ///< the writer's union: a step for each branch
    kFail,     ///< the writer's branch or field that the reader has no place for: `problem`
  };
  struct Field {
    const AvroStep* step = nullptr;      ///< null = skipped by `skip`
    const AvroNode* skip = nullptr;
    uint32_t target = 0;                 ///< index into the reader's fields
  };
  Kind kind = Kind::kPlain;
  const AvroNode* wire = nullptr;
  const AvroNode* reader = nullptr;
  std::vector<Field> fields;             ///< in the writer's order
  std::vector<uint32_t> defaults;        ///< the reader's fields that the writer does not write
  const MapData* shape = nullptr;        ///< keys and slots of the reader's record
  const AvroStep* items = nullptr;
  std::vector<const AvroStep*> branches;
  std::vector<int> symbols;              ///< writer's symbol → reader's; −1 = there is none
  std::string problem;
};

/// The writer's schema resolved against the reader's, once (Avro specification, "Schema
/// Resolution": promotions, aliases, defaults, enums, unions). Immutable, shared by decoders.
class AvroPlan {
 public:
  /// Code "bad-schema" (stop_pipeline) if nothing written with one could be read with the other.
  static Result<std::shared_ptr<const AvroPlan>> make(std::shared_ptr<const AvroSchema> writer,
                                                      std::shared_ptr<const AvroSchema> reader);
  const AvroStep& root() const { return *root_; }
  const AvroSchema& writer() const { return *writer_; }

 private:
  AvroPlan() = default;
  const AvroStep* step(const AvroNode& writer, const AvroNode& reader);
  bool matches(const AvroNode& writer, const AvroNode& reader) const;
  void fill(AvroStep& step);
  void fill_record(AvroStep& step);
  void fill_union(AvroStep& step);
  void fill_enum(AvroStep& step);
  AvroStep& add(AvroStep::Kind kind, const AvroNode& writer, const AvroNode& reader);

  std::shared_ptr<const AvroSchema> writer_, reader_;
  std::deque<AvroStep> steps_;
  std::map<std::pair<const AvroNode*, const AvroNode*>, const AvroStep*> known_;
  ValueArena arena_;
  const AvroStep* root_ = nullptr;
};

}  // namespace penstock
