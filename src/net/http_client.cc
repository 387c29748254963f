// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "net/base64.h"
#include "net/http_parser.h"

namespace penstock {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr size_t kReadBufferBytes = 64 * 1024;
constexpr auto kTick = std::chrono::milliseconds(100);

/// A request on its way.
struct Errand {
  HttpClientRequest request;
  HttpCallback callback;
  int64_t deadline_ns = 0;
  bool again = false;  // met a closed connection already

  void fail(Error error) { callback(std::move(error)); }
};

Error client_error(const char* code, std::string message, const error_code& ec = {}) {
  Error error = retry_error(code, std::move(message));
  if (ec) error.detail = ec.message();
  return error;
}

std::string head_of(const HttpClientRequest& request) {
  const Url& url = request.url;
  std::string out = request.method + " " + url.target + " HTTP/1.1\r\nHost: " + url.authority();
  auto field = [&out](std::string_view name, std::string_view value) {
    out.append("\r\n").append(name).append(": ").append(value);
  };
  for (size_t i = 0; i < request.fields.size(); i++) {
    std::string_view name = request.fields.name(i), value = request.fields.value(i);
    if (is_field_name(name) && is_field_value(value)) field(name, value);
  }
  if (!request.fields.find("User-Agent")) field("User-Agent", "penstock");
  if (!url.userinfo.empty() && !request.fields.find("Authorization"))
    field("Authorization", "Basic " + base64(percent_decode(url.userinfo).value_or(url.userinfo)));
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD"))
    field("Content-Length", std::to_string(request.body.size()));
  return out + "\r\n\r\n";
}

struct Host;

/// What the connections ask of the pool that owns them. All on the client's thread.
class Pool {
 public:
  virtual ~Pool() = default;
  virtual const HttpClientOptions& options() const = 0;
  virtual const Clock& clock() const = 0;
  /// The connection is free for another errand, or is closed and must be forgotten.
  virtual void freed(Host& host, class ClientConnection& connection) = 0;
  virtual void closed(Host& host, class ClientConnection& connection) = 0;
  /// First in line again, on a new connection.
  virtual void again(Host& host, Errand errand) = 0;
};

/// One connection to one host; carries one errand at a time.
class ClientConnection final : public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(Pool& pool, Host& host, std::unique_ptr<Stream> stream)
      : pool_(pool),
        host_(host),
        stream_(std::move(stream)),
        parser_(HttpParser::Kind::kResponse,
                {pool.options().header_bytes_max, pool.options().response_bytes_max}) {}

  void connect(Errand errand) {
    errand_ = std::move(errand);
    connecting_ = true;
    connect_deadline_ns_ = pool_.clock().monotonic_ns() + pool_.options().connect_timeout.ns();
    const Url& url = errand_->request.url;
    stream_->connect(url.host, url.port, [self = shared_from_this()](const error_code& ec, size_t) {
      self->on_connect(ec);
    });
  }
  void carry(Errand errand) {
    errand_ = std::move(errand);
    used_before_ = true;
    start();
  }
  bool stale() { return stream_->stale(); }
  bool idle() const { return !errand_; }
  /// Ends without a word to anyone but the errand.
  void cancel(const Error& error) {
    auto self = shared_from_this();
    finish(error, false);
  }
  void check_deadline(int64_t now_ns) {
    auto self = shared_from_this();
    if (idle()) {
      if (now_ns >= idle_deadline_ns_) close();
    } else if (now_ns >= errand_->deadline_ns || (connecting_ && now_ns >= connect_deadline_ns_)) {
      finish(client_error("http-timeout", connecting_ ? "the connection was not made in time"
                                                      : "no answer came in time"),
             false);
    }
  }
  void close() {
    if (closed_) return;
    closed_ = true;
    stream_->close();
    pool_.closed(host_, *this);
  }

 private:
  void on_connect(const error_code& ec) {
    if (closed_) return;
    connecting_ = false;
    if (!ec) return start();
    const std::string where = errand_->request.url.authority();
    if (is_tls_failure(ec)) {
      Error error = stop_error("tls-refused", "no secure connection to " + where);
      error.detail = ec.message();
      return finish(std::move(error), false);
    }
    finish(client_error("http-connect", "cannot connect to " + where, ec), false);
  }

  void start() {
    parser_.reset(errand_->request.method == "HEAD");
    if (!buffer_) buffer_.reset(new char[kReadBufferBytes + 2 * pool_.options().header_bytes_max]);
    begin_ = end_ = 0;
    head_ = head_of(errand_->request);
    writing_ = true;
    stream_->write(head_, errand_->request.body,
                   [self = shared_from_this()](const error_code& ec, size_t) {
                     // A server may answer and close before it has read all: the answer counts, so
                     // the reading side decides.
                     if (!ec) self->writing_ = false;
                   });
    read_more();
  }

