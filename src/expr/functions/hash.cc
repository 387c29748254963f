// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include <cstring>

#include "base/hash.h"
#include "expr/functions/arguments.h"
#include "expr/functions/base_coding.h"
#include "expr/functions/digest.h"
#include "expr/functions/library.h"

namespace penstock {
namespace {

Result<Value> digest_hex(EvalContext& context, std::string_view algorithm, std::string_view text) {
  PENSTOCK_TRY(context.spend(1 + text.size() / 32));
  const auto out = digest(algorithm, text);
  if (!out) return eval_error("there is no hash \"" + std::string(algorithm.substr(0, 40)) + "\"");
  return context.string(encode_hex(*out));
}

Result<Value> md5(EvalContext& context, Arguments args) {
  return digest_hex(context, "md5", args[0].text());
}
Result<Value> sha1(EvalContext& context, Arguments args) {
  return digest_hex(context, "sha1", args[0].text());
}
Result<Value> sha256(EvalContext& context, Arguments args) {
  return digest_hex(context, "sha256", args[0].text());
}
Result<Value> sha384(EvalContext& context, Arguments args) {
  return digest_hex(context, "sha384", args[0].text());
}
Result<Value> sha512(EvalContext& context, Arguments args) {
  return digest_hex(context, "sha512", args[0].text());
}
Result<Value> any_digest(EvalContext& context, Arguments args) {
  return digest_hex(context, args[0].text(), args[1].text());
}

Result<Value> hmac_hex(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(1 + args[2].size() / 32));
  const auto out = hmac(args[0].text(), args[1].text(), args[2].text());
  if (!out) return eval_error("there is no hash \"" + std::string(args[0].text().substr(0, 40)) +
                              "\"");
  return context.string(encode_hex(*out));
}

Result<Value> crc32_of(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  return Value::integer(static_cast<int64_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(args[0].text().data()), args[0].size())));
}
Result<Value> adler32_of(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  return Value::integer(static_cast<int64_t>(
      adler32_z(1, reinterpret_cast<const Bytef*>(args[0].text().data()), args[0].size())));
}
Result<Value> xxh64_of(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  return Value::unsigned_integer(XXH64(args[0].text().data(), args[0].size(),
                                       static_cast<uint64_t>(whole_or(args, 1, 0))));
}
Result<Value> xxh3_of(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  return Value::unsigned_integer(hash64(args[0].text()));
}

uint32_t word_at(std::string_view text, size_t at) {
  uint32_t word = 0;
  std::memcpy(&word, text.data() + at, 4);
  return word;
}

/// MurmurHash3_x86_32 (A. Appleby, public domain).
uint32_t murmur3(std::string_view text, uint32_t seed) {
  const auto rotate = [](uint32_t x, int by) { return x << by | x >> (32 - by); };
  constexpr uint32_t kA = 0xcc9e2d51, kB = 0x1b873593;
  uint32_t h = seed;
  size_t at = 0;
  for (; at + 4 <= text.size(); at += 4) {
    h ^= rotate(word_at(text, at) * kA, 15) * kB;
    h = rotate(h, 13) * 5 + 0xe6546b64;
  }
  uint32_t tail = 0;
  for (size_t i = text.size(); i-- > at;) tail = tail << 8 | static_cast<uint8_t>(text[i]);
  if (at < text.size()) h ^= rotate(tail * kA, 15) * kB;
  h ^= static_cast<uint32_t>(text.size());
  h = (h ^ h >> 16) * 0x85ebca6b;
  h = (h ^ h >> 13) * 0xc2b2ae35;
  return h ^ h >> 16;
}

/// MurmurHash2 with the seed of Kafka's default partitioner.
int32_t murmur2(std::string_view text) {
  constexpr uint32_t kM = 0x5bd1e995;
  uint32_t h = 0x9747b28c ^ static_cast<uint32_t>(text.size());
  size_t at = 0;
  for (; at + 4 <= text.size(); at += 4) {
    uint32_t k = word_at(text, at) * kM;
    k = (k ^ k >> 24) * kM;
    h = h * kM ^ k;
  }
  uint32_t tail = 0;
  for (size_t i = text.size(); i-- > at;) tail = tail << 8 | static_cast<uint8_t>(text[i]);
  if (at < text.size()) h = (h ^ tail) * kM;
  h = (h ^ h >> 13) * kM;
  return static_cast<int32_t>(h ^ h >> 15);
}

Result<Value> murmur3_of(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  return Value::integer(murmur3(args[0].text(), static_cast<uint32_t>(whole_or(args, 1, 0))));
}
Result<Value> kafka_partition(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  const int64_t partitions = whole(args[1]);
  if (partitions < 1) return eval_error("a topic has 1 partition or more");
  return Value::integer((murmur2(args[0].text()) & 0x7fffffff) % partitions);
}

template <class Word, Word kOffset, Word kPrime>
Result<Value> fnv1a(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size() / 16));
  Word h = kOffset;
  for (const char c : args[0].text()) h = (h ^ static_cast<uint8_t>(c)) * kPrime;
  return Value::unsigned_integer(h);
}

Result<Value> hash_value(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(1 + args[0].size()));
  return Value::unsigned_integer(hash(args[0]));
}

