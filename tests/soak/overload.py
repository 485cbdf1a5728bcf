#!/usr/bin/python3
"""Four times what the daemon can do, of many kinds of calls, over every door: it refuses what is too much, at once
and with a hint, answers what is cheap all the while, loses no edit, tells watchers each of them, and its memory
stays flat.

What it can do is found first: calls as fast as a few clients that wait for each get them. Then four times as many of
the same kinds, and some more, are asked for by the clock, whether the answers come or not, and more where it turns out
to be able to do more, for the machine was busy while that was found. At the end they must have been four times what it
could do in that time. Beside it others edit, read, ask for health, statistics and pings through each door, and one asks
for a picture at a time: the flood's own refusals wait behind what is slow, as replies come in the order of requests, and
that one's do not.
"""

import os
import pathlib
import statistics
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import daemon as support  # noqa: E402
import http_client  # noqa: E402

import json_crowd  # noqa: E402
import mixed_load  # noqa: E402
from flood import Flood, Follower  # noqa: E402

SECONDS = float(os.environ.get("VOXELD_SOAK_SECONDS", "10"))
OVERLOAD, WORKERS, QUEUE = 4, 2, 16
AIM = 1.1 * OVERLOAD  # of what it is known to be able to, which is known a little late
PICTURE = {"project": "p", "spec": {"width": 320, "height": 240}}
# Nobody may queue behind slow calls: half of the probes are answered in a small part of the time
# that the queue is long. How late the last one may be is left to the machine, which is busy with
# us, too.
MEDIAN, WORST = 0.1, 10.0
# Resident memory, by a line through the second half of the time: revisions that are kept, slabs and
# the heap take minutes to be as large as they get, and until then may rise so much; then so much a
# minute, or by noise. And the most at the end and early on, for what comes at once.
WARM_UP_SECONDS, WARM_UP_KB = 300, 12 << 10
NOISE_KB, KB_A_MINUTE = 6 << 10, 512
FLAT_KB = 24 << 10


def capacity(daemon, kinds):
    """Calls a second, of JSON-RPC."""
    done, rng = [], mixed_load.seeded(0)
    unary = [kind for kind in kinds if not kind.stream]

    def ask():
        kind = mixed_load.pick(rng, unary)
        return kind.method, kind.params(rng), kind

    def on_answer(kind, answer, _):
        reason = answer["error"]["data"]["reason"] if "error" in answer else ""
        assert reason in (kind.refused, kind.perhaps), (kind.name, answer)
        done.append(kind)

    members = [json_crowd.Member(daemon.socket, ask, on_answer) for _ in range(2 * WORKERS)]
    begin = time.monotonic()
    json_crowd.run(members, 2)
    return len(done) / (time.monotonic() - begin)


