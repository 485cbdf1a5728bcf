"""Heap calls of the release daemon, which runs on mimalloc: 100,000 requests a door, those that succeed and those that fail."""

from heap_doors import COUNTED, DOORS, CountedDaemon
from table import Figure


def figures():
    counted = CountedDaemon()
    try:
        for name, door in DOORS.items():
            for kind, makes in (("succeed", door().successes()), ("fail", door().failures())):
                label = f"heap calls of {COUNTED} requests over {name} that {kind}"
                yield Figure(label, counted.calls(*makes.values()), "calls", 0)
    finally:
        counted.close()
