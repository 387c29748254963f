# SPDX-License-Identifier: Apache-2.0
"""The kafka source and sink, as their users see them, against a real broker."""
import itertools
import json
import os
import signal
import subprocess
import unittest

import confluent_kafka

import cluster
from cluster import AT, BROKERS
from program import Case, flow, objects

NUMBERS = itertools.count()


def name(what):
    return f"{what}-{os.getpid()}-{next(NUMBERS)}"


def source(topic, **config):
    return {"name": "in", "type": "kafka", "threads": 1,
            "config": {"brokers": BROKERS, "topics": [topic], "follow": False, **config}}


def sink(topic, **config):
    return {"name": "out", "type": "kafka", "threads": 1,
            "config": {"brokers": BROKERS, "topic": topic, **config}}


def lines(**config):
    return {"name": "out", "type": "stdout", "threads": 1, "config": config}


class KafkaCase(Case):
    def run_flow(self, *stages, code=0, state=True, **more):
        file = self.write("flow.yaml", flow(*stages, name="flow", **more))
        where = ("--state", "state") if state else ("--no-state",)
        result = self.penstock("run", *where, "--output", "json", file)
        self.assertEqual(result.returncode, code, result.stderr)
        return result

    def start_flow(self, *stages, state="state", **more):
        file = self.write(f"{state}.yaml", flow(*stages, name="flow", job=False, **more))
        return self.start("run", "--state", state, "--output", "json", file)


class Contents(KafkaCase):
    def test_keys_headers_times_and_tombstones_come_and_go(self):
        given, taken = cluster.make_topic(name("in"), 3), cluster.make_topic(name("out"), 3)
        cluster.write(given, [
            {"value": "v1", "key": "k1", "headers": [("h", b"1"), ("h", b"2"), ("e", b"")],
             "timestamp": 1_700_000_000_123},
            {"value": None, "key": "k2", "timestamp": 1_700_000_000_456},
            {"value": "", "key": "k3"},
            {"value": "v4", "key": None, "partition": 1},
            {"value": "v5", "key": "", "partition": 2}])
        self.run_flow(source(given), sink(taken))
        def all_of(topic):
            return sorted(((m.value(), m.key(), m.headers() or None, m.timestamp()[1])
                           for part in cluster.read(topic).values() for m in part), key=repr)
        self.assertEqual(all_of(taken), all_of(given))
        self.assertEqual(len(all_of(taken)), 5)

    def test_every_compression_is_written_and_read(self):
        for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
            with self.subTest(codec):
                given, taken = cluster.make_topic(name("in")), cluster.make_topic(name("out"))
                records = [f"record {i} " + "x" * 100 for i in range(500)]
                cluster.write(given, records, **{"compression.type": codec})
                self.run_flow(source(given), sink(taken, compression=codec), state=False)
                self.assertEqual([v.decode() for v in cluster.values(taken)], records)

    def test_partitions_are_those_of_the_java_client(self):
        java, ours = cluster.make_topic(name("java"), 7), cluster.make_topic(name("ours"), 7)
        keys = [f"key-{i}" for i in range(200)] + ["ключ", "a", "ab", "abc", "abcd", "abcde"]
        cluster.tool("ConsoleProducer", "--bootstrap-server", BROKERS, "--topic", java,
                     "--reader-property", "parse.key=true",
                     "--reader-property", "key.separator==",
                     given="".join(f"{k}=v\n" for k in keys))
        self.run_flow(source(java), sink(ours))
        def by_key(topic):
            return {m.key(): p for p, part in cluster.read(topic).items() for m in part}
        self.assertEqual(by_key(ours), by_key(java))
        self.assertEqual(len(by_key(ours)), len(keys))

    def test_the_console_consumer_reads_what_we_write(self):
        given, taken = cluster.make_topic(name("in")), cluster.make_topic(name("out"))
        cluster.write(given, [{"value": "v", "key": "k", "headers": [("h", b"x")],
                               "timestamp": 1_700_000_000_123}])
        self.run_flow(source(given), sink(taken))
        shown = cluster.tool(
            "consumer.ConsoleConsumer", "--bootstrap-server", BROKERS, "--topic", taken,
            "--from-beginning", "--max-messages", "1", "--formatter-property", "print.key=true",
            "--formatter-property", "print.headers=true", "--formatter-property",
            "print.timestamp=true")
        self.assertIn("CreateTime:1700000000123\th:x\tk\tv", shown)

    def test_a_sink_makes_its_topic(self):
        given, taken = cluster.make_topic(name("in")), name("made")
        cluster.write(given, ["a"])
        self.run_flow(source(given), sink(taken, create=True, partitions=5,
                                          topic_config={"max.message.bytes": "2000"}))
        self.assertEqual(len(cluster.read(taken)), 5)
        self.assertEqual(cluster.values(taken), [b"a"])