class Probes:
    """What must go on beside it, each in a thread that asks some twenty times a second."""

    def __init__(self, daemon):
        self.daemon, self.stop, self.times, self.failures = daemon, threading.Event(), {}, []
        self.edits = 0
        self.threads = [
            threading.Thread(target=self.repeat, args=[name, *make])
            for name, make in {
                "jsonrpc": (self.by_json, daemon.connect),
                "http": (self.by_http, lambda: http_client.HttpClient(daemon)),
                "resp": (self.by_resp, daemon.raw),
                "grpc": (self.by_grpc, lambda: daemon.stub("AdminService", daemon.channel())),
                "edits": (self.edit, daemon.connect),
                "refusals": (self.be_refused, lambda: daemon.connect(timeout=120)),
            }.items()
        ]
        for thread in self.threads:
            thread.start()

    def repeat(self, name, ask, connect):
        """What `ask` returns True for does not count."""
        try:
            peer = connect()
            times = self.times.setdefault(name, [])
            while not self.stop.wait(0.05):
                begin = time.perf_counter()
                if not ask(peer):
                    times.append(time.perf_counter() - begin)
        except Exception as failure:  # whatever it is, it must not happen
            self.failures.append((name, repr(failure)))

    def by_json(self, rpc):
        assert rpc.call("admin.ping") == {}
        assert "workers" in rpc.call("admin.stats")

    def by_http(self, http):
        assert http.get("/healthz").status == 200
        assert http.get("/metrics").status == 200
        assert http.call("AdminService/Ping").status == 200

    def by_resp(self, connection):
        connection.sendall(b"PING\r\n")
        assert connection.recv(100) == b"+PONG\r\n"

    def by_grpc(self, stub):
        stub.Ping(self.daemon.pb("admin").PingRequest(), timeout=30)

    def edit(self, rpc):
        voxels = {"xyz": [self.edits % 64, self.edits // 64 % 64, 70], "color": "#c33"}
        assert rpc.call("voxel.set", {"project": "p", "voxels": voxels})["change"]
        self.edits += 1

    def be_refused(self, rpc):
        try:
            return bool(rpc.call("render.view", PICTURE))
        except support.RpcError as error:
            assert error.reason == "OVERLOADED" and "retry_after_ms" in str(error.data), error
            return False

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def watch_memory(daemon, samples, stop):
    begin = time.monotonic()
    while not stop.wait(min(SECONDS / 40, 0.5)):
        samples.append((time.monotonic() - begin, daemon.rss_kb()))


def check_memory(samples):
    """That it does not grow; what it does, in words."""
    half = samples[len(samples) // 2 :]
    minutes = (half[-1][0] - half[0][0]) / 60
    grown = 60 * minutes * statistics.linear_regression(*zip(*half)).slope
    warm = half[0][0] >= WARM_UP_SECONDS
    most = max(NOISE_KB, KB_A_MINUTE * minutes) if warm else WARM_UP_KB
    early = max(kb for _, kb in samples[len(samples) // 4 : len(samples) // 2])
    late = max(kb for _, kb in samples[-10:])
    shown = f"{grown:.0f} KB by a line through the last {minutes:.1f} min; {early} KB early on, {late} late"
    assert grown <= most and late <= early + FLAT_KB, f"memory grows; {most:.0f} KB may be: {shown}"
    return shown


def main():
    with support.Daemon(
        f"--workers-max={WORKERS}",
        f"--worker-queue={QUEUE}",
        f"--strand-queue={QUEUE}",
        "--retained-bytes=4MiB",
    ) as daemon, daemon.connect() as rpc:
        for project in ("p", "mix"):
            rpc.call("project.create", {"project": project})
        ball = {"ellipsoid": {"box": {"min": [0, 0, 0], "max": [64, 64, 64]}, "color": "#abc"}}
        rpc.call("voxel.apply_edits", {"project": "p", "edits": [ball]})
        before = rpc.call("inspect.summarize", {"project": "p"})["voxels"]
        kinds = mixed_load.kinds("p", "mix", PICTURE)
        able = capacity(daemon, kinds)
        followers = [Follower(daemon, "mix") for _ in range(3)]
        flood, probes = Flood(daemon, kinds, able, AIM), Probes(daemon)
        samples, stop = [], threading.Event()
        memory = threading.Thread(target=watch_memory, args=[daemon, samples, stop])
        memory.start()
        flood.run(SECONDS)
        stop.set()
        memory.join()
        probes.end()
        assert not probes.failures, probes.failures
        medians = {name: statistics.median(times) for name, times in probes.times.items() if times}
        worst = max(max(times) for times in probes.times.values() if times)
        shown = ", ".join(f"{name} {1000 * p50:.1f} ms" for name, p50 in medians.items())
        tenths = " ".join(str(samples[len(samples) * n // 10 - 1][1] >> 10) for n in range(1, 11))
        print(
            f"{flood.able:.0f} calls a second of {len(kinds)} kinds could be answered ({able:.0f} alone); "
            f"{flood.asked / flood.seconds:.0f} were asked for during {SECONDS:.0f} s\n{flood.table()}\n"
            f"{len(flood.revisions)} edits acknowledged; {probes.edits} edits of probes; p50 of probes: "
            f"{shown}, the slowest {worst:.2f} s; resident MB after each tenth: {tenths}"
        )
        flood.check(OVERLOAD)
        assert len(medians) == len(probes.threads), shown
        assert max(medians.values()) < MEDIAN and worst < WORST, (shown, worst)
        print(f"resident memory: {check_memory(samples)}")
        added = rpc.call("inspect.summarize", {"project": "p"})["voxels"] - before
        assert added == min(probes.edits, 64 * 64), f"{added} voxels of {probes.edits} edits"
        last = rpc.call(
            "voxel.set", {"project": "mix", "voxels": {"xyz": [0, 0, 99], "color": "#fff"}}
        )
        for follower in followers:
            follower.check(flood.revisions, last["change"]["revision"])
        assert daemon.stop() == 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
