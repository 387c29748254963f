// SPDX-License-Identifier: Apache-2.0
#include "connectors/jetstream/jetstream_api.h"

#include "config/json_text.h"
#include "json/parse.h"

namespace penstock {
namespace {

// Numbers of the API's errors that are told apart (err_code).
constexpr int64_t kConsumerNotFound = 10014;
constexpr int64_t kStreamNotFound = 10059;
constexpr int64_t kStreamExists = 10058;
constexpr int64_t kMessageTooLarge = 10054;
constexpr int64_t kHeaderTooLarge = 10097;
constexpr int64_t kOtherStream = 10060;
constexpr int64_t kSealed = 10109;
constexpr int64_t kNotForAccount = 10039;
constexpr int64_t kNotEnabled = 10076;
constexpr int kServerError = 500;  // and above: may pass

const char* word(JetStreamStorage storage) {
  return storage == JetStreamStorage::kFile ? "file" : "memory";
}
const char* word(JetStreamRetention retention) {
  switch (retention) {
    case JetStreamRetention::kInterest: return "interest";
    case JetStreamRetention::kWorkQueue: return "workqueue";
    case JetStreamRetention::kLimits: break;
  }
  return "limits";
}
const char* word(JetStreamStart start) {
  switch (start) {
    case JetStreamStart::kNew: return "new";
    case JetStreamStart::kLast: return "last";
    case JetStreamStart::kLastPerSubject: return "last_per_subject";
    case JetStreamStart::kSequence: return "by_start_sequence";
    case JetStreamStart::kTime: return "by_start_time";
    case JetStreamStart::kAll: break;
  }
  return "all";
}

/// A JSON object, a member after the other.
class ObjectText {
 public:
  ObjectText& raw(std::string_view name, const std::string& json) {
    text_ += (text_.size() > 1 ? "," : "") + json_quoted(name) + ":" + json;
    return *this;
  }
  ObjectText& text(std::string_view name, std::string_view value) {
    return raw(name, json_quoted(value));
  }
  ObjectText& number(std::string_view name, int64_t value) {
    return raw(name, std::to_string(value));
  }
  ObjectText& list(std::string_view name, const std::vector<std::string>& values) {
    std::string json = "[";
    for (const std::string& value : values) {
      json += (json.size() > 1 ? "," : "") + json_quoted(value);
    }
    return raw(name, json + "]");
  }
  std::string done() { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

/// An answer of the API, while it is looked at.
class Answer {
 public:
  /// Errors: stop "jetstream-refused" if it is no JSON object.
  Result<void> read(const std::string& body) {
    JsonParser parser;
    auto parsed = parser.parse(body, arena_);
    if (!parsed || !parsed->is(ValueKind::kMap)) {
      return stop_error("jetstream-refused", "the NATS server's answer cannot be read",
                        "is there something else between the server and this pipeline?");
    }
    root_ = *parsed;
    return {};
  }
  const Value* at(std::initializer_list<std::string_view> path) const {
    const Value* value = &root_;
    for (const std::string_view step : path) {
      if (value == nullptr || !value->is(ValueKind::kMap)) return nullptr;
      value = value->find(step);
    }
    return value;
  }
  std::string text(std::initializer_list<std::string_view> path) const {
    const Value* value = at(path);
    return value != nullptr && value->is(ValueKind::kString) ? std::string(value->text()) : "";
  }
  int64_t number(std::initializer_list<std::string_view> path) const {
    const Value* value = at(path);
    return value != nullptr && value->is_integer() ? value->as_int() : 0;
  }
  std::vector<std::string> texts(std::initializer_list<std::string_view> path) const {
    std::vector<std::string> all;
    const Value* value = at(path);
    if (value == nullptr || !value->is(ValueKind::kArray)) return all;
    for (const Value& item : value->items()) {
      if (item.is(ValueKind::kString)) all.emplace_back(item.text());
    }
    return all;
  }
  bool refused() const { return at({"error"}) != nullptr; }
  int64_t error_code() const { return number({"error", "err_code"}); }
  bool may_pass() const {
    return number({"error", "code"}) >= kServerError || error_code() == kNotEnabled;
  }
  std::string description() const { return text({"error", "description"}); }

 private:
  ValueArena arena_;
  Value root_;
};

/// What went wrong, said by JetStream itself.
Error refusal(const Answer& answer, const std::string& what) {
  Error error = stop_error("jetstream-refused", what);
  if (answer.may_pass()) error = retry_error("jetstream-busy", what);
  error.detail = answer.description();
  return error;
}

Error no_stream(const std::string& name) {
  return stop_error("jetstream-no-stream", "there is no stream '" + name + "'",
                    "make it, or let the pipeline do so with create_stream");
}

JetStreamConsumerState consumer_state(const Answer& answer) {
  JetStreamConsumerState state;
  state.subjects = answer.texts({"config", "filter_subjects"});
  const std::string one = answer.text({"config", "filter_subject"});
  if (!one.empty()) state.subjects.push_back(one);
  state.ack_policy = answer.text({"config", "ack_policy"});
  state.ack_wait_ns = answer.number({"config", "ack_wait"});
  state.max_ack_pending = answer.number({"config", "max_ack_pending"});
  state.pushes = !answer.text({"config", "deliver_subject"}).empty();
  state.pending = answer.number({"num_pending"});
  state.ack_pending = answer.number({"num_ack_pending"});
  return state;
}

std::string consumer_config(const JetStreamConsumerWish& wish) {
  ObjectText config;
  config.text("durable_name", wish.name).text("ack_policy", "explicit");
  config.text("deliver_policy", word(wish.start)).text("replay_policy", "instant");
  if (wish.start == JetStreamStart::kSequence) {
    config.number("opt_start_seq", static_cast<int64_t>(wish.start_sequence));
  }
  if (wish.start == JetStreamStart::kTime) config.text("opt_start_time", wish.start_time);
  config.number("ack_wait", wish.ack_wait.ns());
  config.number("max_ack_pending", wish.max_ack_pending);
  config.number("max_deliver", wish.max_deliver);
  if (wish.subjects.size() == 1) config.text("filter_subject", wish.subjects[0]);
  if (wish.subjects.size() > 1) config.list("filter_subjects", wish.subjects);
  return ObjectText().text("stream_name", wish.stream).raw("config", config.done()).done();
}

}  // namespace

Result<std::string> JetStreamApi::ask(const std::string& subject, const std::string& body) {
  auto answer = session_.request("$JS.API." + subject, body, timeout_);
  if (answer) return answer;
  // A forbidden subject is reported by the session and never answered.
  if (std::optional<Error> trouble = session_.trouble()) return *trouble;
  Error error = answer.error();
  if (error.code == "nats-no-responders") {
    error = retry_error("jetstream-off", "the NATS server does not offer JetStream",
                        "start it with JetStream, and enable it for the account");
    error.detail = answer.error().detail;
  }
  return error;
}

Result<JetStreamState> JetStreamApi::stream(const std::string& name) {
  const auto body = ask("STREAM.INFO." + name, "");
  if (!body) return body.error();
  Answer answer;
  PENSTOCK_TRY(answer.read(*body));
  if (answer.error_code() == kStreamNotFound) return no_stream(name);
  if (answer.refused()) return refusal(answer, "cannot look at the stream '" + name + "'");
  return JetStreamState{name, answer.number({"config", "duplicate_window"}),
                        answer.text({"config", "retention"}) == "workqueue"};
}

Result<std::string> JetStreamApi::stream_of(const std::string& subject) {
  const auto body = ask("STREAM.NAMES", ObjectText().text("subject", subject).done());
  if (!body) return body.error();
  Answer answer;
  PENSTOCK_TRY(answer.read(*body));
  if (answer.refused()) {
    return refusal(answer, "cannot ask for the stream of the subject '" + subject + "'");
  }
  const std::vector<std::string> names = answer.texts({"streams"});
  return names.empty() ? std::string() : names[0];
}

Result<void> JetStreamApi::make_stream(const std::string& name, const JetStreamMake& make) {
  const auto limit = [](uint64_t value) { return value == 0 ? int64_t{-1} : int64_t(value); };
  ObjectText config;
  config.text("name", name).list("subjects", make.subjects);
  config.text("storage", word(make.storage)).text("retention", word(make.retention));
  config.text("discard", make.discard == JetStreamDiscard::kOld ? "old" : "new");
  config.number("num_replicas", make.replicas).number("max_age", make.max_age.ns());
  config.number("max_bytes", limit(make.max_bytes.bytes));
  config.number("max_msgs", limit(static_cast<uint64_t>(make.max_messages)));
  config.number("max_msg_size", limit(make.max_message_bytes.bytes));
  config.number("max_consumers", -1);
  config.number("duplicate_window", make.duplicate_window.ns());
  const auto body = ask("STREAM.CREATE." + name, config.done());
  if (!body) return body.error();
  Answer answer;
  PENSTOCK_TRY(answer.read(*body));
  if (!answer.refused() || answer.error_code() == kStreamExists) return {};
  return refusal(answer, "cannot make the stream '" + name + "'");
}

Result<JetStreamConsumerState> JetStreamApi::consumer(const std::string& stream,
                                                      const std::string& name) {
  const auto body = ask("CONSUMER.INFO." + stream + "." + name, "");
  if (!body) return body.error();
  Answer answer;
  PENSTOCK_TRY(answer.read(*body));
  if (answer.error_code() == kStreamNotFound) return no_stream(stream);
  if (answer.error_code() == kConsumerNotFound) {
    return stop_error("jetstream-no-consumer",
                      "the stream '" + stream + "' has no consumer '" + name + "'",
                      "make it, or leave create_consumer at true");
  }
  if (answer.refused()) return refusal(answer, "cannot look at the consumer '" + name + "'");
  return consumer_state(answer);
}

Result<JetStreamConsumerState> JetStreamApi::make_consumer(const JetStreamConsumerWish& wish) {
  const auto body =
      ask("CONSUMER.DURABLE.CREATE." + wish.stream + "." + wish.name, consumer_config(wish));
  if (!body) return body.error();
  Answer answer;
  PENSTOCK_TRY(answer.read(*body));
  if (answer.error_code() == kStreamNotFound) return no_stream(wish.stream);
  if (answer.refused()) {
    Error error = refusal(answer, "cannot make the consumer '" + wish.name + "' of the stream '" +
                                      wish.stream + "'");
    error.hint = "a consumer of that name with other settings may be there: use another name, or "
                 "delete it";
    return error;
  }
  return consumer_state(answer);
}

Result<bool> JetStreamApi::rewind_consumer(const std::string& stream, const std::string& name) {
  const auto body = ask("CONSUMER.RESET." + stream + "." + name, "");
  if (!body) {
    // A server that does not know the request says nothing, or that nobody is there.
    const std::string& code = body.error().code;
    if (code == "nats-timeout" || code == "jetstream-off") return false;
    return body.error();
  }
  Answer answer;
  PENSTOCK_TRY(answer.read(*body));
  if (answer.refused()) return refusal(answer, "cannot rewind the consumer '" + name + "'");
  return true;
}

Result<JetStreamPubAck> read_pub_ack(std::string_view body) {
  Answer answer;
  PENSTOCK_TRY(answer.read(std::string(body)));
  if (!answer.refused()) {
    const Value* duplicate = answer.at({"duplicate"});
    return JetStreamPubAck{answer.text({"stream"}), static_cast<uint64_t>(answer.number({"seq"})),
                           duplicate != nullptr && duplicate->is(ValueKind::kBool) &&
                               duplicate->as_bool()};
  }
  Error error = retry_error("jetstream-busy", "the stream refuses a record for now",
                            "it may be full, or the server short of memory or disk");
  switch (answer.error_code()) {
    case kMessageTooLarge:
    case kHeaderTooLarge:
      error = reject_error("record-too-large", "the stream does not take so large a message",
                           "raise its max_msg_size");
      break;
    case kOtherStream:
      error = stop_error("jetstream-refused", "the subject belongs to another stream",
                         "check the options subject and stream");
      break;
    case kSealed:
    case kNotForAccount:
      error = stop_error("jetstream-refused", "the stream takes no more records");
      break;
    default: break;
  }
  error.detail = answer.description();
  return error;
}

}  // namespace penstock
