"""Kill -9 at random moments while eight clients edit one project, in every way, others set and delete checkpoints,
clone it and back it up, and old revisions are folded; now and then again while the daemon starts and loads the project
that was left: nothing acknowledged is lost, nothing is torn, what is left is a beginning of the line of revisions,
request ids hold, and no number comes twice.

VOXELD_KILL_CYCLES kills; if VOXELD_KILL_SECONDS says so, as many of them as that time is enough for, and at least five.
"""

import contextlib
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import tempfile
import threading
import time
import unittest
from dataclasses import dataclass

from daemon import Daemon, RpcError, StartError, wait_until
from keepers import Backups, Checkpoints, Clones

CYCLES = int(os.environ.get("VOXELD_KILL_CYCLES", "50"))
SECONDS = float(os.environ.get("VOXELD_KILL_SECONDS", "inf"))
SEED = int(os.environ.get("VOXELD_KILL_SEED", "5"))
STARTS = 4  # of so many starts one is killed
WRITERS = 8
RELAXED = 0  # the writer whose edits are answered before they are durable
SIDE = 24  # small, so that the writers meet
COLORS = ("#cc3333", "#3366cc", "#ddaa22", "#55aa55")
# So few that old revisions are folded all the time, whenever a few of them could be; enough that
# what was made last is still listed.
RETAINED = 300
FOLD = ("--fold-bytes=8KiB", "--fold-percent=0")
# A backup is restored in one line: with what is remembered of an hour's requests it has many MB.
FLAGS = (f"--retained-revisions={RETAINED}", *FOLD, "--max-message-bytes=256MiB")
EVERYTHING = [n for z in range(SIDE) for y in range(SIDE) for x in range(SIDE) for n in (x, y, z)]


@dataclass
class Edit:
    """A mutation that was sent. Its request id is also the comment of its revision."""

    id: str
    method: str
    params: dict
    number: int  # of all that were sent
    relaxed: bool = False
    revision: int | None = None  # as answered; None: no answer came
    voxels: int = 0  # changed
    done: int = 0  # steps of undo and redo

    def take(self, result):
        change = result["change"]
        self.revision = int(change["revision"])
        self.voxels = int(change.get("voxels_changed", 0))
        self.done = int(result.get("done", 0))

    @property
    def made(self):
        """Whether it made a revision; else `revision` is the one that it found."""
        return self.voxels > 0

    @property
    def place(self):
        """In the line of all edits."""
        return self.revision, 0 if self.made else 1, self.number


@dataclass(frozen=True)
class Step:
    """Of the undo history: an edit, or so many steps that an actor took back or did again."""

    actor: str
    kind: str  # "set", "undo", "redo"
    count: int
    before: int  # the revisions around it
    after: int

    @property
    def empty(self):
        return self.before == self.after


class Steps:
    """The undo history as it were if nothing was ever dropped: it tells why an undo found nothing."""

    def __init__(self):
        self.done, self.undone = [], []
        self.lines = {}  # of the actors that asked since the project took a step of theirs
        self.revisions = [1]

    def apply(self, edit):
        before = self.revisions[-1]
        if edit.made:
            self.revisions.append(edit.revision)
        kind = edit.method.removeprefix("history.") if edit.method.startswith("history.") else "set"
        if edit.params.get("scope") == "project":
            here, there = (self.done, self.undone) if kind == "undo" else (self.undone, self.done)
            for _ in range(edit.done):
                while True:
                    there.append(here.pop())
                    self.lines.pop(there[-1].actor, None)
                    if not there[-1].empty:
                        break
        elif edit.done > 0 or (kind == "set" and edit.made):
            actor = edit.params["write"]["actor"]
            step = Step(actor, kind, edit.done, before, self.revisions[-1])
            self.done.append(step)
            self.undone = []
            if actor in self.lines:
                self.follow(self.lines[actor], step)

    def wanted(self, edit):
        """The revision that an undo or redo needs for its next step; None: there is no step."""
        undo = edit.method == "history.undo"
        if edit.params["scope"] == "project":
            steps = reversed(self.done if undo else self.undone)
            step = next((s for s in steps if not s.empty), None)
            return None if step is None else step.before if undo else step.after
        line = self.line(edit.params["write"]["actor"])["undo" if undo else "redo"]
        return line[-1].before if line else None

    def line(self, actor):
        """What an actor can take back, and do again."""
        if actor not in self.lines:
            self.lines[actor] = {"undo": [], "redo": []}
            for step in (s for s in self.done if s.actor == actor):
                self.follow(self.lines[actor], step)
        return self.lines[actor]

    @staticmethod
    def follow(line, step):
        if step.kind == "set":
            line["undo"].append(step)
            line["redo"] = []
        for _ in range(step.count):
            line["redo" if step.kind == "undo" else "undo"].append(line[step.kind].pop())

    @property
    def floor(self):
        return self.revisions[-RETAINED:][0]