class Places(KafkaCase):
    def ten(self):
        topic = cluster.make_topic(name("in"))
        cluster.write(topic, [{"value": str(i), "timestamp": 1000 * (i + 1)} for i in range(10)])
        return topic

    def test_reading_starts_where_it_is_told_to(self):
        topic = self.ten()
        def first(**config):
            out = self.run_flow(source(topic, **config), lines(), state=False).stdout
            return out.splitlines()[:1]
        self.assertEqual(first(), ["0"])
        self.assertEqual(first(start="latest"), [])
        self.assertEqual(first(start="time", start_time_ms=4500), ["4"])
        self.assertEqual(first(start="time", start_time_ms=99_000), [])
        self.assertEqual(first(start="offsets", start_offsets={"0": 7}), ["7"])
        self.assertEqual(first(start="offsets", start_offsets={f"{topic}/0": 8}), ["8"])

    def test_offsets_that_are_gone_stop_or_are_skipped(self):
        topic = self.ten()
        refused = self.run_flow(source(topic, start="offsets", start_offsets={"0": 77}), lines(),
                                code=1, state=False)
        self.assertIn("kafka-offset-gone", refused.stderr)
        skipped = self.run_flow(source(topic, start="offsets", start_offsets={"0": 77},
                                       lost="skip"), lines(), state=False)
        self.assertEqual(len(skipped.stdout.splitlines()), 10)

    def test_a_group_goes_on_behind_what_was_delivered(self):
        topic, group = self.ten(), name("group")
        process = self.start_flow(source(topic, follow=True, group=group), lines())
        seen = [self.wait_for_line(process.stdout, bool) for _ in range(10)]
        self.assertEqual([line.strip() for line in seen], [str(i) for i in range(10)])
        code, _, err = self.stop(process)
        self.assertEqual(code, 0, err)
        self.assertEqual(cluster.group_offsets(group, topic), {0: 10})
        cluster.write(topic, ["10"])
        again = self.start_flow(source(topic, follow=True, group=group), lines(), state="other")
        self.assertEqual(self.wait_for_line(again.stdout, bool), "10\n")
        self.stop(again)

    def test_a_group_that_was_reset_is_followed(self):
        topic, group = self.ten(), name("group")
        for begin, then in ((0, 3), (3, 8), (8, 0)):
            process = self.start_flow(source(topic, follow=True, group=group), lines())
            for i in range(begin, 10):
                self.assertEqual(self.wait_for_line(process.stdout, bool), f"{i}\n")
            code, _, err = self.stop(process)
            self.assertEqual(code, 0, err)
            said = cluster.tool("consumer.group.ConsumerGroupCommand", "--bootstrap-server",
                                BROKERS, "--group", group, "--topic", topic, "--reset-offsets",
                                "--to-offset", str(then), "--execute")
            self.assertRegex(said, rf"{topic}\s+0\s+{then}\s")

    def test_a_pattern_reads_all_topics_that_match(self):
        stem = name("many")
        for suffix in "ab":
            cluster.write(cluster.make_topic(f"{stem}-{suffix}"), [suffix])
        process = self.start_flow(source(f"^{stem}-.*", follow=True, group=name("group")), lines())
        seen = {self.wait_for_line(process.stdout, bool).strip() for _ in range(2)}
        self.assertEqual(seen, {"a", "b"})
        self.stop(process)

    def test_members_share_partitions_and_lose_nothing_when_one_leaves(self):
        topic, taken = cluster.make_topic(name("in"), 4), cluster.make_topic(name("out"), 4)
        group = name("group")
        cluster.write(topic, [{"value": str(i), "key": str(i % 50)} for i in range(5000)])
        config = {"follow": True, "group": group}
        first = self.start_flow(source(topic, **config), sink(taken), state="first")
        cluster.read(taken, 5000)
        second = self.start_flow(source(topic, **config), sink(taken), state="second")
        self.wait_for_line(second.stderr, lambda line: "the group gives partitions" in line)
        cluster.write(topic, [{"value": str(i), "key": str(i % 50)} for i in range(5000, 10000)])
        cluster.read(taken, 10_000)
        for process in (first, second):
            code, _, err = self.stop(process)
            self.assertEqual(code, 0, err)
        got = sorted(int(v) for v in cluster.values(taken))
        self.assertEqual(got, list(range(10_000)), "an orderly move repeats nothing")


