// SPDX-License-Identifier: Apache-2.0
#include "codec/avro_container.h"

#include "base/hash.h"
#include "codec/avro_reader.h"
#include "codec/avro_writer.h"
#include "codec/codec_error.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic{"Obj\1", 4};
constexpr size_t kMarkBytes = 16;
constexpr size_t kBlockBytes = 64 << 10;  // of content, before a block is closed
constexpr uint64_t kMetadataMax = 10'000;

class AvroContainerDecoder final : public Decoder {
 public:
  AvroContainerDecoder(const AvroOptions& options, const CodecLimits& limits)
      : options_(options), limits_(limits), reader_(limits) {}

  Result<void> begin(std::string_view payload, std::string_view) override {
    in_ = ByteReader(payload);
    count_ = records_ = 0;
    block_ = ByteReader();
    if (in_.slice(kMagic.size()) != kMagic) return undecodable("avro", 0, "it is no container");
    std::string_view schema, compression = "null";
    PENSTOCK_TRY(read_metadata(schema, compression));
    const std::optional<BlockCompression> known = block_compression(compression);
    if (!known) {
      return undecodable("avro", in_.offset(),
                         "its codec " + shown_bytes(compression) + " is not known");
    }
    compression_ = *known;
    mark_ = in_.slice(kMarkBytes);
    if (!in_.ok()) return undecodable("avro", in_.offset(), "it ends inside its head");
    return set_schema(schema);
  }

  Result<bool> next(ValueArena& arena, Value& out) override {
    while (count_ == 0) {
      if (in_.at_end()) return false;
      PENSTOCK_TRY(open_block());
    }
    PENSTOCK_TRY(reader_.read(*plan_, block_, block_start_, arena, out));
    if (--count_ == 0 && !block_.at_end()) {
      return undecodable("avro", block_start_ + block_.offset(), "a block has bytes left over");
    }
    return true;
  }

 private:
  Result<void> read_metadata(std::string_view& schema, std::string_view& compression) {
    uint64_t entries = 0;
    for (;;) {
      int64_t count = in_.zigzag();
      if (count < 0) {
        in_.zigzag();
        count = count == INT64_MIN ? INT64_MAX : -count;
      }
      if (!in_.ok()) return undecodable("avro", in_.offset(), "it ends inside its head");
      if (count == 0) return {};
      for (; count > 0; --count) {
        if (++entries > kMetadataMax) {
          return codec_limit("avro", in_.offset(), "a head has too many entries");
        }
        const std::string_view key = text();
        const std::string_view value = text();
        if (!in_.ok()) return undecodable("avro", in_.offset(), "it ends inside its head");
        if (key == "avro.schema") schema = value;
        if (key == "avro.codec") compression = value;
      }
    }
  }
  std::string_view text() {
    const int64_t size = in_.zigzag();
    return in_.slice(size < 0 ? UINT64_MAX : static_cast<uint64_t>(size));
  }

  /// Files of one writer follow each other: the last plan is kept.
  Result<void> set_schema(std::string_view json) {
    if (plan_ != nullptr && json == schema_text_) return {};
    plan_ = nullptr;
    Result<std::shared_ptr<const AvroSchema>> writer = AvroSchema::parse(json);
    if (!writer) return undecodable("avro", 0, writer.error().message);
    Result<std::shared_ptr<const AvroPlan>> plan =
        AvroPlan::make(*writer, options_.schema != nullptr ? options_.schema : *writer);
    if (!plan) return undecodable("avro", 0, plan.error().message);
    plan_ = *plan;
    schema_text_ = std::string(json);
    return {};
  }

