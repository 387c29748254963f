// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <utility>

#include "record/batch_builder.h"
#include "sdk/stage.h"

namespace penstock {

/// Builds the batch that a stage makes of another: records with new payloads and the key, headers,
/// event time and position of the record they come from. One task.
///
///   rewriter.begin(batch);
///   rewriter.add(record, payload, out);   // copies the payload
///   rewriter.end(out);
class Rewriter {
 public:
  explicit Rewriter(const TaskContext& context)
      : builder_(*context.pool, context.batch_records_max) {}

  /// `batch` must live until end().
  void begin(const Batch& batch) {
    batch_ = &batch;
    attached_ = false;
  }
  void add(const Record& from, std::string_view payload, Output& out) {
    if (!attached_ && (from.has_key() || from.headers_size > 0)) attach();
    finish(from, builder_.append(payload), out);
  }
  /// The payload is a part of the batch's own bytes: borrowed.
  void add_slice(const Record& from, std::string_view payload, Output& out) {
    if (!attached_) attach();
    finish(from, builder_.append_slice(payload), out);
  }
  /// All of it: f(record, text) appends a record's new payload, or says why it is rejected.
  template <class F>
  void each(const Batch& batch, Output& out, F&& f) {
    begin(batch);
    batch.for_each([&](const Record& record) {
      text_.clear();
      const Result<void> made = f(record, text_);
      if (made) add(record, text_, out);
      else out.reject(record, batch.epoch(), made.error());
    });
    end(out);
  }
  void end(Output& out) {
    Batch made = builder_.take();
    attached_ = false;
    if (made.empty()) return;
    made.set_epoch(batch_->epoch());
    made.set_source(batch_->source());
    out.emit(std::move(made));
  }

 private:
  void attach() {
    builder_.attach_all(*batch_);
    attached_ = true;
  }
  void finish(const Record& from, Record& head, Output& out) {
    head.key = from.key;
    head.key_size = from.key_size;
    head.headers = from.headers;
    head.headers_size = from.headers_size;
    head.event_time_us = from.event_time_us;
    head.position = from.position;
    if (builder_.full()) end(out);
  }

  BatchBuilder builder_;
  const Batch* batch_ = nullptr;
  bool attached_ = false;
  std::string text_;
};

/// A stage that makes of each payload another one: Worker(const Options&) is kept by the task, and
/// its run(payload, text) appends the new payload or says why the record is rejected.
template <class Options, class Worker>
class RewritingStage final : public Stage {
 public:
  explicit RewritingStage(std::shared_ptr<const Options> options)
      : options_(std::move(options)), worker_(*options_) {}
  Result<void> open(const TaskContext& context) override {
    rewriter_ = std::make_unique<Rewriter>(context);
    return {};
  }
  void process(Batch batch, Output& out) override {
    rewriter_->each(batch, out, [&](const Record& record, std::string& text) {
      return worker_.run(record.payload_view(), text);
    });
  }

 private:
  std::shared_ptr<const Options> options_;
  Worker worker_;
  std::unique_ptr<Rewriter> rewriter_;
};

}  // namespace penstock
