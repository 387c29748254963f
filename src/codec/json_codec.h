// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "codec/codec.h"

namespace penstock {

/// How documents lie in a payload.
enum class JsonFraming : uint8_t {
  kDocument,  ///< one document
  kLines,     ///< one a line
  kArray,     ///< the items of one array
};

struct JsonOptions {
  JsonFraming framing = JsonFraming::kDocument;
  int indent = 0;  ///< encoding: spaces a level; 0 = one line. Not with kLines
  bool sort_keys = false;
};

/// JSON by RFC 8259, strictly. Of equal keys the last counts.
std::shared_ptr<const Codec> make_json_codec(const JsonOptions& options);

}  // namespace penstock
