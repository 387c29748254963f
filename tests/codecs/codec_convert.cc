// SPDX-License-Identifier: Apache-2.0
// A codec as a filter, for tests of other programs against it:
//   codec_convert decode OPTIONS.yaml < PAYLOADS > JSON-LINES
//   codec_convert encode OPTIONS.yaml < JSON-LINES > PAYLOADS
// A payload is a line of hexadecimal digits; lines "name: value" before it are its headers. A
// payload that cannot be decoded makes a line "error …", and so does a value that cannot be
// encoded.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "codec/codec_options.h"
#include "codec/test_codec.h"
#include "record/headers.h"
#include "spec/yaml_reader.h"
#include "value/write_json.h"

namespace penstock {
namespace {

std::shared_ptr<const Codec> codec_of(const char* file, CodecUse use) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  Diagnostics diagnostics;
  const std::optional<Node> node = read_yaml(text, file, diagnostics);
  if (!node) return nullptr;
  const CodecOptions options = codec_schema().parse(&*node, diagnostics);
  for (const Diagnostic& each : diagnostics.all()) std::cerr << each.what << "\n";
  if (diagnostics.has_errors()) return nullptr;
  Result<std::shared_ptr<const Codec>> codec = make_codec(options, use);
  if (codec) return *codec;
  std::cerr << to_string(codec.error()) << "\n";
  return nullptr;
}

void decode_all(const Codec& codec) {
  TestHeaders headers;
  for (std::string line; std::getline(std::cin, line);) {
    const size_t colon = line.find(": ");
    if (colon != std::string::npos) {
      headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
      continue;
    }
    for (const std::string& json : decoded(codec, from_hex(line), headers)) {
      std::cout << json << "\n";
    }
    headers.clear();
  }
}

void print(const std::string& payload, const TestHeaders& headers) {
  for (const auto& [name, value] : headers) std::cout << name << ": " << value << "\n";
  std::cout << (payload.starts_with("error ") ? payload : to_hex(payload)) << "\n";
}

void encode_all(const Codec& codec) {
  std::vector<std::string> values;
  const bool gathers = codec.make_encoder()->gathers();
  for (std::string line; std::getline(std::cin, line);) {
    values.push_back(line);
    if (gathers) continue;
    TestHeaders headers;
    const std::string payload = encoded(codec, values, &headers);
    print(payload, headers);
    values.clear();
  }
  if (values.empty()) return;
  TestHeaders headers;
  const std::string payload = encoded(codec, values, &headers);
  print(payload, headers);
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  using namespace penstock;
  const std::string_view what = argc == 3 ? argv[1] : "";
  if (what != "decode" && what != "encode") {
    std::cerr << "usage: codec_convert decode|encode OPTIONS.yaml\n";
    return 2;
  }
  const bool decode = what == "decode";
  const auto codec = codec_of(argv[2], decode ? CodecUse::kDecode : CodecUse::kEncode);
  if (codec == nullptr) return 1;
  decode ? decode_all(*codec) : encode_all(*codec);
  return 0;
}
