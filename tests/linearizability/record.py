"""Records what concurrent clients over several doors do to a few small projects, while the daemon is killed now and then.

    record.py --seconds=60 --restarts=20 --out=FILE     then: check.py FILE
    record.py --failing                                 a store whose commits fail every fifth time, and no restarts
    record.py --folding                                 old revisions are folded, the projects are given up and loaded
                                                        again all the time; then: check.py --folding FILE
"""

import argparse
import contextlib
import pathlib
import random
import shutil
import signal
import sqlite3
import tempfile
import threading
import time

import doors
from daemon import Daemon
from history import Operation, Restart, save

VOXELS = 6
LOG_LINES = 64  # after a restart: more than there are operations under way at a time
CLIENTS = 10
KEEP = ("--retained-revisions=1000000", "--retained-bytes=1GiB")
RETAINED = 64
# What nobody asked for just now leaves memory, once there is the ballast.
FOLD = (
    f"--retained-revisions={RETAINED}",
    "--fold-bytes=1KiB",
    "--fold-percent=0",
    "--idle-after=0s",
    "--max-memory=64MiB",
)
TURN = 0.05  # seconds


class Upkeep:
    """What the daemon did beside the clients' work while a run was recorded, and what makes it do that."""

    def __init__(self, folder):
        self.folder = folder
        self.given_up = 0
        self.folded = {}  # project -> in how many lives of the daemon its oldest revisions were
        self._first = {}  # project -> the first revision that was not, when last looked at

    @staticmethod
    def load(daemon):
        """So much that cannot leave memory that all else should."""
        with daemon.connect() as rpc:
            rpc.call("project.create", {"project": "ballast", "ephemeral": True})
            z = 0
            while rpc.call("admin.memory")["pressure"]["stage"] != "projects":
                xyz = [n for x in range(32) for y in range(64) for n in (x * 16, y * 16, z * 16)]
                voxels = {"xyz": xyz, "color": "#ffffff"}
                rpc.call("voxel.set", {"project": "ballast", "voxels": voxels})
                z += 1

    def look(self, daemon, projects):
        with daemon.connect() as rpc:
            pressure = rpc.call("admin.memory")["pressure"]
        self.given_up += int(pressure.get("projects_given_up", 0))
        for project in projects:
            (file,) = (self.folder / "projects").glob(f"{project}.*.voxels")
            with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
                (first,) = db.execute("SELECT min(revision) FROM revisions").fetchone()
            if first is not None and first > self._first.get(project, 1):
                self.folded[project] = self.folded.get(project, 0) + 1
                self._first[project] = first


class Recording:
    """What all clients of one run share."""

    def __init__(self, daemon, projects, failing=False, upkeep=None):
        self.daemon, self.projects, self.failing = daemon, projects, failing
        self.upkeep = upkeep
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

    def project(self, chance):
        """Where a client goes next. A project leaves memory only while nobody is there: for that, they take turns."""
        if self.upkeep is None:
            return chance.choice(self.projects)
        return self.projects[int(time.monotonic() / TURN) % len(self.projects)]

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
        project = self.recording.project(self.chance)
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
        # Of a project that is loaded again the next number is above all that were held back for
        # those.
        if self.chance.random() < 0.2 and not self.recording.upkeep:
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


def record(seconds, restarts, clients, projects=2, failing=False, folding=False, seed=1):
    """A run of about so many seconds."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="voxeld-lin-"))
    store = "--test-commit=delay_ms=1,fail_every=5" if failing else f"--data-dir={folder}"
    try:
        with Daemon(store, *(FOLD if folding else KEEP)) as daemon:
            names = [f"p{n}" for n in range(projects)]
            create(daemon, names)
            upkeep = Upkeep(folder) if folding else None
            recording = Recording(daemon, names, failing, upkeep)
            for life in range(restarts + 1):
                last = life == restarts
                live(recording, clients, seconds / (restarts + 1), f"{seed}.{life}", kill=not last)
                if last:
                    break
                died = time.monotonic_ns()
                daemon.start()
                observe(recording, died, time.monotonic_ns())
            return recording
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
    if recording.upkeep:
        recording.upkeep.load(recording.daemon)
    chosen = [*doors.SLOW] * min(2, clients // 4)
    chosen += [doors.FAST[n % len(doors.FAST)] for n in range(clients - len(chosen))]
    threads = [
        Client(recording, f"{seed}-{n}", door, f"{seed}-{n}") for n, door in enumerate(chosen)
    ]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    if recording.upkeep:
        recording.upkeep.look(recording.daemon, recording.projects)
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
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--failing", action="store_true")
    parser.add_argument("--folding", action="store_true")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    restarts = 0 if options.failing else options.restarts
    entries = record(
        options.seconds,
        restarts,
        options.clients,
        failing=options.failing,
        folding=options.folding,
        seed=options.seed,
    ).entries
    save(options.out, entries)
    print(f"{len(entries)} entries, seed {options.seed}: {options.out}")


if __name__ == "__main__":
    main()