  Result<void> open_block() {
    const size_t start = in_.offset();
    const int64_t count = in_.zigzag();
    const int64_t bytes = in_.zigzag();
    if (!in_.ok() || count < 0 || bytes < 0) {
      return undecodable("avro", start, "a block has no valid size");
    }
    block_start_ = in_.offset();
    const std::string_view content = in_.slice(static_cast<uint64_t>(bytes));
    const std::string_view mark = in_.slice(kMarkBytes);
    if (!in_.ok()) return undecodable("avro", start, "it ends inside a block");
    if (mark != mark_) {
      return undecodable("avro", in_.offset() - kMarkBytes, "the mark behind a block is not there");
    }
    count_ = static_cast<uint64_t>(count);
    records_ += count_;
    if (count_ > limits_.records_max || records_ > limits_.records_max) {
      return codec_limit("avro", start, "more values than a payload may have");
    }
    if (compression_ == BlockCompression::kNone) {
      block_ = ByteReader(content);
      return {};
    }
    Result<void> inflated = decompress(compression_, content, limits_.block_bytes_max, content_);
    if (!inflated) return inflated.error();
    block_ = ByteReader(content_);
    return {};
  }

  const AvroOptions& options_;
  const CodecLimits& limits_;
  AvroReader reader_;
  std::shared_ptr<const AvroPlan> plan_;
  std::string schema_text_;
  ByteReader in_, block_;
  size_t block_start_ = 0;
  BlockCompression compression_ = BlockCompression::kNone;
  std::string_view mark_;
  std::string content_;   // of the block, inflated
  uint64_t count_ = 0;    // values left in the block
  uint64_t records_ = 0;  // of the payload
};

class AvroContainerEncoder final : public Encoder {
 public:
  AvroContainerEncoder(const AvroOptions& options, const CodecLimits& limits)
      : options_(options), writer_(limits, options.drop_unknown) {}
  bool gathers() const override { return true; }

  Result<void> encode(std::span<const Value> values, ValueArena&, EncodedPayload& out,
                      size_t& failed) override {
    content_.clear();
    ends_.clear();
    for (size_t i = 0; i < values.size(); ++i) {
      failed = i;
      PENSTOCK_TRY(writer_.write(options_.schema->root(), values[i], content_));
      ends_.push_back(content_.size());
    }
    const XXH128_hash_t hash = XXH3_128bits(content_.data(), content_.size());
    std::string mark;
    append_little(mark, hash.low64);
    append_little(mark, hash.high64);
    add_head(mark, out.payload);
    add_blocks(mark, out.payload);
    return {};
  }

 private:
  void add_head(const std::string& mark, std::string& to) const {
    to += kMagic;
    append_zigzag(to, 2);
    for (const std::string_view text :
         {std::string_view("avro.schema"), std::string_view(options_.schema->text()),
          std::string_view("avro.codec"), std::string_view(to_string(options_.compression))}) {
      append_zigzag(to, static_cast<int64_t>(text.size()));
      to += text;
    }
    append_zigzag(to, 0);
    to += mark;
  }

  void add_blocks(const std::string& mark, std::string& to) {
    size_t start = 0, first = 0;
    for (size_t i = 0; i < ends_.size(); ++i) {
      if (ends_[i] - start < kBlockBytes && i + 1 < ends_.size()) continue;
      packed_.clear();
      append_compressed(options_.compression,
                        std::string_view(content_).substr(start, ends_[i] - start), packed_);
      append_zigzag(to, static_cast<int64_t>(i + 1 - first));
      append_zigzag(to, static_cast<int64_t>(packed_.size()));
      to += packed_;
      to += mark;
      start = ends_[i];
      first = i + 1;
    }
  }

  const AvroOptions& options_;
  AvroWriter writer_;
  std::string content_, packed_;
  std::vector<size_t> ends_;  // of each value in content_
};

}  // namespace

std::unique_ptr<Decoder> make_avro_container_decoder(const AvroOptions& options,
                                                     const CodecLimits& limits) {
  return std::make_unique<AvroContainerDecoder>(options, limits);
}

std::unique_ptr<Encoder> make_avro_container_encoder(const AvroOptions& options,
                                                     const CodecLimits& limits) {
  return std::make_unique<AvroContainerEncoder>(options, limits);
}

}  // namespace penstock
