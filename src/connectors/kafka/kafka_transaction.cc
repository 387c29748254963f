// SPDX-License-Identifier: Apache-2.0
#include "connectors/kafka/kafka_transaction.h"

#include <algorithm>

#include "connectors/kafka/kafka_consumer.h"
#include "connectors/kafka/kafka_place.h"

namespace penstock {
namespace {

constexpr Duration kAbortWait = seconds(3);

}  // namespace

Result<std::shared_ptr<KafkaTransaction>> KafkaTransaction::make(const KafkaSinkOptions& options,
                                                                 const std::string& identity,
                                                                 const TaskContext& context) {
  std::shared_ptr<KafkaTransaction> made(new KafkaTransaction());
  made->id_ = options.transactional_id.empty() ? identity : options.transactional_id;
  made->options_ = &options;
  made->log_ = context.log;
  made->stage_ = context.stage;
  made->timeout_ = options.transaction_timeout;
  made->mark_topic_ = options.topic;
  KafkaSettings settings = kafka_producer_settings(options);
  settings.push_back({"transactional.id", made->id_});
  settings.push_back({"transaction.timeout.ms", std::to_string(options.transaction_timeout.ms())});
  auto producer = KafkaProducer::make({&options, settings, context.log, context.stage});
  if (!producer) return producer.error();
  made->producer_ = *std::move(producer);
  made->place_ = made->producer_->client().place();
  return made;
}

KafkaTransaction::~KafkaTransaction() {
  if (open_) producer_->abort(kAbortWait);
}

Result<void> KafkaTransaction::begin() {
  const std::lock_guard lock(mutex_);
  if (open_) return {};
  PENSTOCK_TRY(producer_->begin());
  open_ = true;
  return {};
}

void KafkaTransaction::seal(std::shared_ptr<KafkaFlight> flight) {
  flight->seal();
  const std::lock_guard lock(mutex_);
  sealed_.push_back(std::move(flight));
}

void KafkaTransaction::unseal() {
  std::vector<std::shared_ptr<KafkaFlight>> sealed;
  {
    const std::lock_guard lock(mutex_);
    sealed.swap(sealed_);
  }
  for (const auto& flight : sealed) flight->unseal();
}

void KafkaTransaction::abandon() { unseal(); }

Result<int64_t> KafkaTransaction::recover() {
  PENSTOCK_TRY(producer_->init_transactions(timeout_));
  return read_mark();
}

/// By a consumer of the group that carries the mark: only a member's client asks until no
/// transaction can change the answer, and goes after a coordinator that moves.
Result<int64_t> KafkaTransaction::read_mark() const {
  KafkaConsumer::Setup setup;
  setup.connection = options_;
  setup.settings = {{"group.id", id_},
                    {"enable.auto.commit", "false"},
                    {"isolation.level", "read_committed"}};
  setup.log = log_;
  setup.stage = stage_;
  setup.arrived = [] {};
  setup.rebalanced = [](KafkaRebalance) {};
  const auto reader = KafkaConsumer::make(std::move(setup));
  if (!reader) return reader.error();
  const auto found = (*reader)->committed({{mark_topic_, 0, kKafkaNone}});
  if (!found) return found.error();
  return std::max<int64_t>(found->front().offset, -1);
}

Result<void> KafkaTransaction::commit(int64_t mark, const std::vector<SourceShare>& shares) {
  PENSTOCK_TRY(begin());
  for (const SourceShare& share : shares) {
    std::vector<KafkaOffset> offsets;
    for (const auto& [name, position] : share.positions) {
      const auto part = parse_kafka_partition(name);
      const auto at = parse_kafka_position(position.value);
      if (part && at) offsets.push_back({part->first, part->second, *at});
    }
    if (offsets.empty()) continue;
    PENSTOCK_TRY(producer_->send_offsets(share.membership, offsets, timeout_));
  }
  if (mark >= 0) PENSTOCK_TRY(producer_->send_mark(id_, mark_topic_, mark, timeout_));
  PENSTOCK_TRY(producer_->commit(timeout_));
  {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }
  unseal();
  return {};
}

}  // namespace penstock
