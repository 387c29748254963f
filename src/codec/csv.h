// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec/codec.h"
#include "codec/text_type.h"

namespace penstock {

/// What happens to a row with more or fewer fields than there are columns.
enum class RaggedRows : uint8_t {
  kReject,  ///< the payload cannot be decoded
  kFit,     ///< missing fields are absent, those too many are left out
};

/// Text with one record a row (RFC 4180), fields divided by one byte.
struct CsvOptions {
  char delimiter = ',';
  /// Decoding: the payload's first row names the columns. Encoding: it is written first.
  bool header = true;
  /// The names; `header` then says whether rows that repeat them are left out / written first.
  std::vector<std::string> columns;
  /// By column; those not named here have `other_types`.
  std::map<std::string, TextType> types;
  TextType other_types = TextType::kString;
  /// An unquoted field of this text is null, and null is written so. Unset: null is written as
  /// nothing, and no field is null.
  std::optional<std::string> null_text;
  RaggedRows ragged = RaggedRows::kReject;
  bool trim = false;         ///< blanks around unquoted fields are not part of them
  bool lazy_quotes = false;  ///< a quote inside an unquoted field stands for itself
  bool crlf = false;         ///< encoding: rows are divided by CR LF
};

/// Rows become maps, or arrays if there are no names (`header` false, no columns). Rows end at LF
/// or CR LF; empty lines and a byte order mark are skipped.
std::shared_ptr<const Codec> make_csv_codec(CsvOptions options, const CodecLimits& limits);

}  // namespace penstock
