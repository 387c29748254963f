// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "record/headers.h"
#include "record/record.h"

namespace penstock {

/// Where the key of a record comes from, for keyed edges and keyed stages.
struct KeySelector {
  enum class Kind : uint8_t { kNone, kPayload, kRecordKey, kHeader };
  Kind kind = Kind::kNone;
  std::string header;  ///< for kHeader

  bool is_set() const { return kind != Kind::kNone; }
  /// The key; empty if the record has none.
  std::string_view of(const Record& record) const {
    switch (kind) {
      case Kind::kPayload: return record.payload_view();
      case Kind::kRecordKey: return record.key_view();
      case Kind::kHeader: return find_header(record.headers_view(), header).value_or("");
      case Kind::kNone: break;
    }
    return {};
  }
};

}  // namespace penstock
