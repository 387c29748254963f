// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "net/answer_queue.h"
#include "net/http_parser.h"
#include "net/http_response.h"

namespace penstock {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kReadBufferBytes = 64 * 1024;
constexpr size_t kKeptWriteBytes = 64 * 1024;
constexpr uint32_t kRefusedConnectionsMax = 64;
constexpr int64_t kLingerNs = 2'000'000'000;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr int kSlotBits = 20;
constexpr uint64_t kSlotMask = (uint64_t{1} << kSlotBits) - 1;

class Connection;
class Loop;

/// What all threads of a server share.
struct Shared {
  HttpServerOptions options;
  HttpHandler handler;
  std::atomic<uint32_t> connections{0};
  std::atomic<uint64_t> requests{0};
  std::atomic<size_t> buffered_bytes{0};
  std::mutex mutex;
  std::condition_variable all_closed;
  std::atomic<uint32_t> cut{0};  // requests that a stop did not let finish
};

/// One thread, its connections and their timeouts. All calls on its thread unless said otherwise.
class Loop {
 public:
  Loop(Shared& shared, int64_t tick_ns)
      : shared(shared),
        clock(*shared.options.clock),
        answers(std::make_shared<AnswerQueue>(
            [this] { asio::post(io, [this] { deliver(); }); })),
        tick_(std::chrono::nanoseconds(tick_ns)),
        work_(asio::make_work_guard(io)),
        timer_(io) {}

  void run() {
    arm_timer();
    thread_ = std::thread([this] { io.run(); });
  }
  /// Any thread. Cuts every connection and ends the thread.
  void end_soon() {
    asio::post(io, [this] {
      cut_all();
      io.stop();
    });
  }
  /// Any thread but its own, after end_soon().
  void join() {
    if (thread_.joinable()) thread_.join();
    answers->close();
    slots_.clear();
  }

  void add(tcp::socket socket);
  void release(uint32_t slot);
  std::shared_ptr<Connection> find(uint64_t request) const;
  void begin_stop();
  bool stopping() const { return stopping_; }

  uint64_t new_request(uint32_t slot) { return (++requests_ << kSlotBits) | slot; }
  std::string_view date() {
    int64_t now_s = clock.wall_us() / 1'000'000;
    if (now_s != date_s_) {
      date_s_ = now_s;
      date_ = http_date(now_s);
    }
    return date_;
  }

  asio::io_context io{1};
  Shared& shared;
  const Clock& clock;
  std::shared_ptr<AnswerQueue> answers;

 private:
  void arm_timer() {
    timer_.expires_after(tick_);
    timer_.async_wait([this](error_code ec) {
      if (ec) return;
      check_deadlines();
      arm_timer();
    });
  }
  void check_deadlines();
  void cut_all();
  void deliver();

  std::chrono::nanoseconds tick_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer timer_;
  std::vector<std::shared_ptr<Connection>> slots_;
  std::vector<uint32_t> free_slots_;
  std::thread thread_;
  uint64_t requests_ = 0;
  int64_t date_s_ = -1;
  std::string date_;
  bool stopping_ = false;
};

/// One client. Reads a request, hands it over, waits for the answer, writes it, reads the next.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, tcp::socket socket, uint32_t slot)
      : loop_(loop),
        options_(loop.shared.options),
        socket_(std::move(socket)),
        slot_(slot),
        parser_(HttpParser::Kind::kRequest,
                {options_.header_bytes_max, options_.body_bytes_max}),
        capacity_(std::max(kReadBufferBytes, 2 * options_.header_bytes_max)),
        buffer_(new char[capacity_]) {}

  void start() {
    error_code ec;
    socket_.non_blocking(true, ec);
    socket_.set_option(tcp::no_delay(true), ec);
    tcp::endpoint remote = socket_.remote_endpoint(ec);
    if (!ec) remote_ = remote.address().to_string();
    set_deadline(options_.idle_timeout);
    read_more();
  }
  void refuse_at_once() {
    start();
    if (state_ == State::kReading) refuse(503);
  }

  bool waits_for(uint64_t request) const {
    return state_ == State::kWaiting && request_ == request;
  }
  void respond(const HttpResponse& response);
  void advance();
  void on_deadline();
  void begin_stop() {
    bool idle = state_ == State::kReading && !parser_.started() && begin_ == end_;
    if (idle || state_ == State::kLingering) close();
  }
  void cut() {
    if (state_ != State::kLingering) loop_.shared.cut++;
    close();
  }
  int64_t deadline_ns() const { return deadline_ns_; }
  void close();

