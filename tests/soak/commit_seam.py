#!/usr/bin/python3
"""The commit seam, on a store whose commits take 5 ms: 64 clients on one project, 200 watches, and a ping
that does not notice; then a store that fails: nothing acknowledged is lost, no reader sees what disappears.
"""

import os
import pathlib
import random
import statistics
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
MIN_EDITS_PER_SECOND = 5000


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


def ping_p50_us(daemon, seconds):
    times = []
    member = json_crowd.Member(
        daemon.socket, lambda: ("admin.ping", {}, None), lambda _, answer, took: times.append(took)
    )
    json_crowd.run([member], seconds)
    return statistics.median(times) * 1e6


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


def check_slow_store():
    with support.Daemon(
        "--test-commit=delay_ms=5", "--retained-revisions=1000000", "--retained-bytes=17179869184"
    ) as daemon, daemon.connect() as rpc:
        rpc.call("project.create", {"project": PROJECT})
        idle = ping_p50_us(daemon, 1)
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
        runner = threading.Thread(target=lambda: rates.append(run_writers(daemon, log, SECONDS)))
        runner.start()
        busy = ping_p50_us(daemon, SECONDS * 0.8)
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
        return rates[0]


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
    rate = check_slow_store()
    assert (
        rate >= MIN_EDITS_PER_SECOND
    ), f"{rate:.0f} edits/s, at least {MIN_EDITS_PER_SECOND} wanted"
    return 0


if __name__ == "__main__":
    sys.exit(main())
