// SPDX-License-Identifier: Apache-2.0
#include "stages/encode/encode.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "codec/codec_error.h"
#include "codec/codec_options.h"
#include "json/parse.h"
#include "record/batch_builder.h"
#include "record/headers.h"

namespace penstock {
namespace {

static_assert(kJsonPadding <= kArenaPadding);

/// Works batch by batch and keeps nothing: records are gathered within one batch only.
class Encode final : public Stage {
 public:
  explicit Encode(std::shared_ptr<const CodecOptions> options)
      : options_(std::move(options)), limits_(limits_of(*options_)) {}

  Result<void> open(const TaskContext& context) override {
    Result<std::shared_ptr<const Codec>> codec = make_codec(*options_, CodecUse::kEncode);
    if (!codec) return codec.error();
    codec_ = *codec;
    encoder_ = codec_->make_encoder();
    gather_max_ = encoder_->gathers() ? payload_records_of(*options_) : 1;
    builder_ = std::make_unique<BatchBuilder>(*context.pool, context.batch_records_max);
    return {};
  }

  void process(Batch batch, Output& out) override {
    input_ = &batch;
    builder_->attach_all(batch);  // keys and headers stay slices of the input
    for (uint32_t i = 0; i < batch.size(); ++i) {
      Result<Value> value = parser_.parse_padded(batch[i].payload_view(), arena_,
                                                 DuplicateKeys::kLast);
      if (!value) {
        out.reject(batch[i], batch.epoch(), value.error());
        continue;
      }
      values_.push_back(*value);
      records_.push_back(i);
      if (values_.size() >= gather_max_ || arena_.used() > kGatherBytes) encode(out);
    }
    encode(out);
    emit(out);
    input_ = nullptr;
  }

 private:
  static constexpr size_t kGatherBytes = 16 << 20;  // of values, before a payload is made

  /// One payload of what was gathered; a value at fault is rejected, and the others tried again.
  void encode(Output& out) {
    while (!values_.empty()) {
      size_t failed = 0;
      made_.clear();
      Result<void> done = encoder_->encode(values_, arena_, made_, failed);
      if (done && made_.payload.size() > limits_.payload_bytes_max) {
        done = codec_limit(to_string(options_->format), made_.payload.size(),
                           "a payload would be larger than limits.payload_max");
      }
      if (done) {
        add(out);
        break;
      }
      failed = std::min(failed, values_.size() - 1);
      out.reject((*input_)[records_[failed]], input_->epoch(), done.error());
      values_.erase(values_.begin() + static_cast<ptrdiff_t>(failed));
      records_.erase(records_.begin() + static_cast<ptrdiff_t>(failed));
    }
    values_.clear();
    records_.clear();
    arena_.reset();
  }

  /// Key, headers and position are those of the first record, the event time is the oldest.
  void add(Output& out) {
    const Record& first = (*input_)[records_.front()];
    Record& head = builder_->append(made_.payload);
    head.key = first.key;
    head.key_size = first.key_size;
    head.position = first.position;
    head.event_time_us = first.event_time_us;
    for (const uint32_t i : records_) {
      head.event_time_us = std::min(head.event_time_us, (*input_)[i].event_time_us);
    }
    if (made_.headers.empty()) {
      head.headers = first.headers;
      head.headers_size = first.headers_size;
    } else {
      headers_.clear();
      for_each_header(first.headers_view(), [&](std::string_view name, std::string_view value) {
        if (!find_header(made_.headers, name)) append_header(headers_, name, value);
      });
      headers_ += made_.headers;
      builder_->set_headers(head, headers_);
    }
    if (!builder_->full()) return;
    emit(out);
    builder_->attach_all(*input_);
  }

  void emit(Output& out) {
    Batch batch = builder_->take();
    batch.set_epoch(input_->epoch());
    batch.set_source(input_->source());
    if (!batch.empty()) out.emit(std::move(batch));
  }

  std::shared_ptr<const CodecOptions> options_;
  const CodecLimits limits_;
  std::shared_ptr<const Codec> codec_;
  std::unique_ptr<Encoder> encoder_;
  std::unique_ptr<BatchBuilder> builder_;
  size_t gather_max_ = 1;
  JsonParser parser_;
  ValueArena arena_;
  EncodedPayload made_;
  std::string headers_;
  const Batch* input_ = nullptr;    // while it is processed
  std::vector<Value> values_;       // gathered for the next payload
  std::vector<uint32_t> records_;   // where they stand in input_
};

}  // namespace

void register_encode(Catalog& catalog) {
  catalog.add(stage_component<CodecOptions, Encode>(
      "encode", "stages/encode",
      "Turns JSON into payloads of CSV, Avro, Protobuf and other formats.", {}, codec_schema()));
}

}  // namespace penstock
