// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "penstock/commands.h"
#include "penstock/group_loader.h"
#include "penstock/metrics_server.h"
#include "penstock/problems.h"
#include "penstock/run_loop.h"
#include "penstock/summary.h"

namespace penstock {
namespace {

struct RunArguments {
  GroupOptions group;
  ViewMode output = ViewMode::kAuto;
  int if_done = 0;  // rerun, skip
  uint32_t workers = 0;
  std::string metrics;
  std::string metrics_token_file;
  int log_level = -1;   // LogLevel; -1 = info, or as a flow asks
  int log_format = -1;  // text, json; -1 = as the view
  bool quiet = false;
};

int refuse(Program& program, const Error& error) {
  write_all(program.err, complaint(error));
  return kExitBadInput;
}

Result<std::string> read_token(const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream in(path);
  std::string token;
  if (!in || !std::getline(in, token) || token.empty()) {
    return stop_error("no-token", "--metrics-token-file " + path + " has no token in it");
  }
  if (token.back() == '\r') token.pop_back();
  return token;
}

/// The server, or null if none was asked for.
Result<std::unique_ptr<HttpServer>> start_metrics(const RunArguments& a, const RunGroup& group) {
  if (a.metrics.empty()) return std::unique_ptr<HttpServer>();
  const Result<ListenAddress> address = parse_listen_address(a.metrics);
  if (!address) return address.error();
  const Result<std::string> token = read_token(a.metrics_token_file);
  if (!token) return token.error();
  return serve_metrics(*address, *token, [&group] {
    std::vector<MetricsView> views;
    for (MemberView& view : group.views()) {
      views.push_back({std::move(view.name), std::move(view.plan), std::move(view.status)});
    }
    return views;
  });
}

bool writes_to_stdout(const std::vector<GroupMember>& members) {
  for (const GroupMember& member : members) {
    for (const PlanStage& stage : member.plan->stages) {
      if (stage.type == "stdout" || stage.type == "stdout_sink") return true;
    }
  }
  return false;
}

/// A pipe for log lines that the view prints; both ends closed with it.
struct LogPipe {
  int ends[2] = {-1, -1};
  explicit LogPipe(bool wanted) {
    if (wanted && pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) ends[0] = ends[1] = -1;
  }
  ~LogPipe() {
    for (const int end : ends) {
      if (end >= 0) close(end);
    }
  }
  int writer(int otherwise) const { return ends[1] >= 0 ? ends[1] : otherwise; }
};

int print_ends(const RunArguments& a, Program& program, const RunGroup& group) {
  int exit_code = kExitDone;
  for (size_t i = 0; i < group.size(); ++i) {
    const GroupMember& member = group.member(i);
    RunEnd end{member.name,     member.path,      member.plan.get(),
               group.outcome(i), group.status(i), group.refused(i),
               !member.options.state_folder.empty()};
    exit_code = worse(exit_code, end.outcome);
    if (a.quiet && end.outcome == Outcome::kDelivered) continue;
    write_all(program.err,
              a.output == ViewMode::kJson ? summary_line(end) : summary_text(end));
  }
  return exit_code;
}

LogLevel level_of(const RunArguments& a, const RunGroup& group) {
  const LogLevel asked = a.log_level >= 0 ? static_cast<LogLevel>(a.log_level)
                         : group.wants_debug() ? LogLevel::kDebug
                                               : LogLevel::kInfo;
  return a.quiet ? std::max(asked, LogLevel::kError) : asked;
}

int run(const RunArguments& a, Program& program) {
  std::string said;
  auto members = load_members(a.group, program, said);
  write_all(program.err, said);
  if (!members) return members.error().message.empty() ? kExitBadInput
                                                       : refuse(program, members.error());
  RunSignals signals;
  const bool to_terminal = isatty(program.out) == 1 && writes_to_stdout(*members);
  const ViewMode mode =
      a.quiet ? ViewMode::kNone : chosen_view(a.output, isatty(program.err) == 1, to_terminal);
  const std::unique_ptr<RunView> view = make_run_view(mode, program.err, a.quiet);
  const LogPipe log_pipe(view->takes_log());
  const bool json_log = a.log_format < 0 ? mode == ViewMode::kJson : a.log_format == 1;
  Logger log(log_pipe.writer(program.err), LogLevel::kInfo,
             json_log ? LogFormat::kJson : LogFormat::kText, *program.clock);
  const std::unique_ptr<Disk> disk = make_system_disk();
  const EngineServices services{program.clock, &log, disk.get(), a.workers, 0};
  RunGroup group(*std::move(members), services);
  log.set_level(level_of(a, group));
  const auto server = start_metrics(a, group);
  if (!server) return refuse(program, server.error());
  if (*server != nullptr) {
    log.info("metrics are served", {{"port", std::to_string((*server)->port())}});
  }
  for (size_t i = 0; i < group.size(); ++i) {
    for (const std::string& note : group.member(i).plan->notes) {
      view->notice(group.member(i).name + ": " + note);
    }
  }
  group.start();
  const auto again = [&] {
    std::string said = reload(group, a.group, program);
    log.set_level(level_of(a, group));
    return said;
  };
  watch_until_ended(group, *view, signals, again, log_pipe.ends[0], *program.clock);
  if (*server != nullptr) (*server)->stop(milliseconds(200));
  return print_ends(a, program, group);
}

void add_options(Command& c, RunArguments* a) {
  c.choice("--output", {"auto", "text", "json", "live", "none"}, &a->output,
           "How to show progress, always on stderr. auto: a live view on a terminal, else a line "
           "every five seconds while something happens. "
           "json: an object a second, and one at the end.");
  c.option("--state", "DIR", &a->group.state,
           "Where to keep positions and state, in a folder named for the pipeline. Default: "
           "$PENSTOCK_STATE, else $XDG_STATE_HOME/penstock, else ~/.local/state/penstock.",
           Complete::kFolder);
  c.flag("--no-state", &a->group.no_state, "Remember nothing between runs.");
  c.flag("--fresh", &a->group.fresh, "Forget what was remembered, and begin anew.");
  c.choice("--if-done", {"rerun", "skip"}, &a->if_done,
           "What to do if an earlier run has read and delivered everything. Default: rerun.");
  c.option("--workers", "N", &a->workers, "Threads a pipeline. Default: one a core.");
  c.option("--metrics", "HOST:PORT", &a->metrics,
           "Serve /metrics, /healthz and /readyz here; without a host, on loopback.");
  c.option("--metrics-token-file", "FILE", &a->metrics_token_file,
           "A file with the bearer token that /metrics asks for; needed for an address that other "
           "machines can reach.",
           Complete::kFile);
  c.option("--drain-timeout", "TIME", &a->group.drain_timeout,
           "How long a stop may take to deliver what was read; instead of the file's own.");
  c.choice("--log-level", {"debug", "info", "warn", "error", "off"}, &a->log_level,
           "The least important messages to log, on stderr. Default: info, or debug if a flow's "
           "observability.debug asks for it.");
  c.choice("--log-format", {"text", "json"}, &a->log_format,
           "How log lines look. Default: json with --output json, else text.");
  c.flag("--quiet", &a->quiet, "Print nothing but errors.");
}

}  // namespace

Command run_command() {
  Command c;
  c.name = "run";
  c.summary = "Run a pipeline, or every pipeline of a folder in one process, until it ends.";
  c.details =
      "Ctrl-C (or SIGTERM) stops reading, delivers what was read and records how far it came; a "
      "second one stops at once. The next run goes on from there. SIGHUP reads the files again: if "
      "nothing is wrong with them, what was read is delivered and the new ones go on from there; "
      "else the old ones run on. Only records go to stdout.\n\n"
      "Exit codes: 0 everything delivered, 1 failed, 2 bad file or arguments, 3 stopped with "
      "records undelivered (they are read again).";
  auto a = std::make_shared<RunArguments>();
  c.positional("FILE", &a->group.path, "A pipeline file (YAML or JSON), or a folder of them.",
               Complete::kFileOrFolder);
  add_options(c, a.get());
  c.example("penstock run pipeline.yaml", "Runs it, with a live view on a terminal.");
  c.example("penstock run pipeline.yaml --output json 2>status.json >records.txt",
            "Records and status for programs.");
  c.example("penstock run flows/ --metrics 9090", "Runs a folder and serves its metrics.");
  c.example("kill -HUP $(pidof penstock)", "Lets a running one go over to its changed files.");
  c.example("penstock run pipeline.yaml --fresh", "Begins anew, whatever was done before.");
  c.run = [a](Program& program) {
    a->group.rerun_if_done = a->if_done == 0;
    return run(*a, program);
  };
  return c;
}

}  // namespace penstock
