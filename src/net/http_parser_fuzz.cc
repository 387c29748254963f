// SPDX-License-Identifier: Apache-2.0
// However the bytes of messages are cut by the network, the same messages come out; and no input
// breaks a limit.
#include <algorithm>
#include <string>

#include "net/http_parser.h"

namespace penstock {
namespace {

constexpr HttpParserLimits kWide{1 << 16, 1 << 16};
constexpr HttpParserLimits kNarrow{512, 256};

std::string message(HttpParser& parser) {
  std::string out(parser.method());
  out.append(" ").append(parser.target());
  out += " " + std::to_string(parser.status()) + (parser.keep_alive() ? " k" : " c");
  for (size_t i = 0; i < parser.fields().size(); i++)
    out.append("\n").append(parser.fields().name(i)).append(":").append(parser.fields().value(i));
  return out + "\n\n" + parser.body() + "\n";
}

/// All whole messages that a connection would have understood.
std::string transcript(HttpParser::Kind kind, HttpParserLimits limits, std::string_view bytes,
                       size_t step) {
  HttpParser parser(kind, limits);
  std::string pending, out;
  while (true) {
    auto taken = parser.feed(pending);
    if (!taken) return out;
    CHECK_LE(*taken, pending.size());
    pending.erase(0, *taken);
    CHECK_LE(parser.body().size(), limits.body_bytes_max);
    if (!parser.done() && bytes.empty() && !parser.finish()) return out;
    if (parser.done()) {
      out += message(parser);
      parser.reset();
    } else {
      const size_t n = std::min(step, bytes.size());
      pending.append(bytes.substr(0, n));
      bytes.remove_prefix(n);
    }
  }
}

void fuzz(std::string_view bytes) {
  if (bytes.size() < 2) return;
  const auto kind = bytes[0] & 1 ? HttpParser::Kind::kRequest : HttpParser::Kind::kResponse;
  const size_t step = static_cast<unsigned char>(bytes[1]) + 1u;
  bytes.remove_prefix(2);
  // When a bad message is recognised may depend on the cuts; that it yields nothing may not.
  CHECK_EQ(transcript(kind, kWide, bytes, bytes.size()), transcript(kind, kWide, bytes, step));
  // Where exactly a header is too large may depend on the cuts as well: only the bound is checked.
  transcript(kind, kNarrow, bytes, step);
}

}  // namespace
}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  penstock::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
