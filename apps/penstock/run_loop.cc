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

bool has_hung_up(int terminal) {
  pollfd look{terminal, 0, 0};
  return poll(&look, 1, 0) > 0 && (look.revents & (POLLHUP | POLLERR)) != 0;
}

const char* stop_notice(int signals) {
  if (signals == 1) return "stopping: delivering what was read; once more to stop at once";
  return "stopping at once: what is undelivered will be read again";
}

/// The first stop drains, the second abandons, the third ends the process.
void stop(RunGroup& group, RunView& view, int stops) {
  if (stops >= 3) _exit(static_cast<int>(Outcome::kUndelivered));
  group.stop();
  view.notice(stop_notice(stops));
}

}  // namespace

std::vector<LivePipeline> StatusHistory::sample(const RunGroup& group, int64_t window_ns) {
  past_.resize(group.size());
  std::vector<LivePipeline> views;
  for (size_t i = 0; i < group.size(); ++i) {
    std::deque<EngineStatus>& past = past_[i];
    EngineStatus now = group.status(i);
    // A pipeline that was exchanged counts from nothing again.
    if (!past.empty() && now.running_ns < past.back().running_ns) past.clear();
    while (past.size() > 1 && past[1].running_ns <= now.running_ns - window_ns) past.pop_front();
    const EngineStatus before = past.empty() ? EngineStatus{} : past.front();
    past.push_back(now);
    views.push_back({group.member(i).plan.get(), group.member(i).name, before, std::move(now)});
  }
  return views;
}

RunSignals::RunSignals() : on_terminal_(isatty(STDERR_FILENO) == 1) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  CHECK(fd_ >= 0);
}

RunSignals::~RunSignals() { close(fd_); }

Asked RunSignals::take() {
  Asked asked;
  signalfd_siginfo info;
  while (read(fd_, &info, sizeof info) == sizeof info) {
    // A window that is closed hangs up too, and then nobody is there to stop what runs on.
    const bool hang_up = info.ssi_signo == SIGHUP;
    ++(hang_up && !(on_terminal_ && has_hung_up(STDERR_FILENO)) ? asked.reloads : asked.stops);
  }
  return asked;
}

void watch_until_ended(RunGroup& group, RunView& view, RunSignals& signals,
                       const std::function<std::string()>& reload, int log_fd, const Clock& clock) {
  StatusHistory history;
  LineReader log(log_fd);
  const auto go_on = [&] {
    for (const std::string& line : group.go_on()) view.notice(line);
    if (const std::string lines = log.take(); !lines.empty()) view.log(lines);
  };
  int stops = 0;
  int64_t next_show_ns = clock.monotonic_ns() + view.interval_ns();
  while (!group.all_ended()) {
    const int64_t wait_ns = next_show_ns - clock.monotonic_ns();
    pollfd fds[] = {
        {signals.fd(), POLLIN, 0}, {group.changed_fd(), POLLIN, 0}, {log_fd, POLLIN, 0}};
    poll(fds, log_fd >= 0 ? 3 : 2,
         static_cast<int>(std::clamp<int64_t>(wait_ns / 1'000'000 + 1, 0, 3'600'000)));
    const Asked asked = signals.take();
    for (int n = asked.stops; n > 0; --n) stop(group, view, ++stops);
    if (asked.reloads > 0 && stops == 0) {
      if (const std::string said = reload(); !said.empty()) view.notice(said);
    }
    go_on();
    if (clock.monotonic_ns() < next_show_ns || group.all_ended()) continue;
    view.show(history.sample(group, view.window_ns()), clock.wall_us());
    next_show_ns = clock.monotonic_ns() + view.interval_ns();
  }
  go_on();
  view.end();
}

}  // namespace penstock
