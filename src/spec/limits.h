// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

// What one document may cost, whatever it contains.

namespace penstock {

inline constexpr size_t kDocumentBytesMax = 4 << 20;
inline constexpr size_t kDocumentDepthMax = 64;
/// Values after aliases and merge keys have been expanded.
inline constexpr size_t kDocumentNodesMax = 200'000;
/// Bytes of scalars and keys after expansion and interpolation.
inline constexpr size_t kDocumentTextMax = 16 << 20;
inline constexpr size_t kDocumentAliasesMax = 10'000;
inline constexpr size_t kDirectivesMax = 16;
/// A file named by `${file:…}`.
inline constexpr size_t kSecretFileBytesMax = 64 << 10;
inline constexpr size_t kStagesMax = 1'000;
inline constexpr size_t kQueuesMax = 4'000;
inline constexpr unsigned kThreadsMax = 1'024;

}  // namespace penstock
