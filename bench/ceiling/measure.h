// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdio>

/// Wall and CPU time since construction, printed as one JSON line of figures.
class Measure {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  static double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  }
  /// `check` = a sum over what was done: the work cannot be optimised away, runs can be compared.
  void print(const char* name, uint64_t records, uint64_t bytes, uint64_t check) const {
    const double wall = seconds();
    std::printf("{\"name\":\"%s\",\"records\":%llu,\"seconds\":%.4f,\"cpu_seconds\":%.4f,"
                "\"records_per_second\":%.0f,\"bytes_per_second\":%.0f,\"check\":%llu}\n",
                name, static_cast<unsigned long long>(records), wall, cpu_seconds() - cpu_,
                static_cast<double>(records) / wall, static_cast<double>(bytes) / wall,
                static_cast<unsigned long long>(check));
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double cpu_ = cpu_seconds();
};