  void read_more() {
    if (begin_ > 0) {
      std::copy(buffer_.get() + begin_, buffer_.get() + end_, buffer_.get());
      end_ -= begin_;
      begin_ = 0;
    }
    size_t capacity = kReadBufferBytes + 2 * pool_.options().header_bytes_max;
    stream_->read_some(buffer_.get() + end_, capacity - end_,
                       [self = shared_from_this()](const error_code& ec, size_t n) {
                         self->on_read(ec, n);
                       });
  }

  void on_read(const error_code& ec, size_t n) {
    if (closed_) return;
    if (ec) return on_end(ec);
    end_ += n;
    while (true) {
      auto taken = parser_.feed({buffer_.get() + begin_, end_ - begin_});
      if (!taken) return fail_parse(taken.error());
      begin_ += *taken;
      if (!parser_.done()) return read_more();
      if (parser_.status() >= 200) return deliver();
      parser_.reset(errand_->request.method == "HEAD");  // "100 Continue" and the like
    }
  }

  void on_end(const error_code& ec) {
    if (parser_.started()) {
      if (parser_.finish()) return deliver();
    } else if (used_before_ && !errand_->again) {
      Errand errand = std::move(*errand_);
      errand_.reset();
      errand.again = true;
      close();
      return pool_.again(host_, std::move(errand));
    }
    finish(client_error("http-closed", "the connection ended before the answer did", ec), false);
  }

  void fail_parse(const Error& error) {
    bool large = error.code != "http-bad-message" && error.code != "http-bad-encoding";
    Error told = client_error(large ? "http-response-too-large" : "http-bad-response",
                              large ? "the answer is larger than allowed"
                                    : "the answer is not well-formed HTTP");
    told.detail = error.detail;
    finish(std::move(told), false);
  }

  void deliver() {
    HttpClientResponse response{parser_.status(), parser_.fields(), std::move(parser_.body())};
    bool keep = parser_.keep_alive() && !writing_ && begin_ == end_;
    finish(std::move(response), keep);
  }

  void finish(Result<HttpClientResponse> result, bool keep) {
    if (closed_ || !errand_) return close();
    HttpCallback callback = std::move(errand_->callback);
    errand_.reset();
    if (keep) {
      idle_deadline_ns_ = pool_.clock().monotonic_ns() + pool_.options().idle_timeout.ns();
      pool_.freed(host_, *this);
    } else {
      close();
    }
    callback(std::move(result));
  }

  Pool& pool_;
  Host& host_;
  std::unique_ptr<Stream> stream_;
  HttpParser parser_;
  std::optional<Errand> errand_;
  std::string head_;
  std::unique_ptr<char[]> buffer_;
  size_t begin_ = 0, end_ = 0;
  int64_t connect_deadline_ns_ = 0;
  int64_t idle_deadline_ns_ = 0;
  bool connecting_ = false;
  bool writing_ = false;
  bool used_before_ = false;
  bool closed_ = false;
};

/// Scheme, name and port: what a connection leads to.
struct Host {
  std::deque<Errand> waiting;
  std::vector<std::shared_ptr<ClientConnection>> connections;
  bool tls = false;
};

}  // namespace

class HttpClient::Impl final : public Pool {
 public:
  explicit Impl(HttpClientOptions options) : options_(std::move(options)) {
    if (options_.clock == nullptr) options_.clock = &system_clock_;
    thread_ = std::thread([this] { io_.run(); });
  }

  ~Impl() override {
    asio::post(io_, [this] {
      cancel_all();
      timer_.cancel();
      work_.reset();
    });
    thread_.join();
  }

  void send(HttpClientRequest request, HttpCallback callback) {
    int64_t deadline_ns = clock().monotonic_ns() + request.timeout.ns();
    Errand errand{std::move(request), std::move(callback), deadline_ns};
    {
      std::lock_guard lock(mutex_);
      if (!cancelled_ && waiting_ < options_.waiting_max) {
        waiting_++;
        arrived_.push_back(std::move(errand));
        // One wake-up for all that come before the thread looks.
        if (arrived_.size() == 1) asio::post(io_, [this] { take_arrived(); });
        return;
      }
    }
    asio::post(io_, [this, errand = std::move(errand)]() mutable {
      errand.fail(cancelled_ ? cancelled_error()
                             : client_error("http-client-full", "too many requests wait"));
    });
  }

  const HttpClientOptions& options() const override { return options_; }
  const Clock& clock() const override { return *options_.clock; }

