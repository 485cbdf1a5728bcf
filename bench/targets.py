"""Measures what bench/targets.sh lists, on a real daemon, five times each, and takes the medians."""

import pathlib
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests" / part) for part in ("support", "soak")]

import commit_seam  # noqa: E402
import daemon as support  # noqa: E402
import fast_path  # noqa: E402
import footprint  # noqa: E402
import heap  # noqa: E402
import numpy as np  # noqa: E402
import pools  # noqa: E402
import redis_peer  # noqa: E402
import refusals  # noqa: E402
import table  # noqa: E402
import town  # noqa: E402
import voxeld  # noqa: E402
from table import Figure, amount  # noqa: E402

ROUNDS = amount(5, 1)
TERRAIN = HERE.parents[1] / "shared" / "samples" / "made" / "terrain1024.vox"


def timed(fn):
    start = time.perf_counter()
    fn()
    return time.perf_counter() - start


def median(setup, fn):
    times = []
    for round_number in range(ROUNDS):
        setup(round_number)
        times.append(timed(lambda: fn(round_number)))
    return statistics.median(times)


def one_million_voxels(client):
    rng = np.random.default_rng(1)
    xyz = rng.integers(0, 256, (1_000_000, 3), dtype=np.int32)
    rgba = (rng.integers(0, 1 << 24, 1_000_000, dtype=np.uint32) << 8) | 255
    return median(
        lambda n: client.create_project(f"million{n}"),
        lambda n: client.set_voxels(f"million{n}", xyz, rgba),
    )


def box(client, low, high, name):
    def fill(n):
        with client.edit(f"{name}{n}") as edit:
            edit.box(low, high, "#887766")

    return median(lambda n: client.create_project(f"{name}{n}"), fill)


def ping(client):
    return median(lambda n: None, lambda n: client.ping())


def picture(client):
    heights = (
        96 + 40 * np.sin(np.arange(256) / 23)[:, None] + 30 * np.cos(np.arange(256) / 17)[None, :]
    )
    z = np.arange(256)[:, None, None]
    voxels = np.where(z < heights[None, :, :], np.uint32(0x6A994EFF), np.uint32(0))
    client.create_project("scene")
    client.write("scene", (0, 0, 0), voxels)
    return median(lambda n: None, lambda n: client.render("scene", ["iso"], 512, 512))


def peak_mb(daemon):
    for line in open(f"/proc/{daemon.pid}/status", encoding="ascii"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmHWM")


def terrain(client):
    return timed(lambda: client.import_file("terrain", TERRAIN))


def build_town(daemon, project):
    """Seconds to build the town by JSON-RPC, 1,000 primitives a call."""
    with daemon.connect(timeout=300) as rpc:
        rpc.call("project.create", {"project": project})
        requests = list(town.requests(project, 1000))
        seconds = timed(lambda: [answer(rpc, request) for request in requests])
        summary = rpc.call("inspect.summarize", {"project": project})
        assert int(summary["voxels"]) >= 3_000_000, summary
        assert summary["bounds"]["min"] == [0, 0, 0], summary
        assert max(summary["bounds"]["max"]) == town.SIDE, summary
    return seconds


def town_over_the_socket(daemon):
    """Seconds to build the town, and the daemon's peak after one."""
    first = build_town(daemon, "town0")
    peak = peak_mb(daemon)
    times = [first, *(build_town(daemon, f"town{n}") for n in range(1, ROUNDS))]
    return statistics.median(times), peak


def answer(rpc, request):
    rpc.send_raw(request)
    reply = rpc.reply()
    assert "result" in reply, reply


def measure():
    yield from fast_path.measure()
    yield from pools.figures()
    yield from refusals.figures()
    yield from footprint.figures()
    if not table.SMALL:  # heap_test.py asks the same
        yield from heap.figures()
    with support.Daemon() as daemon:
        seconds, peak = town_over_the_socket(daemon)
        yield Figure("town of 4 M voxels, 20,000 primitives, by JSON-RPC", seconds, "s", 1)
        yield Figure("peak memory of the daemon after it", peak, "MB", 300)
    with support.Daemon() as daemon, voxeld.Client(str(daemon.socket)) as client:
        if TERRAIN.exists():  # first, while the peak is its own
            yield Figure("import terrain1024.vox, 2.6 M voxels", terrain(client), "s", 0.5)
            yield Figure("peak memory of the daemon after it", peak_mb(daemon), "MB", 300)
        else:
            print(f"no {TERRAIN.name} beside the project: its import is not measured")
        yield Figure("ping from Python over gRPC, for comparison", ping(client) * 1e3, "ms")
        small = box(client, (0, 0, 0), (512,) * 3, "small")
        yield Figure("box 512^3, with the call", small * 1e3, "ms", 1)
        large = box(client, (3,) * 3, (1003,) * 3, "large")
        yield Figure("box 1000^3 at an odd offset, with the call", large * 1e3, "ms", 100)
        yield Figure("1 M voxels from numpy over gRPC", one_million_voxels(client), "s", 0.3)
        yield Figure("picture of 256^3, 512x512, with the call", picture(client) * 1e3, "ms", 60)
    yield from redis_peer.figures()
    seams = [
        commit_seam.check_slow_store(seconds=amount(10, 1), pinned=True)
        for _ in range(amount(3, 1))
    ]
    rate, idle, busy = (statistics.median(figures) for figures in zip(*seams))
    yield Figure("us per edit, 64 clients, 200 watches, 5 ms commits", 1e6 / rate, "us", 200)
    yield Figure("ping p50 beside them, over ping p50 alone", busy / idle, "x", 1.25)


if __name__ == "__main__":
    sys.exit(table.report("targets", measure()))
