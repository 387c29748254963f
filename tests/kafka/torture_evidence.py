# SPDX-License-Identifier: Apache-2.0
"""What the broker's own logs say about records that came again, or did not come."""
import glob
import os
import shutil
import subprocess
import sys

import cluster

DUMP = "kafka.tools.DumpLogSegments"
AROUND = 6  # batches before and behind the ones in question that are printed


class Evidence:
    """Keeps the broker's files beside those of the processes, and prints what explains a failure:
    producer, epoch, sequence numbers and ends of transactions."""

    def __init__(self, folder):
        self.folder = folder

    def explain(self, topic, places):
        """places: (partition, offsets in it…); -1 is the end."""
        kept = os.path.join(self.folder, "broker")
        shutil.copytree(os.path.join(cluster.FOLDER, "data"), kept, dirs_exist_ok=True)
        shutil.copy(os.path.join(cluster.FOLDER, "log"), os.path.join(kept, "log"))
        for partition in sorted({place[0] for place in places}):
            wanted = {offset for place in places if place[0] == partition for offset in place[1:]}
            self.show(f"{topic}-{partition}", wanted)
        for inner, decoder in (("__consumer_offsets", "--offsets-decoder"),
                               ("__transaction_state", "--transaction-log-decoder")):
            for path in sorted(glob.glob(os.path.join(kept, inner + "-*"))):
                self.dump(os.path.basename(path), decoder)

    def dump(self, name, *options):
        """What Kafka's own tool says of a partition, as lines; in a file, too."""
        files = sorted(glob.glob(os.path.join(self.folder, "broker", name, "*.log")))
        try:
            said = cluster.tool(DUMP, *options, "--files", ",".join(files))
        except subprocess.SubprocessError as error:  # the failure itself must still be told
            said = f"cannot be dumped: {error}\n"
        with open(os.path.join(self.folder, name + ".dump"), "w", encoding="utf-8") as file:
            file.write(said)
        return said.splitlines()

    def show(self, name, wanted):
        """The batches about these offsets, and how each producer's transactions end behind them."""
        lines = [line for line in self.dump(name, "--deep-iteration")
                 if line.startswith("baseOffset:") or "endTxnMarker:" in line]
        hits = {i for i, line in enumerate(lines) if holds(line, wanted)}
        if -1 in wanted and lines:
            hits.add(len(lines) - 1)
        shown = {j for i in hits for j in range(i - AROUND, i + AROUND + 1)}
        for i in hits:  # the end of its transaction, wherever that stands
            shown.update(next(([j, j + 1] for j in range(i + 1, len(lines)) if
                               ends(lines[j], lines[i])), []))
        print(f"batches of {name}; those with the records in question begin with >",
              file=sys.stderr)
        for j in sorted(shown & set(range(len(lines)))):
            print(("> " if j in hits else "  ") + lines[j], file=sys.stderr)


def keep_stacks(pid, folder):
    """Where the threads of a process stand that does not end, if there is a gdb."""
    if shutil.which("gdb") is None:
        return
    with open(os.path.join(folder, "stacks"), "w", encoding="utf-8") as file:
        subprocess.run(["gdb", "-batch", "-p", str(pid), "-ex", "thread apply all backtrace"],
                       stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=False)


def fields(line):
    words = line.split()
    return {word[:-1]: value for word, value in zip(words, words[1:]) if word.endswith(":")}


def holds(line, offsets):
    batch = fields(line)
    return "baseOffset" in batch and any(
        int(batch["baseOffset"]) <= offset <= int(batch["lastOffset"]) for offset in offsets)


def ends(line, other):
    """True if `line` is the end of a transaction of the other's producer."""
    batch, of = fields(line), fields(other)
    return batch.get("isControl") == "true" and batch["producerId"] == of.get("producerId")
