# SPDX-License-Identifier: Apache-2.0
"""Whether two systems made the same of the same: by rows and sums, whatever the order of rows, of
members, and the way in which numbers are written."""
from concurrent import futures
import json
import math
import zlib


def sums(paths):
    """Rows of files of JSON objects, and for each member a sum: of numbers, of checksums of
    texts; members of members are named by their path."""
    rows, totals = 0, {}
    for path in paths:
        with open(path, "rb") as file:
            for line in file:
                rows += 1
                add_members(totals, "", json.loads(line))
    return rows, totals


def all_sums(outputs):
    """sums() of each of these lists of files; by as many processes as there are cores."""
    with futures.ProcessPoolExecutor() as pool:
        return list(pool.map(sums, outputs))


def add_members(totals, prefix, row):
    for name, value in row.items():
        if isinstance(value, dict):
            add_members(totals, prefix + name + ".", value)
            continue
        if isinstance(value, str):
            value = zlib.crc32(value.encode())
        totals[prefix + name] = totals.get(prefix + name, 0) + value


def require_same(name, found, wanted):
    """Both from sums(). A sum of many fractions may differ in its last digits."""
    same = found[0] == wanted[0] and found[1].keys() == wanted[1].keys() and all(
        math.isclose(value, wanted[1][key], rel_tol=1e-9) for key, value in found[1].items())
    if not same:
        raise RuntimeError(f"{name} made something else: {found}, not {wanted}")