class Inventor:
    """Edits of all kinds."""

    def __init__(self, seed):
        self.chance = random.Random(seed)

    def position(self):
        return [self.chance.randrange(SIDE) for _ in range(3)]

    def _box(self):
        low = self.position()
        return {"min": low, "max": [n + self.chance.randint(1, min(6, SIDE - n)) for n in low]}

    def _edit(self):
        kind = self.chance.randrange(5)
        if kind == 0:
            return {"clear": {"box": self._box()}}
        fill = {"box": {"box": self._box(), "color": self.chance.choice(COLORS)}}
        if kind == 1:
            fill["mask"] = {"text": self.chance.choice(("air", "!air", "surface", COLORS[0]))}
        if kind == 2:
            fill = {"ellipsoid": fill["box"]}
        return fill

    def next(self):
        """A method and its parameters."""
        dice = self.chance.random()
        if dice < 0.5:
            xyz = [n for _ in range(self.chance.randint(1, 3)) for n in self.position()]
            return "voxel.set", {"voxels": {"xyz": xyz, "color": self.chance.choice(COLORS)}}
        if dice < 0.8:
            edits = [self._edit() for _ in range(self.chance.randint(1, 3))]
            return "voxel.apply_edits", {"edits": edits}
        method = "history.undo" if dice < 0.93 else "history.redo"
        return method, {"scope": "actor"}


class Writer(threading.Thread):
    """Edits until the daemon is gone."""

    def __init__(self, test, number, cycle):
        super().__init__()
        self.test, self.number, self.cycle = test, number, cycle
        self.inventor = Inventor(f"{SEED}-{cycle}-{number}")
        self.edits, self.error = [], None

    def run(self):
        try:
            with self.test.killed.connect() as rpc:
                while True:
                    self.edit(rpc)
        except RpcError as error:
            self.error = error
        except (OSError, ConnectionError, ValueError):
            pass  # the kill

    def edit(self, rpc):
        edit_id = f"{self.cycle}.{self.number}.{len(self.edits)}"
        method, params = self.inventor.next()
        write = {"request_id": edit_id, "comment": edit_id, "actor": f"writer{self.number}"}
        relaxed = self.number == RELAXED
        if relaxed:
            write["durability"] = "relaxed"
        params.update(project="castle", write=write)
        edit = Edit(edit_id, method, params, self.test.next_number(), relaxed)
        self.edits.append(edit)
        edit.take(rpc.call(method, params))