class Refusals(KafkaCase):
    def fails(self, stages, *words, command="run"):
        file = self.write("flow.yaml", flow(*stages, name="flow"))
        given = ("run", "--no-state", file) if command == "run" else (command, file)
        result = self.penstock(*given)
        self.assertNotEqual(result.returncode, 0)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertNotIn("secret", result.stderr)
        return result

    def test_a_wrong_broker_is_named(self):
        config = {"brokers": "127.0.0.1:1", "connect_timeout": "2s"}
        self.fails([source("t", **config), lines()], "kafka-unreachable", "127.0.0.1:1", "refused")
        self.fails([source("t", brokers=AT["tls"], connect_timeout="2s"), lines()],
                   "kafka-unreachable")

    def test_wrong_credentials_are_told_at_once(self):
        for mechanism in ("plain", "scram_sha_256"):
            config = {"brokers": AT["sasl"], "connect_timeout": "60s",
                      "sasl": {"mechanism": mechanism, "user": "admin", "password": "a-secret"}}
            self.fails([source("t", **config), lines()], "kafka-credentials")

    def test_a_missing_topic_is_named(self):
        self.fails([source("no-such-topic"), lines()], "kafka-topic-missing", "no-such-topic")
        topic = cluster.make_topic(name("in"))
        self.fails([source(topic), sink("no-such-topic")], "kafka-topic-missing", "no-such-topic")

    def test_properties_are_checked_before_anything_runs(self):
        topic = "t"
        for properties, word in (({"fetch.min.byte": "1"}, "fetch.min.byte"),
                                 ({"fetch.min.bytes": "many"}, "fetch.min.bytes"),
                                 ({"group.id": "g"}, "option group"),
                                 ({"ssl.key.password": "a-secret", "x.y": "a-secret"}, "x.y")):
            self.fails([source(topic, properties=properties), lines()], "kafka-bad-property", word,
                       command="validate")
        self.fails([source(topic), sink(topic, compression="brotli")], "brotli", "zstd",
                   command="validate")

    def test_records_that_are_too_large_are_put_aside_alone(self):
        given, taken, dead = (cluster.make_topic(name("in")),
                              cluster.make_topic(name("out"), max_message_bytes=2000),
                              cluster.make_topic(name("dead")))
        cluster.write(given, ["small", "x" * 3000, "also small"])
        file = self.write("flow.yaml", json.dumps({
            "name": "flow", "execution": {"mode": "EXECUTION_MODE_JOB"},
            "queues": [{"name": "read"}, {"name": "dead"}],
            "stages": [{**source(given), "output_queue": "read"},
                       {**sink(taken), "input_queue": "read", "dead_letter": "dead"},
                       {**sink(dead), "name": "aside", "input_queue": "dead"}]}))
        result = self.penstock("run", "--no-state", file)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(cluster.values(taken), [b"small", b"also small"])
        (letter,) = cluster.read(dead)[0]
        self.assertEqual(letter.value(), b"x" * 3000)
        self.assertIn(("penstock-error-code", b"record-too-large"), letter.headers())

    def test_what_the_broker_refuses_is_put_aside_and_nothing_is_lost(self):
        for guarantee in ("at_least_once", "exactly_once"):
            with self.subTest(guarantee):
                given, taken = (cluster.make_topic(name("in")),
                                cluster.make_topic(name("out"), cleanup_policy="compact"))
                dead = cluster.make_topic(name("dead"))
                cluster.write(given, [{"value": str(i), "key": None if i == 50 else f"k{i}"}
                                      for i in range(100)])
                file = self.write("flow.yaml", json.dumps({
                    "name": "flow", "execution": {"mode": "EXECUTION_MODE_JOB"},
                    "guarantee": guarantee, "queues": [{"name": "read"}, {"name": "dead"}],
                    "stages": [{**source(given), "output_queue": "read"},
                               {**sink(taken), "input_queue": "read", "dead_letter": "dead"},
                               {**sink(dead), "name": "aside", "input_queue": "dead"}]}))
                result = self.penstock("run", "--state", name("state"), file)
                self.assertEqual(result.returncode, 0, result.stderr)
                letters = [int(v) for v in cluster.values(dead)]
                self.assertIn(50, letters)
                everywhere = sorted(letters + [int(v) for v in cluster.values(taken)])
                if guarantee == "at_least_once":
                    everywhere = sorted(set(everywhere))
                self.assertEqual(everywhere, list(range(100)))

    def test_a_permission_that_is_taken_away_stops_the_pipeline(self):
        given, taken = cluster.make_topic(name("in")), cluster.make_topic(name("out"))
        group = name("group")
        for what in ((taken, "WRITE"), (taken, "DESCRIBE")):
            cluster.allow("alice", what[1], "TOPIC", what[0])
        cluster.write(given, ["a"])
        sasl = {"mechanism": "plain", "user": "alice", "password": "alice-secret"}
        process = self.start_flow(source(given, follow=True, group=group),
                                  sink(taken, brokers=AT["sasl"], sasl=sasl))
        self.assertEqual([v for v in cluster.values(taken, 1)], [b"a"])
        cluster.allow("alice", "WRITE", "TOPIC", taken, allowed=False)
        cluster.write(given, ["b"])
        _, err = process.communicate(timeout=cluster.PATIENCE_S)
        self.assertEqual(process.returncode, 1, err)
        self.assertIn("kafka-unauthorized", err)
        self.assertNotIn("alice-secret", err)
        cluster.allow("alice", "WRITE", "TOPIC", taken)
        again = self.start_flow(source(given, follow=True, group=group),
                                sink(taken, brokers=AT["sasl"], sasl=sasl))
        self.assertIn(b"b", cluster.values(taken, 2))
        self.stop(again)


