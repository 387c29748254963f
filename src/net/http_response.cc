// SPDX-License-Identifier: Apache-2.0
#include "net/http_response.h"

#include <time.h>

#include <charconv>
#include <cstdio>

namespace penstock {
namespace {

void append_number(std::string& out, uint64_t number) {
  char text[24];
  auto [end, ec] = std::to_chars(text, text + sizeof text, number);
  out.append(text, end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append("\r\n").append(name).append(": ").append(value);
}

}  // namespace

std::string_view reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 425: return "Too Early";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Unknown";
  }
}

std::string http_date(int64_t unix_seconds) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  time_t seconds = unix_seconds;
  tm t{};
  gmtime_r(&seconds, &t);
  char text[64];
  snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d GMT", kDays[t.tm_wday], t.tm_mday,
           kMonths[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
  return text;
}

void append_response(std::string& out, const HttpResponse& response, const ResponseFrame& frame) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<uint64_t>(response.status));
  out.append(" ").append(reason_of(response.status));
  append_field(out, "Date", frame.date);
  if (!response.content_type.empty() && is_field_value(response.content_type))
    append_field(out, "Content-Type", response.content_type);
  for (const auto& [name, value] : response.fields)
    if (is_field_name(name) && is_field_value(value)) append_field(out, name, value);
  if (frame.close) {
    append_field(out, "Connection", "close");
  } else if (frame.http_1_0) {
    append_field(out, "Connection", "keep-alive");
  }
  bool bodiless = response.status == 204 || response.status == 304 || response.status < 200;
  if (!bodiless) {
    out += "\r\nContent-Length: ";
    append_number(out, response.body.size());
  }
  out += "\r\n\r\n";
  if (!bodiless && !frame.head) out += response.body;
}

}  // namespace penstock
