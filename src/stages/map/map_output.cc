// SPDX-License-Identifier: Apache-2.0
#include "stages/map/map_output.h"

namespace penstock {

void MapOutput::begin(const Batch& batch) {
  batch_ = &batch;
  text_.clear();
}

void MapOutput::add(const Record& from, const MappingOutcome& outcome, size_t begin,
                    Output& out) {
  const bool changed = outcome.kind == MappingOutcome::Kind::kChanged;
  keep_arenas(from, outcome);
  Record& head = changed ? builder_.append(std::string_view(text_).substr(begin))
                         : builder_.append_slice(from.payload_view());
  text_.resize(begin);
  finish(head, from, outcome, out);
}

void MapOutput::keep_arenas(const Record& from, const MappingOutcome& outcome) {
  const bool changed = outcome.kind == MappingOutcome::Kind::kChanged;
  // What is kept of the record stays where it is.
  if (!attached_ && (!changed || (from.has_key() && !outcome.key_set) ||
      (from.headers_size > 0 && !outcome.headers_set))) {
    builder_.attach_all(*batch_);
    attached_ = true;
  }
}

void MapOutput::finish(Record& head, const Record& from, const MappingOutcome& outcome,
                       Output& out) {
  head.event_time_us = outcome.event_time_us.value_or(from.event_time_us);
  head.position = from.position;
  if (!outcome.key_set) {
    head.key = from.key;
    head.key_size = from.key_size;
  } else if (outcome.key) {
    builder_.set_key(head, *outcome.key);
  }
  if (!outcome.headers_set) {
    head.headers = from.headers;
    head.headers_size = from.headers_size;
  } else if (!outcome.headers.empty()) {
    builder_.set_headers(head, outcome.headers);
  }
  if (builder_.full()) emit(out);
}

void MapOutput::emit(Output& out) {
  Batch made = builder_.take();
  attached_ = false;
  if (made.empty()) return;
  made.set_epoch(batch_->epoch());
  made.set_source(batch_->source());
  out.emit(std::move(made));
}

}  // namespace penstock
