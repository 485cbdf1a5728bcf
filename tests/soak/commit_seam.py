#!/usr/bin/python3
"""The commit seam, on a store whose commits take 5 ms: 64 clients on one project, 200 watches, and pings
beside them; then a store that fails: nothing acknowledged is lost, no reader sees what disappears. How
fast it goes is printed here and judged by bench/targets.sh.
"""

import contextlib
import os
import pathlib
import random
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import daemon as support  # noqa: E402

import json_crowd  # noqa: E402

SECONDS = float(os.environ.get("VOXELD_SOAK_SECONDS", "10")) / 2
CLIENTS, WATCHES = 64, 200
PROJECT = "seam"


def writer(daemon, log, number):
    """Sets voxels of its own row, so that every edit changes something."""
    state = {"x": 0}

    def next_request():
        state["x"] += 1
        position = (state["x"], number, 0)
        return (
            "voxel.set",
            {"project": PROJECT, "voxels": {"xyz": position, "color": "#c33"}},
            position,
        )

    def on_answer(position, answer, _):
        if "error" in answer:
            log["failed"].append((position, answer["error"]["data"]["reason"]))
        else:
            log["acknowledged"].append((answer["result"]["change"]["revision"], position))

    return json_crowd.Member(daemon.socket, next_request, on_answer)


def ping_p50_us(socket, seconds):
    times = []
    member = json_crowd.Member(
        socket, lambda: ("admin.ping", {}, None), lambda _, answer, took: times.append(took)
    )
    json_crowd.run([member], seconds)
    return statistics.median(times) * 1e6