 private:
  enum class State : uint8_t { kReading, kWaiting, kWriting, kLingering, kClosed };

  void set_deadline(Duration timeout) {
    deadline_ns_ = timeout.us > 0 ? loop_.clock.monotonic_ns() + timeout.ns() : INT64_MAX;
  }
  void read_more();
  void on_read(error_code ec, size_t n);
  /// Parses what the buffer has. False if the request was refused.
  bool parse();
  bool charge();
  void uncharge() {
    if (charged_bytes_ > 0) loop_.shared.buffered_bytes -= std::exchange(charged_bytes_, 0);
  }
  void send_continue();
  void dispatch();
  void refuse(int status);
  void write(const HttpResponse& response, bool close);
  void write_rest();
  void end_response();

  Loop& loop_;
  const HttpServerOptions& options_;
  tcp::socket socket_;
  const uint32_t slot_;
  std::string remote_;
  State state_ = State::kReading;
  int64_t deadline_ns_ = INT64_MAX;
  HttpParser parser_;
  const size_t capacity_;
  std::unique_ptr<char[]> buffer_;
  size_t begin_ = 0, end_ = 0;  // what of buffer_ is not parsed yet
  bool reading_ = false;        // a read is under way
  bool continued_ = false;      // "100 Continue" was sent
  size_t charged_bytes_ = 0;    // of the server's budget
  uint64_t request_ = 0;
  std::string out_;
  size_t out_sent_ = 0;
  bool close_after_ = false;
};

void Loop::deliver() {
  for (AnswerQueue::Answer& answer : answers->take()) {
    if (auto connection = find(answer.request)) {
      connection->respond(answer.response);
      connection->advance();
    }
  }
}

void Loop::add(tcp::socket socket) {
  uint32_t open = shared.connections.fetch_add(1) + 1;
  uint32_t slot;
  if (free_slots_.empty()) {
    slot = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  auto connection = std::make_shared<Connection>(*this, std::move(socket), slot);
  slots_[slot] = connection;
  const uint32_t max = shared.options.connections_max;
  if (stopping_ || open > max + kRefusedConnectionsMax || slot > kSlotMask) {
    connection->close();
  } else if (open > max) {
    connection->refuse_at_once();
  } else {
    connection->start();
  }
}

void Loop::release(uint32_t slot) {
  slots_[slot].reset();
  free_slots_.push_back(slot);
  if (shared.connections.fetch_sub(1) == 1) {
    std::lock_guard lock(shared.mutex);
    shared.all_closed.notify_all();
  }
}

std::shared_ptr<Connection> Loop::find(uint64_t request) const {
  uint64_t slot = request & kSlotMask;
  if (slot >= slots_.size() || !slots_[slot] || !slots_[slot]->waits_for(request)) return nullptr;
  return slots_[slot];
}

void Loop::begin_stop() {
  stopping_ = true;
  for (size_t i = 0; i < slots_.size(); i++)
    if (auto connection = slots_[i]) connection->begin_stop();
}

void Loop::cut_all() {
  for (size_t i = 0; i < slots_.size(); i++)
    if (auto connection = slots_[i]) connection->cut();
}

void Loop::check_deadlines() {
  int64_t now_ns = clock.monotonic_ns();
  for (size_t i = 0; i < slots_.size(); i++) {
    auto connection = slots_[i];
    if (connection && connection->deadline_ns() <= now_ns) connection->on_deadline();
  }
}

void Connection::read_more() {
  if (reading_) return;
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (begin_ > 0) {
    std::copy(buffer_.get() + begin_, buffer_.get() + end_, buffer_.get());
    end_ -= begin_;
    begin_ = 0;
  }
  CHECK_LT(end_, capacity_);  // the parser's header limit is half of it
  reading_ = true;
  socket_.async_read_some(
      asio::buffer(buffer_.get() + end_, capacity_ - end_),
      [self = shared_from_this()](error_code ec, size_t n) { self->on_read(ec, n); });
}

void Connection::on_read(error_code ec, size_t n) {
  reading_ = false;
  if (state_ == State::kClosed) return;
  if (ec) return close();
  if (state_ == State::kLingering) {
    begin_ = end_ = 0;
    return read_more();
  }
  end_ += n;
  advance();
}

void Connection::advance() {
  auto self = shared_from_this();
  while (state_ == State::kReading) {
    if (begin_ < end_ && !parse()) return;
    if (parser_.done()) {
      dispatch();
      continue;
    }
    if (begin_ == end_ && parser_.header_done() && parser_.expects_continue() && !continued_)
      send_continue();
    if (state_ == State::kReading) read_more();
    return;
  }
}

bool Connection::parse() {
  bool had_started = parser_.started();
  auto taken = parser_.feed({buffer_.get() + begin_, end_ - begin_});
  if (!taken) {
    const std::string& code = taken.error().code;
    refuse(code == "http-body-too-large"     ? 413
           : code == "http-header-too-large" ? 431
           : code == "http-bad-encoding"     ? 501
                                             : 400);
    return false;
  }
  begin_ += *taken;
  if (!had_started && parser_.started()) set_deadline(options_.request_timeout);
  return parser_.done() || charge();
}

/// Counts what has come of a body that is not whole yet.
bool Connection::charge() {
  size_t size = parser_.body().size();
  auto& total = loop_.shared.buffered_bytes;
  total += size - charged_bytes_;
  charged_bytes_ = size;
  if (total.load() <= options_.buffered_bytes_max) return true;
  refuse(503);
  return false;
}

void Connection::send_continue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  continued_ = true;
  error_code ec;
  // Nothing else is on its way to this client: if 25 bytes do not fit, it is gone.
  if (socket_.write_some(asio::buffer(kContinue.data(), kContinue.size()), ec) != kContinue.size())
    close();
}

