// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock {

/// How records lie in the body of a request.
enum class HttpFraming : uint8_t {
  kAuto,       ///< by Content-Type: lines for NDJSON, else one record
  kRecord,     ///< the body is one record, whatever it holds
  kNdjson,     ///< a record a line; blank lines are none
  kJsonArray,  ///< each element of one JSON array is a record, as written
};

/// What `kAuto` means for a Content-Type; other framings stay what they are.
HttpFraming framing_of(HttpFraming framing, std::string_view content_type);

/// Cuts a body into records, which are slices of it. `framing` is not kAuto. All or nothing: on an
/// error `records` is of no use. Elements of arrays are cut by brackets and quotes and not checked
/// further. Codes: bad-body (where and why), record-too-large.
Result<void> split_body(std::string_view body, HttpFraming framing, size_t record_bytes_max,
                        std::vector<std::string_view>& records);

}  // namespace penstock
