#!/usr/bin/python3
"""Four times what the daemon can do, over every door: it refuses what is too much, at once and with a hint,
answers what is cheap all the while, loses no edit, and its memory stays flat.

What it can do is found first: pictures as fast as a few clients that wait for each get them. Then as many
again, and three times more, are asked for by the clock, whether the answers come or not, and more where it
turns out to be able to do more, for the machine was busy while that was found. Meanwhile others edit,
read, ask for health, statistics and pings through each door, and one asks for a picture at a time: the
flood's own refusals wait behind pictures, as replies come in the order of requests, and that one's do not.
"""

import contextlib
import json
import os
import pathlib
import selectors
import socket
import statistics
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import daemon as support  # noqa: E402
import http_client  # noqa: E402

import json_crowd  # noqa: E402

SECONDS = float(os.environ.get("VOXELD_SOAK_SECONDS", "10"))
OVERLOAD, CONNECTIONS, WORKERS, QUEUE = 4, 64, 2, 128
PICTURE = {"project": "p", "spec": {"width": 160, "height": 120}}
# Nobody may queue behind pictures: half of the probes are answered in a small part of the time that
# the queue is long. How late the last one may be is left to the machine, which is busy with us,
# too.
MEDIAN, WORST = 0.1, 10.0
FLAT_KB = 24 << 10


def line(number, method, params):
    text = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
    return text.encode() + b"\n"


def capacity(daemon):
    """Pictures a second."""
    done = []
    members = [
        json_crowd.Member(
            daemon.socket,
            lambda: ("render.view", PICTURE, None),
            lambda tag, answer, seconds: done.append("result" in answer),
        )
        for _ in range(2 * WORKERS)
    ]
    begin = time.monotonic()
    json_crowd.run(members, 2)
    assert all(done), "a picture failed"
    return len(done) / (time.monotonic() - begin)


class Flood:
    """Asks for several times as many pictures as can be made, over many connections, and counts what comes back."""

    def __init__(self, path, able):
        self.able, self.asked, self.given, self.refused, self.wrong = able, 0, 0, 0, []
        self.selector = selectors.DefaultSelector()
        self.sockets, self.rest = [], {}
        for _ in range(CONNECTIONS):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(path))
            connection.setblocking(False)
            self.selector.register(connection, selectors.EVENT_READ)
            self.sockets.append(connection)
            self.rest[connection] = b""

    def run(self, seconds):
        begin = now = second = time.monotonic()
        due, before = 0.0, 0
        while now < begin + seconds:
            while self.asked < due and self.ask():
                pass
            due = min(due, self.asked)  # what no socket took is not asked for later
            self.take(0.002)
            due += (time.monotonic() - now) * OVERLOAD * self.able
            now = time.monotonic()
            if now > second + 1:
                self.able = max(self.able, (self.given - before) / (now - second))
                second, before = now, self.given
        end = now + 120
        while self.given + self.refused + len(self.wrong) < self.asked and time.monotonic() < end:
            self.take(1)
        for connection in self.sockets:
            connection.close()

    def ask(self):
        """On the next connection that takes it; whether one does."""
        text = line(self.asked, "render.view", PICTURE)
        for _ in range(CONNECTIONS):
            self.sockets.append(self.sockets.pop(0))
            with contextlib.suppress(BlockingIOError):
                assert self.sockets[-1].send(text) == len(text)  # it is small
                self.asked += 1
                return True
        return False

    def take(self, timeout):
        for key, _ in self.selector.select(timeout):
            data = self.rest[key.fileobj] + key.fileobj.recv(1 << 20)
            *lines, self.rest[key.fileobj] = data.split(b"\n")
            for answer in lines:
                if b'"result"' in answer:
                    self.given += 1
                elif b"OVERLOADED" in answer and b"retry_after_ms" in answer:
                    self.refused += 1
                else:
                    self.wrong.append(answer[:300])


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
    while not stop.wait(SECONDS / 40):
        samples.append(daemon.rss_kb())


def main():
    with support.Daemon(
        f"--workers-max={WORKERS}", f"--worker-queue={QUEUE}", "--retained-bytes=4MiB"
    ) as daemon, daemon.connect() as rpc:
        rpc.call("project.create", {"project": "p"})
        ball = {"ellipsoid": {"box": {"min": [0, 0, 0], "max": [64, 64, 64]}, "color": "#abc"}}
        rpc.call("voxel.apply_edits", {"project": "p", "edits": [ball]})
        before = rpc.call("inspect.summarize", {"project": "p"})["voxels"]
        able = capacity(daemon)
        flood, probes = Flood(daemon.socket, able), Probes(daemon)
        samples, stop = [], threading.Event()
        memory = threading.Thread(target=watch_memory, args=[daemon, samples, stop])
        memory.start()
        flood.run(SECONDS)
        stop.set()
        memory.join()
        probes.end()
        early, late = max(samples[len(samples) // 4 : len(samples) // 2]), max(samples[-10:])
        medians = {name: statistics.median(times) for name, times in probes.times.items()}
        worst = max(max(times) for times in probes.times.values())
        shown = ", ".join(f"{name} {1000 * p50:.1f} ms" for name, p50 in medians.items())
        tenths = " ".join(str(kb >> 10) for kb in samples[3::4])
        print(
            f"{flood.able:.0f} pictures a second can be made; {flood.asked / SECONDS:.0f} were asked for "
            f"during {SECONDS:.0f} s: {flood.given} given, {flood.refused} refused; {probes.edits} "
            f"edits; p50 of probes: {shown}, the slowest {worst:.2f} s; "
            f"resident MB after each tenth: {tenths}"
        )
        assert not flood.wrong, flood.wrong[:3]
        assert flood.given + flood.refused == flood.asked, "answers are missing"
        assert flood.refused > 0, "nothing was refused: that was no overload"
        assert not probes.failures, probes.failures
        assert len(medians) == len(probes.threads), shown
        assert max(medians.values()) < MEDIAN and worst < WORST, (shown, worst)
        assert late <= early + FLAT_KB, "memory grows"
        added = rpc.call("inspect.summarize", {"project": "p"})["voxels"] - before
        assert added == min(probes.edits, 64 * 64), f"{added} voxels of {probes.edits} edits"
        assert daemon.stop() == 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
