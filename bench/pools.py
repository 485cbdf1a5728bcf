"""Small requests with the pools of memory, and with a malloc of its own for
each piece (--memory-pools=off), which is mimalloc's, in turns."""

import collections
import contextlib
import statistics

import daemon as support
from programs import OTHER_CPU, SAME_CPU, load, pin
from table import Figure, amount

ROUNDS = amount(5, 1)
SECONDS = amount(1, 0.05)
EDITS = amount(100_000, 100)  # of a run: as many each way, so that what they leave compares
KINDS = (
    ("voxel.get", "reads", ["readers=1", f"seconds={SECONDS}"]),
    ("voxel.set", "edits", ["writers=1", f"edits={EDITS}", "ids=1"]),
)


def daemon_with(pools):
    daemon = support.Daemon(f"--memory-pools={pools}", "--log-level=warning")
    pin(daemon.pid, 0)
    with daemon.connect() as rpc:
        rpc.call("project.create", {"project": "fast", "ephemeral": True})
    return daemon


def round_of(daemon, n):
    """Yields what is measured, its unit, and how much it was."""
    where = ["socket", f"socket={daemon.socket}", "project=fast", "layer=main", "side=64"]
    for name, kind, clients in KINDS:
        alone = load(SAME_CPU, *where, *clients, f"first={2 * n * EDITS}")[kind]
        many = load(OTHER_CPU, *where, *clients, f"first={(2 * n + 1) * EDITS}", "in_flight=16")
        yield f"{name}, p50, same CPU", "us", alone["p50_us"]
        yield f"{name}, p99, same CPU", "us", alone["p99_us"]
        yield f"{name}, 16 in flight, other CPU", "k/s", many[kind]["per_second"] / 1e3


def figures():
    seen = {"on": collections.defaultdict(list), "off": collections.defaultdict(list)}
    with contextlib.ExitStack() as stack:
        daemons = {way: stack.enter_context(daemon_with(way)) for way in seen}
        for n in range(ROUNDS):
            for way, daemon in daemons.items():
                for name, unit, value in round_of(daemon, n):
                    seen[way][name, unit].append(value)
        for way, daemon in daemons.items():
            seen[way]["resident memory after them", "MB"].append(daemon.rss_kb() / 1024)
    for (name, unit), values in seen["on"].items():
        plain = statistics.median(seen["off"][name, unit])
        value = statistics.median(values)
        yield Figure(
            f"pools: {name}", value, unit, beside=f"without, mimalloc alone: {plain:.2f} {unit}"
        )
