// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/layout_element.h"

namespace penstock {
namespace {

using E = TimeElement;

struct Named {
  std::string_view text;
  E kind;
};

// Longer ones before those they begin with.
constexpr Named kGoElements[] = {
    {"January", E::kLongMonth}, {"Monday", E::kLongWeekday}, {"2006", E::kLongYear},
    {"_2006", E::kText},        {"__2", E::kUnderYearDay},   {"002", E::kZeroYearDay},
    {"01", E::kZeroMonth},      {"02", E::kZeroDay},         {"03", E::kZeroHour12},
    {"04", E::kZeroMinute},     {"05", E::kZeroSecond},      {"06", E::kYear},
    {"15", E::kHour},           {"_2", E::kUnderDay},        {"PM", E::kUpperPm},
    {"pm", E::kLowerPm},        {"MST", E::kZoneName},       {"1", E::kNumMonth},
    {"2", E::kDay},             {"3", E::kHour12},           {"4", E::kMinute},
    {"5", E::kSecond},
};

struct ZoneForm {
  std::string_view text;
  bool z, colon, minutes, seconds;
};
constexpr ZoneForm kZoneForms[] = {
    {"-07:00:00", false, true, true, true}, {"Z07:00:00", true, true, true, true},
    {"-070000", false, false, true, true},  {"Z070000", true, false, true, true},
    {"-07:00", false, true, true, false},   {"Z07:00", true, true, true, false},
    {"-0700", false, false, true, false},   {"Z0700", true, false, true, false},
    {"-07", false, false, false, false},    {"Z07", true, false, false, false},
};

bool is_digit(std::string_view text, size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}
bool is_lower(std::string_view text, size_t at) {
  return at < text.size() && text[at] >= 'a' && text[at] <= 'z';
}

/// The element at the start of `rest`; its length, or 0 if plain text stands there.
size_t go_element(std::string_view rest, LayoutElement& out) {
  if ((rest[0] == '.' || rest[0] == ',') && rest.size() > 1 && (rest[1] == '0' || rest[1] == '9')) {
    size_t end = 1;
    while (end < rest.size() && rest[end] == rest[1]) ++end;
    if (is_digit(rest, end)) return 0;
    out.kind = rest[1] == '0' ? E::kFraction : E::kFractionCut;
    out.point = rest[0];
    out.digits = static_cast<int>(end) - 1;
    return end;
  }
  for (const ZoneForm& form : kZoneForms) {
    if (!rest.starts_with(form.text)) continue;
    out.kind = E::kZone;
    out.z_for_utc = form.z;
    out.colon = form.colon;
    out.minutes = form.minutes;
    out.seconds = form.seconds;
    return form.text.size();
  }
  for (const Named& named : kGoElements) {
    if (!rest.starts_with(named.text)) continue;
    out.kind = named.kind;
    if (named.kind == E::kText) return 0;  // "_2006": a text "_" before the year
    return named.text.size();
  }
  for (const auto& [text, kind] : {Named{"Jan", E::kMonth}, Named{"Mon", E::kWeekday}}) {
    if (!rest.starts_with(text) || is_lower(rest, 3)) continue;
    out.kind = kind;
    return 3;
  }
  return 0;
}

std::optional<LayoutElement> strftime_element(char c) {
  LayoutElement out;
  static constexpr struct {
    char c;
    E kind;
  } kElements[] = {{'Y', E::kLongYear}, {'y', E::kYear}, {'C', E::kCentury}, {'m', E::kZeroMonth},
                   {'B', E::kLongMonth}, {'b', E::kMonth}, {'h', E::kMonth}, {'d', E::kZeroDay},
                   {'e', E::kUnderDay}, {'j', E::kZeroYearDay}, {'A', E::kLongWeekday},
                   {'a', E::kWeekday}, {'u', E::kIsoWeekday}, {'w', E::kWeekdayNumber},
                   {'H', E::kHour}, {'k', E::kUnderHour}, {'I', E::kZeroHour12},
                   {'l', E::kUnderHour12}, {'M', E::kZeroMinute}, {'S', E::kZeroSecond},
                   {'p', E::kUpperPm}, {'P', E::kLowerPm}, {'Z', E::kZoneName}, {'z', E::kZone},
                   {'s', E::kUnix}, {'Q', E::kUnixMillis}, {'G', E::kIsoYear}, {'V', E::kIsoWeek}};
  for (const auto& element : kElements) {
    if (element.c != c) continue;
    out.kind = element.kind;
    return out;
  }
  out.kind = E::kBareFraction;
  if (c == 'f') out.digits = 6;
  else if (c == 'L') out.digits = 3;
  else if (c == 'N') out.digits = 9;
  else return std::nullopt;
  return out;
}

std::string_view strftime_short(char c) {
  switch (c) {
    case 'T': return "%H:%M:%S";
    case 'D': return "%m/%d/%y";
    case 'F': return "%Y-%m-%d";
    case 'R': return "%H:%M";
    case 'r': return "%I:%M:%S %p";
    case 'c': return "%a %b %e %H:%M:%S %Y";
    case 'x': return "%m/%d/%y";
    case 'X': return "%H:%M:%S";
    default: return {};
  }
}

bool append_strftime(std::string_view layout, std::vector<LayoutElement>& out) {
  while (!layout.empty()) {
    const size_t percent = std::min(layout.find('%'), layout.size());
    if (percent > 0) out.push_back({E::kText, layout.substr(0, percent)});
    layout.remove_prefix(percent);
    if (layout.empty()) return true;
    if (layout.starts_with("%:z")) {
      out.push_back({E::kZone, {}, '.', 0, false, true});
      layout.remove_prefix(3);
      continue;
    }
    if (layout.size() < 2) return false;
    const char c = layout[1];
    const std::string_view plain = c == '%' ? "%" : c == 'n' ? "\n" : c == 't' ? "\t" : "";
    const std::string_view longer = strftime_short(c);
    if (!plain.empty()) {
      out.push_back({E::kText, plain});
    } else if (!longer.empty()) {
      append_strftime(longer, out);
    } else if (const auto element = strftime_element(c)) {
      out.push_back(*element);
    } else {
      return false;
    }
    layout.remove_prefix(2);
  }
  return true;
}

}  // namespace

std::vector<LayoutElement> go_layout(std::string_view layout) {
  std::vector<LayoutElement> out;
  size_t plain = 0;
  for (size_t at = 0; at < layout.size();) {
    LayoutElement element;
    const size_t length = go_element(layout.substr(at), element);
    if (length == 0) {
      ++at;
      continue;
    }
    if (at > plain) out.push_back({E::kText, layout.substr(plain, at - plain)});
    out.push_back(element);
    at += length;
    plain = at;
  }
  if (plain < layout.size()) out.push_back({E::kText, layout.substr(plain)});
  return out;
}

std::optional<std::vector<LayoutElement>> strftime_layout(std::string_view layout) {
  std::vector<LayoutElement> out;
  if (!append_strftime(layout, out)) return std::nullopt;
  return out;
}

}  // namespace penstock
