// SPDX-License-Identifier: Apache-2.0
// Ceiling: what can be done to a file of NEXMark events in the fewest lines, with simdjson's
// On-Demand parser, a megabyte a read and a write, one thread. Members are asked for in the order
// in which they come, and texts are copied as they stand.
//   json filter|project|q0|q1|q2|regex INPUT OUTPUT
#include <fcntl.h>
#include <re2/re2.h>
#include <simdjson.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "ceiling/measure.h"

namespace {

using simdjson::ondemand::document;
using simdjson::ondemand::object;

constexpr size_t kBlock = 1 << 20, kLineMax = 4096;

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

/// Text for a file.
class Out {
 public:
  explicit Out(const char* path) : fd_(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644)) {
    if (fd_ < 0) give_up(path);
  }
  ~Out() { flush(); }
  void text(std::string_view text) {
    std::memcpy(&buffer_[used_], text.data(), text.size());
    used_ += text.size();
  }
  void number(double value) {
    used_ = static_cast<size_t>(std::to_chars(&buffer_[used_], &buffer_[used_] + 32, value).ptr -
                                buffer_.data());
  }
  void end_line() {
    text("\n");
    ++lines_;
    if (used_ >= kBlock) flush();
  }
  uint64_t lines() const { return lines_; }

 private:
  void flush() {
    if (write(fd_, buffer_.data(), used_) != static_cast<ssize_t>(used_)) give_up("write");
    used_ = 0;
  }
  int fd_;
  std::vector<char> buffer_ = std::vector<char>(kBlock + 2 * kLineMax);
  size_t used_ = 0;
  uint64_t lines_ = 0;
};

/// A value as it stands in the text.
std::string_view raw(object& bid, std::string_view name) {
  std::string_view token;
  if (bid.find_field(name).raw_json_token().get(token) != simdjson::SUCCESS) std::exit(1);
  return token;
}
int64_t integer(object& bid, std::string_view name) {
  int64_t value = 0;
  if (bid.find_field(name).get_int64().get(value) != simdjson::SUCCESS) std::exit(1);
  return value;
}

/// Calls f(bid, line) for every bid of the file; returns how many lines it has.
template <class F>
uint64_t for_each_bid(const char* path, uint64_t& bytes, F&& f) {
  const int fd = open(path, O_RDONLY);
  if (fd < 0) give_up(path);
  std::vector<char> buffer(kBlock + kLineMax + simdjson::SIMDJSON_PADDING);
  simdjson::ondemand::parser parser;
  uint64_t lines = 0;
  size_t kept = 0;
  for (ssize_t n; (n = read(fd, buffer.data() + kept, kBlock)) > 0;) {
    bytes += static_cast<uint64_t>(n);
    const char* at = buffer.data();
    const char* const end = at + kept + n;
    while (const void* newline = std::memchr(at, '\n', static_cast<size_t>(end - at))) {
      const std::string_view line(at, static_cast<size_t>(static_cast<const char*>(newline) - at));
      document event;
      if (parser.iterate(line.data(), line.size(), line.size() + simdjson::SIMDJSON_PADDING)
              .get(event) != simdjson::SUCCESS) std::exit(1);
      ++lines;
      at += line.size() + 1;
      int64_t type = 0;
      object bid;
      if (event.find_field("event_type").get_int64().get(type) != simdjson::SUCCESS) std::exit(1);
      if (type != 2) continue;
      if (event.find_field("bid").get_object().get(bid) != simdjson::SUCCESS) std::exit(1);
      f(bid, line);
    }
    kept = static_cast<size_t>(end - at);
    std::memmove(buffer.data(), at, kept);
  }
  return lines;
}

void filter(object& bid, std::string_view line, Out& out) {
  if (integer(bid, "auction") % 123 != 0) return;
  out.text(line);
  out.end_line();
}

void project(object& bid, Out& out) {
  out.text(R"({"auction":)");
  out.text(raw(bid, "auction"));
  out.text(R"(,"price":)");
  out.text(raw(bid, "price"));
  out.text("}");
  out.end_line();
}

void q2(object& bid, Out& out) {
  const int64_t auction = integer(bid, "auction");
  if (auction % 123 != 0) return;
  out.text(R"({"auction":)");
  out.text(std::to_string(auction));
  out.text(R"(,"price":)");
  out.text(raw(bid, "price"));
  out.text("}");
  out.end_line();
}

/// q0 and q1 of the benchmark: the bid without channel and address, for q1 in euros.
void bid_again(object& bid, bool euros, Out& out) {
  out.text(R"({"auction":)");
  out.text(raw(bid, "auction"));
  out.text(R"(,"bidder":)");
  out.text(raw(bid, "bidder"));
  out.text(R"(,"price":)");
  if (euros) out.number(0.908 * static_cast<double>(integer(bid, "price")));
  else out.text(raw(bid, "price"));
  out.text(R"(,"dateTime":)");
  out.text(raw(bid, "dateTime"));
  out.text(R"(,"extra":)");
  out.text(raw(bid, "extra"));
  out.text("}");
  out.end_line();
}

/// q21: the channel's number, by its name or from the address.
void channel_id(object& bid, const RE2& pattern, std::string& lower, Out& out) {
  const std::string_view auction = raw(bid, "auction"), bidder = raw(bid, "bidder");
  const std::string_view price = raw(bid, "price"), channel = raw(bid, "channel");
  lower.assign(channel.substr(1, channel.size() - 2));
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  re2::StringPiece id;
  if (lower == "apple") id = "0";
  else if (lower == "google") id = "1";
  else if (lower == "facebook") id = "2";
  else if (lower == "baidu") id = "3";
  else {
    const std::string_view url = raw(bid, "url");
    if (!RE2::PartialMatch({url.data() + 1, url.size() - 2}, pattern, nullptr, &id)) return;
  }
  out.text(R"({"auction":)");
  out.text(auction);
  out.text(R"(,"bidder":)");
  out.text(bidder);
  out.text(R"(,"price":)");
  out.text(price);
  out.text(R"(,"channel":)");
  out.text(channel);
  out.text(R"(,"channel_id":")");
  out.text({id.data(), id.size()});
  out.text(R"("})");
  out.end_line();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    return std::fputs("usage: json filter|project|q0|q1|q2|regex INPUT OUTPUT\n", stderr), 2;
  }
  const std::string_view variant = argv[1];
  Measure measure;
  Out out(argv[3]);
  uint64_t bytes = 0, lines = 0;
  const auto each = [&](auto&& f) { lines = for_each_bid(argv[2], bytes, f); };
  const RE2 pattern("(&|^)channel_id=([^&]*)");
  std::string lower;
  if (variant == "filter") each([&](object& bid, auto line) { filter(bid, line, out); });
  else if (variant == "project") each([&](object& bid, auto) { project(bid, out); });
  else if (variant == "q0") each([&](object& bid, auto) { bid_again(bid, false, out); });
  else if (variant == "q1") each([&](object& bid, auto) { bid_again(bid, true, out); });
  else if (variant == "q2") each([&](object& bid, auto) { q2(bid, out); });
  else if (variant == "regex") {
    each([&](object& bid, auto) { channel_id(bid, pattern, lower, out); });
  } else {
    return std::fprintf(stderr, "no variant %s\n", argv[1]), 2;
  }
  measure.print(argv[1], lines, bytes, out.lines());
}
