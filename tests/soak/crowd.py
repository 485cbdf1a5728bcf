#!/usr/bin/python3
"""1,000 JSON-RPC connections and 64 gRPC channels mix reads and writes: no error, no lost update,
memory flat.

Every write sets one voxel of one project to a value of its own. At the end the content must equal the
acknowledged writes applied in the order of their revisions, and no two changes may share a revision.
"""

import os
import pathlib
import random
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import daemon as support  # noqa: E402

import json_crowd  # noqa: E402

SECONDS = float(os.environ.get("VOXELD_SOAK_SECONDS", "10"))
CONNECTIONS, CHANNELS, SIDE = 1000, 64, 24
PROJECT = "crowd"
RETAINED_KB = 64 << 10  # the default budget of one project's old revisions


class Log:
    """Acknowledged writes and what went wrong, from every thread."""

    def __init__(self):
        self.lock, self.writes, self.errors = threading.Lock(), [], []
        self.reads, self.channels = 0, 0

    def wrote(self, revision, previous_content, position, color):
        with self.lock:
            self.writes.append((revision, previous_content, position, color))

    def took_part(self):
        with self.lock:
            self.channels += 1

    def failed(self, what):
        with self.lock:
            self.errors.append(what)


def random_position(rng):
    return tuple(rng.randrange(SIDE) for _ in range(3))


def json_member(daemon, log, rng):
    def next_request():
        position = random_position(rng)
        if rng.random() < 0.5:
            return "voxel.get", {"project": PROJECT, "xyz": position}, None
        color = rng.getrandbits(24) << 8 | 0xFF
        return (
            "voxel.set",
            {"project": PROJECT, "voxels": {"xyz": position, "rgba": [color]}},
            (position, color),
        )

    def on_answer(tag, answer, _):
        if "error" in answer:
            return log.failed(answer["error"])
        if tag is None:
            log.reads += 1
        else:
            change = answer["result"]["change"]
            log.wrote(change["revision"], change.get("voxels_changed", 0), *tag)
        return None

    return json_crowd.Member(daemon.socket, next_request, on_answer)


def grpc_client(daemon, log, seed, stop):
    rng, pb = random.Random(seed), daemon.pb("voxel")
    edit = daemon.pb("edit")
    stub = daemon.stub("VoxelService", daemon.channel())
    while not stop.is_set():
        position = random_position(rng)
        try:
            if rng.random() < 0.5:
                stub.Get(pb.GetVoxelsRequest(project=PROJECT, xyz=position), timeout=30)
                continue
            color = rng.getrandbits(24) << 8 | 0xFF
            voxels = edit.SetVoxels(xyz=position, rgba=[color])
            change = stub.Set(
                pb.SetVoxelsRequest(project=PROJECT, voxels=voxels), timeout=30
            ).change
            log.wrote(change.revision, change.voxels_changed, position, color)
        except Exception as error:  # whatever it is, it must not happen
            log.failed(str(error))
    log.took_part()


def check_content(rpc, log):
    revisions = [revision for revision, changed, _, _ in log.writes if changed]
    assert len(revisions) == len(set(revisions)), "two changes share a revision"
    expected = {}
    for revision, changed, position, color in sorted(log.writes, key=lambda write: write[0]):
        if changed:
            expected[position] = color
    everywhere = [(x, y, z) for x in range(SIDE) for y in range(SIDE) for z in range(SIDE)]
    found = rpc.call("voxel.get", {"project": PROJECT, "xyz": [v for p in everywhere for v in p]})[
        "rgba"
    ]
    wrong = [p for p, color in zip(everywhere, found) if color != expected.get(p, 0)]
    assert not wrong, f"{len(wrong)} voxels differ from the replay, the first at {wrong[0]}"


def main():
    with support.Daemon(
        "--max-connections=4096", open_files=8192
    ) as daemon, daemon.connect() as rpc:
        rpc.call("project.create", {"project": PROJECT})
        log, stop = Log(), threading.Event()
        threads = [
            threading.Thread(target=grpc_client, args=(daemon, log, seed, stop))
            for seed in range(CHANNELS)
        ]
        for thread in threads:
            thread.start()
        members = [json_member(daemon, log, random.Random(-1 - n)) for n in range(CONNECTIONS)]
        json_crowd.run(members, SECONDS / 2)
        halfway = daemon.rss_kb()
        members = [json_member(daemon, log, random.Random(-9999 - n)) for n in range(CONNECTIONS)]
        json_crowd.run(members, SECONDS / 2)
        stop.set()
        for thread in threads:
            thread.join()
        end = daemon.rss_kb()
        print(
            f"{len(log.writes)} writes, {log.reads} reads over JSON-RPC in {SECONDS:.0f} s; "
            f"resident {halfway >> 10} MB halfway, {end >> 10} MB at the end"
        )
        assert not log.errors, log.errors[:3]
        assert log.channels == CHANNELS, f"{CHANNELS - log.channels} gRPC clients broke down"
        check_content(rpc, log)
        assert end <= halfway + RETAINED_KB, "memory grows"
        assert daemon.stop() == 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
