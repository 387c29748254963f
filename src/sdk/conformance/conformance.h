// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "sdk/conformance/harness.h"
#include "sdk/conformance/temp_folder.h"

namespace penstock::conformance {

/// One component at work in a test: set up for each test anew.
struct Fixture {
  TempFolder folder;  ///< for what it reads or writes
  Services services;
  Catalog catalog;    ///< with the component in it; a set-up may fill it otherwise
  Node options = map({});
  /// Sources: all payloads that it will give, whatever the number of tasks; in order if there is
  /// one task. Stages: what comes of `input`. Empty = that is not checked.
  std::vector<std::string> expected;
  std::vector<std::string> input;  ///< stages
  /// Sinks: the payloads that the outside world has now, in order.
  std::function<std::vector<std::string>()> read_back;
  /// Sources: makes what is to be read, once it is open (a pipe's other end).
  std::function<void(Source&)> feed;
  KeySelector key;        ///< stages: the `key:` of the stage
  bool threaded = false;  ///< it wakes its task from a thread of its own
  bool endless = false;   ///< sources: it never ends by itself
  bool paced = false;     ///< stages: it lets go by the clock alone, whoever asks it to flush
  bool per_task = false;  ///< sources: each task gives `expected`

  std::shared_ptr<const Bound> bound() const;
  std::string type;
  ComponentKind kind = ComponentKind::kSource;
};

/// How one entry of the catalog is tried.
struct Case {
  std::string type;
  ComponentKind kind = ComponentKind::kSource;
  std::function<void(Fixture&)> set_up;
};

/// Registers the tests that every component inherits, for all that `register_components` puts into
/// a catalog; an entry without a case is a failing test. To be called before main:
///
///   const bool kConforms = conformance::inherit(register_noop, {{"noop_source", …, set_up}});
bool inherit_in(const char* source_folder, std::function<void(Catalog&)> register_components,
                std::vector<Case> cases);

#ifdef PENSTOCK_SOURCE_DIR
inline bool inherit(std::function<void(Catalog&)> register_components, std::vector<Case> cases) {
  return inherit_in(PENSTOCK_SOURCE_DIR, std::move(register_components), std::move(cases));
}
#endif

/// A test of a case: its name, a sentence, and what it does.
struct Claim {
  const char* name;
  std::function<void(Fixture&)> check;
};
/// The claims that hold for a component of these traits, set up like this.
std::vector<Claim> source_claims(const Traits& traits, const Fixture& fixture);
std::vector<Claim> stage_claims(const Traits& traits, const Fixture& fixture);
std::vector<Claim> sink_claims(const Traits& traits, const Fixture& fixture);
/// README, example and options are as they should be.
void check_documents(const std::string& source_folder, const Component& component);

}  // namespace penstock::conformance
