// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/decode.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <string>

#include "codec/codec_error.h"
#include "codec/codec_options.h"
#include "record/batch_builder.h"
#include "value/write_json.h"

namespace penstock {
namespace {

/// A payload may hold very many values: it is worked off in turns, so that memory and the time of a
/// turn stay bounded.
class Decode final : public Stage {
 public:
  explicit Decode(std::shared_ptr<const CodecOptions> options)
      : options_(std::move(options)), limits_(limits_of(*options_)) {}

  Result<void> open(const TaskContext& context) override {
    Result<std::shared_ptr<const Codec>> codec = make_codec(*options_, CodecUse::kDecode);
    if (!codec) return codec.error();
    codec_ = *codec;
    decoder_ = codec_->make_decoder();
    builder_ = std::make_unique<BatchBuilder>(*context.pool,
                                              std::min(context.batch_records_max, kOutputRecords));
    return {};
  }
  void process(Batch batch, Output& out) override {
    pending_.push_back(std::move(batch));
    work(kTurnRecords, kTurnBytes, out);
  }
  void on_barrier(const Barrier&, Output& out) override { work(SIZE_MAX, SIZE_MAX, out); }
  void on_end(Output& out) override { work(kTurnRecords, kTurnBytes, out); }
  void flush(Output& out) override { work(kTurnRecords, kTurnBytes, out); }
  void on_timer(int64_t now_ns, Output& out) override {
    work(kTurnRecords, kTurnBytes, out);
    resume_at_ns_ = now_ns + 1;
  }
  int64_t next_timer_ns() const override { return pending_.empty() ? kNever : resume_at_ns_; }
  bool full() const override { return !pending_.empty(); }
  Epoch floor() const override {
    Epoch oldest = kNoEpoch;
    for (const Batch& batch : pending_) oldest = std::min(oldest, batch.epoch());
    return oldest;
  }
  int64_t oldest_event_time_us() const override {
    int64_t oldest = kEndOfTime;
    for (const Batch& batch : pending_) {
      batch.for_each([&](const Record& r) { oldest = std::min(oldest, r.event_time_us); });
    }
    return oldest;
  }

 private:
  static constexpr uint32_t kOutputRecords = 512;
  static constexpr size_t kTurnRecords = 16 * kOutputRecords;
  static constexpr size_t kTurnBytes = 4 << 20;

  /// Decodes what is pending until about so many records or bytes were emitted.
  void work(size_t records, size_t bytes, Output& out) {
    records_left_ = records;
    bytes_left_ = bytes;
    while (!pending_.empty()) {
      const Batch& batch = pending_.front();
      builder_->attach_all(batch);  // keys and headers stay slices of the input
      for (; record_ < batch.size(); ++record_, begun_ = false) {
        if (!work_record(batch[record_], out)) return emit(out);
      }
      emit(out);
      record_ = 0;
      pending_.pop_front();
    }
  }

  /// Values of one record, from where it stopped last time; false if the turn is over first.
  bool work_record(const Record& record, Output& out) {
    if (!begun_) {
      begun_ = true;
      if (record.payload_size > limits_.payload_bytes_max) {
        return reject(record, codec_limit(to_string(options_->format), 0,
                                          "a payload of " + std::to_string(record.payload_size) +
                                              " bytes"),
                      out);
      }
      Result<void> begun = decoder_->begin(record.payload_view(), record.headers_view());
      if (!begun) return reject(record, begun.error(), out);
      values_ = 0;
    }
    for (;;) {
      if (records_left_ == 0 || bytes_left_ == 0) return false;
      Value value;
      Result<bool> more = decoder_->next(arena_, value);
      if (!more) return reject(record, more.error(), out);
      if (!*more) return true;
      if (++values_ > limits_.records_max) {
        return reject(record, codec_limit(to_string(options_->format), 0, "too many records"), out);
      }
      text_.clear();
      Result<void> written = write_json(value, text_);
      arena_.reset();
      if (!written) return reject(record, written.error(), out);
      add(record, out);
    }
  }

  bool reject(const Record& record, const Error& error, Output& out) {
    arena_.reset();
    out.reject(record, pending_.front().epoch(), error);
    return true;
  }

  void add(const Record& from, Output& out) {
    Record& head = builder_->append(text_);
    head.key = from.key;
    head.key_size = from.key_size;
    head.headers = from.headers;
    head.headers_size = from.headers_size;
    head.event_time_us = from.event_time_us;
    head.position = from.position;
    --records_left_;
    bytes_left_ -= std::min(bytes_left_, text_.size());
    if (!builder_->full()) return;
    emit(out);
    builder_->attach_all(pending_.front());
  }

  void emit(Output& out) {
    Batch batch = builder_->take();
    batch.set_epoch(pending_.front().epoch());
    batch.set_source(pending_.front().source());
    if (!batch.empty()) out.emit(std::move(batch));
  }

  std::shared_ptr<const CodecOptions> options_;
  const CodecLimits limits_;
  std::shared_ptr<const Codec> codec_;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<BatchBuilder> builder_;
  ValueArena arena_;
  std::string text_;
  std::deque<Batch> pending_;
  uint32_t record_ = 0;  // where work goes on in pending_.front()
  bool begun_ = false;   // and whether the decoder is inside it
  uint64_t values_ = 0;  // of the record so far
  size_t records_left_ = 0, bytes_left_ = 0;  // of the turn
  int64_t resume_at_ns_ = 0;
};

}  // namespace

void register_decode(Catalog& catalog) {
  catalog.add(stage_component<CodecOptions, Decode>(
      "decode", "stages/decode",
      "Turns payloads of CSV, Avro, Protobuf and other formats into JSON.", {}, codec_schema()));
}

}  // namespace penstock
