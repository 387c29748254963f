// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>  // tidy-allow: heavy-header because only tests include this

#include <memory>
#include <string>
#include <vector>

#include "runtime/model/hand_parts.h"

namespace penstock::model {

/// One task under test, edges on both sides of it, and the hands of its neighbours.
class TaskBench : public ::testing::Test {
 protected:
  class Neighbour final : public Task {
   public:
    int64_t run(int64_t, int64_t) override { return kNever; }
  };
  PlanStage& stage_plan(const std::string& name) {
    plans_.push_back(std::make_unique<PlanStage>());
    plans_.back()->name = name;
    plans_.back()->retry.initial = milliseconds(100);
    plans_.back()->retry.jitter = 0;
    return *plans_.back();
  }
  Edge& edge(uint32_t producers, uint32_t consumers, uint32_t capacity, bool aligned = false) {
    auto plan = std::make_unique<PlanEdge>();
    plan->capacity_records = capacity;
    edges_.push_back(
        std::make_unique<Edge>(*plan, scheduler_, producers, consumers, aligned));
    for (uint32_t p = 0; p < producers; ++p) edges_.back()->set_producer(p, neighbour_);
    for (uint32_t c = 0; c < consumers; ++c) edges_.back()->set_consumer(c, neighbour_);
    edge_plans_.push_back(std::move(plan));
    return *edges_.back();
  }
  ChainTask& task(bool exactly_once = false) {
    task_ = std::make_unique<ChainTask>(0, scheduler_, pool_, exactly_once);
    return *task_;
  }
  /// source → an edge of `capacity` records.
  void build_source(uint32_t capacity) {
    task();
    out_ = &edge(1, 1, capacity);
    auto made = std::make_unique<HandSource>();
    source_ = made.get();
    auto op = std::make_unique<SourceOp>(*task_, stage_plan("read"), 0, std::move(made));
    op->router().connect(kDefaultPort, {nullptr, &task_->add_writer(*out_, 0, {})});
    task_->add_source(std::move(op));
    task_->start(reports_, 0);
  }
  /// `lanes` producers → stage → an edge.
  void build_stage(uint32_t lanes, bool exactly_once = false, bool snapshots = false) {
    task(exactly_once);
    in_ = &edge(lanes, 1, 128, exactly_once);
    out_ = &edge(1, 1, 128);
    auto made = std::make_unique<HandStage>();
    stage_ = made.get();
    auto op = std::make_unique<StageOp>(*task_, stage_plan("map"), 0, std::move(made), snapshots,
                                        false, 0, 1);
    op->router().connect(kDefaultPort, {nullptr, &task_->add_writer(*out_, 0, {})});
    task_->add_op(std::move(op));
    add_lanes(lanes);
    task_->start(reports_, 0);
  }
  /// one producer → sink, with dead letters or without.
  void build_sink(bool dead_letters, uint32_t attempts_max = 0) {
    task();
    in_ = &edge(1, 1, 128);
    auto made = std::make_unique<HandSink>();
    sink_ = made.get();
    PlanStage& plan = stage_plan("write");
    plan.retry.attempts_max = attempts_max;
    auto op =
        std::make_unique<SinkOp>(*task_, plan, 0, 3, std::move(made), false, false, 1);
    if (dead_letters) {
      out_ = &edge(1, 1, 128);
      op->set_dead_letters(&task_->add_writer(*out_, 0, {}));
    }
    task_->add_op(std::move(op));
    add_lanes(1);
    task_->start(reports_, 0);
  }
  void add_lanes(uint32_t lanes) {
    for (uint32_t p = 0; p < lanes; ++p) {
      task_->add_lane(*in_, p, 0);
      writers_.push_back(std::make_unique<EdgeWriter>(*in_, p, KeySelector{}, pool_));
    }
  }

  Batch batch(const std::vector<std::string>& records, Epoch epoch = 1) {
    BatchBuilder builder(pool_);
    for (const std::string& text : records) {
      Record& record = builder.append(text);
      if (text.find(':') != std::string::npos) builder.set_key(record, text.substr(0, 1));
    }
    Batch made = builder.take();
    made.set_epoch(epoch);
    return made;
  }
  void send(const std::vector<std::string>& records, Epoch epoch = 1, uint32_t lane = 0) {
    writers_[lane]->push(batch(records, epoch));
  }
  void send(const Element& control, uint32_t lane = 0) { writers_[lane]->control(control); }
  void barrier(Epoch epoch, uint32_t lane = 0) { send(Element::barrier(epoch, false), lane); }
  int64_t turn() { return scheduler_.turn(*task_); }
  void later(int64_t ms) { scheduler_.manual_clock().advance_ns(ms * 1'000'000); }

  /// What came out of the task, as text: payloads, "|3" barrier, "w5" watermark, "idle", "end".
  std::string output() {
    std::vector<Element> taken;
    out_->lane(0, 0).take_all(taken);
    std::string text;
    for (Element& element : taken) {
      const std::string value = std::to_string(element.value);
      switch (element.kind) {
        case Element::Kind::kBatch:
          out_->budget().release(element.batch.size(), element.batch.weight());
          element.batch.for_each([&](const Record& r) { add(text, r.payload_view()); });
          last_ = std::move(element.batch);
          break;
        case Element::Kind::kBarrier: add(text, "|" + value); break;
        case Element::Kind::kWatermark:
          add(text, element.value == kEndOfTime ? "w-end" : "w" + value);
          break;
        case Element::Kind::kIdle: add(text, "idle"); break;
        case Element::Kind::kEnd: add(text, "end"); break;
        default: add(text, "chunk"); break;
      }
    }
    if (!taken.empty()) out_->progressed();
    return text;
  }
  static void add(std::string& text, std::string_view word) {
    if (!text.empty()) text += ' ';
    text += word;
  }

  HandScheduler scheduler_;
  BatchPool pool_;
  ReportList reports_;
  Neighbour neighbour_;
  std::vector<std::unique_ptr<PlanStage>> plans_;
  std::vector<std::unique_ptr<PlanEdge>> edge_plans_;
  std::vector<std::unique_ptr<Edge>> edges_;
  std::vector<std::unique_ptr<EdgeWriter>> writers_;
  std::unique_ptr<ChainTask> task_;
  Edge* in_ = nullptr;
  Edge* out_ = nullptr;
  HandSource* source_ = nullptr;
  HandStage* stage_ = nullptr;
  HandSink* sink_ = nullptr;
  Batch last_;
};

}  // namespace penstock::model
