// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <future>
#include <thread>

#include "net/http_client.h"

namespace penstock {
namespace {

/// A key and a certificate for "localhost", signed by itself.
class Identity {
 public:
  Identity() : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* name = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate_, name);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
    X509_add_ext(certificate_, names, -1);
    X509_EXTENSION_free(names);
    EXPECT_GT(X509_sign(certificate_, key_, EVP_sha256()), 0);
  }
  ~Identity() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  /// Writes the certificate as PEM.
  void save(const std::string& path) const {
    FILE* file = fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    PEM_write_X509(file, certificate_);
    fclose(file);
  }
  EVP_PKEY* key() const { return key_; }
  X509* certificate() const { return certificate_; }

 private:
  EVP_PKEY* key_;
  X509* certificate_;
};

/// Answers every request of every connection, one connection after another, over TLS.
class TlsServer {
 public:
  explicit TlsServer(const Identity& identity)
      : context_(SSL_CTX_new(TLS_server_method())), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    SSL_CTX_use_certificate(context_, identity.certificate());
    SSL_CTX_use_PrivateKey(context_, identity.key());
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, plain, size), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    getsockname(listener_, plain, &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (int fd; (fd = accept(listener_, nullptr, nullptr)) >= 0; close(fd)) serve(fd);
    });
  }
  ~TlsServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    SSL_CTX_free(context_);
  }
  uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void serve(int fd) {
    connections_++;
    SSL* ssl = SSL_new(context_);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1) {
      std::string heard;
      char buffer[4096];
      for (int n; (n = SSL_read(ssl, buffer, sizeof buffer)) > 0;) {
        heard.append(buffer, static_cast<size_t>(n));
        if (!heard.ends_with("\r\n\r\n")) continue;
        const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        const std::string name = asked == nullptr ? "" : asked;
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: " +
                                   std::to_string(name.size()) + "\r\n\r\n" + name;
        SSL_write(ssl, answer.data(), static_cast<int>(answer.size()));
        heard.clear();
      }
    }
    SSL_free(ssl);
  }
  SSL_CTX* context_;
  int listener_;
  uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::thread thread_;
};

class TlsStreamTest : public testing::Test {
 protected:
  TlsStreamTest() : path_(testing::TempDir() + "tls_" + std::to_string(getpid()) + ".pem") {
    identity_.save(path_);
  }
  ~TlsStreamTest() override { remove(path_.c_str()); }

  static Result<HttpClientResponse> get(HttpClient& client, const std::string& host,
                                        uint16_t port) {
    HttpClientRequest request;
    request.url = *parse_url("https://" + host + ":" + std::to_string(port) + "/");
    std::promise<Result<HttpClientResponse>> promise;
    client.send(std::move(request),
                [&](Result<HttpClientResponse> outcome) { promise.set_value(std::move(outcome)); });
    return promise.get_future().get();
  }
  static HttpClientOptions trusting(const std::string& ca_file, bool verify = true) {
    HttpClientOptions options;
    options.tls.ca_file = ca_file;
    options.tls.verify = verify;
    return options;
  }

  Identity identity_;
  std::string path_;
  TlsServer server_{identity_};
};

TEST_F(TlsStreamTest, talks_to_a_server_whose_certificate_is_trusted) {
  HttpClient client(trusting(path_));
  for (int i = 0; i < 3; i++) {
    auto outcome = get(client, "localhost", server_.port());
    ASSERT_TRUE(outcome) << to_string(outcome.error());
    EXPECT_EQ(outcome->status, 200);
    EXPECT_EQ(outcome->body, "localhost");  // the name that the server was asked for
  }
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(TlsStreamTest, refuses_a_certificate_that_nobody_vouches_for) {
  HttpClient client;
  auto outcome = get(client, "localhost", server_.port());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, "tls-refused");
  EXPECT_EQ(outcome.error().reaction, Reaction::kStopPipeline);
}

TEST_F(TlsStreamTest, refuses_a_certificate_for_another_name) {
  HttpClient client(trusting(path_));
  auto outcome = get(client, "127.0.0.1", server_.port());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, "tls-refused");
}

TEST_F(TlsStreamTest, trusts_anyone_if_told_so) {
  HttpClient client(trusting("", false));
  EXPECT_TRUE(get(client, "127.0.0.1", server_.port()));
}

}  // namespace
}  // namespace penstock
