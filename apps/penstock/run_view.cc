// SPDX-License-Identifier: Apache-2.0
#include "penstock/run_view.h"

#include "penstock/program.h"
#include "penstock/status_json.h"

namespace penstock {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

/// Redrawn in place, four times a second; rates are those of the last second.
class LiveRunView final : public RunView {
 public:
  explicit LiveRunView(int fd) : fd_(fd) {}
  ~LiveRunView() override { end(); }
  int64_t interval_ns() const override { return kSecondNs / 4; }
  int64_t window_ns() const override { return kSecondNs; }
  bool takes_log() const override { return true; }

  void show(const std::vector<LivePipeline>& pipelines, int64_t wall_us) override {
    const Terminal terminal = look_at_terminal(fd_);
    lines_.clear();
    for (const LivePipeline& pipeline : pipelines) {
      if (!lines_.empty()) lines_.emplace_back();
      for (std::string& line : live_lines(pipeline, terminal, wall_us)) {
        lines_.push_back(std::move(line));
      }
    }
    write_all(fd_, view_.draw(lines_, terminal));
  }
  void notice(std::string_view line) override { log(std::string(line) + "\n"); }
  void log(std::string_view lines) override {
    write_all(fd_, view_.draw(lines_, look_at_terminal(fd_), lines));
  }
  void end() override {
    write_all(fd_, view_.erase(look_at_terminal(fd_)));
    lines_.clear();
  }

 private:
  int fd_;
  InPlace view_;
  std::vector<std::string> lines_;
};

/// Whether a log's reader learns nothing from another line about this pipeline.
bool is_quiet(const EngineStatus& then, const EngineStatus& now) {
  if (then.state != now.state || then.stages.size() != now.stages.size()) return false;
  for (size_t i = 0; i < now.stages.size(); ++i) {
    const StageStatus &a = then.stages[i], &b = now.stages[i];
    if (a.records_in != b.records_in || a.records_out != b.records_out ||
        a.rejected != b.rejected || a.parked != b.parked) {
      return false;
    }
  }
  return true;
}

/// A line a pipeline every five seconds, for logs; every minute while nothing happens.
class PlainRunView final : public RunView {
 public:
  explicit PlainRunView(int fd) : fd_(fd) {}
  int64_t interval_ns() const override { return 5 * kSecondNs; }
  int64_t window_ns() const override { return 5 * kSecondNs; }
  void show(const std::vector<LivePipeline>& pipelines, int64_t wall_us) override {
    shown_.resize(pipelines.size());
    for (size_t i = 0; i < pipelines.size(); ++i) {
      const EngineStatus& now = pipelines[i].now;
      const bool recent = now.running_ns - shown_[i].running_ns < 60 * kSecondNs;
      if (recent && is_quiet(shown_[i], now)) continue;
      write_all(fd_, plain_line(pipelines[i], wall_us) + "\n");
      shown_[i] = now;
    }
  }
  void notice(std::string_view line) override { write_all(fd_, std::string(line) + "\n"); }

 private:
  int fd_;
  std::vector<EngineStatus> shown_;  // by pipeline, when its last line was written
};

/// A JSON object a pipeline every second.
class JsonRunView final : public RunView {
 public:
  explicit JsonRunView(int fd) : fd_(fd) {}
  int64_t interval_ns() const override { return kSecondNs; }
  int64_t window_ns() const override { return kSecondNs; }
  void show(const std::vector<LivePipeline>& pipelines, int64_t wall_us) override {
    for (const LivePipeline& pipeline : pipelines) write_all(fd_, status_line(pipeline, wall_us));
  }
  void notice(std::string_view line) override {
    write_all(fd_, "{\"kind\": \"notice\", \"message\": " + json_quoted(line) + "}\n");
  }

 private:
  int fd_;
};

class NoRunView final : public RunView {
 public:
  NoRunView(int fd, bool quiet) : fd_(fd), quiet_(quiet) {}
  int64_t interval_ns() const override { return 3600 * kSecondNs; }
  int64_t window_ns() const override { return 3600 * kSecondNs; }
  void show(const std::vector<LivePipeline>&, int64_t) override {}
  void notice(std::string_view line) override {
    if (!quiet_) write_all(fd_, std::string(line) + "\n");
  }

 private:
  int fd_;
  bool quiet_;
};

}  // namespace

std::unique_ptr<RunView> make_run_view(ViewMode mode, int fd, bool quiet) {
  switch (mode) {
    case ViewMode::kLive: return std::make_unique<LiveRunView>(fd);
    case ViewMode::kJson: return std::make_unique<JsonRunView>(fd);
    case ViewMode::kText: return std::make_unique<PlainRunView>(fd);
    default: return std::make_unique<NoRunView>(fd, quiet);
  }
}

ViewMode chosen_view(ViewMode asked, bool err_is_terminal, bool records_go_to_terminal) {
  if (asked != ViewMode::kAuto) return asked;
  if (!err_is_terminal) return ViewMode::kText;
  // records on the same screen: neither a redrawn view nor lines between them
  return records_go_to_terminal ? ViewMode::kNone : ViewMode::kLive;
}

}  // namespace penstock
