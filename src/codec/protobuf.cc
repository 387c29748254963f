// SPDX-License-Identifier: Apache-2.0
#include "codec/protobuf.h"

#include "codec/codec_error.h"
#include "codec/proto_reader.h"
#include "codec/proto_writer.h"

namespace penstock {
namespace {

class ProtobufDecoder final : public Decoder {
 public:
  ProtobufDecoder(const ProtobufOptions& options, const CodecLimits& limits)
      : options_(options), reader_(options, limits) {}

  Result<void> begin(std::string_view payload, std::string_view) override {
    payload_ = payload;
    in_ = ByteReader(payload);
    finished_ = false;
    return {};
  }
  Result<bool> next(ValueArena& arena, Value& out) override {
    std::string_view message = payload_;
    if (options_.framing == ProtoFraming::kDelimited) {
      if (in_.at_end()) return false;
      const size_t start = in_.offset();
      message = in_.slice(in_.varint());
      if (!in_.ok()) return undecodable("protobuf", start, "it ends inside a message");
    } else if (finished_) {
      return false;
    }
    finished_ = true;
    PENSTOCK_TRY(reader_.read(*options_.message, payload_, message, arena, out));
    return true;
  }

 private:
  const ProtobufOptions& options_;
  ProtoReader reader_;
  std::string_view payload_;
  ByteReader in_;
  bool finished_ = true;
};

class ProtobufEncoder final : public Encoder {
 public:
  ProtobufEncoder(const ProtobufOptions& options, const CodecLimits& limits)
      : options_(options), writer_(options, limits) {}
  bool gathers() const override { return options_.framing == ProtoFraming::kDelimited; }

  Result<void> encode(std::span<const Value> values, ValueArena&, EncodedPayload& out,
                      size_t& failed) override {
    for (size_t i = 0; i < values.size(); ++i) {
      failed = i;
      if (options_.framing == ProtoFraming::kMessage) {
        return writer_.write(*options_.message, values[i], out.payload);
      }
      message_.clear();
      PENSTOCK_TRY(writer_.write(*options_.message, values[i], message_));
      append_varint(out.payload, message_.size());
      out.payload += message_;
    }
    return {};
  }

 private:
  const ProtobufOptions& options_;
  ProtoWriter writer_;
  std::string message_;
};

class ProtobufCodec final : public Codec {
 public:
  ProtobufCodec(ProtobufOptions options, const CodecLimits& limits)
      : options_(std::move(options)), limits_(limits) {}
  std::unique_ptr<Decoder> make_decoder() const override {
    return std::make_unique<ProtobufDecoder>(options_, limits_);
  }
  std::unique_ptr<Encoder> make_encoder() const override {
    return std::make_unique<ProtobufEncoder>(options_, limits_);
  }

 private:
  ProtobufOptions options_;
  CodecLimits limits_;
};

}  // namespace

std::shared_ptr<const Codec> make_protobuf_codec(ProtobufOptions options,
                                                 const CodecLimits& limits) {
  return std::make_shared<ProtobufCodec>(std::move(options), limits);
}

}  // namespace penstock
