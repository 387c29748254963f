// SPDX-License-Identifier: Apache-2.0
#include "stages/route/route.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "record/key.h"
#include "stages/expression_stage.h"
#include "stages/route/route_match.h"

namespace penstock {
namespace {

struct MatchOptions {
  std::string on = "payload";
  std::optional<std::string> contains, prefix, suffix, equals, regex;

  struct Test {
    RouteMatch::Kind kind;
    const std::optional<std::string>& text;
  };
  std::vector<Test> tests() const {
    using Kind = RouteMatch::Kind;
    return {{Kind::kContains, contains}, {Kind::kPrefix, prefix}, {Kind::kSuffix, suffix},
            {Kind::kEquals, equals},     {Kind::kRegex, regex}};
  }
};

struct CaseOptions {
  std::optional<MatchOptions> match;
  ExpressionText when;
  std::string output;
};

struct RouteOptions {
  std::vector<CaseOptions> cases;
  std::string otherwise;
  ExprDialect dialect = ExprDialect::kPenstock;
};

constexpr std::string_view kHeaderPrefix = "header:";

bool is_place(std::string_view on) {
  return on == "payload" || on == "key" ||
         (on.starts_with(kHeaderPrefix) && on.size() > kHeaderPrefix.size());
}

void check_match(const MatchOptions& o, const Position& at, Diagnostics& diagnostics) {
  if (!is_place(o.on)) {
    diagnostics.error("bad-choice", at, "on cannot be \"" + o.on + "\"",
                      "payload, key or header:NAME");
  }
  int given = 0;
  for (const MatchOptions::Test& test : o.tests()) {
    if (!test.text) continue;
    ++given;
    Result<RouteMatch> match = RouteMatch::make(test.kind, *test.text);
    if (!match) {
      diagnostics.error(match.error().code, at, match.error().message, match.error().hint);
    }
  }
  if (given != 1) {
    diagnostics.error("missing-field", at,
                      given == 0 ? "a match tests nothing" : "a match makes more than one test",
                      "give one of contains, prefix, suffix, equals and regex");
  }
}

const Schema<MatchOptions>& match_schema() {
  using O = MatchOptions;
  static const Schema<O> schema(
      {
          field("on", &O::on).about("What is tested: payload, key (the record's own) or "
                                    "header:NAME (its first value; empty if there is none)."),
          field("contains", &O::contains).about("This text stands in it."),
          field("prefix", &O::prefix).about("It begins with this text."),
          field("suffix", &O::suffix).about("It ends with this text."),
          field("equals", &O::equals).about("It is this text."),
          field("regex", &O::regex)
              .about("This regular expression (RE2) matches somewhere in it."),
      },
      check_match);
  return schema;
}

const Schema<CaseOptions>& case_schema() {
  using O = CaseOptions;
  static const Schema<O> schema(
      {
          field("match", &O::match, match_schema()).about("The test: a text in the record."),
          field("when", &O::when)
              .example("level == \"error\"")
              .about("The test: an expression that is true. Either this or `match`."),
          field("output", &O::output)
              .required()
              .about("Where records go that pass it: a name among the stage's `outputs:`."),
      },
      [](const O& o, const Position& at, Diagnostics& diagnostics) {
        if (o.match.has_value() == o.when.set) {
          diagnostics.error("missing-field", at,
                            o.when.set ? "both match and when are given"
                                       : "match or when is missing",
                            "give one of them");
        }
      });
  return schema;
}

const Schema<RouteOptions>& route_schema() {
  using O = RouteOptions;
  static const Schema<O> schema(
      {
          field("cases", &O::cases, case_schema())
              .required()
              .about("Tests in order; the first that a record passes decides."),
          field("otherwise", &O::otherwise)
              .about("Where records go that pass none: a name among the stage's `outputs:`. "
                     "Without it they go to the plain output; if the stage has none, they end "
                     "here."),
          dialect_field(&O::dialect),
      },
      [](const O& o, const Position& at, Diagnostics& diagnostics) {
        if (o.cases.empty()) diagnostics.error("missing-field", at, "cases is empty");
        for (const CaseOptions& c : o.cases) {
          if (c.output.empty()) diagnostics.error("missing-field", at, "the output has no name");
          compile_option(c.when, o.dialect, kBoolType, diagnostics);
        }
      });
  return schema;
}

/// The names of outputs in order of first use; port i + 1 is names[i].
std::vector<std::string> port_names(const RouteOptions& options) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const CaseOptions& c : options.cases) add(c.output);
  if (!options.otherwise.empty()) add(options.otherwise);
  return names;
}

KeySelector place_of(const std::string& on) {
  using Kind = KeySelector::Kind;
  if (on == "payload") return {Kind::kPayload, {}};
  if (on == "key") return {Kind::kRecordKey, {}};
  return {Kind::kHeader, on.substr(kHeaderPrefix.size())};
}

/// The tests, made ready; shared by all tasks of the stage.
struct Routing {
  struct Case {
    KeySelector place;
    std::optional<RouteMatch> match;
    std::shared_ptr<const Program> when;
    uint32_t port;
  };
  std::vector<Case> cases;
  uint32_t otherwise = kDefaultPort;
  uint32_t ports = 1;  ///< named ones and the plain one