class Pinger:
    """Pings from a process of its own, which waits for no thread of ours."""

    def __init__(self, daemon, seconds):
        command = [sys.executable, __file__, "--ping", str(daemon.socket), str(seconds)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def p50_us(self):
        out, _ = self.process.communicate(timeout=300)
        assert self.process.returncode == 0, "the pinger failed"
        return float(out)


def watch(daemon, after, until, problems):
    """Follows the project; every revision must name the one before."""
    with daemon.connect(timeout=120) as rpc:
        last = after
        for item in rpc.stream("history.watch", {"project": PROJECT, "after_revision": after}):
            if item["previous_revision"] != last:
                problems.append(
                    f"revision {item['revision']} follows {item['previous_revision']}, not {last}"
                )
            last = item["revision"]
            if item.get("change", {}).get("comment") == until:
                return


def run_writers(daemon, log, seconds):
    start = time.monotonic()
    json_crowd.run([writer(daemon, log, number) for number in range(CLIENTS)], seconds)
    return len(log["acknowledged"]) / (time.monotonic() - start)


@contextlib.contextmanager
def on_cpu(index, pinned):
    """What this thread does meanwhile, and the processes it starts, stay on one processor if `pinned`."""
    before = os.sched_getaffinity(0)
    if pinned:
        os.sched_setaffinity(0, {sorted(before)[index]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def check_slow_store(seconds=SECONDS, pinned=False):
    """Returns (acknowledged edits per second, ping p50 in us when idle, and meanwhile). Pinned: the daemon
    and the pinger share one processor, so that no ping waits for a halted one; the clients have another.
    """
    flags = ("--retained-revisions=1000000", "--retained-bytes=17179869184")
    with on_cpu(-1, pinned):
        daemon = support.Daemon("--test-commit=delay_ms=5", *flags)

    def ping(span):
        with on_cpu(-1, pinned):
            pinger = Pinger(daemon, span)
        return pinger.p50_us()

    with daemon, daemon.connect() as rpc:
        rpc.call("project.create", {"project": PROJECT})
        idle = ping(1)
        problems, log = [], {"acknowledged": [], "failed": []}
        watches = [
            threading.Thread(target=watch, args=(daemon, 1, "last", problems)) for _ in range(2)
        ]
        # The others are open and read by nobody until the end: they must not slow the writers
        # either.
        silent = [daemon.connect() for _ in range(WATCHES - len(watches))]
        for connection in silent:
            connection.call("history.watch", {"project": PROJECT, "after_revision": 1})
        for thread in watches:
            thread.start()
        rates = []

        def write():
            with on_cpu(0, pinned):
                rates.append(run_writers(daemon, log, seconds))

        runner = threading.Thread(target=write)
        runner.start()
        time.sleep(seconds * 0.5)  # until what the silent watches are owed has filled their sockets
        busy = ping(seconds * 0.4)
        runner.join()
        rpc.call(
            "voxel.set",
            {
                "project": PROJECT,
                "voxels": {"xyz": [0, 0, 9], "color": "#fff"},
                "write": {"comment": "last"},
            },
        )
        for thread in watches:
            thread.join()
        for connection in silent:
            connection.close()
        print(
            f"{rates[0]:.0f} acknowledged edits/s by {CLIENTS} clients, {WATCHES} watches open; "
            f"ping p50 {idle:.0f} us idle, {busy:.0f} us meanwhile (driver and daemon share the CPUs)"
        )
        assert not problems, problems[:3]
        assert not log["failed"], log["failed"][:3]
        return rates[0], idle, busy


def check_failing_store():
    with support.Daemon(
        "--test-commit=delay_ms=2,fail_every=7",
        "--retained-revisions=1000000",
        "--retained-bytes=17179869184",
    ) as daemon, daemon.connect() as rpc:
        while True:  # the creation may be the commit that fails
            try:
                rpc.call("project.create", {"project": PROJECT})
                break
            except support.RpcError as error:
                assert error.reason == "COMMIT_FAILED", error
        log, seen, stop = {"acknowledged": [], "failed": []}, [], threading.Event()

        def reader():
            rng = random.Random(1)
            with daemon.connect() as mine:
                while not stop.is_set():
                    position = [rng.randrange(1, 50), rng.randrange(CLIENTS), 0]
                    answer = mine.call("voxel.get", {"project": PROJECT, "xyz": position})
                    seen.append((answer["revision"], tuple(position), answer["rgba"][0] != 0))

        threads = [threading.Thread(target=reader) for _ in range(4)]
        for thread in threads:
            thread.start()
        run_writers(daemon, log, SECONDS)
        stop.set()
        for thread in threads:
            thread.join()
        check_failures(rpc, log, seen)


def check_failures(rpc, log, seen):
    print(
        f"{len(log['acknowledged'])} edits acknowledged, {len(log['failed'])} failed, {len(seen)} reads"
    )
    assert {reason for _, reason in log["failed"]} == {
        "COMMIT_FAILED"
    }, "no failure was seen, or another one"
    lasting, token = set(), ""
    while True:
        page = rpc.call(
            "history.list_revisions", {"project": PROJECT, "page_size": 1000, "page_token": token}
        )
        lasting.update(revision["revision"] for revision in page["revisions"])
        token = page.get("next_page_token", "")
        if not token:
            break
    gone = {revision for revision, _, _ in seen} - lasting
    assert not gone, f"readers saw revisions that are not there any more: {sorted(gone)[:5]}"
    by_position = {position: revision for revision, position in log["acknowledged"]}
    assert len(set(by_position.values())) == len(by_position), "two edits share a revision"
    assert set(by_position.values()) <= lasting, "an acknowledged revision is not listed"
    for revision, position, is_set in seen:
        expected = position in by_position and by_position[position] <= revision
        assert is_set == expected, f"at revision {revision} voxel {position} was {is_set}"
    final = rpc.call("voxel.get", {"project": PROJECT, "xyz": [v for p in by_position for v in p]})[
        "rgba"
    ]
    assert all(final), "an acknowledged edit is lost"


def main():
    check_failing_store()
    check_slow_store()
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ping"]:
        print(ping_p50_us(sys.argv[2], float(sys.argv[3])))
        sys.exit(0)
    sys.exit(main())
