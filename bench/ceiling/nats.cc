// SPDX-License-Identifier: Apache-2.0
// What the bare client makes of two streams:
//   ceiling_nats URL fill COUNT     puts COUNT JSON records into IN, and makes IN and OUT anew
//   ceiling_nats URL pass COUNT     IN → those with "word":"keep" → OUT: fetch, publish with an id,
//                                   acknowledge what was stored, one fetch ahead
// The loop is the best we know with this library: pulls of 2,000, publications without waiting,
// their answers counted, acknowledgements for a whole fetch at a time.
#include <nats/nats.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "ceiling/measure.h"

namespace {

constexpr int kFetch = 2000;

void must(natsStatus status, const char* what) {
  if (status == NATS_OK) return;
  std::fprintf(stderr, "%s: %s\n", what, natsStatus_GetText(status));
  std::exit(1);
}

/// Counts what the streams have stored.
class Answers {
 public:
  Answers(natsConnection* connection) {
    natsInbox* inbox = nullptr;
    must(natsInbox_Create(&inbox), "inbox");
    subject_ = inbox;
    natsInbox_Destroy(inbox);
    natsSubscription* subscription = nullptr;
    must(natsConnection_Subscribe(&subscription, connection, subject_.c_str(), heard, this),
         "subscribe");
    must(natsSubscription_SetPendingLimits(subscription, -1, -1), "limits");
  }
  const char* subject() const { return subject_.c_str(); }
  void wait(uint64_t count) {
    std::unique_lock lock(mutex_);
    wanted_ = count;
    come_.wait(lock, [&] { return count_ >= count; });
  }

 private:
  static void heard(natsConnection*, natsSubscription*, natsMsg* message, void* closure) {
    auto* self = static_cast<Answers*>(closure);
    if (std::strncmp(natsMsg_GetData(message), "{\"stream\":", 10) != 0) {
      std::fprintf(stderr, "not stored: %s\n", natsMsg_GetData(message));
      std::exit(1);
    }
    natsMsg_Destroy(message);
    const std::lock_guard lock(self->mutex_);
    if (++self->count_ == self->wanted_) self->come_.notify_one();
  }
  std::string subject_;
  std::mutex mutex_;
  std::condition_variable come_;
  uint64_t count_ = 0;
  uint64_t wanted_ = 0;
};

void make_stream(jsCtx* js, const char* name) {
  jsErrCode code{};
  js_DeleteStream(js, name, nullptr, &code);
  jsStreamConfig config;
  jsStreamConfig_Init(&config);
  config.Name = name;
  const char* subjects[] = {name};
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.Storage = js_FileStorage;
  jsStreamInfo* info = nullptr;
  must(js_AddStream(&info, js, &config, nullptr, &code), "stream");
  jsStreamInfo_Destroy(info);
}

uint64_t sequence_of(natsMsg* message) {
  jsMsgMetaData* meta = nullptr;
  must(natsMsg_GetMetaData(&meta, message), "metadata");
  const uint64_t sequence = meta->Sequence.Stream;
  jsMsgMetaData_Destroy(meta);
  return sequence;
}

/// A stream drops what has an id that it knows, and says so in a word at the end of its answer.
void must_hold(jsCtx* js, const char* stream, uint64_t count) {
  jsStreamInfo* info = nullptr;
  jsErrCode code{};
  must(js_GetStreamInfo(&info, js, stream, nullptr, &code), "stream");
  if (info->State.Msgs != count) {
    std::fprintf(stderr, "%s holds %llu messages, not %llu\n", stream,
                 static_cast<unsigned long long>(info->State.Msgs),
                 static_cast<unsigned long long>(count));
    std::exit(1);
  }
  jsStreamInfo_Destroy(info);
}

void fill(natsConnection* connection, jsCtx* js, uint64_t count) {
  make_stream(js, "IN");
  make_stream(js, "OUT");
  Answers answers(connection);
  for (uint64_t i = 0; i < count; ++i) {
    char text[256];
    const int size = std::snprintf(
        text, sizeof text,
        "{\"n\":%llu,\"word\":\"%s\",\"who\":\"customer-%05llu\",\"pad\":\"%s\"}",
        static_cast<unsigned long long>(i), i % 10 == 3 ? "skip" : "keep",
        static_cast<unsigned long long>(i * 7919 % 100'000),
        "................................................");
    must(natsConnection_PublishRequest(connection, "IN", answers.subject(), text, size),
         "publish");
    if (i % 2000 == 1999) answers.wait(i - 999);
  }
  answers.wait(count);
  must_hold(js, "IN", count);
}

void pass(natsConnection* connection, jsCtx* js, uint64_t count) {
  Answers answers(connection);
  jsErrCode code{};
  jsSubOptions options;
  jsSubOptions_Init(&options);
  options.Stream = "IN";
  options.Config.MaxAckPending = 20'000;
  natsSubscription* in = nullptr;
  must(js_PullSubscribe(&in, js, "IN", "bare", nullptr, &options, &code), "consumer");
  const Measure measure;
  natsMsgList last{}, list{};
  uint64_t read = 0, sent = 0, bytes = 0, sent_last = 0;
  const auto settle = [&] {
    if (last.Count == 0) return;
    answers.wait(sent_last);
    for (int i = 0; i < last.Count; ++i) must(natsMsg_Ack(last.Msgs[i], nullptr), "ack");
    natsMsgList_Destroy(&last);
    last = {};
  };
  while (read < count) {
    must(natsSubscription_Fetch(&list, in, kFetch, 5000, &code), "fetch");
    for (int i = 0; i < list.Count; ++i) {
      const char* data = natsMsg_GetData(list.Msgs[i]);
      const int size = natsMsg_GetDataLength(list.Msgs[i]);
      bytes += static_cast<uint64_t>(size);
      if (memmem(data, static_cast<size_t>(size), "\"word\":\"keep\"", 13) == nullptr) continue;
      natsMsg* out = nullptr;
      must(natsMsg_Create(&out, "OUT", answers.subject(), data, size), "message");
      char id[32];
      std::snprintf(id, sizeof id, "bare.%llu",
                    static_cast<unsigned long long>(sequence_of(list.Msgs[i])));
      must(natsMsgHeader_Set(out, "Nats-Msg-Id", id), "header");
      must(natsConnection_PublishMsg(connection, out), "publish");
      natsMsg_Destroy(out);
      ++sent;
    }
    read += static_cast<uint64_t>(list.Count);
    settle();
    last = list;
    sent_last = sent;
    list = {};
  }
  settle();
  must(natsConnection_Flush(connection), "flush");
  measure.print("pass", read, bytes, sent);
  must_hold(js, "OUT", sent);
  natsSubscription_Destroy(in);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  natsConnection* connection = nullptr;
  must(natsConnection_ConnectTo(&connection, arguments[1]), "connect");
  jsCtx* js = nullptr;
  must(natsConnection_JetStream(&js, connection, nullptr), "jetstream");
  const uint64_t records = std::strtoull(arguments[3], nullptr, 10);
  if (std::strcmp(arguments[2], "fill") == 0) {
    fill(connection, js, records);
  } else {
    pass(connection, js, records);
  }
  jsCtx_Destroy(js);
  natsConnection_Destroy(connection);
  return 0;
}
