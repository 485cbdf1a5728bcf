"""Records what concurrent clients over several doors do to a few small projects, while the daemon is killed now and then.

    record.py --seconds=60 --restarts=20 --out=FILE     then: check.py FILE
    record.py --failing                                 a store whose commits fail every fifth time, and no restarts
"""

import argparse
import pathlib
import random
import shutil
import signal
import tempfile
import threading
import time

import doors
from daemon import Daemon
from history import Operation, Restart, save

VOXELS = 6
LOG_LINES = 64  # after a restart: more than there are operations under way at a time
KEEP = ("--retained-revisions=1000000", "--retained-bytes=1GiB")


class Recording:
    """What all clients of one run share."""

    def __init__(self, daemon, projects, failing=False):
        self.daemon, self.projects, self.failing = daemon, projects, failing
        self.lock = threading.Lock()
        self.entries = []
        self.recent = (
            []
        )  # operations with request ids, for retries by whoever likes: (project, kind, args)
        self.stopping = threading.Event()

    def add(self, entry):
        with self.lock:
            self.entries.append(entry)

    def remember(self, operation):
        with self.lock:
            self.recent = [*self.recent[-20:], operation]

    def run(self, client, name, project, kind, args):
        """One operation, recorded; Lost if it was not answered."""
        call = time.monotonic_ns()
        try:
            result = client.run(project, kind, args)
        except doors.Lost:
            self.add(Operation(project, name, client.door, call, None, kind, args, None))
            raise
        back = time.monotonic_ns()
        self.add(Operation(project, name, client.door, call, back, kind, args, result))
        return result


class Client(threading.Thread):
    """One client in one life of the daemon."""

    def __init__(self, recording, name, door, seed):
        super().__init__(name=name)
        self.recording, self.door, self.chance = recording, door, random.Random(seed)
        self.seen = dict.fromkeys(recording.projects, 1)
        self.count = 0
        self.failure = None

    def run(self):
        try:
            client = self.door(self.recording.daemon)
            try:
                while not self.recording.stopping.is_set():
                    self.one(client)
            finally:
                client.close()
        except (doors.Lost, ConnectionError, FileNotFoundError):
            pass  # the kill
        except BaseException as error:
            self.failure = error
            raise

    def one(self, client):
        project, kind, args = self.choose()
        # A failing store leaves gaps in the numbers: which one an edit had, it must say.
        draw, writes = self.chance.random(), not self.recording.failing
        kind, args = self.door.shorten(kind, args, draw, writes)
        if args.get("id"):
            self.recording.remember((project, kind, args))
        result = self.recording.run(client, self.name, project, kind, args)
        self.seen[project] = result.get("rev", self.seen[project])

    def choose(self):
        draw = self.chance.random()
        if draw < 0.08 and self.recording.recent:
            project, kind, args = self.chance.choice(self.recording.recent)
            if draw > 0.07 and kind == "set":  # the same id for something else
                return project, kind, {**args, "tag": self.tag(), "rgba": self.color()}
            return project, kind, args
        project = self.chance.choice(self.recording.projects)
        if draw < 0.35:
            return project, "get", {"at": self.some_voxels()}
        if draw < 0.43:
            return project, "log", {"size": self.chance.choice((1, 3, 8))}
        if draw < 0.63:
            kind = "undo" if self.chance.random() < 0.6 else "redo"
            return project, kind, {"count": self.chance.choice((1, 1, 2)), **self.write(project)}
        return (
            project,
            "set",
            {"at": self.some_voxels(), "rgba": self.color(), **self.write(project)},
        )

    def some_voxels(self):
        return sorted(self.chance.sample(range(VOXELS), self.chance.choice((1, 1, 2, 3))))

    def color(self):
        # Few, so that some edits change nothing.
        return self.chance.choice((0x110000FF, 0x220000FF, self.chance.getrandbits(24) << 8 | 255))

    def tag(self):
        self.count += 1
        return f"{self.name}-{self.count}"

    def write(self, project):
        write = {"tag": self.tag()}
        draw = self.chance.random()
        if draw < 0.2:
            write["expected"] = self.seen[project]
        elif draw < 0.4:
            low = self.chance.randrange(VOXELS)
            box = list(range(low, min(VOXELS, low + self.chance.choice((1, 2)))))
            write["unchanged"] = [box, max(1, self.seen[project] - self.chance.randrange(4))]
        if self.chance.random() < 0.3:
            write["id"] = write["tag"]
        if self.chance.random() < 0.2:
            write["relaxed"] = True
        return write


def observe(recording, died, ready):
    """What a restart left, and one edit of each project that shows where its numbers go on."""
    client = doors.JsonRpcClient(recording.daemon)
    for project in recording.projects:
        request = {"project": project, "page_size": LOG_LINES}
        lines = doors.lines_of(client.rpc.call(doors.LINES, request))
        recording.add(Restart(project, died, ready, lines[0][0], lines))
        args = {"at": [0], "rgba": random.getrandbits(24) << 8 | 254, "tag": f"restart-{ready}"}
        result = recording.run(client, "recorder", project, "set", args)
        assert result["changed"] == 1, result
    client.close()


def record(seconds, restarts, clients, projects=2, failing=False, seed=1):
    """The entries of a run of about so many seconds."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="voxeld-lin-"))
    store = "--test-commit=delay_ms=1,fail_every=5" if failing else f"--data-dir={folder}"
    try:
        with Daemon(store, *KEEP) as daemon:
            names = [f"p{n}" for n in range(projects)]
            create(daemon, names)
            recording = Recording(daemon, names, failing)
            for life in range(restarts + 1):
                last = life == restarts
                live(recording, clients, seconds / (restarts + 1), f"{seed}.{life}", kill=not last)
                if last:
                    break
                died = time.monotonic_ns()
                daemon.start()
                observe(recording, died, time.monotonic_ns())
            return recording.entries
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def create(daemon, names):
    """A failing store may refuse at first; numbers begin anew with each attempt."""
    with daemon.connect() as rpc:
        for name in names:
            for _ in range(20):
                try:
                    rpc.call("project.create", {"project": name})
                    break
                except Exception as error:
                    if getattr(error, "reason", "") != "COMMIT_FAILED":
                        raise


def live(recording, clients, seconds, seed, kill):
    """One life of the daemon; if it is to be killed, it is gone when this returns."""
    recording.stopping.clear()
    chosen = [*doors.SLOW] * min(2, clients // 4)
    chosen += [doors.FAST[n % len(doors.FAST)] for n in range(clients - len(chosen))]
    threads = [
        Client(recording, f"{seed}-{n}", door, f"{seed}-{n}") for n, door in enumerate(chosen)
    ]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    if kill:
        recording.daemon.stop(signal.SIGKILL)
    recording.stopping.set()
    for thread in threads:
        thread.join()
    failures = [thread.failure for thread in threads if thread.failure]
    if failures:
        raise failures[0]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--restarts", type=int, default=20)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--failing", action="store_true")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    restarts = 0 if options.failing else options.restarts
    entries = record(
        options.seconds, restarts, options.clients, failing=options.failing, seed=options.seed
    )
    save(options.out, entries)
    print(f"{len(entries)} entries, seed {options.seed}: {options.out}")


if __name__ == "__main__":
    main()
