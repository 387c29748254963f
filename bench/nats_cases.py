# SPDX-License-Identifier: Apache-2.0
"""JetStream into JetStream, beside the bare client."""
import os
import shutil
import subprocess
import tempfile

import measuring
from cases import rates
from measuring import alternate
from report import Bar, Outcome

RECORDS = 300_000
TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools", "servers", "nats")


def jetstream(bench):
    # In memory where that is possible: whatever a disk is busy with is nobody's merit.
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    folder = os.path.join(tempfile.mkdtemp(prefix="penstock-nats-", dir=memory), "server")

    def server(what):
        return subprocess.run([TOOL, what, folder], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.strip()

    def served(work):
        """With a server that has nothing but the records."""
        shutil.rmtree(folder, ignore_errors=True)
        url = server("start")
        try:
            measuring.run([bench.program("ceiling_nats"), url, "fill", str(RECORDS)])
            return work(url)
        finally:
            server("kill")

    def bare(url):
        own = measuring.run([bench.program("ceiling_nats"), url, "pass", str(RECORDS)])
        return {"rate": RECORDS / own.seconds,
                "per_cpu": RECORDS / own.cpu_seconds, "mib": own.peak_mib}

    def ours(url):
        flow = os.path.join(os.path.dirname(os.path.abspath(__file__)), "flows", "jetstream.yaml")
        program = os.path.join(bench.build, "penstock")
        own = measuring.run([program, "run", "--no-state", flow], {"NATS_URL": url})
        return {"rate": RECORDS / own.seconds, "per_cpu": RECORDS / own.cpu_seconds,
                "mib": own.peak_mib}

    seen = alternate({"bare client": lambda: served(bare),
                      "penstock": lambda: served(ours)}, bench.rounds, bench.say)
    shutil.rmtree(os.path.dirname(folder), ignore_errors=True)
    by_hand, flow = (s["rate"].median for s in seen.values())
    return Outcome(
        "JetStream",
        f"{RECORDS:,} JSON records of 120 bytes from one stream into another, nine of ten pass a "
        "filter; streams of the kind that is kept in files, here on a file system in memory; one "
        "server on the same machine, started anew for each run. Message ids on both sides; "
        "acknowledged when stored. By hand it is the same client library: large "
        "fetches, publications without waiting, acknowledgements a fetch at a time. The time of "
        "both is that of the whole process.",
        [rates(seen, seen, {"rate": "records/s", "per_cpu": "records per client CPU second",
                            "mib": "peak MiB"})],
        [Bar("JetStream → filter → JetStream / bare client", flow / by_hand, 0.9)])


CASES = {"jetstream": jetstream}
