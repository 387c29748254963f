// SPDX-License-Identifier: Apache-2.0
#include "topiclog/transaction.h"

#include "state/wire.h"
#include "topiclog/settings.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic = "PNSTKTXN";
constexpr uint64_t kFileBytesMax = 64 << 10;

}  // namespace

std::string encode_transaction(const TransactionFile& transaction) {
  std::string body;
  WireWriter writer(body);
  writer.text(transaction.name);
  writer.u32(static_cast<uint32_t>(transaction.ends.size()));
  for (const uint64_t end : transaction.ends) writer.u64(end);
  return sealed_file(kMagic, body);
}

Result<TransactionFile> decode_transaction(std::string_view bytes, const std::string& file) {
  const Result<std::string_view> body = opened_file(kMagic, bytes, file);
  if (!body) return body.error();
  WireReader reader(*body);
  TransactionFile transaction;
  transaction.name = reader.text();
  const uint32_t count = reader.u32();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) transaction.ends.push_back(reader.u64());
  if (!reader.ok() || reader.left() > 0) return topic_damaged(file, "its fields make no sense");
  return transaction;
}

Result<std::optional<TransactionFile>> load_transaction(Disk& disk, const std::string& folder) {
  const std::string path = folder + "/transaction";
  const Result<bool> there = disk.exists(path);
  if (!there) return there.error();
  if (!*there) return std::optional<TransactionFile>();
  const Result<std::string> bytes = disk.read(path, kFileBytesMax);
  if (!bytes) return bytes.error();
  Result<TransactionFile> transaction = decode_transaction(*bytes, path);
  if (!transaction) return transaction.error();
  return std::optional<TransactionFile>(*std::move(transaction));
}

}  // namespace penstock
