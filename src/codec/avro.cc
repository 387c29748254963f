// SPDX-License-Identifier: Apache-2.0
#include "codec/avro.h"

#include <cstdio>
#include <unordered_map>

#include "codec/avro_container.h"
#include "codec/avro_reader.h"
#include "codec/avro_writer.h"
#include "codec/codec_error.h"

namespace penstock {
namespace {

constexpr std::string_view kSingleMagic{"\xc3\x01", 2};

/// What writers' schemas become in the reader's: by fingerprint, by number, or under 0.
using Plans = std::unordered_map<uint64_t, std::shared_ptr<const AvroPlan>>;

class AvroDecoder final : public Decoder {
 public:
  AvroDecoder(AvroFraming framing, const Plans& plans, const CodecLimits& limits)
      : framing_(framing), plans_(plans), reader_(limits) {}

  Result<void> begin(std::string_view payload, std::string_view) override {
    in_ = ByteReader(payload);
    finished_ = false;
    uint64_t schema = 0;
    if (framing_ == AvroFraming::kSingle) {
      if (in_.slice(kSingleMagic.size()) != kSingleMagic) {
        return undecodable("avro", 0, "it is no single object: it does not begin with C3 01");
      }
      schema = in_.little<uint64_t>();
    } else if (framing_ == AvroFraming::kRegistry) {
      if (in_.byte() != 0) return undecodable("avro", 0, "it does not begin with the byte 00");
      schema = in_.big<uint32_t>();
    }
    if (!in_.ok()) return undecodable("avro", in_.offset(), "it ends inside its head");
    const auto plan = plans_.find(schema);
    if (plan == plans_.end()) return unknown_schema(schema);
    plan_ = plan->second.get();
    return {};
  }

  Result<bool> next(ValueArena& arena, Value& out) override {
    if (finished_) return false;
    finished_ = true;
    PENSTOCK_TRY(reader_.read(*plan_, in_, 0, arena, out));
    if (!in_.at_end()) return undecodable("avro", in_.offset(), "bytes are left over");
    return true;
  }

 private:
  Error unknown_schema(uint64_t schema) const {
    char text[64];
    std::snprintf(text, sizeof text,
                  framing_ == AvroFraming::kSingle ? "no schema has the fingerprint %016llx"
                                                   : "no schema has the number %llu",
                  static_cast<unsigned long long>(schema));
    return undecodable("avro", framing_ == AvroFraming::kSingle ? 2 : 1, text);
  }

  const AvroFraming framing_;
  const Plans& plans_;
  AvroReader reader_;
  const AvroPlan* plan_ = nullptr;
  ByteReader in_;
  bool finished_ = true;
};

class AvroEncoder final : public Encoder {
 public:
  AvroEncoder(const AvroOptions& options, const CodecLimits& limits)
      : options_(options), writer_(limits, options.drop_unknown) {}

  Result<void> encode(std::span<const Value> values, ValueArena&, EncodedPayload& out,
                      size_t& failed) override {
    failed = 0;
    if (options_.framing == AvroFraming::kSingle) {
      out.payload += kSingleMagic;
      append_little(out.payload, options_.schema->fingerprint());
    } else if (options_.framing == AvroFraming::kRegistry) {
      out.payload += '\0';
      append_big(out.payload, options_.number);
    }
    return writer_.write(options_.schema->root(), values.front(), out.payload);
  }

 private:
  const AvroOptions& options_;
  AvroWriter writer_;
};

class AvroCodec final : public Codec {
 public:
  AvroCodec(AvroOptions options, const CodecLimits& limits)
      : options_(std::move(options)), limits_(limits) {}

  Result<void> resolve() {
    const bool container = options_.framing == AvroFraming::kContainer;
    if (container) return {};
    if (options_.schema == nullptr) return stop_error("bad-schema", "Avro needs a schema");
    if (options_.framing == AvroFraming::kRegistry) {
      for (const auto& [number, schema] : options_.numbered) PENSTOCK_TRY(add(number, schema));
      if (plans_.contains(options_.number)) return {};
      return add(options_.number, options_.schema);
    }
    if (options_.framing == AvroFraming::kRaw) {
      return add(0, options_.writers.empty() ? options_.schema : options_.writers.front());
    }
    for (const auto& schema : options_.writers) PENSTOCK_TRY(add(schema->fingerprint(), schema));
    return add(options_.schema->fingerprint(), options_.schema);
  }

  std::unique_ptr<Decoder> make_decoder() const override {
    if (options_.framing == AvroFraming::kContainer) {
      return make_avro_container_decoder(options_, limits_);
    }
    return std::make_unique<AvroDecoder>(options_.framing, plans_, limits_);
  }
  std::unique_ptr<Encoder> make_encoder() const override {
    if (options_.framing == AvroFraming::kContainer) {
      return make_avro_container_encoder(options_, limits_);
    }
    return std::make_unique<AvroEncoder>(options_, limits_);
  }

 private:
  Result<void> add(uint64_t name, const std::shared_ptr<const AvroSchema>& writer) {
    Result<std::shared_ptr<const AvroPlan>> plan = AvroPlan::make(writer, options_.schema);
    if (!plan) return plan.error();
    plans_[name] = *plan;
    return {};
  }

  AvroOptions options_;
  CodecLimits limits_;
  Plans plans_;
};

}  // namespace

Result<std::shared_ptr<const Codec>> make_avro_codec(AvroOptions options,
                                                     const CodecLimits& limits) {
  auto codec = std::make_shared<AvroCodec>(std::move(options), limits);
  PENSTOCK_TRY(codec->resolve());
  return std::shared_ptr<const Codec>(std::move(codec));
}

}  // namespace penstock
