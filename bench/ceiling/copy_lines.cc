// SPDX-License-Identifier: Apache-2.0
// Ceiling: copy a file, looking for every newline on the way. With `power` the copy is synced.
//   ceiling_copy_lines INPUT OUTPUT [kill|power] [BUFFER_KIB=256]
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "ceiling/measure.h"

int main(int argc, char** argv) {
  if (argc < 3) return std::fputs("usage: copy_lines INPUT OUTPUT [kill|power]\n", stderr), 2;
  const bool power = argc > 3 && std::string_view(argv[3]) == "power";
  std::vector<char> buffer((argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 256) << 10);
  Measure measure;
  const int in = open(argv[1], O_RDONLY);
  const int out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (in < 0 || out < 0) return std::perror("open"), 1;
  uint64_t lines = 0, bytes = 0;
  for (ssize_t n; (n = read(in, buffer.data(), buffer.size())) > 0;) {
    const char* at = buffer.data();
    const char* end = at + n;
    while (const void* newline = std::memchr(at, '\n', static_cast<size_t>(end - at))) {
      ++lines;
      at = static_cast<const char*>(newline) + 1;
    }
    if (write(out, buffer.data(), static_cast<size_t>(n)) != n) return std::perror("write"), 1;
    bytes += static_cast<uint64_t>(n);
  }
  if (power && fdatasync(out) != 0) return std::perror("fdatasync"), 1;
  close(in);
  close(out);
  measure.print("copy_lines", lines, bytes, bytes);
}