  explicit Routing(const RouteOptions& options) {
    const std::vector<std::string> names = port_names(options);
    const auto port_of = [&](const std::string& name) {
      return static_cast<uint32_t>(std::find(names.begin(), names.end(), name) - names.begin()) + 1;
    };
    ports = static_cast<uint32_t>(names.size()) + 1;
    for (const CaseOptions& c : options.cases) {
      if (!c.match) {
        cases.push_back({{},
                         std::nullopt,
                         compiled_option(c.when, options.dialect, kBoolType),
                         port_of(c.output)});
        continue;
      }
      for (const MatchOptions::Test& test : c.match->tests()) {
        if (!test.text) continue;
        Result<RouteMatch> match = RouteMatch::make(test.kind, *test.text);
        CHECK(match.has_value());  // check_match() has seen it
        cases.push_back({place_of(c.match->on), std::move(*match), nullptr, port_of(c.output)});
      }
    }
    if (!options.otherwise.empty()) otherwise = port_of(options.otherwise);
  }
};

/// Which of a batch's records go where. One task.
class RoutePorts {
 public:
  static constexpr uint32_t kUndecided = UINT32_MAX, kRejected = UINT32_MAX - 1;

  RoutePorts(const Routing& routing, const TaskContext& context) : routing_(routing) {
    for (const Routing::Case& c : routing.cases) {
      if (c.when == nullptr) {
        programs_.push_back(0);
        continue;
      }
      if (evaluator_ == nullptr) evaluator_ = make_evaluator(context);
      programs_.push_back(evaluator_->add(c.when));
    }
  }
  /// The port of each selected record, in their order. What cannot be evaluated is rejected.
  const std::vector<uint32_t>& decide(const Batch& batch, Output& out) {
    ports_.assign(batch.size(), kUndecided);
    batch_ = &batch;
    if (evaluator_ != nullptr) evaluator_->begin(batch);
    for (size_t i = 0; i < routing_.cases.size(); ++i) {
      const Routing::Case& c = routing_.cases[i];
      if (c.when != nullptr) {
        evaluate(programs_[i], c.port);
        continue;
      }
      for (uint32_t row = 0; row < batch.size(); ++row) {
        if (ports_[row] == kUndecided && (*c.match)(c.place.of(batch[row]))) ports_[row] = c.port;
      }
    }
    if (evaluator_ != nullptr) reject(batch, out);
    for (uint32_t& port : ports_) {
      if (port == kUndecided) port = routing_.otherwise;
    }
    return ports_;
  }

 private:
  /// What a case before took need not be JSON.
  void reject(const Batch& batch, Output& out) {
    uint32_t at = 0;
    for (const RowError& failed : evaluator_->errors()) {  // both ascend
      while (batch.place(at) != failed.row) ++at;
      if (ports_[at] != kUndecided) continue;
      ports_[at] = kRejected;
      out.reject(batch[at], batch.epoch(), failed.error);
    }
  }
  /// Only over records for which no earlier case was true: it need not make sense for the others.
  void evaluate(size_t program, uint32_t port) {
    undecided_.clear();
    for (uint32_t i = 0; i < ports_.size(); ++i) {
      if (ports_[i] != kUndecided) continue;
      undecided_.push_back(static_cast<uint16_t>(batch_->place(i)));
    }
    if (undecided_.empty()) return;
    const Rows rows = evaluator_->filter(
        program, {undecided_.data(), static_cast<uint32_t>(undecided_.size())});
    uint32_t at = 0;
    for (uint32_t i = 0; i < rows.count; ++i) {
      while (batch_->place(at) != rows[i]) ++at;
      ports_[at] = port;
    }
  }

  const Routing& routing_;
  const Batch* batch_ = nullptr;
  std::unique_ptr<Evaluator> evaluator_;
  std::vector<size_t> programs_;  // by case
  std::vector<uint32_t> ports_;
  std::vector<uint16_t> undecided_;
};

/// Shares each batch among the outputs by selections; no record is copied.
class Route final : public Stage {
 public:
  explicit Route(std::shared_ptr<const Routing> routing) : routing_(std::move(routing)) {}

  Result<void> open(const TaskContext& context) override {
    ports_ = std::make_unique<RoutePorts>(*routing_, context);
    return {};
  }
  void process(Batch batch, Output& out) override {
    counts_.assign(routing_->ports, 0);
    const std::vector<uint32_t>& ports = ports_->decide(batch, out);
    for (const uint32_t port : ports) {
      if (port != RoutePorts::kRejected) ++counts_[port];
    }
    for (uint32_t port = 0; port < routing_->ports; ++port) {
      if (counts_[port] == 0) continue;
      if (counts_[port] == batch.size()) return out.emit(std::move(batch), port);
      size_t i = 0;
      Batch selected = batch.share();
      selected.filter([&](const Record&) { return ports[i++] == port; });
      out.emit(std::move(selected), port);
    }
  }

 private:
  std::shared_ptr<const Routing> routing_;
  std::unique_ptr<RoutePorts> ports_;
  std::vector<uint32_t> counts_;  // records by port
};

class RouteFactory final : public StageFactory {
 public:
  explicit RouteFactory(const RouteOptions& options)
      : routing_(std::make_shared<const Routing>(options)) {}
  std::unique_ptr<Stage> create() const override { return std::make_unique<Route>(routing_); }

 private:
  std::shared_ptr<const Routing> routing_;
};

}  // namespace

void register_route(Catalog& catalog) {
  catalog.add(component<RouteOptions>(
      ComponentKind::kStage, "route", "stages/route",
      "Sends records to named outputs by what they contain.",
      {.passes_batches = true, .one_to_one = true}, route_schema(),
      [](Bound& bound, std::shared_ptr<const RouteOptions> options) {
        bound.ports = port_names(*options);
        bound.stage = std::make_unique<RouteFactory>(*options);
      }));
}

}  // namespace penstock
