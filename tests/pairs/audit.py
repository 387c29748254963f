# SPDX-License-Identifier: Apache-2.0
"""Compares what a sink got with what is in the source. Knows nothing of Penstock but its promises.

Every record is `KEY|NUMBER`, numbered by key from 1 on. The pipeline adds `|LIFE`, the number of
the process that delivered it, so that each delivery tells from whom it is.
"""
import collections

from process import Wrong

SKIPPED = "skip"  # records of this key end in the filter

Delivery = collections.namedtuple("Delivery", "payload life answered")
Life = collections.namedtuple("Life", "committed attempts drained")
Life.__doc__ = """A process of the pipeline. committed(place): whether it found the record there
committed when it started. attempts: how often it may deliver a record: 1, and 1 more for each time
that it started again by itself or its connection broke with a sink that takes what comes. drained:
it was asked to end and said that everything is delivered and committed."""


def delivery(text, answered=True):
    payload, _, life = text.rpartition("|")
    if not life.isdigit() or payload.count("|") != 1:
        raise Wrong(f"this is no record of ours: {text!r}")
    return Delivery(payload, int(life), answered)


def key_of(payload):
    return payload.partition("|")[0]


class Audit:
    """places: payload → where it is in the source, once or (by its writer's doing) oftener.
    tracks: deliveries in the order in which the sink has them, for each place that keeps one.
    lives: the processes, in order. ids: the sink drops repeats by ids."""

    def __init__(self, places, tracks, lives, ids):
        self.places, self.tracks, self.lives, self.ids = places, tracks, lives, ids
        self.wanted = {payload for payload in places if key_of(payload) != SKIPPED}
        self.all = [one for track in tracks for one in track]

    def lost(self):
        return self.wanted - {one.payload for one in self.all if one.answered}

    def check(self, ordered=True):
        """Figures; Wrong if a promise is broken."""
        lost = sorted(self.lost())
        if lost:
            raise Wrong(f"{len(lost)} records are lost: {lost[:5]}")
        strange = [one for one in self.all if one.payload not in self.wanted]
        if strange:
            raise Wrong(f"nobody sent {strange[:5]} there")
        self.check_committed()
        self.check_attempts()
        self.check_drained()
        if ordered:
            self.check_order()
        by_life = {(one.payload, one.life) for one in self.all}
        again, beyond = len(by_life) - len(self.wanted), self.beyond()
        if again > beyond:
            raise Wrong(f"{again} records came from a later process again, but only {beyond} "
                        "deliveries were beyond what the restarts found committed")
        repeats = len(self.all) - len(self.wanted)
        copies = sum(len(places) for payload, places in self.places.items()
                     if payload in self.wanted)
        if self.ids and repeats > copies - len(self.wanted):
            twice = [p for p, n in self.counts().items() if n > 1]
            raise Wrong(f"{repeats} repeats in spite of ids: {twice[:5]}")
        return {"records": len(self.places), "delivered": len(self.wanted), "repeats": repeats,
                "beyond": beyond}

    def counts(self):
        return collections.Counter(one.payload for one in self.all)

    def committed(self, payload, life):
        return all(self.lives[life].committed(place) for place in self.places[payload])

    def check_committed(self):
        for one in self.all:
            if one.life >= len(self.lives):
                raise Wrong(f"there was no process {one.life}: {one}")
            if self.committed(one.payload, one.life):
                raise Wrong(f"process {one.life} delivered {one.payload}, which it found committed "
                            f"at its start, at {self.places[one.payload]}")

    def check_attempts(self):
        times = collections.Counter((o.payload, o.life) for o in self.all if o.answered)
        for (payload, life), count in times.items():
            allowed = self.lives[life].attempts * len(self.places[payload])
            if count > allowed:
                raise Wrong(f"process {life} delivered {payload} {count} times, {allowed} allowed")

    def check_drained(self):
        """What a process that ended as asked has delivered, nobody delivers again."""
        first = {}
        for one in self.all:
            first[one.payload] = min(one.life, first.get(one.payload, one.life))
        for one in self.all:
            for life in range(first[one.payload], one.life):
                if self.lives[life].drained:
                    raise Wrong(f"process {one.life} delivered {one.payload} again, though process "
                                f"{life} had ended with everything delivered and committed")

    def check_order(self):
        where = {}
        for number, track in enumerate(self.tracks):
            seen, last = set(), {}
            for one in track:
                key, count = one.payload.split("|")
                if where.setdefault(key, number) != number:
                    raise Wrong(f"records of {key} are in two places: {one}")
                if one.payload in seen:
                    continue
                seen.add(one.payload)
                if int(count) <= last.get(key, 0):
                    raise Wrong(f"{one.payload} (process {one.life}) came behind "
                                f"{key}|{last[key]}")
                last[key] = int(count)

    def beyond(self):
        """Over all restarts: records that had been delivered and were not found committed."""
        first = {}
        for one in self.all:
            first[one.payload] = min(one.life, first.get(one.payload, one.life))
        count = 0
        for life in range(1, len(self.lives)):
            count += sum(1 for payload, since in first.items()
                         if since < life and not self.committed(payload, life))
        return count
