// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

namespace penstock {

/// Where words begin and end: edges[0] begin, edges[1] end, edges[2] begin, … as byte offsets.
struct WordEdges {
  size_t count = 0;  ///< edges written, even
  uint32_t next = 0; ///< where to go on; = size when the whole text was read
};

/// Bytes behind the text that a finder may read (never uses): arenas are padded by as many.
inline constexpr size_t kWordEdgesPadding = 64;
/// Smallest `room`: a block of 64 bytes makes up to 64 edges, one word may be in progress.
inline constexpr size_t kWordEdgesRoomMin = 256;

/// Finds words = longest runs of bytes other than space, \t, \n, \v, \f, \r, from offset `from` of
/// the text, until the text ends or fewer than kWordEdgesRoomMin / 2 of `room` edges are free.
/// REQUIRES: kWordEdgesPadding readable bytes behind text + size; `from` is not inside a word that
/// began before it.
using WordEdgeFinder = WordEdges (*)(const char* text, uint32_t size, uint32_t from,
                                     uint32_t* edges, size_t room);

/// The fastest one for this processor.
WordEdgeFinder word_edge_finder();
/// One that works everywhere; the others are tested against it.
WordEdges find_word_edges_portable(const char* text, uint32_t size, uint32_t from, uint32_t* edges,
                                   size_t room);

}  // namespace penstock
