// SPDX-License-Identifier: Apache-2.0
#include "codec/block_compression.h"

#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "codec/byte_reader.h"
#include "codec/codec_error.h"

namespace penstock {
namespace {

constexpr size_t kChunkBytes = 64 << 10;
constexpr int kZstandardLevel = 3;
constexpr int kWindowLogMax = 27;  // 128 MiB: what zstd itself allows without asking

Error damaged(const char* what) {
  return undecodable("avro", 0, std::string("a block is damaged: ") + what);
}
Error too_large(size_t bytes_max) {
  return codec_limit("avro", 0,
                     "a block has more than " + std::to_string(bytes_max) + " bytes inside");
}

uint32_t crc_of(std::string_view bytes) {
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  return static_cast<uint32_t>(crc32_z(0, data, bytes.size()));
}

void append_deflated(std::string_view block, std::string& to) {
  z_stream stream{};
  CHECK_EQ(deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
  const size_t start = to.size();
  to.resize(start + deflateBound(&stream, block.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));
  stream.avail_in = static_cast<uInt>(block.size());
  stream.next_out = reinterpret_cast<Bytef*>(to.data() + start);
  stream.avail_out = static_cast<uInt>(to.size() - start);
  CHECK_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  to.resize(start + stream.total_out);
  deflateEnd(&stream);
}

Result<void> inflate_block(std::string_view block, size_t bytes_max, std::string& out) {
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) return damaged("deflate");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));
  stream.avail_in = static_cast<uInt>(block.size());
  for (;;) {
    const size_t have = out.size();
    if (have > bytes_max) return too_large(bytes_max);
    out.resize(have + std::max(kChunkBytes, std::min(have, bytes_max)));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + have);
    stream.avail_out = static_cast<uInt>(out.size() - have);
    const int code = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (out.size() > bytes_max) return too_large(bytes_max);
    if (code == Z_STREAM_END) return {};
    if (code != Z_OK) return damaged("deflate");
  }
}

Result<void> unpack_snappy(std::string_view block, size_t bytes_max, std::string& out) {
  if (block.size() < 4) return damaged("no checksum");
  const std::string_view packed = block.substr(0, block.size() - 4);
  size_t size = 0;
  if (!snappy::GetUncompressedLength(packed.data(), packed.size(), &size)) return damaged("snappy");
  if (size > bytes_max) return too_large(bytes_max);
  // A byte of input stands for at most 64 of output: a damaged length must not cost memory.
  if (size > 64 * (packed.size() + 1)) return damaged("snappy");
  if (!snappy::Uncompress(packed.data(), packed.size(), &out)) return damaged("snappy");
  if (ByteReader(block.substr(packed.size())).big<uint32_t>() != crc_of(out)) {
    return damaged("its checksum does not match");
  }
  return {};
}

Result<void> unpack_zstandard(std::string_view block, size_t bytes_max, std::string& out) {
  const std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(),
                                                                       ZSTD_freeDStream);
  ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, kWindowLogMax);
  ZSTD_inBuffer in{block.data(), block.size(), 0};
  for (;;) {
    const size_t have = out.size();
    if (have > bytes_max) return too_large(bytes_max);
    out.resize(have + std::max(kChunkBytes, std::min(have, bytes_max)));
    ZSTD_outBuffer to{out.data() + have, out.size() - have, 0};
    const size_t code = ZSTD_decompressStream(stream.get(), &to, &in);
    out.resize(have + to.pos);
    if (ZSTD_isError(code)) return damaged(ZSTD_getErrorName(code));
    if (out.size() > bytes_max) return too_large(bytes_max);
    if (code == 0 && in.pos == in.size) return {};
    if (in.pos == in.size && to.pos < to.size) return damaged("zstandard: it is cut off");
  }
}

}  // namespace

const char* to_string(BlockCompression compression) {
  static constexpr const char* kNames[] = {"null", "deflate", "snappy", "zstandard"};
  return kNames[static_cast<size_t>(compression)];
}

std::optional<BlockCompression> block_compression(std::string_view name) {
  for (const BlockCompression each : {BlockCompression::kNone, BlockCompression::kDeflate,
                                      BlockCompression::kSnappy, BlockCompression::kZstandard}) {
    if (name == to_string(each)) return each;
  }
  return {};
}

void append_compressed(BlockCompression compression, std::string_view block, std::string& to) {
  switch (compression) {
    case BlockCompression::kNone: to += block; return;
    case BlockCompression::kDeflate: return append_deflated(block, to);
    case BlockCompression::kSnappy: {
      std::string packed;
      snappy::Compress(block.data(), block.size(), &packed);
      to += packed;
      return append_big(to, crc_of(block));
    }
    case BlockCompression::kZstandard: {
      const size_t start = to.size();
      to.resize(start + ZSTD_compressBound(block.size()));
      const size_t size = ZSTD_compress(to.data() + start, to.size() - start, block.data(),
                                        block.size(), kZstandardLevel);
      CHECK(!ZSTD_isError(size));
      to.resize(start + size);
      return;
    }
  }
}

Result<void> decompress(BlockCompression compression, std::string_view block, size_t bytes_max,
                        std::string& out) {
  out.clear();
  switch (compression) {
    case BlockCompression::kNone:
      if (block.size() > bytes_max) return too_large(bytes_max);
      out.assign(block);
      return {};
    case BlockCompression::kDeflate: return inflate_block(block, bytes_max, out);
    case BlockCompression::kSnappy: return unpack_snappy(block, bytes_max, out);
    case BlockCompression::kZstandard: return unpack_zstandard(block, bytes_max, out);
  }
  return {};
}

}  // namespace penstock
