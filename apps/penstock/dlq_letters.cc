// SPDX-License-Identifier: Apache-2.0
#include "penstock/dlq_letters.h"

#include <algorithm>

#include "plan/layout.h"
#include "record/headers.h"

namespace penstock {
namespace {

constexpr std::string_view kCodeHeader = "penstock-error-code";
constexpr std::string_view kError = "penstock-error";
constexpr std::string_view kStage = "penstock-stage";
constexpr std::string_view kAttempts = "penstock-attempts";

/// Sinks that records of an edge reach.
void sinks_behind(const Plan& plan, uint32_t edge, std::vector<bool>& seen,
                  std::vector<uint32_t>& sinks) {
  for (const uint32_t consumer : plan.edges[edge].consumers) {
    if (seen[consumer]) continue;
    seen[consumer] = true;
    const PlanStage& stage = plan.stages[consumer];
    if (stage.kind == ComponentKind::kSink) sinks.push_back(consumer);
    for (const PlanPort& port : stage.ports) {
      for (const uint32_t next : port.edges) sinks_behind(plan, next, seen, sinks);
    }
  }
}

std::string option_of(const StageSpec& stage, const char* name) {
  const Node* value = stage.config.find(name);
  return value != nullptr && value->is_scalar() ? value->text : "";
}

Result<LetterPlace> place_of(const Plan& plan, uint32_t sink) {
  LetterPlace place;
  place.sink = plan.stages[sink].name;
  place.type = plan.stages[sink].type;
  if (place.type != "topic") return place;
  const StageSpec* spec = plan.spec.find_stage(place.sink);
  const Result<std::string> root = topics_root(option_of(*spec, "folder"));
  if (!root) return root.error();
  place.topic = option_of(*spec, "topic");
  place.folder = *root + "/" + place.topic;
  return place;
}

}  // namespace

Result<std::vector<LetterPlace>> find_letters(const Plan& plan) {
  std::map<uint32_t, LetterPlace> places;
  for (uint32_t s = 0; s < plan.stages.size(); ++s) {
    if (!plan.stages[s].dead_letter) continue;
    std::vector<bool> seen(plan.stages.size());
    std::vector<uint32_t> sinks;
    sinks_behind(plan, *plan.stages[s].dead_letter, seen, sinks);
    for (const uint32_t sink : sinks) {
      if (!places.contains(sink)) {
        auto place = place_of(plan, sink);
        if (!place) return place.error();
        places.emplace(sink, *std::move(place));
      }
      places[sink].rejecting.push_back(s);
    }
  }
  std::vector<LetterPlace> found;
  for (auto& [sink, place] : places) found.push_back(std::move(place));
  return found;
}

std::optional<Letter> letter_of(const Record& record) {
  // A letter of a letter has them twice: the last ones are those of this rejection.
  size_t count = 0, last = SIZE_MAX;
  for_each_header(record.headers_view(), [&](std::string_view name, std::string_view) {
    if (name == kCodeHeader) last = count;
    ++count;
  });
  if (last == SIZE_MAX) return std::nullopt;
  Letter letter;
  size_t at = 0;
  for_each_header(record.headers_view(), [&](std::string_view name, std::string_view value) {
    std::string_view* mine = at < last             ? nullptr
                             : name == kCodeHeader       ? &letter.code
                             : name == kError      ? &letter.error
                             : name == kStage      ? &letter.stage
                             : name == kAttempts   ? &letter.attempts
                                                   : nullptr;
    ++at;
    if (mine != nullptr) *mine = value;
    else append_header(letter.headers, name, value);
  });
  return letter;
}

Result<void> for_each_letter(const SystemTopics& topics, const std::string& folder,
                             const GroupOffsets& from, const OnLetter& f) {
  auto reader = TopicReader::open(topics.place(), folder);
  if (!reader) return reader.error();
  ArenaPool arenas;
  bool more = true;
  for (uint32_t p = 0; p < (*reader)->settings().partitions && more; ++p) {
    const Result<uint64_t> end = (*reader)->visible(p);
    if (!end) return end.error();
    if (*end == 0) continue;
    PartitionReader& partition = (*reader)->partition(p);
    const Result<uint64_t> start = partition.start();
    if (!start) return start.error();
    const auto asked = from.find(p);
    uint64_t next = std::max(*start, asked == from.end() ? 0 : asked->second);
    if (next >= *end) continue;
    const uint64_t first = next;
    PENSTOCK_TRY(partition.seek(first, *end));
    while (next < *end && more) {
      const auto chunk = partition.read(arenas, *end);
      if (!chunk) return chunk.error();
      for (const TopicChunk::Part& part : chunk->parts) {
        (void)for_each_record(part.head, part.body, [&](const Record& record) {
          if (!more || static_cast<uint64_t>(record.position) < first) return;
          if (const auto letter = letter_of(record)) more = f(p, record, *letter);
        });
      }
      next = chunk->next;
    }
  }
  return {};
}

}  // namespace penstock
