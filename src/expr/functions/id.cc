// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/base_coding.h"
#include "expr/functions/digest.h"
#include "expr/functions/id_text.h"
#include "expr/functions/library.h"

namespace penstock {

std::string random_bytes(EvalContext& context, size_t count) {
  std::string out;
  for (uint64_t held = 0; out.size() < count; held >>= 8) {
    if (out.size() % 8 == 0) held = context.random().next();
    out += static_cast<char>(held & 0xff);
  }
  return out;
}

std::string uuid_text(std::string bytes, int version) {
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | version << 4);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  std::string out = encode_hex(bytes);
  for (const size_t at : {20, 16, 12, 8}) out.insert(at, "-");
  return out;
}

namespace {

std::string big_endian(uint64_t number, size_t bytes) {
  std::string out;
  for (size_t i = bytes; i-- > 0;) out += static_cast<char>(number >> (8 * i));
  return out;
}

Result<Value> uuid4(EvalContext& context, Arguments) {
  return context.string(uuid_text(random_bytes(context, 16), 4));
}

Result<Value> uuid7(EvalContext& context, Arguments) {
  const auto ms = static_cast<uint64_t>(context.now_us() / 1000);
  return context.string(uuid_text(big_endian(ms, 6) + random_bytes(context, 10), 7));
}

Result<Value> uuid5(EvalContext& context, Arguments args) {
  std::string space;
  for (const char c : args[0].text()) {
    if (c != '-') space += c;
  }
  const auto bytes = decode_hex(space);
  if (!bytes || bytes->size() != 16) return eval_error("the name space is not a UUID");
  PENSTOCK_TRY(spend_bytes(context, args[1].size()));
  const auto hash = digest("sha1", *bytes + std::string(args[1].text()));
  return context.string(uuid_text(hash->substr(0, 16), 5));
}

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

Result<Value> ulid(EvalContext& context, Arguments) {
  uint64_t ms = static_cast<uint64_t>(context.now_us() / 1000);
  std::string out(26, '0');
  for (size_t i = 10; i-- > 0; ms >>= 5) out[i] = kCrockford[ms & 31];
  for (size_t i = 10; i < 26; ++i) out[i] = kCrockford[context.random().below(32)];
  return context.string(out);
}

/// K-sortable ids of Segment: seconds since 2014-05-13 and 16 random bytes, in base 62.
Result<Value> ksuid(EvalContext& context, Arguments) {
  constexpr std::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const auto seconds = static_cast<uint64_t>(context.now_us() / 1'000'000 - 1'400'000'000);
  std::string bytes = big_endian(seconds, 4) + random_bytes(context, 16);
  std::string out(27, '0');
  for (size_t i = 27; i-- > 0;) {
    uint32_t rest = 0;
    for (char& c : bytes) {
      const uint32_t here = rest << 8 | static_cast<uint8_t>(c);
      c = static_cast<char>(here / 62);
      rest = here % 62;
    }
    out[i] = kDigits[rest];
  }
  return context.string(out);
}

Result<Value> nanoid(EvalContext& context, Arguments args) {
  constexpr std::string_view kUrlSafe =
      "useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict";
  const int64_t size = whole_or(args, 0, 21);
  if (size < 1 || size > 255) return eval_error("nanoid needs a length of 1 to 255");
  std::string out;
  while (static_cast<int64_t>(out.size()) < size) out += kUrlSafe[context.random().below(64)];
  return context.string(out);
}

Result<Value> is_uuid(EvalContext&, Arguments args) {
  if (!args[0].is_text() || args[0].size() != 36) return Value::boolean(false);
  for (size_t i = 0; i < 36; ++i) {
    const char c = args[0].text()[i];
    const bool mark = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (mark ? c != '-' : !digit) return Value::boolean(false);
  }
  return Value::boolean(true);
}

constexpr Purity kEach = Purity::kPerRecord;

constexpr Function kIds[] = {
    {.name = "uuid", .aliases = {"uuid4", "uuidv4"}, .signatures = {"() -> string"},
     .about = "A random UUID (version 4); repeatable where the run is seeded.", .purity = kEach,
     .body = uuid4,
     .examples = {{"isUuid(uuid())", "", "true"}, {"charAt(uuid4(), 14)", "", R"("4")"}}},
    {.name = "uuid7", .aliases = {"uuidv7"}, .signatures = {"() -> string"},
     .about = "A UUID that sorts by time (version 7).", .purity = kEach, .body = uuid7,
     .examples = {{"isUuid(uuid7())", "", "true"}, {"charAt(uuid7(), 14)", "", R"("7")"}}},
    {.name = "uuid5", .signatures = {"(space: text, name: text) -> string"},
     .about = "The UUID of a name in a name space (version 5): the same for the same name.",
     .body = uuid5,
     .examples = {{"uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.org')", "",
                   R"("74738ff5-5367-5958-9aee-98fffdcd1876")"},
                  {"uuid5('x', 'a')", "", "", "not a UUID"}}},
    {.name = "ulid", .signatures = {"() -> string"},
     .about = "A ULID: 26 characters that sort by time.", .purity = kEach, .body = ulid,
     .examples = {{"len(ulid())", "", "26"}, {"regexMatch(ulid(), '^[0-9A-HJKMNP-TV-Z]+$')", "",
                                             "true"}}},
    {.name = "ksuid", .signatures = {"() -> string"},
     .about = "A KSUID: 27 characters that sort by time (from 2014 on).", .purity = kEach,
     .body = ksuid,
     .examples = {{"len(ksuid())", "", "27"}, {"regexMatch(ksuid(), '^[0-9A-Za-z]+$')", "",
                                              "true"}}},
    {.name = "nanoid", .signatures = {"(length?: int) -> string"},
     .about = "Random characters for addresses, 21 if not said otherwise.", .purity = kEach,
     .body = nanoid,
     .examples = {{"len(nanoid())", "", "21"}, {"len(nanoid(5))", "", "5"},
                  {"nanoid(0)", "", "", "1 to 255"}}},
    {.name = "isUuid", .signatures = {"(text: any) -> bool"},
     .about = "Whether it is written as a UUID.", .body = is_uuid,
     .examples = {{"isUuid('74738ff5-5367-5958-9aee-98fffdcd1876')", "", "true"},
                  {"isUuid('74738ff5')", "", "false"}}},
};

}  // namespace

void add_id_functions(FunctionTable& table) { add_rows(table, {"id"}, kIds); }

}  // namespace penstock
