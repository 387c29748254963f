// SPDX-License-Identifier: Apache-2.0
#include "penstock/test_stages.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "config/json_text.h"
#include "penstock/json_value.h"

namespace penstock {
namespace {

constexpr Duration kGateInterval = milliseconds(2);  // between two looks at a closed gate

struct NoOptions {};

const Schema<NoOptions>& no_options() {
  static const Schema<NoOptions> schema({});
  return schema;
}

class CaseSource final : public Source {
 public:
  CaseSource(std::shared_ptr<const CaseInput> input, CaseGate gate)
      : input_(std::move(input)), gate_(std::move(gate)) {}

  Result<void> open(const TaskContext& context, const Positions& restored) override {
    context_ = context;
    if (const auto at = restored.find(""); at != restored.end()) {
      const std::string& text = at->second.value;
      std::from_chars(text.data(), text.data() + text.size(), next_);
    }
    return {};
  }
  Result<Pull> pull(SourceOutput& out) override {
    const auto& records = input_->records;
    if (next_ >= records.size()) return Pull::end();
    if (gate_ && !gate_(next_)) {
      return Pull::idle(context_.clock->monotonic_ns() + kGateInterval.ns());
    }
    const uint32_t most = gate_ ? 1 : context_.batch_records_max;
    BatchBuilder builder(*context_.pool, most);
    for (; next_ < records.size() && !builder.full(); ++next_) append(builder, records[next_]);
    out.emit(builder.take());
    if (latest_us_ != kNoEventTime) out.watermark(latest_us_);
    return Pull::more();
  }
  Positions positions() override {
    return {{"", {std::to_string(next_), next_ >= input_->records.size()}}};
  }

 private:
  void append(BatchBuilder& builder, const CaseRecord& given) {
    Record& record = builder.append(given.json.is_null() ? given.payload.value_or("")
                                                         : json_of(given.json));
    record.position = static_cast<int64_t>(next_);
    if (given.key) builder.set_key(record, *given.key);
    std::string headers;
    for (const auto& [name, value] : given.headers) append_header(headers, name, value);
    if (!headers.empty()) builder.set_headers(record, headers);
    if (given.event_time) {
      record.event_time_us = given.event_time->us;
      latest_us_ = std::max(latest_us_, record.event_time_us);
    }
  }

  std::shared_ptr<const CaseInput> input_;
  CaseGate gate_;
  TaskContext context_;
  size_t next_ = 0;
  int64_t latest_us_ = kNoEventTime;
};

SinkRecord copy_of(const Record& record) {
  SinkRecord copy;
  copy.payload = record.payload_view();
  copy.key = record.key_view();
  copy.has_key = record.has_key();
  for_each_header(record.headers_view(), [&](std::string_view name, std::string_view value) {
    copy.headers.emplace_back(name, value);
  });
  copy.event_time_us = record.event_time_us;
  return copy;
}

bool is_among(const std::vector<std::string>& payloads, const Record& record) {
  return std::find(payloads.begin(), payloads.end(), record.payload_view()) != payloads.end();
}

class CaseSink final : public Sink {
 public:
  CaseSink(std::shared_ptr<const CaseFaults> faults, std::shared_ptr<SinkRecords> records)
      : faults_(std::move(faults)), records_(std::move(records)) {}
  Result<void> open(const TaskContext& context) override {
    key_ = context.key;
    return {};
  }
  void barrier(const Barrier& barrier, SinkOutput& out) override { out.delivered(barrier.epoch); }

  void write(Batch batch, SinkOutput& out) override {
    std::set<std::string, std::less<>> waiting;  // keys of which a record was handed back
    Batch back = batch.share();
    back.filter([&](const Record& record) {
      const std::string_view key = key_.is_set() ? key_.of(record) : record.key_view();
      const bool handed_back =
          (record.attempts < faults_->retry_times && is_among(faults_->retry, record)) ||
          (!key.empty() && waiting.contains(key));
      if (handed_back) {
        waiting.emplace(key);  // what comes behind it must not overtake it
      } else if (is_among(faults_->reject, record)) {
        out.reject(record, batch.epoch(),
                   reject_error("test-reject", "the test's sink rejects this payload"));
      } else {
        records_->add(copy_of(record));
      }
      return handed_back;
    });
    if (back.empty()) return;
    out.retry(std::move(back), retry_error("test-retry", "the test's sink takes it next time"));
  }

 private:
  KeySelector key_;
  std::shared_ptr<const CaseFaults> faults_;
  std::shared_ptr<SinkRecords> records_;
};

/// Makes instances by a function.
template <class Base, class Made>
class FactoryOf final : public Base {
 public:
  explicit FactoryOf(std::function<std::unique_ptr<Made>()> make) : make_(std::move(make)) {}
  std::unique_ptr<Made> create() const override { return make_(); }

 private:
  std::function<std::unique_ptr<Made>()> make_;
};

void write_json(std::string& out, const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: out += "null"; return;
    case Node::Kind::kScalar:
      out += !node.quoted && is_json_word(node.text) ? node.text : json_quoted(node.text);
      return;
    case Node::Kind::kList:
      for (size_t i = 0; i < node.items.size(); ++i) {
        out += i == 0 ? '[' : ',';
        write_json(out, node.items[i]);
      }
      out += node.items.empty() ? "[]" : "]";
      return;
    case Node::Kind::kMap:
      for (size_t i = 0; i < node.entries.size(); ++i) {
        out += i == 0 ? '{' : ',';
        out += json_quoted(node.entries[i].key) + ":";
        write_json(out, node.entries[i].value);
      }
      out += node.entries.empty() ? "{}" : "}";
      return;
  }
}

}  // namespace

Component case_source(std::string type, std::shared_ptr<const CaseInput> input, CaseGate gate) {
  Component c{std::move(type), ComponentKind::kSource, "Gives a test's records.", "", &no_options(),
              {}, {}};
  c.bind = [input, gate](const Node&, Diagnostics&) {
    auto bound = std::make_shared<Bound>();
    bound->source = std::make_unique<FactoryOf<SourceFactory, Source>>(
        [input, gate] { return std::make_unique<CaseSource>(input, gate); });
    return std::shared_ptr<const Bound>(std::move(bound));
  };
  return c;
}

Component case_sink(std::string type, Traits traits, std::shared_ptr<const CaseFaults> faults,
                    std::shared_ptr<SinkRecords> records) {
  Component c{std::move(type), ComponentKind::kSink, "Keeps a test's records.", "", &no_options(),
              traits, {}};
  c.bind = [traits, faults, records](const Node&, Diagnostics&) {
    auto bound = std::make_shared<Bound>();
    bound->traits = traits;
    bound->sink = std::make_unique<FactoryOf<SinkFactory, Sink>>(
        [faults, records] { return std::make_unique<CaseSink>(faults, records); });
    return std::shared_ptr<const Bound>(std::move(bound));
  };
  return c;
}

std::string json_of(const Node& node) {
  std::string out;
  write_json(out, node);
  return out;
}

}  // namespace penstock