  void freed(Host& host, ClientConnection&) override { serve_soon(host); }
  void closed(Host& host, ClientConnection& connection) override {
    std::erase_if(host.connections, [&](const auto& c) { return c.get() == &connection; });
    serve_soon(host);
  }
  void again(Host& host, Errand errand) override {
    count_waiting(+1);
    host.waiting.push_front(std::move(errand));
    // The server has closed one kept connection: it will have closed the others too.
    auto kept = host.connections;
    for (auto& connection : kept)
      if (connection->idle()) connection->close();
    serve_soon(host);
  }

 private:
  static Error cancelled_error() {
    return make_error(Reaction::kCancelled, "http-cancelled", "the client ended");
  }

  void count_waiting(int by) {
    std::lock_guard lock(mutex_);
    waiting_ += by;
  }

  void take_arrived() {
    std::vector<Errand> arrived;
    {
      std::lock_guard lock(mutex_);
      arrived.swap(arrived_);
    }
    for (Errand& errand : arrived) {
      const Url& url = errand.request.url;
      std::string key = (url.tls ? "s" : "") + url.host + " " + std::to_string(url.port);
      Host& host = hosts_[key];
      host.tls = url.tls;
      host.waiting.push_back(std::move(errand));
    }
    for (auto& [key, host] : hosts_) serve(host);
    arm_timer();
  }

  /// Not from within a connection's own call.
  void serve_soon(Host& host) {
    asio::post(io_, [this, &host] { serve(host); });
  }

  void serve(Host& host) {
    while (!host.waiting.empty()) {
      std::shared_ptr<ClientConnection> free;
      for (auto& connection : host.connections)
        if (connection->idle()) free = connection;
      if (free && free->stale()) {
        free->close();
        continue;
      }
      if (!free && host.connections.size() >= options_.connections_per_host_max) return;
      Errand errand = std::move(host.waiting.front());
      host.waiting.pop_front();
      count_waiting(-1);
      if (free) {
        free->carry(std::move(errand));
      } else {
        connect(host, std::move(errand));
      }
    }
  }

  void connect(Host& host, Errand errand) {
    std::unique_ptr<Stream> stream;
    if (host.tls) {
      if (!tls_) {
        auto made = TlsContext::create(options_.tls);
        if (!made) return errand.fail(made.error());
        tls_ = *made;
      }
      stream = make_tls_stream(io_, tls_);
    } else {
      stream = make_tcp_stream(io_);
    }
    auto connection = std::make_shared<ClientConnection>(*this, host, std::move(stream));
    host.connections.push_back(connection);
    connection->connect(std::move(errand));
  }

  void arm_timer() {
    if (timer_armed_) return;
    timer_armed_ = true;
    timer_.expires_after(kTick);
    timer_.async_wait([this](const error_code& ec) {
      timer_armed_ = false;
      if (ec || cancelled_) return;
      if (check_deadlines()) arm_timer();
    });
  }

  /// False if there is nothing left that time could end.
  bool check_deadlines() {
    int64_t now_ns = clock().monotonic_ns();
    bool any = false;
    for (auto& [key, host] : hosts_) {
      auto connections = host.connections;
      for (auto& connection : connections) connection->check_deadline(now_ns);
      std::vector<Errand> late;
      for (size_t i = 0; i < host.waiting.size();) {
        if (host.waiting[i].deadline_ns > now_ns) {
          i++;
          continue;
        }
        late.push_back(std::move(host.waiting[i]));
        host.waiting.erase(host.waiting.begin() + static_cast<ptrdiff_t>(i));
        count_waiting(-1);
      }
      for (Errand& errand : late)
        errand.fail(client_error("http-timeout", "no connection was free in time"));
      any |= !host.connections.empty() || !host.waiting.empty();
    }
    return any;
  }

  void cancel_all() {
    std::vector<Errand> rest;
    {
      std::lock_guard lock(mutex_);
      cancelled_ = true;
      rest.swap(arrived_);
    }
    for (auto& [key, host] : hosts_) {
      for (Errand& errand : host.waiting) rest.push_back(std::move(errand));
      host.waiting.clear();
      auto connections = host.connections;
      for (auto& connection : connections) connection->cancel(cancelled_error());
    }
    for (Errand& errand : rest) errand.fail(cancelled_error());
  }

  SystemClock system_clock_;
  HttpClientOptions options_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  asio::steady_timer timer_{io_};
  bool timer_armed_ = false;
  std::shared_ptr<TlsContext> tls_;
  std::map<std::string, Host> hosts_;  // never shrinks: a pipeline names few
  std::mutex mutex_;
  std::vector<Errand> arrived_;  // guarded by mutex_
  uint32_t waiting_ = 0;         // guarded by mutex_
  bool cancelled_ = false;       // written under mutex_, on the thread
  std::thread thread_;
};

HttpClient::HttpClient(HttpClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpClient::~HttpClient() = default;
void HttpClient::send(HttpClientRequest request, HttpCallback callback) {
  impl_->send(std::move(request), std::move(callback));
}

}  // namespace penstock
