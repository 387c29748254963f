// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string_view>

#include "config/text_pieces.h"
#include "spec/text_places.h"

namespace penstock {

/// Finds where the bytes of a scalar stand. `source` is all of it in the document, quotes or block
/// header included, from byte `begin` of the document on; `text` what it was read as. Null if the
/// text stands there as it is.
std::shared_ptr<const TextPieces> scalar_pieces(std::string_view source, size_t begin,
                                                std::string_view text, const TextPlaces& places);

}  // namespace penstock
