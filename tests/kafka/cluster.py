# SPDX-License-Identifier: Apache-2.0
"""The broker that tests/kafka/run has started, by a client that is not ours."""
import os
import subprocess
import time

import confluent_kafka
from confluent_kafka import admin

FOLDER = os.environ["KAFKA_FOLDER"]
TOOL = os.path.join(os.environ["PENSTOCK_SOURCE"], "tools", "servers", "kafka")
PATIENCE_S = 60  # a bound on what hangs; nothing waits for it to pass


def addresses():
    with open(os.path.join(FOLDER, "addresses"), encoding="utf-8") as file:
        return dict(line.strip().split("=", 1) for line in file)


AT = addresses()
BROKERS = AT["plain"]
ADMIN = admin.AdminClient({"bootstrap.servers": BROKERS})


def make_topic(name, partitions=1, **config):
    """A topic, once the broker says that all its partitions have a leader."""
    topic = admin.NewTopic(name, partitions, 1,
                           config={k.replace("_", "."): str(v) for k, v in config.items()})
    ADMIN.create_topics([topic])[name].result(PATIENCE_S)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = ADMIN.list_topics(timeout=PATIENCE_S).topics.get(name)
        if found is not None and found.error is None and len(found.partitions) == partitions and \
                all(p.leader >= 0 for p in found.partitions.values()):
            return name
    raise TimeoutError(f"topic {name} has no leaders")


def write(topic, records, **config):
    """records: payloads, or dicts of value, key, headers, timestamp, partition."""
    producer = confluent_kafka.Producer({"bootstrap.servers": BROKERS, "linger.ms": 5, **config})
    for record in records:
        given = {"value": record} if isinstance(record, (str, bytes)) else dict(record)
        while True:
            try:
                producer.produce(topic, **given)
                break
            except BufferError:
                producer.poll(0.1)
    left = producer.flush(PATIENCE_S)
    if left:
        raise TimeoutError(f"{left} records were not taken")


def read(topic, count=None, committed=True):
    """All records that are there now (or `count` of them), as messages, by partition."""
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": BROKERS, "group.id": "reader", "enable.auto.commit": False,
        "auto.offset.reset": "earliest", "enable.partition.eof": True,
        "isolation.level": "read_committed" if committed else "read_uncommitted"})
    try:
        parts = consumer.list_topics(topic, PATIENCE_S).topics[topic].partitions
        consumer.assign([confluent_kafka.TopicPartition(topic, p, 0) for p in parts])
        found, ended = {p: [] for p in parts}, set()
        until = time.monotonic() + PATIENCE_S
        while len(ended) < len(parts) or (
                count is not None and sum(map(len, found.values())) < count):
            if time.monotonic() > until:
                raise TimeoutError(f"{topic}: {sum(map(len, found.values()))} of {count} records")
            for message in consumer.consume(1000, 0.05):
                if message.error() is None:
                    found[message.partition()].append(message)
                    ended.discard(message.partition())
                elif message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF:
                    ended.add(message.partition())
                else:
                    raise RuntimeError(message.error())
        return found
    finally:
        consumer.close()


def values(topic, count=None):
    return [m.value() for part in read(topic, count).values() for m in part]


def group_offsets(group, topic):
    """partition → committed offset."""
    wanted = [confluent_kafka.TopicPartition(topic, p)
              for p in ADMIN.list_topics(topic).topics[topic].partitions]
    request = [confluent_kafka.ConsumerGroupTopicPartitions(group, wanted)]
    found = ADMIN.list_consumer_group_offsets(request)[group].result(PATIENCE_S)
    return {p.partition: p.offset for p in found.topic_partitions}


def allow(user, operation, kind, name, allowed=True):
    """An ACL, or the end of one."""
    rule = (getattr(admin.ResourceType, kind), name, admin.ResourcePatternType.LITERAL,
            f"User:{user}", "*", getattr(admin.AclOperation, operation))
    if allowed:
        binding = admin.AclBinding(*rule, admin.AclPermissionType.ALLOW)
        ADMIN.create_acls([binding])[binding].result(PATIENCE_S)
    else:
        given = admin.AclBindingFilter(*rule, admin.AclPermissionType.ALLOW)
        ADMIN.delete_acls([given])[given].result(PATIENCE_S)


def tool(name, *arguments, given=None):
    """One of Kafka's own command line tools; its standard output."""
    return subprocess.run([TOOL, "tool", name, *arguments], input=given, capture_output=True,
                          text=True, check=True, timeout=PATIENCE_S).stdout
