// SPDX-License-Identifier: Apache-2.0
// Any bytes may be read as CSV and as logfmt, whatever the options; what comes is written and read
// again.
#include <cstddef>
#include <cstdint>

#include "codec/csv.h"
#include "codec/logfmt.h"
#include "codec/test_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  CodecLimits limits;
  limits.values_max = 1000;
  CsvOptions options;
  options.header = (data[0] & 1) != 0;
  options.ragged = (data[0] & 2) != 0 ? RaggedRows::kFit : RaggedRows::kReject;
  options.lazy_quotes = (data[0] & 4) != 0;
  options.trim = (data[0] & 8) != 0;
  options.delimiter = (data[0] & 16) != 0 ? '\t' : ',';
  if ((data[0] & 32) != 0) options.columns = {"a", "b"};
  if ((data[0] & 64) != 0) options.other_types = TextType::kInfer;
  if ((data[0] & 128) != 0) options.null_text = "-";
  exercise(*make_csv_codec(options, limits), text);
  exercise(*make_logfmt_codec({options.other_types}, limits), text);
  return 0;
}