class Access(KafkaCase):
    def test_every_way_in_works(self):
        topic = cluster.make_topic(name("in"))
        cluster.write(topic, ["a", "b"])
        user = {"user": "admin", "password": "admin-secret"}
        tls = {"ca_file": AT["ca"], "certificate_file": AT["certificate"], "key_file": AT["key"]}
        for config in ({"brokers": AT["sasl"], "sasl": {"mechanism": "plain", **user}},
                       {"brokers": AT["sasl"], "sasl": {"mechanism": "scram_sha_256", **user}},
                       {"brokers": AT["sasl"], "sasl": {"mechanism": "scram_sha_512", **user}},
                       {"brokers": AT["tls"], "tls": tls}):
            with self.subTest(config):
                out = self.run_flow(source(topic, **config), lines(), state=False)
                self.assertEqual(out.stdout, "a\nb\n")
                self.assertNotIn("admin-secret", out.stderr)

    def test_a_certificate_of_another_authority_is_refused(self):
        file = self.write("flow.yaml", flow(
            source("t", brokers=AT["tls"], tls={}, connect_timeout="30s"), lines(), name="flow"))
        result = self.penstock("run", "--no-state", file)
        self.assertEqual(result.returncode, 1)
        self.assertIn("kafka-credentials", result.stderr)
        self.assertIn("certificate", result.stderr)


class Broker(unittest.TestCase):
    """What exactly once has to be able to count on."""

    def test_a_transaction_that_was_open_when_the_broker_was_killed_is_ended(self):
        partitions = 4
        topic = cluster.make_topic(name("open"), partitions)
        producer = confluent_kafka.Producer({
            "bootstrap.servers": BROKERS, "transactional.id": topic,
            "transaction.timeout.ms": 2000})
        producer.init_transactions(cluster.PATIENCE_S)
        producer.begin_transaction()
        for partition in range(partitions):
            producer.produce(topic, value="open", partition=partition)
        self.assertEqual(producer.flush(cluster.PATIENCE_S), 0)
        for command in ("kill", "start"):
            subprocess.run([cluster.TOOL, command, cluster.FOLDER], check=True,
                           stdout=subprocess.DEVNULL)
        cluster.write(topic, [{"value": "behind", "partition": p} for p in range(partitions)])
        self.assertEqual(cluster.values(topic, partitions), [b"behind"] * partitions,
                         "a partition without the end hides what is behind")


class Example(KafkaCase):
    def test_the_example_runs(self):
        self.env["KAFKA_BROKERS"] = BROKERS
        file = os.path.join(os.environ["PENSTOCK_SOURCE"], "src/connectors/kafka/example.yaml")
        for runs in (1, 2):
            result = self.penstock("run", "--no-state", file)
            self.assertEqual(result.returncode, 0, result.stderr)
            if runs == 1:
                first = len(cluster.values("orders"))
        self.assertEqual(len(cluster.values("orders")), first + 1000)


if __name__ == "__main__":
    unittest.main()
