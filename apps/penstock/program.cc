// SPDX-License-Identifier: Apache-2.0
#include "penstock/program.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

namespace penstock {

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EAGAIN) {  // a terminal that another program made non-blocking
      pollfd p{fd, POLLOUT, 0};
      poll(&p, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace penstock
