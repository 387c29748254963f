// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "codec/codec.h"

namespace penstock {

// For tests of codecs: whole payloads in and out, as JSON text.

using TestHeaders = std::vector<std::pair<std::string, std::string>>;

/// The values of a payload, as JSON; an error is the last item, as "error CODE: MESSAGE".
std::vector<std::string> decoded(const Codec& codec, std::string_view payload,
                                 const TestHeaders& headers = {});
/// The payload of values given as JSON, or "error CODE: MESSAGE".
std::string encoded(const Codec& codec, const std::vector<std::string>& json,
                    TestHeaders* headers = nullptr);
std::string encoded(const Codec& codec, std::span<const Value> values,
                    TestHeaders* headers = nullptr);
/// Reads JSON, or crashes.
Value test_value(std::string_view json, ValueArena& arena);
/// "0a ff" → two bytes.
std::string from_hex(std::string_view hex);
std::string to_hex(std::string_view bytes);

/// Decodes whatever it is given to the end and encodes what came, under small limits: nothing may
/// crash. What an encoder accepted must decode again. For fuzz targets.
void exercise(const Codec& codec, std::string_view payload, std::string_view headers = {});

/// Which kinds random_value() makes beside null, bool, int and string.
struct RandomKinds {
  bool doubles = true, bytes = true, times = true, nested = true;
};
Value random_value(Random& random, ValueArena& arena, const RandomKinds& kinds = {},
                   int depth = 3);
std::string random_text(Random& random, size_t size_max = 12);

}  // namespace penstock