constexpr Function kDigests[] = {
    {.name = "md5",
     .signatures = {"(text: text) -> string"},
     .about = "MD5 in hexadecimal.",
     .body = md5,
     .examples = {{"md5('hi')", "", R"("49f68a5c8493ec2c0bf489821c21fc3b")"},
                  {"md5('')", "", R"("d41d8cd98f00b204e9800998ecf8427e")"}}},
    {.name = "sha1",
     .signatures = {"(text: text) -> string"},
     .about = "SHA-1 in hexadecimal. In the Argo dialect in base64.",
     .dialects = kInPenstock,
     .body = sha1,
     .examples = {{"sha1('hi')", "", R"("c22b5f9178342609428d6f51b2c5af4c0bde6a42")"},
                  {"sha1(5)", "", "", "sha1"}}},
    {.name = "sha256",
     .signatures = {"(text: text) -> string"},
     .about = "SHA-256 in hexadecimal.",
     .body = sha256,
     .examples = {{"left(sha256('hi'), 16)", "", R"("8f434346648f6b96")"},
                  {"len(sha256(''))", "", "64"}}},
    {.name = "sha384",
     .signatures = {"(text: text) -> string"},
     .about = "SHA-384 in hexadecimal.",
     .body = sha384,
     .examples = {{"left(sha384('hi'), 16)", "", R"("0791006df8128477")"},
                  {"len(sha384(''))", "", "96"}}},
    {.name = "sha512",
     .signatures = {"(text: text) -> string"},
     .about = "SHA-512 in hexadecimal.",
     .body = sha512,
     .examples = {{"left(sha512('hi'), 16)", "", R"("150a14ed5bea6cc7")"},
                  {"len(sha512(''))", "", "128"}}},
    {.name = "digest",
     .signatures = {"(algorithm: text, text: text) -> string"},
     .about =
         "md5, sha1, sha224, sha256, sha384, sha512, sha3-256, sha3-512, blake2b or blake2s, in "
         "hexadecimal.",
     .body = any_digest,
     .examples = {{"digest('md5', 'hi') == md5('hi')", "", "true"},
                  {"left(digest('blake2b', ''), 8)", "", R"("786a02f7")"},
                  {"digest('what', '')", "", "", "no hash"}}},
    {.name = "hmac",
     .signatures = {"(algorithm: text, key: text, text: text) -> string"},
     .about = "The keyed hash (RFC 2104), in hexadecimal.",
     .body = hmac_hex,
     .examples = {{"left(hmac('sha256', 'key', 'hi'), 16)", "", R"("1c9dc82e5f8e5ed5")"},
                  {"hmac('what', 'k', '')", "", "", "no hash"}}},
};
constexpr Function kHashes[] = {
    {.name = "crc32", .signatures = {"(text: text) -> int"}, .about = "CRC-32 (IEEE).",
     .body = crc32_of, .examples = {{"crc32('hi')", "", "3633523372"}, {"crc32('')", "", "0"}}},
    {.name = "adler32", .signatures = {"(text: text) -> int"}, .about = "Adler-32.",
     .body = adler32_of, .examples = {{"adler32('hi')", "", "20644050"}, {"adler32('')", "", "1"}}},
    {.name = "xxh64", .signatures = {"(text: text, seed?: int) -> int"}, .about = "XXH64.",
     .body = xxh64_of,
     .examples = {{"xxh64('')", "", "17241709254077376921"}, {"xxh64('hi') == xxh64('hi', 1)", "",
                                                             "false"}}},
    {.name = "xxh3", .signatures = {"(text: text) -> int"},
     .about = "XXH3 of 64 bits: what keys are partitioned by.", .body = xxh3_of,
     .examples = {{"xxh3('')", "", "3244421341483603138"}, {"xxh3('a') == xxh3('b')", "",
                                                           "false"}}},
    {.name = "murmur3", .signatures = {"(text: text, seed?: int) -> int"},
     .about = "MurmurHash3 of 32 bits.", .body = murmur3_of,
     .examples = {{"murmur3('hello')", "", "613153351"}, {"murmur3('', 1)", "", "1364076727"}}},
    {.name = "kafkaPartition", .signatures = {"(key: text, partitions: int) -> int"},
     .about = "The partition that Kafka's default partitioner gives a key.",
     .body = kafka_partition,
     .examples = {{"kafkaPartition('21', 2147483647)", "", "1173551340"},
                  {"kafkaPartition('a', 0)", "", "", "1 partition"}}},
    {.name = "fnv32a", .signatures = {"(text: text) -> int"}, .about = "FNV-1a of 32 bits.",
     .body = fnv1a<uint32_t, 2166136261u, 16777619u>,
     .examples = {{"fnv32a('a')", "", "3826002220"}, {"fnv32a('')", "", "2166136261"}}},
    {.name = "fnv64a", .signatures = {"(text: text) -> int"}, .about = "FNV-1a of 64 bits.",
     .body = fnv1a<uint64_t, 14695981039346656037u, 1099511628211u>,
     .examples = {{"fnv64a('a')", "", "12638187200555641996"},
                  {"fnv64a('')", "", "14695981039346656037"}}},
    {.name = "hash", .signatures = {"(value: any) -> int"},
     .about = "A stable hash of any value; equal values have equal hashes.", .body = hash_value,
     .examples = {{"hash({a: 1, b: 2}) == hash({b: 2, a: 1.0})", "", "true"},
                  {"hash(1) == hash('1')", "", "false"}}},
};

}  // namespace

void add_hash_functions(FunctionTable& table) {
  add_rows(table, {"hash"}, kDigests);
  add_rows(table, {"hash"}, kHashes);
}

}  // namespace penstock
