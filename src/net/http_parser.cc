// SPDX-License-Identifier: Apache-2.0
#include "net/http_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <optional>

namespace penstock {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using View = boost::beast::string_view;

// The least that can end a chunked body. Beast's parser asserts that it gets so much at a time once
// it has seen the last chunk's size, which a slow sender could use to end the process.
constexpr size_t kLastChunkBytes = std::string_view("0\r\n\r\n").size();
// A body is appended to as it comes; no more than this is reserved on the word of a peer.
constexpr size_t kBodyReserveMax = 1 << 20;

/// What Beast's parser found, in memory that is kept from message to message.
struct Message {
  std::string start;  // method and target
  size_t method_size = 0;
  int status = 0;
  int version = 11;
  HttpFields fields;
  std::string body;
  size_t fields_bytes = 0;
  bool header_done = false;
  bool expects_continue = false;

  void clear() {
    start.clear();
    method_size = 0;
    status = 0;
    version = 11;
    fields.clear();
    body.clear();
    fields_bytes = 0;
    header_done = false;
    expects_continue = false;
  }
};

/// Beast calls this for each part of a message. Its own message types would allocate per field.
template <bool is_request>
class Collector final : public http::basic_parser<is_request> {
 public:
  Collector(Message& message, const HttpParserLimits& limits)
      : message_(message), limits_(limits) {
    this->eager(true);
    this->header_limit(static_cast<uint32_t>(limits.header_bytes_max));
    this->body_limit(limits.body_bytes_max);
  }

 private:
  void on_request_impl(http::verb, View method, View target, int version, error_code& ec) override {
    message_.start.assign(method.data(), method.size());
    message_.method_size = method.size();
    message_.start.append(target.data(), target.size());
    message_.version = version;
    count(method.size() + target.size(), ec);
  }
  void on_response_impl(int code, View, int version, error_code&) override {
    message_.status = code;
    message_.version = version;
  }
  void on_field_impl(http::field field, View name, View value, error_code& ec) override {
    // Beast limits what is in the buffer at once, not their sum.
    count(name.size() + value.size() + 4, ec);
    if (message_.header_done) return;  // a trailer must not pass for a header
    message_.fields.add({name.data(), name.size()}, {value.data(), value.size()});
    if (field == http::field::transfer_encoding && !boost::beast::iequals(value, "chunked")) {
      // Beast would take such a message for one without a body.
      ec = http::error::bad_transfer_encoding;
    } else if (field == http::field::expect && boost::beast::iequals(value, "100-continue")) {
      message_.expects_continue = true;
    }
  }
  void on_header_impl(error_code&) override { message_.header_done = true; }
  void on_body_init_impl(const boost::optional<uint64_t>& length, error_code&) override {
    if (length) message_.body.reserve(std::min<uint64_t>(*length, kBodyReserveMax));
  }
  size_t on_body_impl(View bytes, error_code&) override {
    message_.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(uint64_t, View, error_code&) override {}
  size_t on_chunk_body_impl(uint64_t, View bytes, error_code&) override {
    message_.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

  void count(size_t bytes, error_code& ec) {
    message_.fields_bytes += bytes;
    if (message_.fields_bytes > limits_.header_bytes_max) ec = http::error::header_limit;
  }

  Message& message_;
  const HttpParserLimits& limits_;
};

Error translate(const error_code& ec) {
  if (ec == http::error::body_limit)
    return reject_error("http-body-too-large", "the body is larger than allowed");
  if (ec == http::error::header_limit)
    return reject_error("http-header-too-large", "the header is larger than allowed");
  if (ec == http::error::bad_transfer_encoding)
    return reject_error("http-bad-encoding", "only the transfer encoding \"chunked\" is known");
  Error error = reject_error("http-bad-message", "not a well-formed HTTP message");
  error.detail = ec.message();
  return error;
}

}  // namespace

class HttpParser::Impl {
 public:
  Impl(Kind kind, HttpParserLimits limits) : kind(kind), limits(limits) { reset(false); }

  void reset(bool no_body) {
    message.clear();
    got_some = false;
    if (kind == Kind::kRequest) {
      request.emplace(message, limits);
    } else {
      response.emplace(message, limits);
      if (no_body) response->skip(true);
    }
  }
  template <class F>
  auto with_parser(F f) const {
    return kind == Kind::kRequest ? f(*request) : f(*response);
  }
  template <class F>
  auto with_parser(F f) {
    return kind == Kind::kRequest ? f(*request) : f(*response);
  }

  bool in_chunks() const {
    return message.header_done && with_parser([](const auto& p) { return p.chunked(); });
  }

  const Kind kind;
  const HttpParserLimits limits;
  Message message;
  bool got_some = false;
  std::optional<Collector<true>> request;
  std::optional<Collector<false>> response;
};

HttpParser::HttpParser(Kind kind, HttpParserLimits limits)
    : impl_(std::make_unique<Impl>(kind, limits)) {}
HttpParser::~HttpParser() = default;

void HttpParser::reset(bool no_body) { impl_->reset(no_body); }

Result<size_t> HttpParser::feed(std::string_view bytes) {
  size_t taken = 0;
  if (!impl_->got_some) {
    // Some clients end a body with a line break that nobody asked for (RFC 9112 §2.2).
    while (taken < bytes.size() && (bytes[taken] == '\r' || bytes[taken] == '\n')) taken++;
  }
  while (taken < bytes.size() && !done()) {
    impl_->got_some = true;
    if (impl_->in_chunks() && bytes.size() - taken < kLastChunkBytes) break;
    error_code ec;
    boost::asio::const_buffer rest(bytes.data() + taken, bytes.size() - taken);
    size_t n = impl_->with_parser([&](auto& parser) { return parser.put(rest, ec); });
    taken += n;
    if (ec == http::error::need_more) break;
    if (ec) return translate(ec);
    if (n == 0) break;
  }
  if (!done() && bytes.size() - taken >= impl_->limits.header_bytes_max)
    return translate(http::make_error_code(http::error::header_limit));
  return taken;
}

Result<void> HttpParser::finish() {
  if (done()) return {};
  if (!impl_->got_some) return reject_error("http-bad-message", "no message came");
  error_code ec;
  impl_->with_parser([&](auto& parser) { parser.put_eof(ec); });
  if (ec) return translate(ec);
  return {};
}

bool HttpParser::started() const { return impl_->got_some; }
bool HttpParser::header_done() const { return impl_->message.header_done; }
bool HttpParser::done() const {
  return impl_->with_parser([](const auto& parser) { return parser.is_done(); });
}
bool HttpParser::keep_alive() const {
  return impl_->with_parser([](const auto& parser) { return parser.keep_alive(); });
}
bool HttpParser::expects_continue() const { return impl_->message.expects_continue; }

std::string_view HttpParser::method() const {
  return std::string_view(impl_->message.start).substr(0, impl_->message.method_size);
}
std::string_view HttpParser::target() const {
  return std::string_view(impl_->message.start).substr(impl_->message.method_size);
}
int HttpParser::status() const { return impl_->message.status; }
int HttpParser::minor_version() const { return impl_->message.version - 10; }
const HttpFields& HttpParser::fields() const { return impl_->message.fields; }
std::string& HttpParser::body() { return impl_->message.body; }

}  // namespace penstock
