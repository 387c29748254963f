// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace penstock::simulation {

/// What a simulated source, stage or sink does. Which record suffers what depends on the record and
/// the stage only, so that the auditor knows it too. Chances in percent.
struct Behaviour {
  // Any.
  uint32_t reject = 0;     ///< cannot be processed: to the dead letters
  uint32_t transient = 0;  ///< fails one to three times before it goes through
  bool may_give_up = false;  ///< has a bound on attempts: what fails may become a dead letter

  // Sources.
  uint32_t partitions = 1;
  uint64_t records = 0;    ///< a partition
  bool ends = true;        ///< or waits for more for ever
  uint32_t keys = 4;
  uint32_t idle = 10;
  uint32_t padding = 0;    ///< bytes
  bool reports_all = true; ///< positions of partitions that it has not read from in this life, too
  bool demands = false;    ///< asks for epochs
  bool watermarks = true;

  // Stages.
  uint32_t drop = 0;
  uint32_t copies = 1;     ///< at most
  bool rekey = false;
  bool by_key = true;      ///< routes by key, otherwise by record
  uint32_t hold_records = 0;
  int64_t hold_ns = 0;
  bool one_by_one = false;   ///< each record leaves by its own time, otherwise all at once
  bool end_by_timer = false; ///< what is held at the end waits for its time
  bool totals = false;       ///< counts: speaks at the end only

  // Sinks.
  uint32_t pending_max = 16;
  uint32_t flight_max = 8;     ///< records of one call to the outside
  uint32_t flights_max = 1;    ///< calls at the same time; more than one gives up order
  int64_t linger_ns = 0;
  bool rejects_late = false;   ///< the outside rejects, not write()
  bool skips_epochs = false;
  int64_t stuck_from_ns = 0;   ///< delivers nothing in this time
  int64_t stuck_until_ns = 0;
};

enum class Fate : uint8_t { kPass, kDrop, kReject };

inline uint64_t chance_of(std::string_view stage, std::string_view identity) {
  return hash64(std::string(stage) + "\n" + std::string(identity));
}

inline Fate fate(const Behaviour& b, std::string_view stage, std::string_view identity) {
  const uint64_t percent = chance_of(stage, identity) % 100;
  if (percent < b.drop) return Fate::kDrop;
  return percent < b.drop + b.reject ? Fate::kReject : Fate::kPass;
}

/// How often it fails before it goes through.
inline uint32_t failures(const Behaviour& b, std::string_view stage, std::string_view identity) {
  const uint64_t chance = chance_of(stage, identity) >> 16;
  return chance % 100 < b.transient ? 1 + chance / 100 % 3 : 0;
}

inline uint32_t copies(const Behaviour& b, std::string_view stage, std::string_view identity) {
  return 1 + static_cast<uint32_t>((chance_of(stage, identity) >> 40) % b.copies);
}

inline std::string key_of(const Behaviour& source, std::string_view origin) {
  return "k" + std::to_string(hash64(origin) % source.keys);
}

inline std::string rekeyed(std::string_view stage, std::string_view key) {
  return "r" + std::to_string(chance_of(stage, key) % 3);
}

/// 0 or 1: port a or b.
inline uint32_t port_of(const Behaviour& b, std::string_view stage, std::string_view identity,
                        std::string_view key) {
  return static_cast<uint32_t>(chance_of(stage, b.by_key ? key : identity) >> 20 & 1);
}

}  // namespace penstock::simulation
