// SPDX-License-Identifier: Apache-2.0
#include "spec/dialects/flow_codecs.h"

#include "config/value_type.h"

namespace penstock {
namespace {

/// A stage beside `of`, named after it: same tasks, same CPUs, same dead letters.
StageSpec beside(const StageSpec& of, const char* type, const Node& options) {
  StageSpec made;
  made.name = of.name + "." + type;
  made.type = type;
  made.threads = of.threads;
  made.dead_letter = of.dead_letter;
  made.config = options;
  made.realtime_priority = of.realtime_priority;
  made.cpu_pinning = of.cpu_pinning;
  made.position = made.name_position = made.type_position = options.position;
  made.threads_position = of.threads_position;
  made.dead_letter_position = of.dead_letter_position;
  made.realtime_priority_position = of.realtime_priority_position;
  made.cpu_pinning_position = of.cpu_pinning_position;
  return made;
}

/// The queue between a stage and its codec. What a retried record may hold up there is what the
/// queue of the file says.
std::string add_queue(const StageSpec& codec, const std::string& like, Spec& to) {
  QueueSpec queue;
  queue.name = codec.name;
  queue.position = codec.position;
  if (const QueueSpec* other = to.find_queue(like)) queue.ordering = other->ordering;
  to.queues.push_back(queue);
  return queue.name;
}

void report(const StageSpec& stage, const char* option, const char* where, const Position& at,
            Diagnostics& diagnostics) {
  diagnostics.error("misplaced-codec", at,
                    std::string(option) + " stands on stage " + shown(stage.name) +
                        ", which is not a " + where,
                    std::string("put a stage of type ") + option + " there, or move it to a " +
                        where);
}

/// The stage goes on writing its plain output, now to its decoder.
StageSpec decoder_of(StageSpec& source, const Node& options, Spec& to) {
  StageSpec made = beside(source, "decode", options);
  made.outputs = source.outputs;
  const std::string queue = add_queue(made, source.outputs.front().queue, to);
  made.inputs.push_back({queue, options.position});
  source.outputs = {{"", queue, options.position}};
  return made;
}

StageSpec encoder_of(StageSpec& sink, const Node& options, Spec& to) {
  StageSpec made = beside(sink, "encode", options);
  made.inputs = sink.inputs;
  made.key = sink.key;  // what it divides is divided ahead of the pair
  sink.key = {};
  const std::string queue = add_queue(made, sink.inputs.front().queue, to);
  made.outputs.push_back({"", queue, options.position});
  sink.inputs = {{queue, options.position}};
  return made;
}

}  // namespace

void add_codec_stages(const FlowDocument& from, Spec& to, Diagnostics& diagnostics) {
  std::vector<StageSpec> stages;
  stages.reserve(to.stages.size());
  for (size_t i = 0; i < from.stages.size(); ++i) {
    StageSpec& stage = to.stages[i];
    const Node& decode = from.stages[i].value.decode;
    const Node& encode = from.stages[i].value.encode;
    const bool is_source = stage.inputs.empty() && stage.outputs.size() == 1 &&
                           stage.outputs.front().port.empty();
    const bool is_sink = stage.outputs.empty() && !stage.inputs.empty();
    if (!decode.is_null() && !is_source) {
      report(stage, "decode", "source with one output", decode.position, diagnostics);
    }
    if (!encode.is_null() && !is_sink) {
      report(stage, "encode", "sink", encode.position, diagnostics);
    }
    if (!encode.is_null() && is_sink) stages.push_back(encoder_of(stage, encode, to));
    if (!decode.is_null() && is_source) {
      StageSpec decoder = decoder_of(stage, decode, to);
      stages.push_back(std::move(stage));
      stages.push_back(std::move(decoder));
    } else {
      stages.push_back(std::move(stage));
    }
  }
  to.stages = std::move(stages);
}

}  // namespace penstock
