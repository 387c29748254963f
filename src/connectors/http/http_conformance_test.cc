// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/http.h"
#include "connectors/http/http_outside.h"
#include "connectors/http/http_source.h"
#include "net/http_client.h"
#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;

void lines_in_one_request(Fixture& fixture) {
  fixture.options = map({{"port", 0}, {"framing", "ndjson"}});
  fixture.threaded = fixture.endless = true;
  std::string body;
  for (int i = 0; i < 200; ++i) {
    fixture.expected.push_back("line " + std::to_string(i));
    body += fixture.expected.back() + "\n";
  }
  const auto client = std::make_shared<HttpClient>();
  fixture.feed = [client, body](Source& source) {
    HttpClientRequest request;
    const uint16_t port = static_cast<HttpSource&>(source).port();
    request.url = *parse_url("http://127.0.0.1:" + std::to_string(port) + "/");
    request.method = "POST";
    request.body = body;
    // Nobody commits here, so the answer comes when the source closes, or never.
    client->send(std::move(request), [](Result<HttpClientResponse>) {});
  };
}

void lines_to_a_server(Fixture& fixture) {
  const auto outside = std::make_shared<HttpOutside>();
  fixture.options = map({{"url", outside->url()}, {"batch_records_max", 20}});
  fixture.threaded = true;
  fixture.read_back = [outside] {
    std::vector<std::string> lines;
    for (const std::string& body : outside->bodies()) {
      for (std::string& line : lines_of(body)) lines.push_back(std::move(line));
    }
    return lines;
  };
}

const bool kConforms = inherit(register_http, {{"http", ComponentKind::kSource,
                                                lines_in_one_request},
                                               {"http", ComponentKind::kSink, lines_to_a_server}});

}  // namespace
}  // namespace penstock
