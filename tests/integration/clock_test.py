"""The system's clock is set, forward and back, by days and years, while a daemon works: what is promised holds.

tests/support/wall_clock.cc moves the clock of one process; the kernel's is left alone.
"""

import contextlib
import mmap
import pathlib
import random
import shutil
import signal
import sqlite3
import struct
import tempfile
import threading
import time
import unittest

from daemon import BUILD, SANITIZED, Daemon, wait_until
from endless_edit import endless
from google.protobuf import json_format

LIBRARY = BUILD / "tests" / "integration" / "libwall_clock.so"
DAY = 86400
YEAR = 365 * DAY
# To what, as seconds from the true time; the kernel takes no time before 1970.
JUMPS = {
    "a day forward": lambda: DAY,
    "back to the true time": lambda: 0,
    "a year forward": lambda: YEAR,
    "two years back": lambda: -YEAR,
    "a day back": lambda: -YEAR - DAY,
    "to the first minute of 1970": lambda: 5 - time.time(),
    "to 2100": lambda: 4102444800 - time.time(),
    "a year back": lambda: -YEAR,
}
RETAINED = 900  # more than a watcher may be behind where other things run as well
KEPT = (f"--retained-revisions={RETAINED}", "--fold-bytes=1KiB", "--fold-percent=0")
OTHERS = 100  # more projects than fit into memory
ENOUGH = 30  # edits of each, after which it is taken to go on
SEEN = 3  # seconds after which Abseil knows that the clock was set: it looks every two
LATE = 60  # seconds in which whatever does not wait for the clock has happened, on any machine


class WallClock:
    """The system's clock as the daemons see it that are started with `env`."""

    def __init__(self, folder):
        path = pathlib.Path(folder, "wall-clock")
        path.write_bytes(bytes(8))
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8)
        self.env = {"LD_PRELOAD": str(LIBRARY), "WALL_CLOCK": str(path)}

    def move(self, seconds):
        """So far from the true time."""
        struct.pack_into("<q", self._map, 0, int(seconds * 1e9))


class Actor(threading.Thread):
    """Does one thing again and again until the test is over, and counts."""

    def __init__(self, test, number):
        super().__init__(daemon=True)
        self.test, self.number, self.chance = test, number, random.Random(number)
        self.count, self.failure = 0, None

    def run(self):
        try:
            with self.test.daemon.connect(timeout=LATE) as rpc:
                self.begin(rpc)
                while not self.test.stopping.is_set():
                    self.step(rpc)
                    self.count += 1
        except BaseException as error:
            self.failure = error
            raise

    def begin(self, rpc):
        pass


class Editor(Actor):
    """Sets voxels of its own plane, some of them twice with one request id."""

    relaxed = False

    def __init__(self, test, number):
        super().__init__(test, number)
        self.voxels, self.answers, self.last = {}, [], 0

    def request(self):
        at = (self.number, self.chance.randrange(32), self.chance.randrange(32))
        color = self.chance.randrange(1 << 24) << 8 | 255
        write = {"request_id": f"{self.number}.{self.count}", "actor": f"editor{self.number}"}
        if self.relaxed:
            write["durability"] = "DURABILITY_RELAXED"
        self.voxels[at] = color
        return {"project": "p", "voxels": {"xyz": list(at), "rgba": [color]}, "write": write}

    def step(self, rpc):
        if self.answers and self.chance.random() < 0.2:
            return self.ask_again(rpc, self.chance.choice(self.answers))
        request = self.request()
        revision = self.set(rpc, request)
        # A number is never given twice, and never falls, whatever the clock says.
        assert revision > self.last, (revision, self.last)
        self.last = revision
        self.answers.append((request, revision))

    def set(self, rpc, request):
        change = rpc.call("voxel.set", request, deadline_ms=LATE * 1000)["change"]
        assert not change.get("replayed", False), change
        return int(change["revision"])

    @staticmethod
    def ask_again(rpc, answer):
        request, revision = answer
        change = rpc.call("voxel.set", request)["change"]
        assert change.get("replayed", False), (request, change)
        assert int(change["revision"]) == revision, (request, change, revision)


class RelaxedEditor(Editor):
    relaxed = True


