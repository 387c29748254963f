// SPDX-License-Identifier: Apache-2.0
#include "json/scalar.h"

#include <charconv>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <string>

#include "value/utf8.h"

namespace penstock {
namespace {

constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

bool digit(const char* p, const char* limit) {
  return p < limit && static_cast<unsigned char>(*p - '0') < 10;
}

/// The parts of a number, as far as the short ways need them.
struct Scanned {
  bool negative = false, integer = true;
  uint64_t mantissa = 0;  // of the first 19 significant digits
  int significant = 0;    // digits after leading zeros
  int64_t exponent = 0;   // of ten, for the mantissa
  const char* end = nullptr;
};

bool scan_number(const char* p, const char* limit, Scanned& s) {
  const auto take = [&](bool fraction) {
    const char* from = p;
    for (; digit(p, limit); ++p) {
      s.exponent -= fraction;
      if (s.significant == 0 && *p == '0') continue;
      if (s.significant < 19) s.mantissa = s.mantissa * 10 + static_cast<uint64_t>(*p - '0');
      else ++s.exponent;
      ++s.significant;
    }
    return p - from;
  };
  s.negative = p < limit && *p == '-';
  p += s.negative;
  if (!digit(p, limit)) return false;
  const bool zero = *p == '0';
  const auto whole = take(false);
  if (zero && whole > 1) return false;
  if (p < limit && *p == '.') {
    s.integer = false;
    ++p;
    if (take(true) == 0) return false;
  }
  if (p < limit && (*p == 'e' || *p == 'E')) {
    s.integer = false;
    ++p;
    const bool minus = p < limit && *p == '-';
    if (p < limit && (*p == '-' || *p == '+')) ++p;
    if (!digit(p, limit)) return false;
    int64_t exponent = 0;
    for (; digit(p, limit); ++p) {
      if (exponent < 1'000'000) exponent = exponent * 10 + (*p - '0');
    }
    s.exponent += minus ? -exponent : exponent;
  }
  s.end = p;
  return p == limit || ends_json_scalar(*p);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// The code unit of "uXXXX" at `at`, or -1.
int code_unit(std::string_view text, size_t at) {
  if (at + 5 > text.size() || text[at] != 'u') return -1;
  int unit = 0;
  for (size_t i = 1; i < 5; ++i) {
    const int digit = hex_digit(text[at + i]);
    if (digit < 0) return -1;
    unit = unit << 4 | digit;
  }
  return unit;
}

struct Bytes {
  char* to;
  void append(std::string_view text) {
    std::memcpy(to, text.data(), text.size());
    to += text.size();
  }
};

}  // namespace

bool parse_long_json_number(const char* at, const char* limit, Value& out, const char*& end) {
  Scanned s;
  if (!scan_number(at, limit, s)) return false;
  end = s.end;
  if (s.integer && s.exponent == 0) {
    constexpr uint64_t kMinMagnitude = uint64_t{1} << 63;
    if (!s.negative) return out = Value::unsigned_integer(s.mantissa), true;
    if (s.mantissa <= kMinMagnitude) {
      return out = Value::integer(static_cast<int64_t>(0 - s.mantissa)), true;
    }
  }
  const std::string_view text(at, static_cast<size_t>(s.end - at));
  if (s.integer && s.significant == 20) {  // 2^64 has 20 digits
    uint64_t whole = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error == std::errc() && stop == s.end) return out = Value::unsigned_integer(whole), true;
  }
  if (s.integer || s.significant > 17) return out = Value::number(text), true;
  if (s.mantissa <= uint64_t{1} << 53 && s.exponent >= -22 && s.exponent <= 22) {  // Clinger
    double d = static_cast<double>(s.mantissa);
    d = s.exponent < 0 ? d / kPowersOfTen[-s.exponent] : d * kPowersOfTen[s.exponent];
    return out = Value::real(s.negative ? -d : d), true;
  }
  double d = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), d);
  out = error == std::errc() && stop == s.end ? Value::real(d) : Value::number(text);
  return true;
}

RawText read_raw_text(const char* quote) {
  const char* from = quote + 1;
  const char* p = from;
#ifdef __SSE2__
  const __m128i quotes = _mm_set1_epi8('"'), slashes = _mm_set1_epi8('\\');
  for (;; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const int found = _mm_movemask_epi8(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quotes), _mm_cmpeq_epi8(bytes, slashes)));
    if (found != 0) {
      p += __builtin_ctz(static_cast<unsigned>(found));
      break;
    }
  }
#else
  while (*p != '"' && *p != '\\') ++p;
#endif
  const bool escaped = *p == '\\';
  while (*p != '"') p += *p == '\\' ? 2 : 1;
  return {from, static_cast<uint32_t>(p - from), escaped};
}

int64_t unescape_json(std::string_view text, char* to) {
  Bytes out{to};
  size_t at = 0;
  while (at < text.size()) {
    const size_t slash = std::min(text.find('\\', at), text.size());
    out.append(text.substr(at, slash - at));
    if (slash == text.size()) break;
    at = slash + 1;
    const char c = at < text.size() ? text[at] : '\0';
    static constexpr std::string_view kEscapes = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    if (c != 'u') {
      const size_t which = c == '\0' ? std::string_view::npos : kEscapes.find(c);
      if (which == std::string_view::npos) return -1 - static_cast<int64_t>(slash);
      out.append(kMeanings.substr(which, 1));
      ++at;
      continue;
    }
    const int unit = code_unit(text, at);
    if (unit < 0) return -1 - static_cast<int64_t>(slash);
    at += 5;
    char32_t code = static_cast<char32_t>(unit);
    if (unit >= 0xd800 && unit < 0xdc00 && at < text.size() && text[at] == '\\') {
      const int low = code_unit(text, at + 1);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + (static_cast<char32_t>(unit - 0xd800) << 10) +
               static_cast<char32_t>(low - 0xdc00);
        at += 6;
      }
    }
    append_utf8(out, code);  // a lone surrogate becomes U+FFFD: 3 bytes for 6
  }
  return out.to - to;
}

bool valid_json_escapes(std::string_view text) {
  for (size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    const char c = at + 1 < text.size() ? text[at + 1] : '\0';
    if (c == 'u' ? code_unit(text, at + 1) < 0
                 : c == '\0' || std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) {
      return false;
    }
    at += 2;
  }
  return true;
}

Result<Value> text_value(const RawText& text, ValueArena& arena) {
  if (!text.escaped) return Value::string(text.view());
  char* to = static_cast<char*>(arena.allocate(text.size));
  if (to == nullptr) return memory_limit_error(arena.limit());
  const int64_t size = unescape_json(text.view(), to);
  if (size < 0) {
    return reject_error("bad-json", "not JSON: an escape in a string is not one of JSON's");
  }
  arena.shrink_last(to, text.size, static_cast<size_t>(size));
  return Value::string({to, static_cast<size_t>(size)});
}

}  // namespace penstock
