// SPDX-License-Identifier: Apache-2.0
#include "net/url.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Url, is_cut_into_its_parts) {
  auto url = parse_url("http://user:pa%20ss@example.org:8080/a/b?c=d#fragment");
  ASSERT_TRUE(url);
  EXPECT_FALSE(url->tls);
  EXPECT_EQ(url->host, "example.org");
  EXPECT_EQ(url->port, 8080);
  EXPECT_EQ(url->target, "/a/b?c=d");
  EXPECT_EQ(url->userinfo, "user:pa%20ss");
  EXPECT_EQ(url->authority(), "example.org:8080");
}

TEST(Url, fills_in_what_the_scheme_implies) {
  auto plain = parse_url("HTTP://a");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->port, 80);
  EXPECT_EQ(plain->target, "/");
  EXPECT_EQ(plain->authority(), "a");
  auto tls = parse_url("https://a?x");
  ASSERT_TRUE(tls);
  EXPECT_TRUE(tls->tls);
  EXPECT_EQ(tls->port, 443);
  EXPECT_EQ(tls->target, "/?x");
}

TEST(Url, keeps_the_brackets_of_ipv6_out_of_the_host) {
  auto url = parse_url("http://[::1]:9/x");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 9);
  EXPECT_EQ(url->authority(), "[::1]:9");
}

TEST(Url, refuses_what_is_not_one_and_never_quotes_it) {
  for (const char* text :
       {"", "example.org", "ftp://a", "http://", "http:///x", "http://:80", "http://a:0",
        "http://a:65536", "http://a:8x", "http://a:", "http://a b", "http://a/\n", "http://[::1",
        "http://[x]", "http://[::1]x", "http://a\xc3\xa9/", "http://u:secret@/"}) {
    auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, "bad-url");
    EXPECT_EQ(to_string(url.error()).find("secret"), std::string::npos);
  }
}

TEST(Url, percent_encoding_is_undone_or_refused) {
  EXPECT_EQ(percent_decode("a%2Fb+c%41"), "a/b+cA");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_decode("%4"), std::nullopt);
  EXPECT_EQ(percent_decode("%"), std::nullopt);
  EXPECT_EQ(percent_decode("%zz"), std::nullopt);
}

TEST(Url, a_query_is_searched_by_name) {
  EXPECT_EQ(path_of("/a?b"), "/a");
  EXPECT_EQ(query_value("/a?x=1&y=%32&x=3", "y"), "2");
  EXPECT_EQ(query_value("/a?x=1&x=3", "x"), "1");
  EXPECT_EQ(query_value("/a?x", "x"), "");
  EXPECT_EQ(query_value("/a?x=1", "z"), std::nullopt);
  EXPECT_EQ(query_value("/a", "x"), std::nullopt);
}

TEST(Url, loopback_is_only_this_machine) {
  for (const char* host : {"127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host : {"0.0.0.0", "128.0.0.1", "::", "", "localhost.org", "127.0.0.1.x"})
    EXPECT_FALSE(is_loopback(host)) << host;
}

}  // namespace
}  // namespace penstock
