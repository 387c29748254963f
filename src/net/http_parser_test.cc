// SPDX-License-Identifier: Apache-2.0
#include "net/http_parser.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr std::string_view kPost =
    "POST /in?a=b HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\ncontent-length: 5\r\n\r\n"
    "hello";

/// Feeds in pieces of `step` bytes, as a socket might deliver them; what is left over is kept.
Result<size_t> feed_by(HttpParser& parser, std::string_view bytes, size_t step) {
  std::string pending;
  size_t total = 0;
  while (!bytes.empty() && !parser.done()) {
    pending.append(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
    auto taken = parser.feed(pending);
    if (!taken) return taken;
    pending.erase(0, *taken);
    total += *taken;
  }
  return total;
}

std::string code_of(std::string_view bytes, HttpParserLimits limits = {}) {
  HttpParser parser(HttpParser::Kind::kRequest, limits);
  auto taken = parser.feed(bytes);
  return taken ? (parser.done() ? "done" : "more") : taken.error().code;
}

TEST(HttpParser, reads_a_request_in_pieces_of_any_size) {
  for (size_t step : {1u, 2u, 7u, 64u, 1000u}) {
    HttpParser parser(HttpParser::Kind::kRequest, {});
    auto taken = feed_by(parser, kPost, step);
    ASSERT_TRUE(taken) << step;
    EXPECT_EQ(*taken, kPost.size());
    EXPECT_TRUE(parser.done());
    EXPECT_EQ(parser.method(), "POST");
    EXPECT_EQ(parser.target(), "/in?a=b");
    EXPECT_EQ(parser.fields().find("CONTENT-type"), "text/plain");
    EXPECT_EQ(parser.fields().find("nothing"), std::nullopt);
    EXPECT_EQ(parser.body(), "hello");
    EXPECT_TRUE(parser.keep_alive());
  }
}

TEST(HttpParser, takes_one_message_and_leaves_the_next) {
  std::string two = std::string(kPost) + std::string(kPost);
  HttpParser parser(HttpParser::Kind::kRequest, {});
  auto taken = parser.feed(two);
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, kPost.size());
  parser.reset();
  EXPECT_FALSE(parser.started());
  EXPECT_EQ(parser.fields().size(), 0u);
  taken = parser.feed(std::string_view(two).substr(*taken));
  ASSERT_TRUE(taken);
  EXPECT_TRUE(parser.done());
  EXPECT_EQ(parser.body(), "hello");
}

TEST(HttpParser, joins_chunks_and_keeps_trailers_out_of_the_header) {
  std::string_view text =
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;x=y\r\nhello\r\n7\r\n, world\r\n0\r\nAuthorization: no\r\n\r\n";
  for (size_t step : {1u, 3u, 1000u}) {
    HttpParser parser(HttpParser::Kind::kRequest, {});
    ASSERT_TRUE(feed_by(parser, text, step));
    EXPECT_TRUE(parser.done());
    EXPECT_EQ(parser.body(), "hello, world");
    EXPECT_EQ(parser.fields().find("authorization"), std::nullopt);
  }
}

TEST(HttpParser, survives_a_sender_that_drips_an_empty_chunked_body) {
  HttpParser parser(HttpParser::Kind::kRequest, {});
  std::string_view text = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n";
  ASSERT_TRUE(feed_by(parser, text, 1));
  EXPECT_TRUE(parser.done());
  EXPECT_EQ(parser.body(), "");
}

