#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Codecs against implementations that are not ours, in both directions, over seeded random values.

peers.py CODEC_CONVERT FOLDER: FOLDER is what tools/get_codec_peers made; exit 77 without it.
"""
import base64
import csv
import datetime
import decimal
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import uuid

ROUNDS = 300
SEED = 20240501
CONVERT = sys.argv[1]
UTC = datetime.timezone.utc


def convert(what, options, lines):
    """Runs our codec over lines; gives lines. JSON is a subset of YAML."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(json.dumps(options))
        file.flush()
        done = subprocess.run([CONVERT, what, file.name], input="\n".join(lines) + "\n",
                              capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


def decode(options, payloads):
    return [json.loads(line) if not line.startswith("error ") else line
            for line in convert("decode", options, [p.hex() for p in payloads])]


def encode(options, values):
    out = []
    for line in convert("encode", options, [json.dumps(v) for v in values]):
        assert not line.startswith("error "), line
        out.append(bytes.fromhex(line))
    return out


def same(ours, theirs, what):
    if ours != theirs:
        sys.exit(f"peers: {what}:\n  ours:   {ours!r}\n  theirs: {theirs!r}")


def text(chance, size=12):
    letters = "abcXYZ 09,;\"'\\=\n\r\t|{}[]:-.%&äß€𝄞"
    return "".join(chance.choice(letters) for _ in range(chance.randint(0, size)))


def value(chance, depth=3):
    kind = chance.randint(0, 7 if depth > 0 else 5)
    if kind == 0:
        return None
    if kind == 1:
        return chance.random() < 0.5
    if kind == 2:
        return chance.randint(-2**63, 2**64 - 1) >> chance.randint(0, 64)
    if kind == 3:
        return chance.uniform(-1e6, 1e6)
    if kind <= 5:
        return text(chance)
    if kind == 6:
        return [value(chance, depth - 1) for _ in range(chance.randint(0, 20))]
    return {text(chance, 6): value(chance, depth - 1) for _ in range(chance.randint(0, 20))}


def as_json(item):
    """What JSON has of a value: bytes as base64, times as RFC 3339."""
    if isinstance(item, dict):
        return {key: as_json(each) for key, each in item.items()}
    if isinstance(item, (list, tuple)):
        return [as_json(each) for each in item]
    if isinstance(item, bytes):
        return base64.b64encode(item).decode()
    if isinstance(item, datetime.datetime):
        zone = "Z" if item.tzinfo else ""
        out = item.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
        return out + (f".{item.microsecond:06d}".rstrip("0") if item.microsecond else "") + zone
    if isinstance(item, datetime.date):
        return item.isoformat()
    if isinstance(item, datetime.time):
        out = item.strftime("%H:%M:%S")
        return out + (f".{item.microsecond:06d}".rstrip("0") if item.microsecond else "")
    if isinstance(item, uuid.UUID):
        return str(item)
    return item


def check_msgpack(chance):
    import msgpack
    values = [value(chance) for _ in range(ROUNDS)]
    options = {"format": "msgpack"}
    same(decode(options, [msgpack.packb(v) for v in values]), values, "msgpack: read")
    back = [msgpack.unpackb(p, strict_map_key=False) for p in
            convert_each(options, values)]
    same(back, values, "msgpack: written")
    special = [b"\xff\x00", datetime.datetime(1999, 1, 2, 3, 4, 5, 678901, UTC),
               datetime.datetime(2600, 1, 1, tzinfo=UTC), datetime.datetime(1900, 1, 1, tzinfo=UTC)]
    same(decode(options, [msgpack.packb(v, datetime=True) for v in special]),
         [as_json(v) for v in special], "msgpack: bytes and times")


def convert_each(options, values):
    """One payload a value, of an encoder that could put all into one."""
    out = []
    for each in values:
        out += encode(options, [each])
    return out


def check_csv(chance):
    for delimiter in ",;\t":
        names = [f"c{i}" for i in range(chance.randint(2, 6))]
        rows = [{n: text(chance) for n in names} for _ in range(ROUNDS)]
        options = {"format": "csv", "csv": {"delimiter": delimiter, "header": True}}
        theirs = io.StringIO(newline="")
        writer = csv.DictWriter(theirs, names, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
        same(decode(options, [theirs.getvalue().encode()]), rows, "csv: read")
        ours = encode({**options, "payload_records": 1000}, rows)[0].decode()
        back = list(csv.DictReader(io.StringIO(ours, newline=""), delimiter=delimiter))
        same(back, rows, "csv: written")


AVRO = {
    "type": "record", "name": "All", "namespace": "peer", "fields": [
        {"name": "i", "type": "int"}, {"name": "l", "type": "long"},
        {"name": "f", "type": "float"}, {"name": "d", "type": "double"},
        {"name": "b", "type": "boolean"}, {"name": "s", "type": "string"},
        {"name": "y", "type": "bytes"},
        {"name": "x", "type": {"type": "fixed", "name": "X", "size": 5}},
        {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B", "C"]}},
        {"name": "a", "type": {"type": "array", "items": ["null", "string", "long"]}},
        {"name": "m", "type": {"type": "map", "values": {"type": "array", "items": "double"}}},
        {"name": "child", "type": ["null", "All"], "default": None},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "clock", "type": {"type": "long", "logicalType": "time-micros"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "local", "type": {"type": "long", "logicalType": "local-timestamp-millis"}},
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "money", "type": {"type": "bytes", "logicalType": "decimal", "precision": 30,
                                   "scale": 4}},
    ]}


def avro_record(chance, depth=2):
    nested = avro_record(chance, depth - 1) if depth > 0 and chance.random() < 0.5 else None
    return {
        "i": chance.randint(-2**31, 2**31 - 1),
        "l": chance.randint(-2**63, 2**63 - 1) >> chance.randint(0, 60),
        "f": chance.randint(-1000, 1000) / 8, "d": chance.uniform(-1e9, 1e9),
        "b": chance.random() < 0.5, "s": text(chance), "y": chance.randbytes(4),
        "x": chance.randbytes(5), "e": chance.choice("ABC"),
        "a": [chance.choice([None, text(chance), chance.randint(0, 99)]) for _ in range(4)],
        "m": {text(chance): [chance.random() for _ in range(3)] for _ in range(3)},
        "child": nested,
        "day": datetime.date(chance.randint(1, 9999), 3, 4),
        "clock": datetime.time(chance.randint(0, 23), 1, 2, chance.randint(0, 999999)),
        "at": datetime.datetime(chance.randint(1000, 9999), 1, 2, 3, 4, 5,
                                chance.randint(0, 999999), UTC),
        "local": datetime.datetime(2024, 1, 2, 3, 4, 5, chance.randint(0, 999) * 1000),
        "id": uuid.UUID(int=chance.getrandbits(128)),
        "money": decimal.Decimal(chance.randint(-10**20, 10**20)).scaleb(-4),
    }


def money_as(item, kind):
    """JSON numbers as decimals, for comparing."""
    if item is None:
        return None
    return {**item, "money": kind(item["money"]), "child": money_as(item["child"], kind)}


def avro_json(record):
    return money_as(as_json(record), str)


def exact_json(line):
    return json.loads(line, parse_float=decimal.Decimal)


def plain(item):
    if isinstance(item, decimal.Decimal):
        return float(item)
    if isinstance(item, dict):
        return {k: str(v.normalize()) if k == "money" and isinstance(v, decimal.Decimal)
                else str(decimal.Decimal(v).normalize()) if k == "money" else plain(v)
                for k, v in item.items()}
    return [plain(each) for each in item] if isinstance(item, list) else item


def check_avro(chance):
    import fastavro
    records = [avro_record(chance) for _ in range(ROUNDS)]
    wanted = [plain(as_json(r)) for r in records]
    schema = json.dumps(AVRO)
    for ours, theirs in [("none", "null"), ("deflate", "deflate"), ("snappy", "snappy"),
                         ("zstandard", "zstandard")]:
        file = io.BytesIO()
        fastavro.writer(file, AVRO, records, codec=theirs, sync_interval=2000)
        lines = convert("decode", {"format": "avro"}, [file.getvalue().hex()])
        same([plain(exact_json(line)) for line in lines], wanted, f"avro: read, {theirs}")
        options = {"format": "avro", "avro": {"schema": schema, "compression": ours}}
        made = encode(options, [avro_json(r) for r in records])
        back = list(fastavro.reader(io.BytesIO(made[0])))
        same([plain(as_json(r)) for r in back], wanted, f"avro: written, {theirs}")
    same(int.from_bytes(bytes.fromhex(fastavro.schema.fingerprint(
        fastavro.schema.to_parsing_canonical_form(AVRO), "CRC-64-AVRO")), "little"),
        single_object_fingerprint(schema, records[0]), "avro: fingerprint")
    check_avro_resolution(fastavro, records)


def single_object_fingerprint(schema, record):
    options = {"format": "avro", "avro": {"schema": schema, "framing": "single_object"}}
    payload = encode(options, [avro_json(record)])[0]
    assert payload[:2] == b"\xc3\x01"
    return int.from_bytes(payload[2:10], "little")


def check_avro_resolution(fastavro, records):
    """A reader with fewer, renamed, promoted and defaulted fields."""
    reader = {"type": "record", "name": "All", "namespace": "peer", "fields": [
        {"name": "l", "type": "double"}, {"name": "whole", "aliases": ["i"], "type": "long"},
        {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "D"],
                               "default": "D"}},
        {"name": "added", "type": ["null", "string"], "default": None},
        {"name": "list", "type": {"type": "array", "items": "int"}, "default": [1, 2]},
        {"name": "s", "type": ["null", "string"]}]}
    payloads = []
    for record in records:
        out = io.BytesIO()
        fastavro.schemaless_writer(out, AVRO, record)
        payloads.append(out.getvalue())
    options = {"format": "avro", "avro": {"schema": json.dumps(reader), "framing": "raw",
                                          "writer_schemas": [json.dumps(AVRO)]}}
    theirs = [fastavro.schemaless_reader(io.BytesIO(p), AVRO, reader) for p in payloads]
    same(decode(options, payloads), theirs, "avro: resolved")


