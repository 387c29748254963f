// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "codec/codec.h"
#include "codec/text_type.h"

namespace penstock {

struct LogfmtOptions {
  /// Of values that are not in quotes.
  TextType types = TextType::kInfer;
};

/// Lines of key=value, as Go's kr/logfmt and Heroku write them. A line becomes a map, values in
/// quotes are strings with Go's escapes, a key without `=` is true, `key=` is "", the last of equal
/// keys counts. Encoding flattens maps to `outer.inner=…`; arrays become JSON in quotes.
std::shared_ptr<const Codec> make_logfmt_codec(const LogfmtOptions& options,
                                               const CodecLimits& limits);

}  // namespace penstock
