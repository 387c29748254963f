# SPDX-License-Identifier: Apache-2.0
"""Runs a NEXMark query with DuckDB, file to file: duckdb_nexmark.py q0|q1|q2 INPUT OUTPUT"""
import sys

import duckdb

QUERIES = {
    "q0": "select bid.auction, bid.bidder, bid.price, bid.dateTime, bid.extra from events "
          "where event_type = 2",
    "q1": "select bid.auction, bid.bidder, 0.908e0 * bid.price as price, bid.dateTime, bid.extra "
          "from events where event_type = 2",
    "q2": "select bid.auction, bid.price from events "
          "where event_type = 2 and bid.auction % 123 = 0",
}
BIDS = {
    "q0": "auction BIGINT, bidder BIGINT, price BIGINT, \"dateTime\" VARCHAR, extra VARCHAR",
    "q2": "auction BIGINT, price BIGINT",
}

QUERY, SOURCE, OUTPUT = sys.argv[1:4]
duckdb.connect().sql(f"""
  copy (with events as (
          from read_json('{SOURCE}', format = 'newline_delimited', columns = {{
            event_type: 'INTEGER', bid: 'STRUCT({BIDS.get(QUERY, BIDS["q0"])})'}}))
        {QUERIES[QUERY]})
  to '{OUTPUT}' (format json)""")
