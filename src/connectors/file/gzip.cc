// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace penstock {
namespace {

constexpr int kGzipWindow = 15 + 16;  // the largest window, with gzip's head and tail
constexpr size_t kOutBytes = 64 << 10;

uInt chunk(size_t size) {
  return static_cast<uInt>(std::min<size_t>(size, std::numeric_limits<uInt>::max()));
}

}  // namespace

struct Gunzip::State {
  z_stream stream{};
  bool between = true;
};

Gunzip::Gunzip() : state_(std::make_unique<State>()) {
  CHECK_EQ(inflateInit2(&state_->stream, kGzipWindow), Z_OK);
}
Gunzip::~Gunzip() { inflateEnd(&state_->stream); }

bool Gunzip::between_members() const { return state_->between; }

Result<Gunzip::Step> Gunzip::step(const char* in, size_t in_size, char* out, size_t out_size) {
  z_stream& z = state_->stream;
  Step step;
  while (step.used < in_size && step.made < out_size) {
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in + step.used));
    z.avail_in = chunk(in_size - step.used);
    z.next_out = reinterpret_cast<Bytef*>(out + step.made);
    z.avail_out = chunk(out_size - step.made);
    const uInt in_before = z.avail_in, out_before = z.avail_out;
    state_->between = false;
    const int code = inflate(&z, Z_NO_FLUSH);
    step.used += in_before - z.avail_in;
    step.made += out_before - z.avail_out;
    if (code == Z_STREAM_END) {
      state_->between = true;
      inflateReset(&z);
      break;
    }
    if (code != Z_OK) {
      return stop_error("bad-gzip", std::string("the gzip stream is damaged: ") +
                                        (z.msg == nullptr ? "unexpected end" : z.msg));
    }
  }
  return step;
}

struct Gzip::State {
  z_stream stream{};
  bool in_member = false;
};

Gzip::Gzip(int level) : state_(std::make_unique<State>()) {
  const int code = deflateInit2(&state_->stream, level <= 0 ? Z_DEFAULT_COMPRESSION : level,
                                Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
  CHECK_EQ(code, Z_OK);
}
Gzip::~Gzip() { deflateEnd(&state_->stream); }

bool Gzip::in_member() const { return state_->in_member; }

void Gzip::add(const char* in, size_t size, std::string& out) {
  z_stream& z = state_->stream;
  while (size > 0) {
    state_->in_member = true;
    const size_t before = out.size();
    out.resize(before + kOutBytes);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in));
    z.avail_in = chunk(size);
    z.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    z.avail_out = kOutBytes;
    const uInt given = z.avail_in;
    CHECK_EQ(deflate(&z, Z_NO_FLUSH), Z_OK);
    in += given - z.avail_in;
    size -= given - z.avail_in;
    out.resize(out.size() - z.avail_out);
  }
}

void Gzip::end_member(std::string& out) {
  z_stream& z = state_->stream;
  if (!std::exchange(state_->in_member, false)) return;
  z.next_in = nullptr;
  z.avail_in = 0;
  int code = Z_OK;
  while (code != Z_STREAM_END) {
    const size_t before = out.size();
    out.resize(before + kOutBytes);
    z.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    z.avail_out = kOutBytes;
    code = deflate(&z, Z_FINISH);
    CHECK(code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR);
    out.resize(out.size() - z.avail_out);
  }
  deflateReset(&z);
}

}  // namespace penstock
