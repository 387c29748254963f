# SPDX-License-Identifier: Apache-2.0
"""Runs a NEXMark query with Bytewax and orjson, file to file, a thousand lines an operator call:
bytewax_nexmark.py q0|q1|q2 INPUT OUTPUT"""
import sys

import bytewax.operators as op
import orjson
from bytewax.connectors.files import FileSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main

QUERY, SOURCE, OUTPUT = sys.argv[1:4]


class Lines(StatelessSinkPartition):
    """Writes what it is given, a batch at a time. (The file sink that comes with it wants a key
    for every line.)"""

    def __init__(self):
        self.file = open(OUTPUT, "wb", buffering=1 << 20)

    def write_batch(self, items):
        self.file.write(b"".join(items))

    def close(self):
        self.file.close()


class LinesSink(DynamicSink):
    def build(self, step_id, worker_index, worker_count):
        return Lines()


def bids(lines):
    for line in lines:
        event = orjson.loads(line)
        if event["event_type"] == 2:
            yield event["bid"]


def again(bid, price):
    return orjson.dumps({"auction": bid["auction"], "bidder": bid["bidder"], "price": price,
                         "dateTime": bid["dateTime"], "extra": bid["extra"]},
                        option=orjson.OPT_APPEND_NEWLINE)


def q0(lines):
    return [again(bid, bid["price"]) for bid in bids(lines)]


def q1(lines):
    return [again(bid, 0.908 * bid["price"]) for bid in bids(lines)]


def q2(lines):
    return [orjson.dumps({"auction": bid["auction"], "price": bid["price"]},
                         option=orjson.OPT_APPEND_NEWLINE)
            for bid in bids(lines) if bid["auction"] % 123 == 0]


flow = Dataflow(QUERY)
events = op.input("read", flow, FileSource(SOURCE, batch_size=1000))
op.output("write", op.flat_map_batch("query", events, {"q0": q0, "q1": q1, "q2": q2}[QUERY]),
          LinesSink())
run_main(flow)