TEST(HttpParser, refuses_what_two_readers_could_read_in_two_ways) {
  EXPECT_EQ(code_of("POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "http-bad-encoding");
  EXPECT_EQ(code_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"),
            "http-bad-message");
  EXPECT_EQ(code_of("POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"),
            "http-bad-message");
  EXPECT_EQ(code_of("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"), "http-bad-encoding");
  EXPECT_EQ(code_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"),
            "http-bad-encoding");
  EXPECT_EQ(code_of("POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n"), "http-bad-message");
  EXPECT_EQ(code_of("POST / HTTP/1.1\r\nContent-Length : 5\r\n\r\n"), "http-bad-message");
  EXPECT_EQ(code_of("GET / HTTP/2.0\r\n\r\n"), "http-bad-message");
  EXPECT_EQ(code_of("hello\r\n\r\n"), "http-bad-message");
}

TEST(HttpParser, limits_the_body_by_its_length_and_by_its_chunks) {
  HttpParserLimits limits{1024, 5};
  EXPECT_EQ(code_of("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", limits), "done");
  EXPECT_EQ(code_of("POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\n", limits),
            "http-body-too-large");
  std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
  EXPECT_EQ(code_of(chunked + "2\r\nde\r\n0\r\n\r\n", limits), "done");
  EXPECT_EQ(code_of(chunked + "3\r\n", limits), "http-body-too-large");
}

TEST(HttpParser, limits_the_header_even_if_it_drips) {
  HttpParserLimits limits{256, 5};
  HttpParser parser(HttpParser::Kind::kRequest, limits);
  std::string header = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 1000; i++) header += "name: 0123456789\r\n";
  auto taken = feed_by(parser, header, 18);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, "http-header-too-large");
  EXPECT_EQ(code_of("GET /" + std::string(300, 'a'), limits), "http-header-too-large");
  EXPECT_EQ(code_of("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                        std::string(300, 'a'), limits),
            "http-header-too-large");
}

TEST(HttpParser, ignores_line_breaks_before_a_message) {
  EXPECT_EQ(code_of("\r\n\r\nGET / HTTP/1.1\r\n\r\n"), "done");
  EXPECT_EQ(code_of("\r\n"), "more");
}

TEST(HttpParser, knows_when_a_connection_ends_with_the_message) {
  for (auto [text, stays] : {std::pair{"GET / HTTP/1.1\r\n\r\n", true},
                             {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", false},
                             {"GET / HTTP/1.0\r\n\r\n", false},
                             {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true}}) {
    HttpParser parser(HttpParser::Kind::kRequest, {});
    ASSERT_TRUE(parser.feed(text));
    EXPECT_EQ(parser.keep_alive(), stays) << text;
  }
}

TEST(HttpParser, reads_responses_with_a_length_without_one_and_without_a_body) {
  HttpParser parser(HttpParser::Kind::kResponse, {});
  ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  EXPECT_TRUE(parser.done());
  EXPECT_EQ(parser.status(), 200);
  EXPECT_EQ(parser.body(), "ok");
  parser.reset();
  ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\n\r\nuntil the "));
  ASSERT_TRUE(parser.feed("end"));
  EXPECT_FALSE(parser.done());
  ASSERT_TRUE(parser.finish());
  EXPECT_TRUE(parser.done());
  EXPECT_EQ(parser.body(), "until the end");
  EXPECT_FALSE(parser.keep_alive());
  parser.reset(true);
  ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_TRUE(parser.done());
  parser.reset();
  ASSERT_TRUE(parser.feed("HTTP/1.1 204 No Content\r\n\r\n"));
  EXPECT_TRUE(parser.done());
}

TEST(HttpParser, says_that_a_message_was_cut_short) {
  HttpParser parser(HttpParser::Kind::kResponse, {});
  EXPECT_FALSE(parser.finish());
  ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok"));
  EXPECT_FALSE(parser.finish());
}

TEST(HttpFields, know_what_may_be_sent) {
  EXPECT_TRUE(is_field_name("X-Request_1"));
  EXPECT_FALSE(is_field_name(""));
  EXPECT_FALSE(is_field_name("a b"));
  EXPECT_FALSE(is_field_name("a:"));
  EXPECT_TRUE(is_field_value("any text, even \xc3\xa9"));
  EXPECT_FALSE(is_field_value("a\r\nEvil: b"));
  EXPECT_FALSE(is_field_value(std::string_view("\0", 1)));
}

}  // namespace
}  // namespace penstock
