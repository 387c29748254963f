// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"

namespace penstock {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarn, kError, kOff };
enum class LogFormat : uint8_t { kText, kJson };

/// One `name=value` of a log line. Values are copied only when the line is written.
using LogField = std::pair<std::string_view, std::string_view>;

/// Writes lines to a file descriptor, whole and in order. Thread-safe. A message that repeats (same
/// level and text, whatever its fields) is written at most `kLogBurst` times in ten seconds; then
/// one line says how many were suppressed. Never called per record on the hot path.
/// Text: `[2026-01-31T12:00:00.123Z] [info] message key=value`, values quoted where needed.
/// JSON: `{"ts":…,"level":…,"message":…,"key":"value"}`. A line has at most 32 KiB. A descriptor
/// that refuses a line loses it: logging never fails and never blocks for longer than 100 ms.
class Logger {
 public:
  static constexpr int kLogBurst = 5;
  Logger(int fd, LogLevel level, LogFormat format, const Clock& clock);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  bool enabled(LogLevel level) const { return level >= level_.load(std::memory_order_relaxed); }
  /// The least important messages that are written from now on.
  void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }
  void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
  void debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kDebug, message, fields);
  }
  void info(std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kInfo, message, fields);
  }
  void warn(std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kWarn, message, fields);
  }
  void error(std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kError, message, fields);
  }

 private:
  struct State;
  std::atomic<LogLevel> level_;
  std::unique_ptr<State> state_;
};

}  // namespace penstock