class GrpcEditor(Editor):
    """Each call has a deadline far away, which a jump must not bring near."""

    def begin(self, rpc):
        self.stub = self.test.daemon.stub("VoxelService")
        self.message = self.test.daemon.pb("voxel").SetVoxelsRequest

    def set(self, rpc, request):
        answer = self.stub.Set(json_format.ParseDict(request, self.message()), timeout=LATE)
        assert not answer.change.replayed, answer
        return answer.change.revision


class Watcher(Actor):
    """Follows the project: every revision once, in order."""

    def __init__(self, test, number):
        super().__init__(test, number)
        self.times, self.last, self.marks = [], 1, 0

    def begin(self, rpc):
        request = {"project": "p", "after_revision": 1, "progress_ms": 100}
        self.stream = rpc.stream("history.watch", request)

    def step(self, rpc):
        item = next(self.stream)
        if item.get("progress"):
            self.marks += 1
            return
        assert item["previous_revision"] == self.last, (item, self.last)
        self.last = item["revision"]
        self.times.append(item["change"]["time"])


class Visitor(Actor):
    """Goes round projects that do not all fit into memory, so that idle ones are given up and loaded again."""

    def __init__(self, test, number):
        super().__init__(test, number)
        self.colors = {}

    def step(self, rpc):
        project, side = f"other{self.count % OTHERS}", 64
        if project not in self.colors:
            rpc.call("project.create", {"project": project})
            xyz = [n for x in range(side) for y in range(side) for n in (x * 16, y * 16, 0)]
            rgba = [self.chance.randrange(1 << 24) << 8 | 255 for _ in range(side * side)]
            voxels = {"xyz": xyz, "rgba": rgba}
            rpc.call("voxel.set", {"project": project, "voxels": voxels})
        else:
            got = rpc.call("voxel.get", {"project": project, "xyz": [0, 0, 1]})["rgba"]
            assert got == [self.colors[project]], (project, got)
        self.colors[project] = self.chance.randrange(1 << 24) << 8 | 255
        voxels = {"xyz": [0, 0, 1], "rgba": [self.colors[project]]}
        rpc.call("voxel.set", {"project": project, "voxels": voxels})


