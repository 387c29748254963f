// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "topiclog/system_topics.h"
#include "topiclog/topic_reader.h"

namespace penstock {

/// Where dead letters of a pipeline end up: one sink, and the stages whose letters reach it.
struct LetterPlace {
  std::string sink, type;            ///< the sink's stage and its type
  std::string topic, folder;         ///< of a `topic`: its name, and its own folder; else empty
  std::vector<uint32_t> rejecting;   ///< stages of the plan
  bool readable() const { return !folder.empty(); }
};

/// All of them, in the order of the sinks. "no-topics-folder" where that cannot be known.
Result<std::vector<LetterPlace>> find_letters(const Plan& plan);

/// A dead letter taken apart. Views point into the record.
struct Letter {
  std::string_view stage, code, error, attempts;
  std::string headers;  ///< as they were before it was rejected, encoded
};

/// Nothing that a stage rejected: the four headers are not there.
std::optional<Letter> letter_of(const Record& record);

/// Which letters are wanted. Empty = all.
struct LetterFilter {
  std::string stage, code;
  bool takes(const Letter& letter) const {
    return (stage.empty() || letter.stage == stage) && (code.empty() || letter.code == code);
  }
};

/// Calls f for each letter that is there, by partition, from `from` on; false ends it. What is no
/// letter is passed over.
using OnLetter =
    std::function<bool(uint32_t partition, const Record& record, const Letter& letter)>;
Result<void> for_each_letter(const SystemTopics& topics, const std::string& folder,
                             const GroupOffsets& from, const OnLetter& f);

}  // namespace penstock
