// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "penstock/dlq_letters.h"

namespace penstock {

/// The type of the stage that gives letters back what they were before. Only in the catalog that
/// make_replay() is to be planned with.
inline constexpr const char* kRestoreType = "dlq_restore";
void register_restore(Catalog& catalog);

/// What to replay, and where to.
struct ReplayWish {
  std::string to;     ///< a source stage whose topic gets them back; empty = through the flow
  LetterFilter filter;
};

/// The pipeline that replays: letters of `place`, as they were, into the queues of the stages that
/// rejected them, and on from there; or into the topic that a source reads. Letters of stages that
/// read no queue are left out; `left_out` names those. "replay-state", "bad-argument".
Result<Spec> make_replay(const Plan& plan, const Catalog& catalog, const LetterPlace& place,
                         const ReplayWish& wish, std::vector<std::string>& left_out);

/// The consumer group that remembers how far letters were replayed.
std::string replay_group(const ReplayWish& wish);

}  // namespace penstock
