// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/name_words.h"

#include "expr/functions/unicode.h"
#include "value/utf8.h"

namespace penstock {
namespace {

enum class Word { kInvalid, kNumber, kUpper, kAlphabet, kConnector, kPunctuation, kOther };

bool is_connector(char32_t c) { return c == '-' || c == '_' || is_space(c); }

/// Letters of alphabets: not the characters of Chinese.
bool is_any_letter(char32_t c) {
  if (!is_letter(c)) return false;
  return !((c >= 0x4e00 && c <= 0x9fcc) || (c >= 0x3400 && c <= 0x4d85) ||
           (c >= 0x20000 && c <= 0x2b81d));
}

struct Taken {
  Word kind = Word::kInvalid;
  std::string_view word;
};

/// Bytes at the start whose code points fulfil `test`.
template <class Test>
size_t run_length(std::string_view text, size_t from, const Test& test) {
  size_t at = from;
  while (at < text.size()) {
    size_t next = at;
    if (!test(next_code_point(text, next))) break;
    at = next;
  }
  return at;
}

size_t upper_word(std::string_view text, size_t first) {
  if (first == text.size()) return first;
  size_t at = first;
  const char32_t second = next_code_point(text, at);
  if (is_upper(second)) {
    size_t end = run_length(text, first, is_upper);
    if (end < text.size()) {
      size_t next = end;
      // "HTTPStatus" is HTTP and Status: the last capital belongs to what follows.
      if (is_any_letter(next_code_point(text, next))) {
        do --end;
        while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80);
      }
    }
    return end;
  }
  if (!is_any_letter(second)) return first;
  return run_length(text, first, [](char32_t c) { return is_any_letter(c) && !is_upper(c); });
}

Taken take_word(std::string_view& text) {
  Taken out;
  if (text.empty()) return out;
  size_t first = 0;
  const char32_t c = next_code_point(text, first);
  size_t end = first;
  if (is_connector(c)) {
    out.kind = Word::kConnector;
    end = run_length(text, first, is_connector);
  } else if (is_punctuation(c)) {
    out.kind = Word::kPunctuation;
    end = run_length(text, first, is_punctuation);
  } else if (is_upper(c)) {
    out.kind = Word::kUpper;
    end = upper_word(text, first);
  } else if (is_any_letter(c)) {
    out.kind = Word::kAlphabet;
    end = run_length(text, first, [](char32_t d) { return is_any_letter(d) && !is_upper(d); });
  } else if (is_digit(c)) {
    out.kind = Word::kNumber;
    end = run_length(text, first, is_digit);
  } else {
    out.kind = Word::kOther;
    end = run_length(text, first, [](char32_t d) {
      return !is_connector(d) && !is_any_letter(d) && !is_digit(d) && !is_punctuation(d);
    });
  }
  out.word = text.substr(0, end);
  text.remove_prefix(end);
  return out;
}

struct Writer {
  std::string out;
  char connector;

  void word(const Taken& taken) {
    if (taken.kind != Word::kUpper && taken.kind != Word::kConnector) {
      out += taken.word;
      return;
    }
    for (size_t at = 0; at < taken.word.size();) {
      const char32_t c = next_code_point(taken.word, at);
      append_utf8(out, is_connector(c) ? static_cast<char32_t>(connector) : to_lower(c));
    }
  }
};

bool joins(Word kind) { return kind == Word::kAlphabet || kind == Word::kNumber; }

}  // namespace

std::string lower_case_name(std::string_view text, char connector) {
  Writer writer{"", connector};
  std::string_view rest = text;
  Taken now = take_word(rest);
  while (!rest.empty()) {
    if (now.kind != Word::kConnector) writer.word(now);
    const Taken last = now;
    now = take_word(rest);
    if (last.kind == Word::kConnector) {
      writer.word(last);
    } else if (last.kind == Word::kNumber) {
      for (; joins(now.kind); now = take_word(rest)) writer.word(now);
      if (now.kind != Word::kInvalid && now.kind != Word::kPunctuation) writer.out += connector;
    } else if (last.kind != Word::kPunctuation) {
      if (now.kind != Word::kNumber) {
        if (now.kind != Word::kConnector && now.kind != Word::kPunctuation) {
          writer.out += connector;
        }
        continue;
      }
      if (rest.empty()) continue;
      const Taken number = now;
      now = take_word(rest);
      if (now.kind != Word::kAlphabet) {  // "Bld4Floor": the number belongs to what is before it
        writer.word(number);
        if (now.kind != Word::kConnector && now.kind != Word::kPunctuation) {
          writer.out += connector;
        }
        continue;
      }
      writer.out += connector;  // "HTTP2xx": it belongs to what follows
      writer.word(number);
      for (; joins(now.kind); now = take_word(rest)) writer.word(now);
      if (now.kind != Word::kInvalid && now.kind != Word::kConnector &&
          now.kind != Word::kPunctuation) {
        writer.out += connector;
      }
    }
  }
  writer.word(now);
  return writer.out;
}

std::string camel_case_name(std::string_view text) {
  std::string out;
  size_t at = 0;
  char32_t here = 0;
  while (at < text.size()) {
    here = next_code_point(text, at);
    if (!is_connector(here)) {
      here = to_upper(here);
      break;
    }
    append_utf8(out, here);
  }
  if (text.empty()) return out;
  if (at == text.size()) {
    append_utf8(out, here);
    return out;
  }
  while (at < text.size()) {
    const char32_t before = here;
    here = next_code_point(text, at);
    if (is_connector(here) && is_connector(before)) {
      append_utf8(out, before);
    } else if (is_connector(before)) {
      here = to_upper(here);
    } else {
      here = to_lower(here);
      append_utf8(out, before);
    }
  }
  append_utf8(out, here);
  return out;
}

}  // namespace penstock