@unittest.skipIf(SANITIZED, "what is preloaded would come before the sanitizer")
class ClockTest(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="voxeld-data-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.clock = WallClock(self.dir)
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def start(self, *flags):
        self.daemon = self.stack.enter_context(Daemon(*flags, env=self.clock.env))
        self.rpc = self.stack.enter_context(self.daemon.connect(timeout=LATE))

    def step_back(self):
        """By an hour, again and again: some of these fall into whatever somebody waits for just now."""
        for hours in range(100):
            self.clock.move(-3600 * hours)
            time.sleep(0.02)

    def create(self, *projects):
        for project in projects:
            self.rpc.call("project.create", {"project": project})


class WorkTest(ClockTest):
    """Edits of all kinds, retries, a watch, folding and idle projects, through jumps and restarts."""

    def data(self):
        return self.dir / "data"

    def test_work_goes_on(self):
        flags = (f"--data-dir={self.data()}", "--max-memory=64MiB", "--idle-after=0s", *KEPT)
        self.start(*flags)
        self.create("p")
        self.stopping = threading.Event()
        kinds = (Editor, Editor, RelaxedEditor, GrpcEditor, Watcher, Visitor)
        self.actors = [kind(self, number) for number, kind in enumerate(kinds)]
        self.editors = [a for a in self.actors if isinstance(a, Editor)]
        for actor in self.actors:
            actor.start()
        try:
            for name, seconds in JUMPS.items():
                self.clock.move(seconds())
                self.wait_until_all_went_on(name)
            self.step_back()
            self.wait_until_all_went_on("back, by hours")
            self.check_evictions()
            self.check_folding()
        finally:
            self.stopping.set()
        for actor in self.editors:
            actor.join(LATE)
        last = self.rpc.call("voxel.set", self.editors[0].request())["change"]["revision"]
        watcher = next(a for a in self.actors if isinstance(a, Watcher))
        for actor in self.actors:
            actor.join(LATE)
            self.assertFalse(actor.is_alive())
        self.assertEqual([a.failure for a in self.actors if a.failure], [])
        self.check_times(watcher)
        self.check(int(last))
        self.check_restarts(int(last))
        edits = sum(a.count for a in self.editors)
        print(
            f"{len(JUMPS)} jumps, {edits} edits and retries, {len(watcher.times)} revisions and {watcher.marks} "
            f"progress marks followed, {self.given_up} projects given up",
            flush=True,
        )

    def wait_until_all_went_on(self, jump):
        before = [actor.count for actor in self.actors]
        time.sleep(SEEN)

        def went_on():
            return all(a.count >= b + ENOUGH for a, b in zip(self.actors, before)) or failed()

        def failed():
            return any(actor.failure for actor in self.actors)

        if not wait_until(went_on, LATE) or failed():
            counts = {type(a).__name__: a.count - b for a, b in zip(self.actors, before)}
            self.fail(
                f"stuck after the clock went {jump}: {counts}, {[a.failure for a in self.actors]}"
            )

    def check_evictions(self):
        pressure = self.rpc.call("admin.memory")["pressure"]
        self.given_up = int(pressure.get("projects_given_up", 0))
        self.assertGreater(self.given_up, 10)

    def check_folding(self):
        """What was retained before the last jump is in the base soon."""
        head = int(self.rpc.call("project.get", {"project": "p"})["project"]["revision"])

        def folded():
            (file,) = (self.data() / "projects").glob("p.*.voxels")
            with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
                (first,) = db.execute("SELECT min(revision) FROM revisions").fetchone()
            return first is not None and first > head

        self.assertTrue(wait_until(folded, LATE), "nothing is folded any more")

    def check_times(self, watcher):
        """The revisions say when, by the clock as it was: it did jump, both ways."""
        years = [int(time[:4]) for time in watcher.times]
        steps = [b - a for a, b in zip(years, years[1:])]
        self.assertLess(min(steps), -50)
        self.assertGreater(max(steps), 100)
        self.assertEqual(min(years), 1970)
        self.assertEqual(max(years), 2100)

    def check(self, head):
        """All that was answered is there, and each retry gets its first answer."""
        project = self.rpc.call("project.get", {"project": "p"})["project"]
        self.assertEqual(int(project["revision"]), head)
        for editor in self.editors:
            xyz = [n for at in editor.voxels for n in at]
            got = self.rpc.call("voxel.get", {"project": "p", "xyz": xyz})["rgba"]
            self.assertEqual(got, list(editor.voxels.values()))
            for answer in editor.chance.sample(editor.answers, 10):
                editor.ask_again(self.rpc, answer)
        listed = self.rpc.call("history.list_revisions", {"project": "p", "page_size": 1000})
        revisions = listed["revisions"]
        self.assertGreaterEqual(len(revisions), RETAINED)
        for later, earlier in zip(revisions, revisions[1:]):
            self.assertEqual(later["previous_revision"], earlier["revision"])

    def check_restarts(self, head):
        """Ends by kill and by SIGTERM, and starts years away from what the files say."""
        editor = self.editors[0]
        for seconds, end in (
            (YEAR, signal.SIGKILL),
            (-YEAR, signal.SIGTERM),
            (5 - time.time(), signal.SIGKILL),
        ):
            self.rpc.close()
            self.daemon.stop(end)
            self.clock.move(seconds)
            self.daemon.start()
            self.rpc = self.stack.enter_context(self.daemon.connect(timeout=LATE))
            self.check(head)
            editor.count += 1
            editor.step(self.rpc)
            editor.answers = editor.answers[-30:]
            head = max(head, editor.last)  # it may have asked again only
        self.check_files()

    def check_files(self):
        """What the daemon says of its files, each of them: the watched one and all that were given up."""
        parts = list(self.rpc.stream("admin.verify", {}))
        self.assertEqual([p for p in parts if "finding" in p], [])
        sound = {p["project"]: p.get("sound", False) for p in parts if p.get("last_part")}
        projects = {path.name.split(".")[0] for path in (self.data() / "projects").glob("*.voxels")}
        self.assertIn("p", projects)
        self.assertEqual(sound, dict.fromkeys(projects, True))


class WaitsTest(ClockTest):
    """What waits for a time waits as long as it should: a jump neither ends nor prolongs it."""

    def stall(self, *projects, **members):
        """Edits without an end; each has begun."""
        stalled = []
        for project in projects:
            connection = self.stack.enter_context(self.daemon.connect(timeout=LATE))
            connection.send("voxel.apply_edits", endless(project), progress=True, **members)
            self.assertEqual(connection.notification()["method"], "rpc.progress")
            stalled.append(connection)
        return stalled

    def edit_all_the_while(self):
        """Then Abseil looks at the clock every two seconds, and goes on with the old time in between."""
        self.create("p")
        self.stopping = threading.Event()
        editor = Editor(self, 0)
        self.addCleanup(editor.join)
        self.addCleanup(self.stopping.set)
        editor.start()
        time.sleep(5)  # it reckons once it knows how fast the processor counts

    def test_deadlines_of_calls_under_way(self):
        self.start("--grace-period=1s")
        self.create("p0")
        self.edit_all_the_while()
        stub, voxel = self.daemon.stub("VoxelService"), self.daemon.pb("voxel")
        ping, empty = self.daemon.stub("AdminService"), self.daemon.pb("admin")
        for jump in (DAY, -DAY, 0):
            with self.subTest(jump):
                begin = time.monotonic()
                (call,) = self.stall("p0", deadline_ms=3000)
                self.clock.move(jump)
                ping.Ping(empty.PingRequest(), timeout=LATE)  # those that come just then
                stub.Get(voxel.GetVoxelsRequest(project="p", xyz=[1, 2, 3]), timeout=LATE)
                error = call.reply()["error"]["data"]
                self.assertEqual(error["reason"], "DEADLINE_PASSED")
                self.assertGreaterEqual(time.monotonic() - begin, 3)

    def test_progress_goes_on(self):
        self.start("--grace-period=1s")
        self.create("p0")
        self.edit_all_the_while()
        (call,) = self.stall("p0")
        for jump in (DAY, -DAY):
            self.clock.move(jump)
            end = time.monotonic() + 4  # longer than Abseil goes on with the old time
            while time.monotonic() < end:
                self.assertEqual(call.notification()["method"], "rpc.progress")

    def test_workers_are_added(self):
        """A call behind one that does not end gets a worker of its own, and not in a day."""
        self.start("--workers-min=1", "--worker-delay=2s", "--grace-period=1s")
        self.create("p0", "p1")
        self.stall("p0")
        with self.daemon.connect(timeout=LATE) as call:
            call.send("voxel.apply_edits", endless("p1", balls=2000), progress=True)
            self.step_back()
            # Which comes from a worker.
            self.assertEqual(call.notification()["method"], "rpc.progress")

    def end(self, jump):
        """Seconds from SIGTERM, with a jump behind it, to the ends of calls that do not end by themselves."""
        self.start("--grace-period=4s")
        self.create("p0", "p1")
        (call,) = self.stall("p0")
        request = json_format.ParseDict(endless("p1"), self.daemon.pb("voxel").ApplyEditsRequest())
        other = self.daemon.stub("VoxelService").ApplyEdits.future(request)
        workers = lambda: self.rpc.call("admin.stats")["workers"]["busy"]
        self.assertTrue(wait_until(lambda: workers() == 2))
        begin = time.monotonic()
        self.daemon.process.send_signal(signal.SIGTERM)
        self.assertTrue(wait_until(lambda: "SIGTERM: stopping" in self.daemon.log()))
        self.clock.move(jump)
        ends = []
        other.add_done_callback(lambda _: ends.append(time.monotonic() - begin))
        error = call.reply()["error"]["data"]
        self.assertEqual(error["reason"], "CALL_CANCELLED")
        ends.append(time.monotonic() - begin)
        self.daemon.process.wait(LATE)
        self.assertTrue(wait_until(lambda: len(ends) == 2))
        return ends

    def test_a_daemon_that_stops_gives_running_calls_their_time(self):
        self.assertGreaterEqual(min(self.end(YEAR)), 3)

    def test_a_daemon_that_stops_does_stop(self):
        self.end(-DAY)

    def test_uptime_is_no_difference_of_dates(self):
        self.start()
        # 0 ms is left out.
        self.assertTrue(wait_until(lambda: "uptime_ms" in self.rpc.call("admin.info"), LATE))
        for jump in (YEAR, -YEAR):
            self.clock.move(jump)
            uptime = int(self.rpc.call("admin.info")["uptime_ms"])
            self.assertTrue(0 < uptime < DAY * 1000, uptime)


if __name__ == "__main__":
    unittest.main()
