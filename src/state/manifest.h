// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "state/store.h"

namespace penstock {

inline constexpr uint32_t kManifestVersion = 1;
inline constexpr uint64_t kManifestBytesMax = 256 << 20;

/// The bytes of a manifest file (docs/formats.md). The same manifest gives the same bytes.
std::string encode_manifest(const Manifest& manifest);

/// The manifest that encode_manifest() wrote, of this version or an earlier one. `file` stands in
/// messages. Errors: "state-damaged", "state-too-new"; both stop the pipeline.
Result<Manifest> decode_manifest(std::string_view bytes, const std::string& file);

/// What every reader of a state file says about bytes that are not what was written.
Error damaged_error(const std::string& file, const std::string& what);
Error too_new_error(const std::string& file, uint32_t version, uint32_t version_max);

}  // namespace penstock
