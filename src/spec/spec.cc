// SPDX-License-Identifier: Apache-2.0
#include "spec/spec.h"

namespace penstock {

const char* to_string(Mode mode) {
  switch (mode) {
    case Mode::kUnspecified: return "unspecified";
    case Mode::kStreaming: return "streaming";
    case Mode::kJob: return "job";
  }
  return "";
}

const char* to_string(Guarantee guarantee) {
  switch (guarantee) {
    case Guarantee::kAtLeastOnce: return "at_least_once";
    case Guarantee::kExactlyOnce: return "exactly_once";
  }
  return "";
}

const char* to_string(Durability durability) {
  switch (durability) {
    case Durability::kKill: return "kill";
    case Durability::kPower: return "power";
  }
  return "";
}

const char* to_string(Ordering ordering) {
  switch (ordering) {
    case Ordering::kKey: return "key";
    case Ordering::kPartition: return "partition";
    case Ordering::kNone: return "none";
  }
  return "";
}

}  // namespace penstock
