// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/digest.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <memory>

#include "base/check.h"

namespace penstock {
namespace {

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

const EVP_MD* algorithm_of(std::string_view name) {
  if (name == "md5") return EVP_md5();
  if (name == "sha1") return EVP_sha1();
  if (name == "sha224") return EVP_sha224();
  if (name == "sha256") return EVP_sha256();
  if (name == "sha384") return EVP_sha384();
  if (name == "sha512") return EVP_sha512();
  if (name == "sha3-256") return EVP_sha3_256();
  if (name == "sha3-512") return EVP_sha3_512();
  if (name == "blake2b") return EVP_blake2b512();
  if (name == "blake2s") return EVP_blake2s256();
  return nullptr;
}

struct CipherFree {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};
struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

}  // namespace

std::optional<std::string> digest(std::string_view algorithm, std::string_view bytes) {
  const EVP_MD* md = algorithm_of(algorithm);
  if (md == nullptr) return std::nullopt;
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), raw(out), &size, md, nullptr) != 1) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

std::optional<std::string> hmac(std::string_view algorithm, std::string_view key,
                                std::string_view bytes) {
  const EVP_MD* md = algorithm_of(algorithm);
  if (md == nullptr) return std::nullopt;
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (HMAC(md, key.data(), static_cast<int>(key.size()), raw(bytes), bytes.size(), raw(out),
           &size) == nullptr) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

std::optional<std::string> scrypt(std::string_view password, std::string_view salt, uint64_t n,
                                  uint64_t r, uint64_t p, size_t bytes) {
  std::string out(bytes, '\0');
  constexpr uint64_t kMemoryMax = 128 << 20;
  if (EVP_PBE_scrypt(password.data(), password.size(), raw(salt), salt.size(), n, r, p, kMemoryMax,
                     raw(out), bytes) != 1) {
    return std::nullopt;
  }
  return out;
}

std::optional<std::string> encrypt_aes_cbc(std::string_view key, std::string_view iv,
                                           std::string_view text) {
  CHECK(key.size() == 32 && iv.size() == 16);
  const std::unique_ptr<EVP_CIPHER_CTX, CipherFree> cipher(EVP_CIPHER_CTX_new());
  std::string out(text.size() + 32, '\0');
  int size = 0, rest = 0;
  if (EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_cbc(), nullptr, raw(key), raw(iv)) != 1 ||
      EVP_EncryptUpdate(cipher.get(), raw(out), &size, raw(text),
                        static_cast<int>(text.size())) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), raw(out) + size, &rest) != 1) {
    return std::nullopt;
  }
  out.resize(static_cast<size_t>(size + rest));
  return std::string(iv) + out;
}

std::optional<std::string> decrypt_aes_cbc(std::string_view key, std::string_view iv,
                                           std::string_view text) {
  CHECK(key.size() == 32 && iv.size() == 16);
  const std::unique_ptr<EVP_CIPHER_CTX, CipherFree> cipher(EVP_CIPHER_CTX_new());
  std::string out(text.size() + 32, '\0');
  int size = 0, rest = 0;
  if (EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_cbc(), nullptr, raw(key), raw(iv)) != 1 ||
      EVP_CIPHER_CTX_set_padding(cipher.get(), 0) != 1 ||
      EVP_DecryptUpdate(cipher.get(), raw(out), &size, raw(text),
                        static_cast<int>(text.size())) != 1 ||
      EVP_DecryptFinal_ex(cipher.get(), raw(out) + size, &rest) != 1) {
    return std::nullopt;
  }
  out.resize(static_cast<size_t>(size + rest));
  return out;
}

std::string secure_random(size_t bytes) {
  std::string out(bytes, '\0');
  CHECK(RAND_bytes(raw(out), static_cast<int>(bytes)) == 1);
  return out;
}

std::optional<std::string> new_private_key(std::string_view type) {
  std::unique_ptr<EVP_PKEY, KeyFree> key(type == "rsa"     ? EVP_RSA_gen(4096)
                                         : type == "ecdsa" ? EVP_EC_gen("P-256")
                                                           : nullptr);
  const std::unique_ptr<BIO, BioFree> memory(BIO_new(BIO_s_mem()));
  if (!key || !memory ||
      PEM_write_bio_PrivateKey_traditional(memory.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                           nullptr) != 1) {
    return std::nullopt;
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

}  // namespace penstock
