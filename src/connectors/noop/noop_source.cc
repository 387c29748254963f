// SPDX-License-Identifier: Apache-2.0
#include "connectors/noop/noop_source.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace penstock {
namespace {
constexpr size_t kDigitsMax = 20;  // of a 64-bit counter
}

const Schema<NoopSourceOptions>& noop_source_schema() {
  using O = NoopSourceOptions;
  static const Schema<O> schema({
      field("delay_ms", &O::delay_ms).about("Milliseconds before each message; 0 = full speed."),
      field("message", &O::message).about("Text before the number."),
      field("max_messages", &O::max_messages)
          .about("Messages of each task (thread); 0 = without end."),
  });
  return schema;
}

NoopSource::NoopSource(std::shared_ptr<const NoopSourceOptions> options)
    : options_(std::move(options)) {
  prefix_ = (options_->message.empty() ? NoopSourceOptions{}.message : options_->message) + " #";
}

Result<void> NoopSource::open(const TaskContext& context, const Positions& restored) {
  context_ = context;
  due_ns_ = context_.clock->monotonic_ns() + milliseconds(options_->delay_ms).ns();
  const auto found = restored.find("task-" + std::to_string(context.task));
  if (found == restored.end()) return {};
  const std::string& text = found->second.value;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count_);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) {
    return stop_error("bad-position", "noop_source cannot read its position '" + text + "'",
                      "reset the positions of this pipeline");
  }
  return {};
}

/// How many messages are due now. Falling behind does not lead to a burst.
uint32_t NoopSource::due(int64_t now_ns) {
  if (options_->delay_ms == 0) return context_.batch_records_max;
  if (now_ns < due_ns_) return 0;
  due_ns_ = std::max(due_ns_, now_ns - milliseconds(options_->delay_ms).ns());
  due_ns_ += milliseconds(options_->delay_ms).ns();
  return 1;
}

Result<Pull> NoopSource::pull(SourceOutput& out) {
  const uint64_t max = options_->max_messages == 0 ? UINT64_MAX : options_->max_messages;
  if (count_ >= max) return Pull::end();
  const uint64_t wanted = std::min<uint64_t>(due(context_.clock->monotonic_ns()), max - count_);
  if (wanted == 0) return Pull::idle(due_ns_);
  BatchBuilder builder(*context_.pool, context_.batch_records_max);
  for (uint64_t i = 0; i < wanted && !builder.full(); ++i, ++count_) {
    char* const at = builder.reserve(prefix_.size() + kDigitsMax);
    std::memcpy(at, prefix_.data(), prefix_.size());
    const char* end = std::to_chars(at + prefix_.size(), at + prefix_.size() + kDigitsMax,
                                    count_).ptr;
    builder.commit(static_cast<size_t>(end - at)).position = static_cast<int64_t>(count_);
  }
  out.emit(builder.take());
  return Pull::more();
}

Positions NoopSource::positions() {
  const uint64_t max = options_->max_messages == 0 ? UINT64_MAX : options_->max_messages;
  return {{"task-" + std::to_string(context_.task), {std::to_string(count_), count_ >= max}}};
}

}  // namespace penstock
