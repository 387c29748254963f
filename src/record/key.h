// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "record/batch.h"
#include "record/headers.h"
#include "record/record.h"

namespace penstock {

/// Computes the keys of records. Owned by one task; not thread-safe.
class KeyReader {
 public:
  virtual ~KeyReader() = default;
  struct Failed {
    uint32_t row = 0;  ///< counted over the selected records
    Error error;
  };
  /// Computes the keys of all selected records at once; of() is quick for them until the next
  /// begin() or forget(). Borrows the batch for that long. Those without a key because it cannot be
  /// computed come back, in order.
  virtual const std::vector<Failed>& begin(const Batch& batch) = 0;
  /// The batch's memory may be used for other records from now on.
  virtual void forget() = 0;
  /// The key; empty if the record has none or if it cannot be computed. kArenaPadding readable
  /// bytes stand behind it. Of a record of the batch: valid until the next begin(). Of any other:
  /// until the next call.
  virtual std::string_view of(const Record& record) = 0;
};

/// A key that is computed from a record: the same for the same record, always. Immutable, shared.
class KeyProgram {
 public:
  virtual ~KeyProgram() = default;
  virtual std::unique_ptr<KeyReader> reader() const = 0;
  virtual const std::string& text() const = 0;  ///< as the user wrote it
};

/// Where the key of a record comes from, for keyed edges and keyed stages.
struct KeySelector {
  enum class Kind : uint8_t { kNone, kPayload, kRecordKey, kHeader, kComputed };
  Kind kind = Kind::kNone;
  std::string header = {};                           ///< for kHeader
  std::shared_ptr<const KeyProgram> program = {};    ///< for kComputed
  std::shared_ptr<KeyReader> reader = {};            ///< and a task of its own

  bool is_set() const { return kind != Kind::kNone; }
  bool is_computed() const { return kind == Kind::kComputed; }
  /// A selector for one task: of() of a computed key REQUIRES that it was made here.
  KeySelector for_task() const {
    KeySelector own = *this;
    if (is_computed()) own.reader = program->reader();
    return own;
  }
  /// The key; empty if the record has none.
  std::string_view of(const Record& record) const {
    switch (kind) {
      case Kind::kPayload: return record.payload_view();
      case Kind::kRecordKey: return record.key_view();
      case Kind::kHeader: return find_header(record.headers_view(), header).value_or("");
      case Kind::kComputed: return reader->of(record);
      case Kind::kNone: break;
    }
    return {};
  }
};

}  // namespace penstock