def peer_proto():
    from google.protobuf import descriptor_pb2 as d
    from google.protobuf import (any_pb2, duration_pb2, field_mask_pb2, struct_pb2,
                                 timestamp_pb2, wrappers_pb2)
    imports = [any_pb2, duration_pb2, field_mask_pb2, struct_pb2, timestamp_pb2, wrappers_pb2]
    file = d.FileDescriptorProto(name="peer.proto", package="peer", syntax="proto3")
    file.dependency.extend(m.DESCRIPTOR.name for m in imports)
    color = file.enum_type.add(name="Color")
    for number, name in enumerate(["NONE", "RED", "GREEN"]):
        color.value.add(name=name, number=number)
    all_ = file.message_type.add(name="All")
    field = d.FieldDescriptorProto
    scalars = ["double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool",
               "string", "bytes", "uint32", "sfixed32", "sfixed64", "sint32", "sint64"]
    for number, name in enumerate(scalars, 1):
        kind = getattr(field, "TYPE_" + name.upper())
        all_.field.add(name="a_" + name, number=number, type=kind, label=1)
        all_.field.add(name="many_" + name, number=number + 50, type=kind, label=3)
    all_.field.add(name="color", number=20, type=field.TYPE_ENUM, type_name=".peer.Color", label=1)
    all_.field.add(name="child", number=21, type=field.TYPE_MESSAGE, type_name=".peer.All", label=1)
    all_.field.add(name="children", number=22, type=field.TYPE_MESSAGE, type_name=".peer.All",
                   label=3)
    entry = all_.nested_type.add(name="ByIdEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=field.TYPE_INT64, label=1)
    entry.field.add(name="value", number=2, type=field.TYPE_MESSAGE, type_name=".peer.All", label=1)
    all_.field.add(name="by_id", number=23, type=field.TYPE_MESSAGE,
                   type_name=".peer.All.ByIdEntry", label=3)
    all_.oneof_decl.add(name="pick")
    all_.field.add(name="pick_number", number=24, type=field.TYPE_INT32, label=1, oneof_index=0)
    all_.field.add(name="pick_text", number=25, type=field.TYPE_STRING, label=1, oneof_index=0)
    for number, name in enumerate(["Timestamp", "Duration", "Struct", "Int64Value", "FieldMask",
                                   "Any", "Value"], 30):
        all_.field.add(name="the_" + name.lower(), number=number, type=field.TYPE_MESSAGE,
                       type_name=".google.protobuf." + name, label=1)
    files = d.FileDescriptorSet()
    for module in imports:
        module.DESCRIPTOR.CopyToProto(files.file.add())
    files.file.add().CopyFrom(file)
    return file, files


def fill(chance, message, depth=2):
    limits = {"int64": 63, "sint64": 63, "sfixed64": 63, "int32": 31, "sint32": 31, "sfixed32": 31}
    unsigned = {"uint64": 64, "fixed64": 64, "uint32": 32, "fixed32": 32}
    for kind in list(limits) + list(unsigned) + ["double", "float", "bool", "string", "bytes"]:
        def one():
            if kind in limits:
                return chance.randint(-2**limits[kind], 2**limits[kind] - 1)
            if kind in unsigned:
                return chance.randint(0, 2**unsigned[kind] - 1)
            if kind == "bool":
                return chance.random() < 0.5
            if kind == "bytes":
                return chance.randbytes(3)
            if kind == "string":
                return text(chance)
            return chance.randint(-10**6, 10**6) / 16 if kind == "float" else chance.uniform(-9, 9)
        if chance.random() < 0.6:
            setattr(message, "a_" + kind, one())
        if chance.random() < 0.3:
            getattr(message, "many_" + kind).extend(one() for _ in range(chance.randint(1, 5)))
    message.color = chance.randint(0, 4)
    if chance.random() < 0.5:
        message.pick_number = 0
    else:
        message.pick_text = text(chance)
    message.the_timestamp.seconds = chance.randint(-62135596800, 253402300799)
    message.the_timestamp.nanos = chance.choice([0, 500000000, 123456789, 1000])
    message.the_duration.seconds = chance.randint(0, 10**6)
    message.the_duration.nanos = chance.choice([0, 999999999, 250000000])
    message.the_struct.update({"a": [1.5, None, {"b": "x"}], "c": chance.random() < 0.5})
    message.the_int64value.value = chance.randint(-2**63, 2**63 - 1)
    message.the_fieldmask.paths.extend(["user.display_name", "photo"])
    message.the_value.list_value.extend(["x", 2.5])
    if depth == 0:
        return
    message.the_any.Pack(message.the_duration)
    for target in [message.child, message.children.add(), message.by_id[chance.randint(-9, 9)]]:
        if chance.random() < 0.5:
            fill(chance, target, depth - 1)


def check_protobuf(chance):
    from google.protobuf import descriptor_pool, json_format, message_factory
    file, files = peer_proto()
    pool = descriptor_pool.Default()
    pool.Add(file) if hasattr(pool, "Add") else pool.AddSerializedFile(file.SerializeToString())
    make = message_factory.GetMessageClass(pool.FindMessageTypeByName("peer.All"))
    with tempfile.NamedTemporaryFile(suffix=".binpb") as set_file:
        set_file.write(files.SerializeToString())
        set_file.flush()
        part = {"descriptor_set": set_file.name, "message": "peer.All"}
        messages = []
        for _ in range(ROUNDS // 3):
            messages.append(make())
            fill(chance, messages[-1])
        payloads = [m.SerializeToString() for m in messages]
        as_text = {"format": "protobuf", "protobuf": {**part, "int64_text": True}}
        for line, message in zip(convert("decode", as_text, [p.hex() for p in payloads]),
                                 messages):
            back = make()
            json_format.Parse(line, back)
            same(back, message, "protobuf: our JSON, read by theirs")
            same(keys(json.loads(line)), keys(json_format.MessageToDict(message)),
                 "protobuf: names of members")
        options = {"format": "protobuf", "protobuf": part}
        theirs = [json_format.MessageToDict(m) for m in messages]
        for payload, message in zip(encode(options, theirs), messages):
            back = make()
            back.ParseFromString(payload)
            same(back, message, "protobuf: their JSON, written by us")


def keys(item):
    if isinstance(item, dict):
        return {key: keys(each) for key, each in item.items()}
    return [keys(each) for each in item] if isinstance(item, list) else None


def check_cloud_events(chance):
    from cloudevents.v1 import conversion
    from cloudevents.v1.http import CloudEvent, from_http
    for _ in range(30):
        attributes = {"type": "com.example.order", "source": "/shop/" + str(chance.randint(0, 9)),
                      "subject": "a%b \"c\" " + chance.choice(["x", "ü€"]),
                      "ext": text(chance).strip() or "e",
                      "datacontenttype": "application/json"}
        attributes["ext"] = "".join(c for c in attributes["ext"] if c >= " " and c != "\\")  or "e"
        attributes["subject"] = "plain" if chance.random() < 0.5 else "s p"
        data = {"a": value(chance, 1)}
        event = CloudEvent(attributes, data)
        headers, body = conversion.to_structured(event)
        ours = decode_with_headers({"format": "cloudevents"}, headers, body)
        for name, wanted in attributes.items():
            same(ours[name], wanted, "cloudevents: structured " + name)
        same(ours["data"], data, "cloudevents: structured data")
        made = convert("encode", {"format": "cloudevents"}, [json.dumps(ours)])
        back = from_http(*http_of(made))
        same((back.data, back["ext"], back["id"]), (data, attributes["ext"], event["id"]),
             "cloudevents: written structured")
        binary = {k: v for k, v in ours.items() if k != "ext"}
        made = convert("encode", {"format": "cloudevents", "cloudevents": {"mode": "binary"}},
                       [json.dumps(binary)])
        back = from_http(*http_of(made))
        same((back.data, back["id"], back["time"]), (data, event["id"], event["time"]),
             "cloudevents: written binary")
        headers, body = conversion.to_binary(back)
        ours = decode_with_headers({"format": "cloudevents"}, headers, body)
        same((ours["id"], ours["data"]), (event["id"], data), "cloudevents: read binary")


def decode_with_headers(options, headers, body):
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return json.loads(convert("decode", options, lines + [bytes(body).hex()])[0])


def http_of(lines):
    headers = dict(line.split(": ", 1) for line in lines[:-1])
    return headers, bytes.fromhex(lines[-1])


def main():
    python = os.path.join(sys.argv[2], "bin", "python")
    if not os.path.exists(python):
        print("peers: no " + sys.argv[2] + "; tools/get_codec_peers makes it")
        return 77
    if os.path.realpath(sys.prefix) != os.path.realpath(sys.argv[2]):
        os.execv(python, [python, "-B"] + sys.argv)
    for check in [check_msgpack, check_csv, check_avro, check_protobuf, check_cloud_events]:
        check(random.Random(SEED))
        print(check.__name__.replace("check_", "") + ": the same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
