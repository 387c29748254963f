// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "state/disk.h"

namespace penstock {

/// The file `transaction` of a topic: while it is there, records beyond its ends were written by
/// the pipeline of that name and wait for their commit. Its replacement is the commit.
struct TransactionFile {
  std::string name;
  std::vector<uint64_t> ends;
  bool operator==(const TransactionFile&) const = default;
};

std::string encode_transaction(const TransactionFile& transaction);
/// "topic-damaged" or "topic-too-new", naming `file`.
Result<TransactionFile> decode_transaction(std::string_view bytes, const std::string& file);
/// Nothing if there is none.
Result<std::optional<TransactionFile>> load_transaction(Disk& disk, const std::string& folder);

}  // namespace penstock