void Connection::dispatch() {
  state_ = State::kWaiting;
  request_ = loop_.new_request(slot_);
  set_deadline(options_.reply_timeout);
  loop_.shared.requests.fetch_add(1, std::memory_order_relaxed);
  HttpRequest request{parser_.method(), parser_.target(), remote_, parser_.fields(),
                      parser_.body()};
  loop_.answers->begin(request_);
  loop_.shared.handler(request, HttpReply(loop_.answers, request_));
  auto at_once = loop_.answers->end();
  uncharge();
  if (at_once) respond(*at_once);
}

void Connection::respond(const HttpResponse& response) {
  write(response, !parser_.keep_alive() || loop_.stopping());
}

/// Answers without having read the request to its end.
void Connection::refuse(int status) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain";
  response.body = std::string(reason_of(status)) + "\n";
  if (status == 503) response.fields.emplace_back("Retry-After", "1");
  uncharge();
  write(response, true);
}

void Connection::write(const HttpResponse& response, bool close) {
  state_ = State::kWriting;
  close_after_ = close;
  set_deadline(options_.request_timeout);
  out_.clear();
  out_sent_ = 0;
  bool parsed = parser_.header_done();
  append_response(out_, response,
                  {.head = parsed && parser_.method() == "HEAD",
                   .close = close,
                   .http_1_0 = parsed && parser_.minor_version() == 0,
                   .date = loop_.date()});
  write_rest();
}

void Connection::write_rest() {
  while (out_sent_ < out_.size()) {
    auto rest = asio::buffer(out_.data() + out_sent_, out_.size() - out_sent_);
    error_code ec;
    size_t n = socket_.write_some(rest, ec);
    if (ec == asio::error::would_block) {
      socket_.async_write_some(rest, [self = shared_from_this()](error_code failed, size_t sent) {
        if (self->state_ == State::kClosed) return;
        if (failed) return self->close();
        self->out_sent_ += sent;
        self->write_rest();
        self->advance();
      });
      return;
    }
    if (ec) return close();
    out_sent_ += n;
  }
  end_response();
}

void Connection::end_response() {
  if (out_.capacity() > kKeptWriteBytes) std::string().swap(out_);
  if (close_after_ || loop_.stopping()) {
    // Closing while the client still sends would reset the connection, and the answer with it.
    error_code ec;
    socket_.shutdown(tcp::socket::shutdown_send, ec);
    state_ = State::kLingering;
    deadline_ns_ = loop_.clock.monotonic_ns() + kLingerNs;
    begin_ = end_ = 0;
    return read_more();
  }
  parser_.reset();
  continued_ = false;
  state_ = State::kReading;
  set_deadline(options_.idle_timeout);
}

void Connection::on_deadline() {
  switch (state_) {
    case State::kReading: return parser_.started() ? refuse(408) : close();
    case State::kWaiting: {
      HttpResponse late;
      late.status = 504;
      return write(late, true);
    }
    default: return close();
  }
}

