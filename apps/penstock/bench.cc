// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

#include "base/hash.h"
#include "penstock/bench_report.h"
#include "penstock/bench_stages.h"
#include "penstock/commands.h"
#include "penstock/pipeline_file.h"
#include "penstock/problems.h"
#include "penstock/run_loop.h"
#include "spec/load.h"
#include "spec/yaml_reader.h"

namespace penstock {
namespace {

struct BenchArguments {
  std::string sink, source;
  std::string rate;
  std::string count;
  std::string size;
  uint32_t keys = 0, partitions = 0, threads = 1, workers = 0;
  Duration time{0}, warm{0}, wait = seconds(10);
  bool exactly_once = false;
  int output = 0;  // text, json
};

int refuse(Program& program, const Error& error, int code = kExitBadInput) {
  write_all(program.err, complaint(error));
  return code;
}

/// "{type: topic, config: {…}}", or "@FILE" with that in it.
Result<Node> read_stage(const std::string& text, const char* option) {
  std::string yaml = text;
  if (text.starts_with("@")) {
    std::ifstream in(text.substr(1));
    std::stringstream all;
    all << in.rdbuf();
    if (!in) return stop_error("bad-argument", "cannot read the file of " + std::string(option));
    yaml = all.str();
  }
  Diagnostics diagnostics;
  const std::optional<Node> node = read_yaml(yaml, option, diagnostics);
  if (node && !diagnostics.has_errors() && node->is_map() && node->find("type") != nullptr) {
    return *node;
  }
  return stop_error("bad-argument", std::string(option) + " is no stage",
                    "write it as in a flow, without name and queues: '{type: topic, config: "
                    "{topic: t}}', or @FILE");
}

/// As JSON, which is YAML: each scalar in quotes that had them, or that needs them.
std::string text_of(const Node& node) {
  std::string text;
  switch (node.kind) {
    case Node::Kind::kNull: return "null";
    case Node::Kind::kScalar: {
      const bool plain = !node.quoted && !node.text.empty() &&
                         std::all_of(node.text.begin(), node.text.end(), [](char c) {
                           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' ||
                                  c == '_';
                         });
      return plain ? node.text : json_quoted(node.text);
    }
    case Node::Kind::kList:
      for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + text_of(item);
      return "[" + text + "]";
    case Node::Kind::kMap:
      for (const Node::Entry& entry : node.entries) {
        text += (text.empty() ? "" : ", ") + json_quoted(entry.key) + ": " + text_of(entry.value);
      }
      return "{" + text + "}";
  }
  return text;
}

Node scalar(std::string text) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.text = std::move(text);
  return node;
}

void set(Node& map, const char* key, Node value) {
  std::erase_if(map.entries, [&](const Node::Entry& entry) { return entry.key == key; });
  map.entries.push_back({key, {}, std::move(value)});
}

/// --partitions, where the sink has such an option and says nothing of it itself.
void set_partitions(Node& sink, uint32_t partitions, const Catalog& catalog) {
  const Component* component = catalog.find(sink.find("type")->text, ComponentKind::kSink);
  if (partitions == 0 || component == nullptr) return;
  if (component->schema->find("partitions") == nullptr) return;
  Node config;
  config.kind = Node::Kind::kMap;
  if (const Node* given = sink.find("config"); given != nullptr && given->is_map()) config = *given;
  if (config.find("partitions") != nullptr) return;
  set(config, "partitions", scalar(std::to_string(partitions)));
  set(sink, "config", std::move(config));
}

Result<std::string> document(const BenchArguments& a, const Catalog& catalog) {
  Result<Node> sink = read_stage(a.sink, "--sink");
  if (!sink) return sink.error();
  set_partitions(*sink, a.partitions, catalog);
  set(*sink, "name", scalar("sink"));
  set(*sink, "input_queue", scalar("made"));
  std::string stages = "{name: load, type: bench_load, threads: " + std::to_string(a.threads) +
                       ", output_queue: made},\n" + text_of(*sink);
  std::string queues = "{name: made, capacity: 4096}";
  if (!a.source.empty()) {
    Result<Node> source = read_stage(a.source, "--source");
    if (!source) return source.error();
    set(*source, "name", scalar("source"));
    set(*source, "output_queue", scalar("read"));
    stages += ",\n" + text_of(*source) + ",\n{name: meter, type: bench_meter, input_queue: read}";
    queues += ", {name: read, capacity: 4096}";
  }
  return "{name: bench, execution: {mode: job}, guarantee: " +
         std::string(a.exactly_once ? "exactly_once" : "at_least_once") + ",\nqueues: [" + queues +
         "],\nstages: [" + stages + "]}\n";
}

template <class T>
Result<void> to_number(const std::string& text, const char* option, T* to) {
  if (text.empty()) return {};
  std::istringstream in(text);
  in >> *to;
  if (in && in.eof() && *to >= 0) return {};
  return stop_error("bad-argument", std::string(option) + " " + text + " is not a number");
}

Result<LoadShape> shape_of(const BenchArguments& a) {
  LoadShape shape;
  shape.for_ns = a.time.ns();
  PENSTOCK_TRY(to_number(a.rate, "--rate", &shape.per_second));
  PENSTOCK_TRY(to_number(a.count, "--count", &shape.records));
  if (shape.records == 0 && shape.for_ns == 0) shape.records = 100'000;
  if (!a.size.empty()) {
    const Result<ByteSize> size = parse_byte_size(a.size);
    if (!size) return stop_error("bad-argument", "--size " + a.size + " is not a size");
    shape.bytes = size->bytes;
  }
  return shape;
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

bool load_delivered(const EngineStatus& status) {
  return std::any_of(status.stages.begin(), status.stages.end(), [](const StageStatus& stage) {
    return stage.name == "sink" && stage.ended;
  });
}

/// Waits until everything that was sent has come, or nothing comes any more.
Outcome watch(const BenchArguments& a, Program& program, Engine& engine, BenchLedger& ledger) {
  constexpr int64_t kLookNs = 20'000'000;
  RunSignals signals;
  Outcome outcome = Outcome::kFailed;
  uint64_t before = 0;
  int64_t since_ns = program.clock->monotonic_ns();
  bool stopped = false;
  while (!engine.wait_for_ns(kLookNs, &outcome)) {
    const int64_t now_ns = program.clock->monotonic_ns();
    for (int n = signals.take().stops; n > 0; --n) engine.stop(), stopped = true;
    const uint64_t come = ledger.received_count() + ledger.sent_count();
    if (come != before) since_ns = now_ns;
    before = come;
    if (a.source.empty() || stopped || !load_delivered(engine.status())) continue;
    const bool all = ledger.received_count() >= ledger.sent_count();
    // A little longer when all is there: what came twice may still come.
    const int64_t patience_ns = all ? std::min<int64_t>(a.wait.ns(), 200'000'000) : a.wait.ns();
    if (now_ns - since_ns < patience_ns) continue;
    engine.stop();
    stopped = true;
  }
  return outcome;
}

int bench(const BenchArguments& a, Program& program) {
  const Result<LoadShape> shape = shape_of(a);
  if (!shape) return refuse(program, shape.error());
  const Result<std::string> text = document(a, *program.catalog);
  if (!text) return refuse(program, text.error());
  const int64_t now_us = program.clock->wall_us();
  const std::string run =
      std::to_string(hash64(std::to_string(now_us) + " " + std::to_string(getpid())));
  auto ledger = std::make_shared<BenchLedger>(run, a.threads, a.keys);
  Catalog catalog = *program.catalog;
  register_bench(catalog, ledger, *shape);
  Diagnostics diagnostics;
  std::optional<Spec> spec = read_text(*text, "bench", diagnostics);
  const auto plan = plan_of(std::move(spec), catalog, diagnostics);
  if (plan == nullptr) {
    write_all(program.err, problems_text(diagnostics));
    return kExitBadInput;
  }
  Logger log(program.err, LogLevel::kWarn, LogFormat::kText, *program.clock);
  const std::unique_ptr<Disk> disk = make_system_disk();
  const auto engine =
      Engine::create(plan, {}, EngineServices{program.clock, &log, disk.get(), a.workers, 0});
  const double cpu_before = cpu_seconds();
  ledger->warm_until(program.clock->monotonic_ns() + a.warm.ns());
  if (const Result<void> started = engine->start(); !started) {
    return refuse(program, started.error(), kExitFailed);
  }
  BenchResult result;
  result.outcome = watch(a, program, *engine, *ledger);
  result.cpu_seconds = cpu_seconds() - cpu_before;
  result.error = engine->status().error;
  result.metered = !a.source.empty();
  result.exactly_once = a.exactly_once;
  result.notes = plan->notes;
  const std::string report =
      a.output == 1 ? bench_json(result, *ledger) : bench_text(result, *ledger);
  write_all(program.out, report);
  return bench_good(result, *ledger) ? kExitDone : kExitFailed;
}

}  // namespace

Command bench_command() {
  auto a = std::make_shared<BenchArguments>();
  Command c;
  c.name = "bench";
  c.summary = "Put load on a sink, read it back from a source; measure, and count what is missing.";
  c.details =
      "Both are written as stages of a flow, without name and queues. Each message has a number: "
      "what is lost, comes twice, or comes out of the order of its key is counted. With --rate, a "
      "latency counts from when the message was due, also when the sink took it late. Exit code 1 "
      "if anything was lost, or, with --exactly-once, came twice.";
  c.option("--sink", "STAGE", &a->sink, "Where to: '{type: topic, config: {…}}', or @FILE.");
  c.option("--source", "STAGE", &a->source,
           "Where it can be read back. Without it, only what the sink takes is measured.");
  c.option("--rate", "N", &a->rate, "Records a second in all. Default: as many as are taken.");
  c.option("--count", "N", &a->count, "Records in all. Default 100000, unless --time is given.");
  c.option("--time", "TIME", &a->time, "Send for so long.");
  c.option("--size", "SIZE", &a->size, "Bytes of a payload. Default 100.");
  c.option("--keys", "N", &a->keys, "So many different keys. Default: no keys.");
  c.option("--partitions", "N", &a->partitions,
           "Of the topic that the sink makes, if it has such an option.");
  c.option("--threads", "N", &a->threads, "Tasks that make the load. Default 1.");
  c.option("--workers", "N", &a->workers, "Threads in all. Default: one a core.");
  c.option("--warmup", "TIME", &a->warm, "Leave the latencies of this time out.");
  c.option("--wait", "TIME", &a->wait, "How long to wait when nothing more comes. Default 10s.");
  c.flag("--exactly-once", &a->exactly_once, "With `guarantee: exactly_once`.");
  c.choice("--output", {"text", "json"}, &a->output, "How to print it.");
  c.example("penstock bench --sink '{type: topic, config: {topic: b}}' "
            "--source '{type: topic, config: {topic: b}}'",
            "The topic log on this machine, at full speed.");
  c.example("penstock bench --sink @to.yaml --source @from.yaml --rate 1000 --time 30s --size 1KiB "
            "--keys 100 --output json",
            "Latencies at a thousand records a second, for a program to read.");
  c.run = [a](Program& program) { return bench(*a, program); };
  return c;
}

}  // namespace penstock
