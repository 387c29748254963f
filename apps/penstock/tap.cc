// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "penstock/commands.h"
#include "penstock/pipeline_file.h"
#include "penstock/problems.h"
#include "penstock/tap_server.h"
#include "penstock/text_table.h"

namespace penstock {
namespace {

struct TapArguments {
  std::string path, queue, state;
  uint32_t rate = 100;
  uint32_t limit = 0;
  Duration time{0};
  int output = 0;  // text, json
};

int refuse(Program& program, const Error& error, int code) {
  write_all(program.err, complaint(error));
  return code;
}

/// Prints what comes until the limit, the time, or the end of either side.
class Watcher {
 public:
  Watcher(const TapArguments& a, Program& program, int fd) : a_(a), program_(program), fd_(fd) {}
  ~Watcher() { close(fd_); }

  int run() {
    const std::string request = a_.queue + "\t" + std::to_string(a_.rate) + "\t" +
                                (a_.output == 1 ? "json" : "text") + "\n";
    (void)send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
    const bool timed = a_.time.us > 0;
    const int64_t end_ns = program_.clock->monotonic_ns() + a_.time.ns();
    while (!over_) {
      const int64_t left_ns = timed ? end_ns - program_.clock->monotonic_ns() : 1'000'000'000;
      if (left_ns <= 0) break;
      pollfd fds[] = {{fd_, POLLIN, 0}, {program_.out, 0, 0}};
      poll(fds, 2, static_cast<int>(std::min<int64_t>(left_ns / 1'000'000 + 1, 1000)));
      if ((fds[1].revents & (POLLERR | POLLHUP)) != 0) break;  // nobody reads any more
      if (fds[0].revents != 0) receive();
    }
    if (code_ == kExitDone) {
      write_all(program_.err, std::to_string(shown_) + " of " + std::to_string(passed_) +
                                  " records shown" + (ended_ ? "; the run has ended" : "") + "\n");
    }
    return code_;
  }

 private:
  void receive() {
    char bytes[64 << 10];
    const ssize_t n = recv(fd_, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EINTR) return;
    if (n <= 0) {
      over_ = ended_ = true;
      return;
    }
    text_.append(bytes, static_cast<size_t>(n));
    size_t at = 0;
    std::string out;
    for (size_t end; (end = text_.find('\n', at)) != std::string::npos && !over_; at = end + 1) {
      line(std::string_view(text_).substr(at, end - at), out);
    }
    text_.erase(0, at);
    if (!write_all(program_.out, out)) over_ = true;
  }

  void line(std::string_view text, std::string& out) {
    const char what = text.empty() ? ' ' : text.front();
    text.remove_prefix(text.empty() ? 0 : 1);
    if (what == 'r') {
      out += std::string(text) + "\n";
      over_ = ++shown_ == a_.limit;
    } else if (what == 'p') {
      uint64_t passed = 0;
      std::from_chars(text.data(), text.data() + text.size(), passed);
      passed_ += passed;
    } else if (what == 'e') {
      code_ = refuse(program_, stop_error("unknown-queue", std::string(text)), kExitBadInput);
      over_ = true;
    }
    // A sample that is shown has passed, even if the count is still to come.
    passed_ = std::max(passed_, shown_);
  }

  const TapArguments& a_;
  Program& program_;
  const int fd_;
  std::string text_;
  uint64_t shown_ = 0, passed_ = 0;
  bool over_ = false, ended_ = false;
  int code_ = kExitDone;
};

std::string names_of(const Plan& plan, const std::vector<uint32_t>& stages) {
  std::string out;
  for (const uint32_t stage : stages) out += (out.empty() ? "" : ", ") + plan.stages[stage].name;
  return out;
}

int tap(const TapArguments& a, Program& program) {
  Diagnostics diagnostics;
  const auto plan = load_plan(a.path, *program.catalog, diagnostics);
  if (plan == nullptr) {
    write_all(program.err, problems_text(diagnostics));
    return kExitBadInput;
  }
  if (a.queue.empty()) {
    TextTable table;
    for (const PlanEdge& edge : plan->edges) {
      table.row({edge.queue, names_of(*plan, edge.producers) + " → " +
                                 names_of(*plan, edge.consumers)});
    }
    write_all(program.out, table.text());
    return kExitDone;
  }
  const Result<std::string> root = state_root(a.state);
  if (!root) return refuse(program, root.error(), kExitBadInput);
  const Result<int> fd = connect_tap(*root + "/" + state_identity(plan->spec, a.path));
  if (!fd) return refuse(program, fd.error(), kExitFailed);
  return Watcher(a, program, *fd).run();
}

}  // namespace

Command tap_command() {
  auto a = std::make_shared<TapArguments>();
  Command c;
  c.name = "tap";
  c.summary = "Show records as they pass through a queue of a running pipeline.";
  c.details =
      "A sample of them: the run is not slowed down by those who look. Works for a pipeline of the "
      "same user on this machine, through a socket in its state folder. Without QUEUE, lists the "
      "queues.";
  c.positional("FILE", &a->path, "The pipeline's file.", Complete::kFile);
  c.positional("QUEUE", &a->queue, "A queue of it.").required = false;
  c.option("--state", "DIR", &a->state, "The folder that `run --state` was given.",
           Complete::kFolder);
  c.option("--rate", "N", &a->rate, "So many records a second at most. Default 100.");
  c.option("--limit", "N", &a->limit, "End after so many records.");
  c.option("--for", "TIME", &a->time, "End after this time.");
  c.choice("--output", {"text", "json"}, &a->output,
           "text: payloads, one a line; json: an object a line, with key, headers and time.");
  c.example("penstock tap pipeline.yaml", "Which queues there are.");
  c.example("penstock tap pipeline.yaml orders --limit 10 --output json",
            "Ten records on their way through the queue orders, with all.");
  c.run = [a](Program& program) { return tap(*a, program); };
  return c;
}

}  // namespace penstock