void Connection::close() {
  if (state_ == State::kClosed) return;
  auto self = shared_from_this();
  state_ = State::kClosed;
  uncharge();
  error_code ec;
  socket_.close(ec);
  loop_.release(slot_);
}

Error listen_error(const HttpServerOptions& options, const error_code& ec) {
  Error error = stop_error("http-listen", "cannot listen on " + options.host + ":" +
                                              std::to_string(options.port));
  error.detail = ec.message();
  return error;
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, HttpHandler handler) {
    shared_.options = std::move(options);
    shared_.handler = std::move(handler);
    HttpServerOptions& o = shared_.options;
    if (o.clock == nullptr) o.clock = &system_clock_;
    int64_t shortest_ns = std::min(o.request_timeout.ns(), o.idle_timeout.ns());
    if (o.reply_timeout.us > 0) shortest_ns = std::min(shortest_ns, o.reply_timeout.ns());
    int64_t tick_ns = std::clamp<int64_t>(shortest_ns / 8, 10'000'000, 1'000'000'000);
    for (int i = 0; i < std::max(1, o.threads); i++)
      loops_.push_back(std::make_unique<Loop>(shared_, tick_ns));
    acceptor_.emplace(loops_[0]->io);
    accept_pause_.emplace(loops_[0]->io);
  }
  ~Impl() { stop(seconds(0)); }

  Result<void> listen() {
    const HttpServerOptions& o = shared_.options;
    error_code ec;
    tcp::resolver resolver(loops_[0]->io);
    auto found = resolver.resolve(o.host, std::to_string(o.port), tcp::resolver::passive, ec);
    if (ec) return listen_error(o, ec);
    tcp::endpoint endpoint = *found.begin();
    acceptor_->open(endpoint.protocol(), ec);
    if (!ec) acceptor_->set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor_->bind(endpoint, ec);
    if (!ec) acceptor_->listen(tcp::acceptor::max_listen_connections, ec);
    if (!ec) port_ = acceptor_->local_endpoint(ec).port();
    if (ec) return listen_error(o, ec);
    accept_next();
    for (auto& loop : loops_) loop->run();
    return {};
  }

  bool stop(Duration patience) {
    std::lock_guard stop_lock(stop_mutex_);
    if (stopped_) return shared_.cut == 0;
    stopped_ = true;
    asio::post(loops_[0]->io, [this] {
      error_code ec;
      acceptor_->close(ec);
      accept_pause_->cancel();
    });
    for (auto& loop : loops_) asio::post(loop->io, [&loop] { loop->begin_stop(); });
    {
      std::unique_lock lock(shared_.mutex);
      shared_.all_closed.wait_for(lock, std::chrono::microseconds(patience.us),
                                  [this] { return shared_.connections == 0; });
    }
    for (auto& loop : loops_) loop->end_soon();
    for (auto& loop : loops_) loop->join();
    return shared_.cut == 0;
  }

  const Shared& shared() const { return shared_; }
  uint16_t port() const { return port_; }

 private:
  void accept_next() {
    Loop& loop = *loops_[next_loop_++ % loops_.size()];
    acceptor_->async_accept(loop.io, [this, &loop](error_code ec, tcp::socket socket) {
      if (!acceptor_->is_open()) return;
      if (ec) {
        // Out of descriptors, most likely: another try at once would only spin.
        accept_pause_->expires_after(kAcceptPause);
        accept_pause_->async_wait([this](error_code stopped) {
          if (!stopped) accept_next();
        });
        return;
      }
      asio::post(loop.io, [&loop, s = std::move(socket)]() mutable { loop.add(std::move(s)); });
      accept_next();
    });
  }

  SystemClock system_clock_;
  Shared shared_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::optional<tcp::acceptor> acceptor_;
  std::optional<asio::steady_timer> accept_pause_;
  size_t next_loop_ = 0;
  uint16_t port_ = 0;
  std::mutex stop_mutex_;
  bool stopped_ = false;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options,
                                                      HttpHandler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  PENSTOCK_TRY(impl->listen());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

uint16_t HttpServer::port() const { return impl_->port(); }
uint32_t HttpServer::connections() const { return impl_->shared().connections; }
uint64_t HttpServer::requests() const { return impl_->shared().requests; }
bool HttpServer::stop(Duration patience) { return impl_->stop(patience); }

}  // namespace penstock
