# SPDX-License-Identifier: Apache-2.0
"""What DuckDB makes of NEXMark events: reference.py events EVENTS | QUERY EVENTS RESULTS

Compares with RESULTS row by row, in any order, prices to the third decimal. `events` looks whether
the events themselves are as they should be. Exit code 1: they are not."""
import json
import sys

import duckdb

EVENT = """event_type: 'INTEGER',
  person: 'STRUCT(id BIGINT, name VARCHAR, emailAddress VARCHAR, creditCard VARCHAR, city VARCHAR,
    state VARCHAR, dateTime TIMESTAMP, extra VARCHAR)',
  auction: 'STRUCT(id BIGINT, itemName VARCHAR, description VARCHAR, initialBid BIGINT,
    reserve BIGINT, dateTime TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT,
    extra VARCHAR)',
  bid: 'STRUCT(auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR,
    dateTime VARCHAR, extra VARCHAR)'"""

ID = "'(&|^)channel_id=([^&]*)'"
EUROS = "cast(0.908 * price as DECIMAL(23, 3))"
QUERIES = {
    "q0": "select auction, bidder, price, dateTime, extra from bid",
    "q1": f"select auction, bidder, {EUROS} as price, dateTime, extra from bid",
    "q2": "select auction, price from bid where auction % 123 = 0",
    "q14": f"""
        select auction, bidder, {EUROS} as price,
               case when hour(dateTime::TIMESTAMP) between 8 and 18 then 'dayTime'
                    when hour(dateTime::TIMESTAMP) <= 6 or hour(dateTime::TIMESTAMP) >= 20
                    then 'nightTime' else 'otherTime' end as bidTimeType,
               dateTime, extra, length(extra) - length(replace(extra, 'c', '')) as c_counts
        from bid where {EUROS} > 1000000 and {EUROS} < 50000000""",
    "q21": f"""
        select auction, bidder, price, channel,
               case lower(channel) when 'apple' then '0' when 'google' then '1'
                                   when 'facebook' then '2' when 'baidu' then '3'
                                   else regexp_extract(url, {ID}, 2) end as channel_id
        from bid where regexp_matches(url, {ID}) or
                       lower(channel) in ('apple', 'google', 'facebook', 'baidu')""",
    "q22": """
        select auction, bidder, price, channel, split_part(url, '/', 4) as dir1,
               split_part(url, '/', 5) as dir2, split_part(url, '/', 6) as dir3 from bid""",
}


def open_events(path):
    database = duckdb.connect()
    database.sql(f"""
        create view event as select * from read_json('{path}', format = 'newline_delimited',
                                                     columns = {{{EVENT}}});
        create view bid as select bid.* from event where event_type = 2""")
    return database


def check_events(database):
    """Claims about the events; prints those that do not hold."""
    claims = {
        "1 person, 3 auctions and 46 bids of 50": """
            select count(*) filter (event_type = 0 and person is not null) * 50 = count(*)
               and count(*) filter (event_type = 1 and auction is not null) * 50 = 3 * count(*)
               and count(*) filter (event_type = 2 and bid is not null) * 50 = 46 * count(*)
            from event""",
        "persons and auctions are numbered from 1000 without a gap": """
            select min(person.id) = 1000 and max(person.id) = 999 + count(distinct person.id)
               and min(auction.id) = 1000 and max(auction.id) = 999 + count(distinct auction.id)
            from event""",
        "every seller is a person, now or soon": """
            select min(auction.seller) >= 1000 and max(auction.seller) <= max(person.id) + 10
            from event""",
        "bidders count from 2000": """
            select min(bidder) >= 2000 and max(bidder) <= 1010 + (select max(person.id) from event)
            from bid""",
        "auctions end after they begin, and ask for more than they start with": """
            select bool_and(auction.expires > auction.dateTime and
                            auction.reserve > auction.initialBid) from event""",
        "half of the bids have one of four channels": """
            select avg((channel in ('Google', 'Facebook', 'Baidu', 'Apple'))::INTEGER)
                   between 0.48 and 0.52 from bid""",
        "there is every hour of a day": """
            select count(distinct hour(dateTime::TIMESTAMP)) = 24 from bid""",
    }
    wrong = [claim for claim, question in claims.items()
             if database.sql(question).fetchall() != [(True,)]]
    for claim in wrong:
        print(f"events: it is not so that {claim}")
    if not wrong:
        print(f"events: {len(claims)} claims hold")
    return not wrong


def check_query(database, query, results):
    database.sql(f"create view expected as {QUERIES[query]}")
    described = database.sql("describe expected").fetchall()
    names = [row[0] for row in described]
    with open(results, encoding="utf-8") as file:
        first = file.readline()
    if first and set(json.loads(first)) != set(names):
        print(f"{query}: members are {sorted(json.loads(first))}, not {sorted(names)}")
        return False
    columns = ", ".join(f"\"{row[0]}\": '{'DOUBLE' if row[1].startswith('DECIMAL') else row[1]}'"
                        for row in described)
    shown = ", ".join(f'cast("{row[0]}" as {row[1]}) as "{row[0]}"' for row in described)
    database.sql(f"""
        create view made as select {shown} from read_json(
            '{results}', format = 'newline_delimited', columns = {{{columns}}})""")
    counts = [database.sql(f"select count(*) from {rows}").fetchall()[0][0] for rows in (
        "expected", "made", "(from expected except all from made)",
        "(from made except all from expected)")]
    if counts[2] == counts[3] == 0 and counts[0] > 0:
        print(f"{query}: {counts[0]:,} rows are the same")
        return True
    print(f"{query}: {counts[0]:,} rows expected, {counts[1]:,} made; {counts[2]:,} are missing, "
          f"{counts[3]:,} are wrong, for example:")
    for what, rows in (("missing", "from expected except all from made"),
                       ("wrong", "from made except all from expected")):
        for row in database.sql(f"{rows} limit 3").fetchall():
            print(f"  {what}: {dict(zip(names, row))}")
    return False


def main(query, events, results=None):
    database = open_events(events)
    same = check_events(database) if query == "events" else check_query(database, query, results)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
