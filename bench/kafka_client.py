# SPDX-License-Identifier: Apache-2.0
"""Loads and watches topics for kafka_cases.py: kafka_client.py BROKERS COMMAND ARGUMENT…

make TOPIC PARTITIONS | drop TOPIC | ends TOPIC | wait TOPIC RECORDS | paced FROM TO RECORDS RATE.
Figures are printed as JSON.
"""
import json
import statistics
import sys
import threading
import time

import confluent_kafka
from confluent_kafka import admin

PATIENCE_S = 300


def make(at, topic, partitions):
    client = admin.AdminClient({"bootstrap.servers": at})
    if topic in client.list_topics(timeout=PATIENCE_S).topics:
        return
    client.create_topics([admin.NewTopic(topic, int(partitions), 1)])[topic].result(PATIENCE_S)
    time.sleep(1)


def drop(at, topic):
    client = admin.AdminClient({"bootstrap.servers": at})
    client.delete_topics([topic])[topic].result(PATIENCE_S)


def consumer_of(at, topic, **config):
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": at, "group.id": "watcher", "enable.auto.commit": False, **config})
    parts = consumer.list_topics(topic, PATIENCE_S).topics[topic].partitions
    return consumer, [confluent_kafka.TopicPartition(topic, p) for p in parts]


def ends(at, topic):
    """Records (and marks) in all partitions."""
    consumer, parts = consumer_of(at, topic)
    total = sum(consumer.get_watermark_offsets(p, PATIENCE_S, cached=False)[1] for p in parts)
    consumer.close()
    return total


def wait(at, topic, records):
    """Until the topic has that many; the seconds since the first new one."""
    consumer, parts = consumer_of(at, topic)
    total = first = None
    begun = None
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        total = sum(consumer.get_watermark_offsets(p, PATIENCE_S, cached=False)[1] for p in parts)
        now = time.monotonic()
        first = total if first is None else first
        if begun is None and total > first:
            begun = now
        if total >= int(records):
            consumer.close()
            return {"seconds": now - (begun or now)}
        time.sleep(0.02)
    raise TimeoutError(f"{total} of {records} records")


def paced(at, given, taken, records, rate):
    """Sends at a steady rate and reads behind the contender: p50 and p99 in milliseconds."""
    records, rate = int(records), float(rate)
    consumer, parts = consumer_of(at, taken, **{"fetch.wait.max.ms": 100})
    for part in parts:
        part.offset = consumer.get_watermark_offsets(part, PATIENCE_S, cached=False)[1]
    consumer.assign(parts)
    consumer.consume(1, 1)
    producer = confluent_kafka.Producer({"bootstrap.servers": at, "linger.ms": 0})
    waits, begun = [], time.monotonic() + 0.5

    def read():
        until = time.monotonic() + PATIENCE_S
        while len(waits) < records and time.monotonic() < until:
            for message in consumer.consume(100, 0.001):
                if message.error() is None:
                    due = begun + json.loads(message.value())["id"] / rate
                    waits.append((time.monotonic() - due) * 1000)

    reader = threading.Thread(target=read)
    reader.start()
    for i in range(records):
        due = begun + i / rate
        while (now := time.monotonic()) < due:
            producer.poll(min(due - now, 0.001))
        producer.produce(given, key=str(i % 1000), value=f'{{"id":{i}}}')
    producer.flush(PATIENCE_S)
    reader.join()
    waits = sorted(waits[records // 10:])  # the first tenth warms up
    return {"p50": statistics.median(waits), "p99": waits[len(waits) * 99 // 100]}


if __name__ == "__main__":
    COMMANDS = {"make": make, "drop": drop, "ends": ends, "wait": wait, "paced": paced}
    print(json.dumps(COMMANDS[sys.argv[2]](sys.argv[1], *sys.argv[3:])))
