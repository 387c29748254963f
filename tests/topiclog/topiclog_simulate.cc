// SPDX-License-Identifier: Apache-2.0
// The topic log on a disk that tears, loses and refuses writes, under a process that dies at any
// of them, with and without the machine.
//
//   topiclog_simulate --seeds 1-500 [--verbose] [--require-coverage]
#include <cstdio>
#include <cstdlib>
#include <string>

#include "world.h"

namespace penstock::topiclog_simulation {
namespace {

int simulate(uint64_t first, uint64_t last, bool verbose, bool require_coverage) {
  Coverage coverage{};
  uint64_t crashes = 0, records = 0;
  for (uint64_t seed = first; seed <= last; ++seed) {
    World world(seed, verbose);
    const std::string failure = world.run();
    if (!failure.empty()) {
      std::printf("seed %llu: %s\nagain with: topiclog_simulate --seeds %llu --verbose\n",
                  static_cast<unsigned long long>(seed), failure.c_str(),
                  static_cast<unsigned long long>(seed));
      return 1;
    }
    for (size_t m = 0; m < kMoments; ++m) coverage[m] += world.coverage()[m];
    crashes += world.crashes();
    records += world.records();
  }
  bool all = true;
  for (size_t m = 0; m < kMoments; ++m) {
    std::printf("  %8llu  %s\n", static_cast<unsigned long long>(coverage[m]),
                to_string(static_cast<Moment>(m)));
    all = all && coverage[m] > 0;
  }
  std::printf("%llu seeds, %llu crashes, %llu records: nothing acknowledged was lost\n",
              static_cast<unsigned long long>(last - first + 1),
              static_cast<unsigned long long>(crashes), static_cast<unsigned long long>(records));
  if (!all && require_coverage) std::printf("something was never met: more seeds are needed\n");
  return all || !require_coverage ? 0 : 1;
}

}  // namespace
}  // namespace penstock::topiclog_simulation

int main(int argc, char** argv) {
  uint64_t first = 1, last = 100;
  bool verbose = false, require_coverage = false, understood = true;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--verbose") {
      verbose = true;
    } else if (word == "--require-coverage") {
      require_coverage = true;
    } else if (word == "--seeds" && i + 1 < argc) {
      char* end = nullptr;
      first = last = std::strtoull(argv[++i], &end, 10);
      if (*end == '-') last = std::strtoull(end + 1, &end, 10);
      understood = understood && *end == '\0' && last >= first;
    } else {
      understood = false;
    }
  }
  if (!understood) {
    std::fprintf(stderr,
                 "usage: topiclog_simulate --seeds FIRST-LAST [--verbose] [--require-coverage]\n");
    return 2;
  }
  return penstock::topiclog_simulation::simulate(first, last, verbose, require_coverage);
}
