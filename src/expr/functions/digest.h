// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

// The one place that calls OpenSSL. All results are raw bytes.
namespace penstock {

/// "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3-256", "sha3-512", "blake2b",
/// "blake2s"; nothing for other names.
std::optional<std::string> digest(std::string_view algorithm, std::string_view bytes);
std::optional<std::string> hmac(std::string_view algorithm, std::string_view key,
                                std::string_view bytes);
/// scrypt (RFC 7914).
std::optional<std::string> scrypt(std::string_view password, std::string_view salt, uint64_t n,
                                  uint64_t r, uint64_t p, size_t bytes);
/// AES-256-CBC with PKCS #7 padding added; the IV stands before the result.
std::optional<std::string> encrypt_aes_cbc(std::string_view key, std::string_view iv,
                                           std::string_view text);
/// Without looking at the padding.
std::optional<std::string> decrypt_aes_cbc(std::string_view key, std::string_view iv,
                                           std::string_view text);
/// From the system's generator, for keys.
std::string secure_random(size_t bytes);
/// PEM of a new key: "rsa" (4096 bits), "ecdsa" (P-256). Blocks for seconds for RSA.
std::optional<std::string> new_private_key(std::string_view type);

}  // namespace penstock