class KillTest(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="voxeld-data-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.chance = random.Random(SEED)
        self.numbers = set()  # of revisions that anybody was told of
        self.acknowledged = 0
        self.answers = []  # a few edits with their answers, to be asked again
        self.steps, self.found_nothing = Steps(), 0
        self.books = [book("castle") for book in (Checkpoints, Clones, Backups)]
        self.logs = []  # in the file after each kill: how many revisions, and the oldest of them
        self.load_seconds = 0  # from the start of the process until the project is there
        self.killed_starts = dict.fromkeys(("before ready", "while loading", "later"), 0)
        self._number, self._lock = 0, threading.Lock()

    def next_number(self):
        with self._lock:
            self._number += 1
            return self._number

    def daemon(self):
        return Daemon(f"--data-dir={self.dir}", *FLAGS)

    def test_nothing_acknowledged_is_lost_by_kill_9(self):
        print(f"seed {SEED}", flush=True)
        with self.daemon() as first, first.connect() as rpc:
            rpc.call("project.create", {"project": "castle"})
            edits = self.first_edits(rpc)
            first.stop(signal.SIGKILL)
        # The same edits in the same order, in a daemon that nobody kills.
        replay = Daemon("--retained-revisions=2000", f"--retained-bytes={1 << 34}")
        end = time.monotonic() + SECONDS
        with replay, replay.connect(timeout=120) as self.replay:
            self.replay.call("project.create", {"project": "castle"})
            for cycle in range(CYCLES + 1):
                last = cycle == CYCLES or (cycle >= 5 and time.monotonic() > end)
                if cycle % STARTS == STARTS - 1:
                    self.kill_a_start()
                begin = time.monotonic()
                with self.daemon() as self.killed:
                    with self.killed.connect(timeout=120) as rpc:
                        rpc.call("project.get", {"project": "castle"})
                        self.load_seconds = time.monotonic() - begin
                        self.check(rpc, edits, cycle)
                        if last:
                            self.wait_until_folded(rpc)
                    if not last:
                        edits = self.edit_until_killed(cycle)
                if last:
                    break
        self.check_folding(cycle)
        self.check_starts(cycle)
        print(
            f"{cycle} kills, {self.acknowledged} acknowledged edits, {self._number} sent, "
            f"{len(self.numbers)} revisions, none lost; {self.found_nothing} steps of undo or redo had "
            f"been dropped; {'; '.join(map(str, self.books))}",
            flush=True,
        )
        self.assertGreater(self.acknowledged, 100)
        checkpoints, clones, backups = self.books
        for count in (checkpoints.made, checkpoints.deleted, clones.made, backups.ended):
            self.assertGreater(count, 0 if cycle >= 20 else -1)

    def first_edits(self, rpc):
        """So many that old ones are folded from the first cycle on."""
        inventor, edits = Inventor(SEED), []
        for number in range(2 * RETAINED):
            voxels = {"xyz": inventor.position(), "color": COLORS[number % len(COLORS)]}
            write = {
                "request_id": f"first.{number}",
                "comment": f"first.{number}",
                "actor": "first",
            }
            params = {"project": "castle", "voxels": voxels, "write": write}
            edits.append(Edit(write["comment"], "voxel.set", params, self.next_number()))
            edits[-1].take(rpc.call("voxel.set", params))
            self.tell(edits[-1])
        return edits

    def edit_until_killed(self, cycle):
        writers = [Writer(self, number, cycle) for number in range(WRITERS)]
        keepers = [
            book.keeper(self.killed, f"{SEED}-{cycle}-{type(book).__name__}") for book in self.books
        ]
        for thread in writers + keepers:
            thread.start()
        time.sleep(self.chance.uniform(0.02, 0.3))
        self.killed.stop(signal.SIGKILL)
        for thread in writers + keepers:
            thread.join()
            self.assertIsNone(thread.error)
        edits = [edit for writer in writers for edit in writer.edits]
        for edit in edits:
            if edit.revision is not None:
                self.acknowledged += 1
                self.tell(edit)
        return edits

    def kill_a_start(self):
        """At a moment between the first of the process and the one when it had the project the last time."""
        moment = self.chance.uniform(0, self.load_seconds)
        daemon = Daemon(f"--data-dir={self.dir}", *FLAGS, start=False)
        killer = threading.Thread(target=self.kill_after, args=(daemon, moment), daemon=True)
        with daemon:
            killer.start()
            reached = "before ready"
            try:
                daemon.start()
                reached = "while loading"
                with daemon.connect(timeout=120) as rpc:
                    rpc.call("project.get", {"project": "castle"})
                reached = "later"
            except StartError as error:
                self.assertEqual(error.code, -signal.SIGKILL, error.log)
            except (OSError, ConnectionError, ValueError):
                pass  # the kill
            killer.join()
        self.killed_starts[reached] += 1

    @staticmethod
    def kill_after(daemon, seconds):
        while daemon.process is None:
            time.sleep(0.001)
        time.sleep(seconds)
        daemon.stop(signal.SIGKILL)

    def tell(self, edit):
        """Somebody was told of this revision."""
        if edit.made:
            self.assertNotIn(edit.revision, self.numbers, f"{edit.id}: a number came twice")
            self.numbers.add(edit.revision)

    def check(self, rpc, edits, cycle):
        """What a restarted daemon has, of the edits before the kill and all before those."""
        self.logs.append(self.log_in_file())
        found, head = self.content(rpc)
        self.before = listed = self.listed(rpc)
        marks = set().union(*(book.find(rpc) for book in self.books))
        for edit in edits:
            self.check_survival(edit, listed, head)
        lost = [e for e in edits if e.revision is None or (e.relaxed and e.revision > head)]
        self.ask_again(rpc, [e for e in self.answers if e not in lost])
        # A note leaves nothing to be seen: the answer to its id tells whether it is there.
        unsure = [e for e in edits if e.relaxed and not e.made and e not in lost]
        for edit in sorted(lost + unsure, key=lambda e: e.number):
            self.send_again(rpc, edit, listed)
        edits = sorted(edits, key=lambda e: e.place)
        content_at = self.play_until(head, edits, marks)
        self.assertEqual(content_at[head], found, f"cycle {cycle}: not a beginning of the line")
        for book in self.books:
            book.check(self, rpc, head, content_at)
        self.play([e for e in edits if e.revision > head])
        self.play([self.step_back(rpc, cycle)])
        self.assertEqual(self.content(self.replay)[0], self.content(rpc)[0])
        kept = [e for e in edits if not e.relaxed and e.number % 7 == 0]
        self.answers = (self.answers + kept)[-2000:]

    def play_until(self, head, edits, marks):
        """Plays the edits up to `head`; what the project held then, and at the marks before."""
        content_at, start = {}, 0
        for mark in sorted({m for m in marks if m <= head} | {head}):
            end = start
            while end < len(edits) and edits[end].revision <= mark:
                end += 1
            self.play(edits[start:end])
            content_at[mark], start = self.content(self.replay)[0], end
        return content_at

    def content(self, rpc, project="castle", revision=0):
        got = rpc.call("voxel.get", {"project": project, "xyz": EVERYTHING, "revision": revision})
        return got["rgba"], int(got["revision"])

    def check_history(self, rpc, project, last):
        """The revisions of a copy up to `last` are those that the project has."""
        copied, listed = self.listed(rpc, project), self.before
        for these, those in ((copied, listed), (listed, copied)):
            floor = min(those.values())
            expected = {k: n for k, n in these.items() if floor <= n <= last}
            self.assertEqual({k: those.get(k) for k in expected}, expected)
        self.assertEqual(max(copied.values()), last)

    def listed(self, rpc, project="castle"):
        """Request ids of the revisions that are retained, not for a checkpoint alone -> their numbers."""
        numbers, token, last = {}, "", None
        while True:
            page = rpc.call(
                "history.list_revisions",
                {"project": project, "page_size": 1000, "page_token": token},
            )
            for revision in page["revisions"]:
                if int(revision["revision"]) < int(page["oldest_revision"]):
                    return numbers
                if last is not None:
                    self.assertEqual(int(last["previous_revision"]), int(revision["revision"]))
                numbers[revision.get("comment", "")] = int(revision["revision"])
                last = revision
            token = page.get("next_page_token", "")
            if not token:
                return numbers

    def check_survival(self, edit, listed, head):
        if edit.id in listed and edit.revision is not None:
            self.assertEqual(listed[edit.id], edit.revision, edit.id)
        if edit.revision is not None and not edit.relaxed:
            self.assertLessEqual(edit.revision, head, f"lost: {edit.id}")
        floor = min(listed.values())
        if edit.made and edit.revision is not None and floor <= edit.revision <= head:
            self.assertIn(edit.id, listed, f"lost: {edit.id}")

    def send_again(self, rpc, edit, listed):
        """An edit that got no answer, or that a crash may have taken back."""
        before = edit.revision
        result = rpc.call(edit.method, edit.params)
        replayed = result["change"].get("replayed", False)
        edit.take(result)
        if edit.id in listed:
            self.assertTrue(replayed, f"done twice: {edit.id}")
            self.assertEqual(edit.revision, listed[edit.id])
        if replayed and before is not None:
            self.assertEqual(edit.revision, before)
        if not (replayed and before is not None):
            self.tell(edit)

    def ask_again(self, rpc, known):
        for edit in self.chance.sample(known, min(20, len(known))):
            again = Edit(edit.id, edit.method, edit.params, 0)
            result = rpc.call(edit.method, edit.params)
            again.take(result)
            self.assertTrue(result["change"].get("replayed", False), edit.id)
            self.assertEqual(
                (again.revision, again.voxels, again.done), (edit.revision, edit.voxels, edit.done)
            )

    def step_back(self, rpc, cycle):
        """A step of the project's own undo or redo, while nobody else is there."""
        method = self.chance.choice(("history.undo", "history.undo", "history.redo"))
        write = {"request_id": f"{cycle}.step", "comment": f"{cycle}.step", "actor": "checker"}
        params = {"project": "castle", "scope": "project", "write": write}
        edit = Edit(f"{cycle}.step", method, params, self.next_number())
        edit.take(rpc.call(method, params))
        self.tell(edit)
        return edit

    def play(self, edits):
        """Does the same in the other daemon; every step must do what it did. Undo and redo that found nothing
        are left out, for that daemon retains more; but what they looked for must have been dropped.
        """
        for edit in edits:
            if edit.done == 0 and edit.method.startswith("history."):
                wanted = self.steps.wanted(edit)
                if wanted is not None:
                    self.found_nothing += 1
                    self.assertLess(wanted, self.steps.floor, f"{edit.id} found nothing")
            self.steps.apply(edit)
        edits = [e for e in edits if e.done > 0 or not e.method.startswith("history.")]
        for start in range(0, len(edits), 100):
            part = edits[start : start + 100]
            for edit in part:
                write = {k: v for k, v in edit.params["write"].items() if k != "durability"}
                self.replay.send(edit.method, {**edit.params, "write": write})
            for edit in part:
                reply = self.replay.reply()
                self.assertIn("result", reply, edit.id)
                copy = Edit(edit.id, edit.method, edit.params, 0)
                copy.take(reply["result"])
                self.assertEqual((copy.voxels, copy.done), (edit.voxels, edit.done), edit.id)

    def log_in_file(self):
        """How many revisions there are in the file's log, and the oldest of them; those before are in the base."""
        (file,) = (self.dir / "projects").glob("castle.*.voxels")
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
            return db.execute("SELECT count(*), min(revision) FROM revisions").fetchone()

    def wait_until_folded(self, rpc):
        """Where nobody comes in between, hardly anything is left but what is retained. The first revision that a daemon
        makes lets it look."""
        voxels = {"xyz": [0, 0, 0], "rgba": [0x12345678]}  # as nobody else
        rpc.call("voxel.set", {"project": "castle", "voxels": voxels})
        folded = lambda: self.log_in_file()[0] < 2 * RETAINED
        self.assertTrue(wait_until(folded), f"{self.log_in_file()[0]} revisions are not folded")

    def check_folding(self, cycle):
        """Old revisions went into the base all along, whatever the kills cut off."""
        most = max(count for count, _ in self.logs)
        oldest = [number for _, number in self.logs]
        rises = sum(later > earlier for earlier, later in zip(oldest, oldest[1:]))
        print(f"folded before {rises} of the kills; at most {most} revisions left", flush=True)
        self.assertGreaterEqual(rises, cycle // 6)
        self.assertLess(most, 8 * RETAINED)

    def check_starts(self, cycle):
        """Some were killed before they had the project."""
        told = ", ".join(f"{count} {when}" for when, count in self.killed_starts.items())
        print(f"starts that were killed: {told}", flush=True)
        early = sum(self.killed_starts.values()) - self.killed_starts["later"]
        self.assertGreater(early, 0 if cycle >= 5 * STARTS else -1)


if __name__ == "__main__":
    unittest.main()
