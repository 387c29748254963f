#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which of many damaged documents are JSON: our parser must say what Python's json and Perl's
JSON::PP say. Where those two are known to be laxer than RFC 8259, EXPLAINED says why.

Usage: compare.py PROGRAM [SEED [COUNT]]
"""
import json
import pathlib
import random
import re
import struct
import subprocess
import sys

SEEDS = [
    b'{"event_type":2,"bid":{"auction":1001,"price":12.5e3,"channel":"a\\"b\\\\","x":null}}',
    b'[1,-2,3.25,0,-0.0,1e10,1E-5,[],{},[[]],{"a":{}},true,false,null,"",""]',
    '{"k\\u00e9y":"\\ud83d\\ude00 café € 😀","\\n\\t":["\\/","\\b\\f\\r"]}'.encode(),
    b' \t\r\n{ "a" : [ 1 , 2 ] , "b" : "c" } \n', b'"text"', b'12345', b'true', b'-0.5e+10',
    b'{"big":123456789012345678901234567890,"small":1e-400,"huge":1e400}',
]
PIECES = [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"0", b"1", b"-", b"+", b".", b"e", b"E",
          b" ", b"\n", b"\t", b"\x00", b"\x0b", b"\x1f", b"\x7f", b"\xff", b"\xc3", b"\xe2\x82",
          b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xf4\x90\x80\x80", b"\xc0\x80", b"null", b"true",
          b"nul", b"NaN", b"Infinity", b"\\u", b"\\u12", b"\\ud800", b"\\x", b"\\'", b"'", b"//",
          b"/**/", b"#", b"\xc2\xa0", b"01", b"1.", b".5", b"\xe2\x80\xa8"]


def damaged(rng):
    text = bytearray(rng.choice(SEEDS))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        at = rng.randrange(len(text) + 1)
        end = min(len(text), at + rng.choice((1, 1, 2, 5)))
        action = rng.randrange(5)
        if action == 0:
            del text[at:end]
        elif action == 1:
            text[at:at] = rng.choice(PIECES)
        elif action == 2:
            text[at:end] = rng.choice(PIECES)
        elif action == 3:
            text[at:at] = text[at:end]
        else:
            del text[at:]
    return bytes(text)


def python_says(text):
    def refuse(word):
        raise ValueError(word)
    try:
        json.loads(text.decode("utf-8"), parse_constant=refuse, parse_int=len, parse_float=len)
        return True
    except (ValueError, RecursionError):
        return False


def program_says(command, documents):
    stream = b"".join(struct.pack("<I", len(d)) + d for d in documents)
    run = subprocess.run(command, input=stream, stdout=subprocess.PIPE, check=True)
    if len(run.stdout) != len(documents):
        sys.exit(f"{command[0]} gave {len(run.stdout)} verdicts for {len(documents)} documents")
    return [c == ord("1") for c in run.stdout]


# What Perl judges otherwise than RFC 8259 does: (pattern in the document, why).
EXPLAINED = [
    (rb"\\u[dD][89a-fA-F]", "half a surrogate pair, which RFC 8259 section 8.2 lets pass and Perl "
                            "refuses"),
    (rb"\x00", "zero bytes, from which Perl concludes that the text is UTF-16 or UTF-32"),
]


def main():
    program, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 20_000
    rng = random.Random(seed)
    documents = list(dict.fromkeys(damaged(rng) for _ in range(count * 3)))[:count]
    judge = str(pathlib.Path(__file__).with_name("judge.pl"))
    ours = program_says([program], documents)
    perls = program_says(["perl", judge], documents)
    wrong, explained = 0, {}
    for text, our, perl in zip(documents, ours, perls):
        python = python_says(text)
        if our == python == perl:
            continue
        why = next((why for pattern, why in EXPLAINED if re.search(pattern, text)), None)
        if our == python and why:
            explained[why] = explained.get(why, 0) + 1
            continue
        wrong += 1
        if wrong <= 20:
            print(f"ours {our}, Python {python}, Perl {perl}: {text!r}")
    for why, n in explained.items():
        print(f"{n} documents: {why}")
    print(f"{len(documents)} documents, {sum(ours)} of them JSON, {wrong} verdicts differ "
          f"(seed {seed})")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
