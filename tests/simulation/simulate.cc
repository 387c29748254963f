// SPDX-License-Identifier: Apache-2.0
// Runs scenarios by seed, audits them, and prints where they crashed.
//
//   simulate --seeds 1-500 [--verbose] [--require-coverage] [--describe]
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <unistd.h>

#include "simulation.h"

namespace penstock::simulation {
namespace {

constexpr unsigned kSeedSecondsMax = 60;

struct Arguments {
  uint64_t first = 1, last = 100;
  bool verbose = false, describe = false, require_coverage = false;
};

uint64_t current_seed = 0;  // for the last words of a run that a CHECK or the alarm ended

void last_words(int signal) {
  char text[128];
  const int size = std::snprintf(text, sizeof text, "\nseed %llu: %s\n",
                                 static_cast<unsigned long long>(current_seed),
                                 signal == SIGALRM ? "takes too long" : "aborted");
  if (write(2, text, static_cast<size_t>(size)) < 0) std::_Exit(4);
  std::_Exit(3);
}

bool parse(int argc, char** argv, Arguments& out) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--verbose") {
      out.verbose = true;
    } else if (word == "--describe") {
      out.describe = true;
    } else if (word == "--require-coverage") {
      out.require_coverage = true;
    } else if (word == "--seeds" && i + 1 < argc) {
      char* end = nullptr;
      out.first = out.last = std::strtoull(argv[++i], &end, 10);
      if (*end == '-') out.last = std::strtoull(end + 1, &end, 10);
      if (*end != '\0' || out.last < out.first) return false;
    } else {
      return false;
    }
  }
  return true;
}

/// True if every row was reached.
bool print_coverage(const Coverage& coverage) {
  bool all = true;
  std::printf("crashes by protocol step:\n");
  for (size_t m = 0; m < kMoments; ++m) {
    std::printf("  %8llu  %s\n", static_cast<unsigned long long>(coverage[m]),
                to_string(static_cast<Moment>(m)));
    all = all && coverage[m] > 0;
  }
  return all;
}

int simulate(const Arguments& arguments) {
  Coverage coverage{};
  uint64_t steps = 0, processes = 0;
  for (uint64_t seed = arguments.first; seed <= arguments.last; ++seed) {
    current_seed = seed;
    alarm(kSeedSecondsMax);
    const Scenario scenario = draw_scenario(seed);
    if (arguments.describe) std::printf("seed %llu: %s", static_cast<unsigned long long>(seed),
                                        describe(scenario).c_str());
    Simulation simulation(scenario, arguments.verbose);
    const std::string failure = simulation.run();
    for (size_t m = 0; m < kMoments; ++m) coverage[m] += simulation.coverage()[m];
    steps += simulation.steps();
    processes += simulation.processes();
    if (failure.empty()) continue;
    std::printf("seed %llu: %s\n%s", static_cast<unsigned long long>(seed), failure.c_str(),
                describe(scenario).c_str());
    std::printf("again with: simulate --seeds %llu --verbose\n",
                static_cast<unsigned long long>(seed));
    return 1;
  }
  alarm(0);
  const bool all = print_coverage(coverage);
  std::printf("%llu seeds, %llu processes, %llu steps: nothing was lost, skipped or swapped\n",
              static_cast<unsigned long long>(arguments.last - arguments.first + 1),
              static_cast<unsigned long long>(processes), static_cast<unsigned long long>(steps));
  if (!all && arguments.require_coverage) {
    std::printf("a protocol step was never crashed at: more seeds are needed\n");
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace penstock::simulation

int main(int argc, char** argv) {
  penstock::simulation::Arguments arguments;
  if (!penstock::simulation::parse(argc, argv, arguments)) {
    std::fprintf(stderr,
                 "usage: simulate --seeds FIRST-LAST [--verbose] [--describe] "
                 "[--require-coverage]\n");
    return 2;
  }
  std::signal(SIGABRT, penstock::simulation::last_words);
  std::signal(SIGALRM, penstock::simulation::last_words);
  return penstock::simulation::simulate(arguments);
}
