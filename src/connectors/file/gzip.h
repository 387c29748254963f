// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"

namespace penstock {

/// Unpacks a gzip stream of one or more members. One thread.
class Gunzip {
 public:
  Gunzip();
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  struct Step {
    size_t used = 0;  ///< bytes of the input that were taken
    size_t made = 0;  ///< bytes that were written
  };
  /// Stops at the end of a member. Code "bad-gzip" when the input is not what gzip writes.
  Result<Step> step(const char* in, size_t in_size, char* out, size_t out_size);
  /// Between two members: the input may end here.
  bool between_members() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Packs into gzip members. One thread.
class Gzip {
 public:
  /// Level 1–9; 0 or less = zlib's default.
  explicit Gzip(int level);
  ~Gzip();
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  /// Takes all of the input; `out` grows.
  void add(const char* in, size_t size, std::string& out);
  /// Ends the member, if one was begun.
  void end_member(std::string& out);
  bool in_member() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock
