// SPDX-License-Identifier: Apache-2.0
#include "connectors/generator/record_template.h"

#include <charconv>
#include <chrono>

#include "base/random.h"

namespace penstock {
namespace {

constexpr uint32_t kWidthMax = 1024;

Error bad(std::string what) {
  return stop_error("bad-template", std::move(what),
                    "known are n, n:WIDTH, task, partition, random, random:LOW-HIGH, hex, now, "
                    "now_ms, now_us, pick:A|B|C");
}

bool read_number(std::string_view text, uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

void append_number(uint64_t value, uint32_t width, std::string& out) {
  char digits[20];
  const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  const auto size = static_cast<size_t>(end - digits);
  if (size < width) out.append(width - size, '0');
  out.append(digits, size);
}

void append_hex(uint64_t value, std::string& out) {
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
}

}  // namespace

void append_timestamp(int64_t us, std::string& out) {
  namespace chrono = std::chrono;
  const chrono::sys_time<chrono::microseconds> at{chrono::microseconds(us)};
  const auto day = chrono::floor<chrono::days>(at);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss time(chrono::floor<chrono::milliseconds>(at - day));
  append_number(static_cast<uint64_t>(static_cast<int>(date.year())), 4, out);
  out += '-';
  append_number(static_cast<unsigned>(date.month()), 2, out);
  out += '-';
  append_number(static_cast<unsigned>(date.day()), 2, out);
  out += 'T';
  append_number(static_cast<uint64_t>(time.hours().count()), 2, out);
  out += ':';
  append_number(static_cast<uint64_t>(time.minutes().count()), 2, out);
  out += ':';
  append_number(static_cast<uint64_t>(time.seconds().count()), 2, out);
  out += '.';
  append_number(static_cast<uint64_t>(time.subseconds().count()), 3, out);
  out += 'Z';
}

Result<RecordTemplate> RecordTemplate::parse(std::string_view text) {
  RecordTemplate made;
  while (!text.empty()) {
    const size_t open = text.find("{{");
    if (open != 0) {
      Part literal;
      literal.text = text.substr(0, open);
      text.remove_prefix(literal.text.size());
      made.parts_.push_back(std::move(literal));
      continue;
    }
    const size_t close = text.find("}}", open);
    if (close == std::string_view::npos) return bad("'{{' without '}}' in a template");
    Result<Part> part = parse_part(text.substr(2, close - 2));
    if (!part) return unexpected(part.error());
    made.parts_.push_back(std::move(*part));
    text.remove_prefix(close + 2);
  }
  return made;
}

Result<RecordTemplate::Part> RecordTemplate::parse_part(std::string_view inside) {
  const size_t colon = inside.find(':');
  const std::string_view name = inside.substr(0, colon);
  const bool has_argument = colon != std::string_view::npos;
  std::string_view argument = has_argument ? inside.substr(colon + 1) : std::string_view();
  const std::string shown = "'{{" + std::string(inside) + "}}'";
  Part part;
  struct Plain {
    std::string_view name;
    Kind kind;
  };
  for (const Plain plain : {Plain{"task", Kind::kTask}, Plain{"partition", Kind::kPartition},
                            Plain{"hex", Kind::kHex}, Plain{"now", Kind::kNow},
                            Plain{"now_ms", Kind::kNowMs}, Plain{"now_us", Kind::kNowUs},
                            Plain{"n", Kind::kNumber}, Plain{"random", Kind::kRandom}}) {
    if (plain.name != name) continue;
    part.kind = plain.kind;
    if (!has_argument) return part;
    uint64_t width = 0;
    if (part.kind == Kind::kNumber && read_number(argument, width) && width <= kWidthMax) {
      part.width = static_cast<uint32_t>(width);
      return part;
    }
    const size_t dash = argument.find('-');
    if (part.kind == Kind::kRandom && dash != std::string_view::npos &&
        read_number(argument.substr(0, dash), part.low) &&
        read_number(argument.substr(dash + 1), part.high) && part.low <= part.high) {
      return part;
    }
    return bad(shown + " has a wrong argument");
  }
  if (name != "pick" || !has_argument) return bad(shown + " is not known");
  part.kind = Kind::kPick;
  for (;;) {
    const size_t bar = argument.find('|');
    part.choices.emplace_back(argument.substr(0, bar));
    if (bar == std::string_view::npos) return part;
    argument.remove_prefix(bar + 1);
  }
}

void RecordTemplate::render(const Values& values, std::string& out) const {
  uint64_t at = 0;  // each place has a sequence of its own
  for (const Part& part : parts_) {
    ++at;
    Random random(Random(values.seed + at * 0x9fb21c651e98df25ULL).next() ^ values.n);
    switch (part.kind) {
      case Kind::kText: out += part.text; break;
      case Kind::kNumber: append_number(values.n, part.width, out); break;
      case Kind::kTask: append_number(values.task, 0, out); break;
      case Kind::kPartition: append_number(values.partition, 0, out); break;
      case Kind::kRandom: {
        const uint64_t span = part.high - part.low;
        const uint64_t drawn = span == UINT64_MAX ? random.next() : random.below(span + 1);
        append_number(part.low + drawn, 0, out);
        break;
      }
      case Kind::kHex: append_hex(random.next(), out); break;
      case Kind::kNow: append_timestamp(values.now_us, out); break;
      case Kind::kNowMs: append_number(static_cast<uint64_t>(values.now_us / 1000), 0, out); break;
      case Kind::kNowUs: append_number(static_cast<uint64_t>(values.now_us), 0, out); break;
      case Kind::kPick: out += part.choices[random.below(part.choices.size())]; break;
    }
  }
}

}  // namespace penstock
