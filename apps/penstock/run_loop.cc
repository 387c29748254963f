// SPDX-License-Identifier: Apache-2.0
#include "penstock/run_loop.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/check.h"

namespace penstock {
namespace {

/// Whole lines out of what a non-blocking pipe has.
class LineReader {
 public:
  explicit LineReader(int fd) : fd_(fd) {}
  std::string take() {
    std::array<char, 16 * 1024> bytes;
    ssize_t n = 0;
    while (fd_ >= 0 && (n = read(fd_, bytes.data(), bytes.size())) > 0) {
      rest_.append(bytes.data(), static_cast<size_t>(n));
    }
    const size_t end = rest_.rfind('\n') + 1;  // npos + 1 = 0
    std::string lines = rest_.substr(0, end);
    rest_.erase(0, end);
    return lines;
  }

 private:
  int fd_;
  std::string rest_;
};

const char* stop_notice(int signals) {
  if (signals == 1) return "stopping: delivering what was read; once more to stop at once";
  return "stopping at once: what is undelivered will be read again";
}

}  // namespace

std::vector<LivePipeline> StatusHistory::sample(const RunGroup& group, int64_t window_ns) {
  past_.resize(group.size());
  std::vector<LivePipeline> views;
  for (size_t i = 0; i < group.size(); ++i) {
    std::deque<EngineStatus>& past = past_[i];
    EngineStatus now = group.status(i);
    while (past.size() > 1 && past[1].running_ns <= now.running_ns - window_ns) past.pop_front();
    const EngineStatus before = past.empty() ? EngineStatus{} : past.front();
    past.push_back(now);
    views.push_back({group.member(i).plan.get(), group.member(i).name, before, std::move(now)});
  }
  return views;
}

StopSignals::StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  CHECK(fd_ >= 0);
}

StopSignals::~StopSignals() { close(fd_); }

int StopSignals::take() {
  int count = 0;
  signalfd_siginfo info;
  while (read(fd_, &info, sizeof info) == sizeof info) ++count;
  return count;
}

void watch_until_ended(RunGroup& group, RunView& view, StopSignals& signals, int log_fd,
                       const Clock& clock) {
  StatusHistory history;
  LineReader log(log_fd);
  int stops = 0;
  int64_t next_show_ns = clock.monotonic_ns() + view.interval_ns();
  while (!group.all_ended()) {
    const int64_t wait_ns = next_show_ns - clock.monotonic_ns();
    pollfd fds[] = {{signals.fd(), POLLIN, 0}, {group.ended_fd(), POLLIN, 0}, {log_fd, POLLIN, 0}};
    poll(fds, log_fd >= 0 ? 3 : 2,
         static_cast<int>(std::clamp<int64_t>(wait_ns / 1'000'000 + 1, 0, 3'600'000)));
    for (int n = signals.take(); n > 0; --n) {
      ++stops;
      if (stops >= 3) _exit(static_cast<int>(Outcome::kUndelivered));
      group.stop();
      view.notice(stop_notice(stops));
    }
    group.take_ended();
    if (const std::string lines = log.take(); !lines.empty()) view.log(lines);
    if (clock.monotonic_ns() < next_show_ns || group.all_ended()) continue;
    view.show(history.sample(group, view.window_ns()), clock.wall_us());
    next_show_ns = clock.monotonic_ns() + view.interval_ns();
  }
  if (const std::string lines = log.take(); !lines.empty()) view.log(lines);
  view.end();
}

}  // namespace penstock
