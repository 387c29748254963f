// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/file_position.h"

#include <errno.h>
#include <unistd.h>

#include <charconv>

#include "base/hash.h"

namespace penstock {
namespace {

template <class T>
bool read_number(std::string_view text, T& out, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc{} && end == text.data() + text.size();
}

std::string hex(uint64_t value) {
  char digits[16];
  return {digits, std::to_chars(digits, digits + sizeof digits, value, 16).ptr};
}

/// "name=value" at the front of `text`, cut off; false if it is something else.
bool take_field(std::string_view& text, std::string_view name, std::string_view& value) {
  if (!text.starts_with(name) || text.size() <= name.size() || text[name.size()] != '=') {
    return false;
  }
  const size_t end = text.find(' ');
  value = text.substr(name.size() + 1, end == std::string_view::npos ? end : end - name.size() - 1);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return true;
}

}  // namespace

Result<FileHead> read_head(int fd, uint32_t size_max) {
  char bytes[FileHead::kHeadBytesMax];
  size_t have = 0;
  while (have < size_max) {
    const ssize_t got = pread(fd, bytes + have, size_max - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(errno, "cannot read the head of a file");
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  return FileHead{static_cast<uint32_t>(have), hash64({bytes, have})};
}

std::string FilePosition::partition() const {
  std::string name = path + "@" + std::to_string(inode);
  if (generation > 0) name += "~" + std::to_string(generation);
  return name + "|" + std::to_string(begin);
}

PartitionPosition FilePosition::position() const {
  std::string value = "at=" + std::to_string(at) + " head=" + std::to_string(head.size) + ":" +
                      hex(head.hash);
  if (torn) value += " torn=" + std::to_string(*torn);
  return {std::move(value), finished};
}

Result<FilePosition> FilePosition::parse(std::string_view partition,
                                         const PartitionPosition& position) {
  const Error bad = stop_error(
      "bad-position",
      "a file position cannot be read: " + std::string(partition) + " = " + position.value,
      "reset the positions of this pipeline");
  FilePosition p;
  p.finished = position.finished;
  const size_t bar = partition.rfind('|');
  const size_t at_sign = partition.rfind('@', bar);
  if (bar == std::string_view::npos || at_sign == std::string_view::npos) return bad;
  p.path = partition.substr(0, at_sign);
  std::string_view inode = partition.substr(at_sign + 1, bar - at_sign - 1);
  const size_t tilde = inode.find('~');
  if (tilde != std::string_view::npos && !read_number(inode.substr(tilde + 1), p.generation)) {
    return bad;
  }
  if (!read_number(inode.substr(0, tilde), p.inode)) return bad;
  if (!read_number(partition.substr(bar + 1), p.begin)) return bad;

  std::string_view text = position.value, value;
  if (!take_field(text, "at", value) || !read_number(value, p.at)) return bad;
  if (!take_field(text, "head", value)) return bad;
  const size_t colon = value.find(':');
  if (colon == std::string_view::npos || !read_number(value.substr(0, colon), p.head.size) ||
      !read_number(value.substr(colon + 1), p.head.hash, 16) ||
      p.head.size > FileHead::kHeadBytesMax) {
    return bad;
  }
  if (take_field(text, "torn", value)) {
    p.torn.emplace();
    if (!read_number(value, *p.torn)) return bad;
  }
  if (!text.empty() || p.at < p.begin) return bad;
  return p;
}

}  // namespace penstock
