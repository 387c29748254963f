// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <mutex>
#include <unordered_map>

#include "base/hash.h"

namespace penstock {
namespace {

constexpr size_t kLineBytesMax = 32 * 1024;
constexpr size_t kRememberedMessagesMax = 1024;
constexpr int64_t kWindowNs = 10'000'000'000;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr int kWriteWaitMs = 100;

const char* name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarn: return "warn";
    case LogLevel::kError: return "error";
    case LogLevel::kOff: break;
  }
  return "off";
}

void append_time(std::string& out, int64_t wall_us) {
  time_t seconds = wall_us / 1'000'000;
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  n += snprintf(text + n, sizeof text - n, ".%03dZ", static_cast<int>(wall_us / 1000 % 1000));
  out.append(text, n);
}

/// Length of the well-formed UTF-8 character at the start of `text` (RFC 3629), 0 if there is none.
size_t utf8_length(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto tail = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    bool overlong = first == 0xe0 && byte(1) < 0xa0;
    bool surrogate = first == 0xed && byte(1) > 0x9f;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    bool overlong = first == 0xf0 && byte(1) < 0x90;
    bool too_large = first == 0xf4 && byte(1) > 0x8f;
    return tail(1) && tail(2) && tail(3) && !overlong && !too_large ? 4 : 0;
  }
  return 0;
}

/// Appends the inside of a JSON string: control characters escaped, broken UTF-8 replaced, so that
/// no outside text can forge a line or confuse a terminal.
void append_escaped(std::string& out, std::string_view text, bool escape_quotes) {
  while (!text.empty()) {
    char c = text[0];
    size_t n = utf8_length(text);
    if (n == 0) {
      out += "\xef\xbf\xbd";
      n = 1;
    } else if (escape_quotes && (c == '"' || c == '\\')) {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char code[8];
      snprintf(code, sizeof code, "\\u%04x", c);
      out += code;
    } else {
      out.append(text.substr(0, n));
    }
    text.remove_prefix(n);
  }
}

/// The part of a message or value that a line with so many fields has room for: an escape makes up
/// to six bytes of one.
std::string_view cut(std::string_view text, size_t fields) {
  return text.substr(0, kLineBytesMax / 8 / (fields + 1));
}

bool needs_quotes(std::string_view value) {
  if (value.empty()) return true;
  for (char c : value)
    if (c == ' ' || c == '"' || c == '=' || c == '\\' || static_cast<unsigned char>(c) < 0x20)
      return true;
  return false;
}

void format_text(std::string& out, int64_t wall_us, LogLevel level, std::string_view message,
                 std::initializer_list<LogField> fields) {
  out += '[';
  append_time(out, wall_us);
  out += "] [";
  out += name_of(level);
  out += "] ";
  append_escaped(out, cut(message, fields.size()), false);
  for (const auto& [key, value] : fields) {
    out += ' ';
    out.append(key);
    out += '=';
    bool quoted = needs_quotes(value);
    if (quoted) out += '"';
    append_escaped(out, cut(value, fields.size()), quoted);
    if (quoted) out += '"';
  }
}

void format_json(std::string& out, int64_t wall_us, LogLevel level, std::string_view message,
                 std::initializer_list<LogField> fields) {
  out += "{\"ts\":\"";
  append_time(out, wall_us);
  out += "\",\"level\":\"";
  out += name_of(level);
  out += "\",\"message\":\"";
  append_escaped(out, cut(message, fields.size()), true);
  out += '"';
  for (const auto& [key, value] : fields) {
    out += ",\"";
    append_escaped(out, key, true);
    out += "\":\"";
    append_escaped(out, cut(value, fields.size()), true);
    out += '"';
  }
  out += '}';
}

/// One write(2) where the descriptor takes it whole; what it refuses is lost.
void write_whole(int fd, std::string_view line) {
  bool waited = false;
  while (!line.empty()) {
    ssize_t n = ::write(fd, line.data(), line.size());
    if (n > 0) {
      line.remove_prefix(static_cast<size_t>(n));
    } else if (n < 0 && errno == EAGAIN && !waited) {
      waited = true;
      pollfd ready{fd, POLLOUT, 0};
      ::poll(&ready, 1, kWriteWaitMs);
    } else if (!(n < 0 && errno == EINTR)) {
      return;
    }
  }
}

/// How often a message was seen in its window of ten seconds.
struct Repeats {
  int64_t window_start_ns = 0;
  int64_t seen = 0;
  LogLevel level = LogLevel::kInfo;
  std::string message;
};

}  // namespace

struct Logger::State {
  State(int fd, LogFormat format, const Clock& clock) : fd(fd), format(format), clock(clock) {}

  void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    line.clear();
    if (format == LogFormat::kText) {
      format_text(line, clock.wall_us(), level, message, fields);
    } else {
      format_json(line, clock.wall_us(), level, message, fields);
    }
    line += '\n';
    write_whole(fd, line);
  }

  void write_summary(const Repeats& repeats) {
    std::string count = std::to_string(repeats.seen - kLogBurst);
    write(repeats.level, "suppressed repeats of a message",
          {{"count", count}, {"repeated", repeats.message}});
  }

  /// Forgets windows that are over and says what they suppressed.
  void close_windows(int64_t now_ns, bool all) {
    next_summary_ns = kNever;
    for (auto it = repeats.begin(); it != repeats.end();) {
      int64_t end_ns = it->second.window_start_ns + kWindowNs;
      bool suppressed = it->second.seen > kLogBurst;
      if (!all && now_ns < end_ns) {
        if (suppressed) next_summary_ns = std::min(next_summary_ns, end_ns);
        ++it;
        continue;
      }
      if (suppressed) write_summary(it->second);
      it = repeats.erase(it);
    }
  }

  /// Counts the message and says whether to write it.
  bool admit(LogLevel level, std::string_view message, int64_t now_ns) {
    uint64_t key = hash64(message) ^ static_cast<uint64_t>(level);
    auto it = repeats.find(key);
    if (it == repeats.end()) {
      if (repeats.size() >= kRememberedMessagesMax) close_windows(now_ns, false);
      if (repeats.size() >= kRememberedMessagesMax) return true;  // texts that never repeat
      it = repeats.emplace(key, Repeats{now_ns, 0, level, {}}).first;
    } else if (now_ns - it->second.window_start_ns >= kWindowNs) {
      it->second.window_start_ns = now_ns;
      it->second.seen = 0;
    }
    if (++it->second.seen <= kLogBurst) return true;
    if (it->second.seen == kLogBurst + 1) {
      it->second.message = cut(message, 2);
      next_summary_ns = std::min(next_summary_ns, it->second.window_start_ns + kWindowNs);
    }
    return false;
  }

  const int fd;
  const LogFormat format;
  const Clock& clock;
  std::mutex mutex;
  // Guarded by mutex:
  std::unordered_map<uint64_t, Repeats> repeats;
  int64_t next_summary_ns = kNever;
  std::string line;
};

Logger::Logger(int fd, LogLevel level, LogFormat format, const Clock& clock)
    : level_(level), state_(std::make_unique<State>(fd, format, clock)) {}

Logger::~Logger() {
  std::lock_guard lock(state_->mutex);
  state_->close_windows(0, true);
}

void Logger::log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!enabled(level) || level == LogLevel::kOff) return;
  std::lock_guard lock(state_->mutex);
  State& s = *state_;
  int64_t now_ns = s.clock.monotonic_ns();
  if (now_ns >= s.next_summary_ns) s.close_windows(now_ns, false);
  if (s.admit(level, message, now_ns)) s.write(level, message, fields);
}

}  // namespace penstock
