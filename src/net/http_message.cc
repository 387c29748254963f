// SPDX-License-Identifier: Apache-2.0
#include "net/http_message.h"

#include "base/check.h"

namespace penstock {

HttpReply& HttpReply::operator=(HttpReply&& other) {
  if (this != &other) {
    if (pending()) send(503);
    target_ = std::move(other.target_);
    request_ = other.request_;
  }
  return *this;
}

HttpReply::~HttpReply() {
  if (pending()) send(503);
}

void HttpReply::send(HttpResponse response) {
  CHECK(pending());
  auto target = std::move(target_);
  target->answer(request_, std::move(response));
}

}  // namespace penstock
