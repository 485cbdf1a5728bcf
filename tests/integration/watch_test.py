"""history.watch: what followers put together over any number of connections, restarts and crashes is
the list of revisions; who does not read is ended and goes on later; a thousand of them cost no thread.
"""

import base64
import contextlib
import itertools
import os
import pathlib
import queue
import random
import shutil
import signal
import tempfile
import threading
import time
import unittest

import grpc
from daemon import SANITIZED, Daemon, RpcError

RECONNECTS = int(os.environ.get("VOXELD_RECONNECTS", "1000"))
KILLS = max(4, RECONNECTS // 250)
# Everything is kept, so that the whole log can be compared with what the followers saw.
KEEP_ALL = ("--retained-revisions=10000000", "--retained-bytes=4GiB")
GONE = (OSError, ConnectionError, ValueError)
# What some followers look at alone: an eighth of where the writers write.
LOW, HIGH = [-10, -10, -10], [10, 10, 10]


def set_voxels(xyz, color="#c33", project="p", **write):
    return {"project": project, "voxels": {"xyz": xyz, "color": color}, "write": write}


def all_revisions(rpc, project="p"):
    """Every retained revision, oldest first."""
    found, token = [], ""
    while True:
        page = rpc.call(
            "history.list_revisions", {"project": project, "page_size": 1000, "page_token": token}
        )
        found += page["revisions"]
        token = page.get("next_page_token", "")
        if not token:
            return found[::-1]


class JsonWatch:
    """One connection that watches over JSON-RPC; next() gives an item as JSON."""

    def __init__(self, daemon, request):
        self.rpc = daemon.connect()
        try:
            self.rpc.call("history.watch", request)
        except BaseException:
            self.rpc.close()
            raise

    def next(self):
        try:
            params = self.rpc.notification()["params"]
        except TimeoutError as error:
            raise AssertionError("no item for 30 s") from error  # not for want of a daemon
        if "error" in params:
            raise RpcError(params["error"])
        return params["item"]

    def close(self):
        self.rpc.close()


class GrpcWatch:
    """The same over gRPC, the items in the same form."""

    def __init__(self, daemon, request):
        from google.protobuf import json_format

        history = daemon.pb("history")
        self.channel = daemon.channel()
        self.to_json = lambda item: {
            **json_format.MessageToDict(item, preserving_proto_field_name=True),
            **{k: getattr(item, k) for k in ("revision", "previous_revision")},
        }
        message = json_format.ParseDict(request, history.WatchRequest())
        self.stream = daemon.stub("HistoryService", self.channel).Watch(message)
        self.answers = None  # from when on they are asked for

    def next(self):
        if self.answers is None:
            self.answers = queue.SimpleQueue()
            threading.Thread(target=self.read, daemon=True).start()
        for _ in range(3):
            try:
                answer = self.answers.get(timeout=10)
            except queue.Empty:
                if self.stream.is_active():
                    continue
                # Seen where its daemon was killed on a busy machine: the stream is over, and
                # Python's gRPC waits for its next item for ever.
                print(f"{self.stream} is over, and still waited for", flush=True)
                raise self.stream from None
            if isinstance(answer, BaseException):
                raise answer
            return self.to_json(answer)
        raise AssertionError("no item for 30 s")  # not for want of a daemon

    def read(self):
        try:
            while True:
                self.answers.put(next(self.stream))
        except BaseException as error:
            self.answers.put(error)

    def close(self):
        self.stream.cancel()
        self.channel.close()


class Follower(threading.Thread):
    """Watches from revision 1 on over connections that it drops at random points: of each door one of everything, with
    the blocks that changed or without, and one of a box, likewise.
    """

    def __init__(self, test, number):
        super().__init__(daemon=True)
        self.test, self.chance = test, random.Random(number)
        self.door = (JsonWatch, GrpcWatch)[number % 2]
        self.blocks, self.box = number // 2 % 2 == 0, number >= 4
        self.items, self.token, self.reconnects, self.failure = [], "", 0, None
        self.passed = 1  # the last revision that came, or that a mark says was skipped

    def run(self):
        try:
            while not self.done():
                try:
                    self.follow_a_while()
                except GONE:
                    time.sleep(0.02)  # the daemon is away
        except BaseException as error:
            self.failure = error
            raise

    def done(self):
        return self.test.last is not None and self.passed >= self.test.last

    def request(self):
        request = {"project": "p", "blocks": self.blocks, "progress_ms": 200}
        if self.box:
            request["box"] = {"min": LOW, "max": HIGH}
        if self.token and self.chance.random() < 0.5:
            request["resume_token"] = self.token
        else:
            request["after_revision"] = self.passed
        return request

    def follow_a_while(self):
        wanted = self.chance.choice((0, 1, 2, 5, 20, 60))
        watch = None
        try:
            watch = self.door(self.test.daemon, self.request())
            self.reconnects += 1
            while wanted > 0 and not self.done():
                item = watch.next()
                if not item.get("progress"):
                    self.items.append(item)
                elif not self.box:
                    continue  # it was there already
                self.passed, self.token = int(item["revision"]), item["resume_token"]
                wanted -= 1
        except RpcError as error:
            if error.reason not in ("SHUTTING_DOWN", "OVERLOADED"):
                raise
        except grpc.RpcError as error:
            if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
                raise
            time.sleep(0.02)  # the daemon is away
        finally:
            if watch is not None:
                watch.close()


class Writer(threading.Thread):
    """Edits of one kind until the load is over."""

    def __init__(self, test, number):
        super().__init__(daemon=True)
        self.test, self.number, self.chance = test, number, random.Random(100 + number)
        self.failure = None

    def run(self):
        try:
            while not self.test.stopping.is_set():
                try:
                    with self.test.daemon.connect() as rpc:
                        while not self.test.stopping.is_set():
                            self.write(rpc)
                except GONE:
                    time.sleep(0.02)
                except RpcError as error:
                    if error.reason != "SHUTTING_DOWN":
                        raise
        except BaseException as error:
            self.failure = error
            raise

    def write(self, rpc):
        write = {"actor": f"writer{self.number}", "comment": f"{self.chance.random()}"}
        kind = self.number % 4
        if kind == 1:
            write["durability"] = "relaxed"
        if kind == 2 and self.chance.random() < 0.5:
            method = self.chance.choice(("history.undo", "history.redo"))
            rpc.call(method, {"project": "p", "count": self.chance.randint(1, 3), "write": write})
        elif kind == 3:
            low = [self.chance.randint(-20, 20) for _ in range(3)]
            box = {"min": low, "max": [c + self.chance.randint(1, 6) for c in low]}
            edit = {"box": {"box": box, "color": f"#{self.chance.randint(0, 999):03d}"}}
            rpc.call("voxel.apply_edits", {"project": "p", "edits": [edit], "write": write})
        else:
            xyz = [self.chance.randint(-20, 20) for _ in range(3)]
            color = f"#{self.chance.randint(0, 999):03d}"
            rpc.call("voxel.set", set_voxels(xyz, color, **write))
        time.sleep(0.001)  # about the pace of people and their tools; the followers must keep up


class WatchTest(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="voxeld-data-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def kept(self, *flags):
        return Daemon(f"--data-dir={self.dir}", *flags)

    def test_reconnects_at_random_points_under_load_put_together_the_whole_log(self):
        self.stopping, self.last = threading.Event(), None
        with self.kept(*KEEP_ALL) as self.daemon:
            with self.daemon.connect() as rpc:
                rpc.call("project.create", {"project": "p"})
            followers = [Follower(self, n) for n in range(8)]
            writers = [Writer(self, n) for n in range(8)]
            for thread in followers + writers:
                thread.start()
            try:
                self.kill_now_and_then(followers)
            finally:
                self.stopping.set()
            for writer in writers:
                writer.join()
            with self.daemon.connect() as rpc:
                # A sync edit is durable, and so is all before it.
                last = rpc.call("voxel.set", set_voxels([99, 99, 99], "#fff"))
                self.last = int(last["change"]["revision"])
                for follower in followers:
                    follower.join(60)
                    self.assertFalse(follower.is_alive(), f"stuck at {follower.passed}")
                self.assertEqual([t.failure for t in followers + writers if t.failure], [])
                self.check(rpc, followers)

    def kill_now_and_then(self, followers):
        chance = random.Random(7)
        end = time.monotonic() + 120 * max(1, RECONNECTS / 1000)
        for kill in range(1, KILLS + 2):
            goal = RECONNECTS * kill // (KILLS + 1)
            while sum(f.reconnects for f in followers) < goal:
                self.assertLess(time.monotonic(), end, "the followers are stuck")
                time.sleep(0.05)
            if kill <= KILLS:
                self.daemon.stop(chance.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
                self.daemon.start()

    def check(self, rpc, followers):
        log = all_revisions(rpc)[1:]
        jumps = sum(int(r["revision"]) != int(r["previous_revision"]) + 1 for r in log)
        numbers = [r["revision"] for r in log]
        self.assertEqual([i["revision"] for i in followers[0].items], numbers)
        inside = self.changes_inside(followers[0])
        self.assertTrue(0 < len(inside) < len(log) / 2)
        for follower in followers:
            expected = [r for r in log if not follower.box or r["revision"] in inside]
            self.assertEqual(
                [i["revision"] for i in follower.items], [r["revision"] for r in expected]
            )
            for item, revision in zip(follower.items, expected):
                self.assertEqual(item["previous_revision"], revision["previous_revision"])
                for field in ("actor", "comment", "time"):
                    self.assertEqual(item["change"].get(field), revision.get(field))
        reconnects = sum(f.reconnects for f in followers)
        self.assertGreaterEqual(reconnects, RECONNECTS)
        for follower in followers:
            if follower.blocks:
                self.check_replica(rpc, follower)
        print(
            f"{reconnects} reconnects, {KILLS} ends of the daemon, {len(log)} revisions, {len(inside)} of them in "
            f"the box, {jumps} gaps in their numbers",
            flush=True,
        )

    @staticmethod
    def changes_inside(follower):
        """The revisions that change a voxel in the box, of one who has the blocks of all."""
        voxels, found = {}, set()
        for item in follower.items:
            for block in item.get("blocks", ()):
                for position, color in voxels_of(block["block"]).items():
                    if voxels.get(position, 0) != color and is_inside(position):
                        found.add(item["revision"])
                    voxels[position] = color
        return found

    def check_replica(self, rpc, follower):
        """The blocks that came are the project, or what of it is in the box."""
        replica = {}
        for item in follower.items:
            self.assertNotIn("blocks_omitted", item)
            for block in item.get("blocks", ()):
                replica.update(voxels_of(block["block"]))
        replica = {position: color for position, color in replica.items() if color}
        xyz = [c for position in replica for c in position]
        got = rpc.call("voxel.get", {"project": "p", "xyz": xyz})["rgba"]
        self.assertEqual(dict(zip(replica, got)), replica)
        if follower.box:
            self.assertTrue(all(map(is_inside, replica)))
            places = itertools.product(*(range(low, high) for low, high in zip(LOW, HIGH)))
            xyz = [c for position in places for c in position]
            got = rpc.call("voxel.get", {"project": "p", "xyz": xyz})["rgba"]
            count = sum(color != 0 for color in got)
        else:
            count = int(rpc.call("project.get", {"project": "p"})["project"]["voxels"])
        self.assertEqual(count, len(replica))

    def test_a_lost_revision_is_no_place_to_go_on(self):
        """A relaxed edit's number may be lost by a crash: whoever names it is told so, now and later."""
        for attempt in range(50):
            with self.kept() as daemon, daemon.connect() as rpc:
                if attempt == 0:
                    rpc.call("project.create", {"project": "p"})
                # The first relaxed edit of a daemon's life waits until numbers are held back for
                # them.
                rpc.call("voxel.set", set_voxels([attempt, 3, 0], durability="relaxed"))
                sure = int(rpc.call("voxel.set", set_voxels([attempt, 0, 0]))["change"]["revision"])
                answer = rpc.call("voxel.set", set_voxels([attempt, 1, 0], durability="relaxed"))
                daemon.stop(signal.SIGKILL)
            with self.kept() as daemon, daemon.connect() as rpc:
                lost = int(answer["change"]["revision"])
                head = int(rpc.call("project.get", {"project": "p"})["project"]["revision"])
                if head == lost:
                    continue  # it was faster than the kill
                self.assertEqual(head, sure)
                self.check_unknown(rpc, lost, "current_revision", sure)
                new = int(rpc.call("voxel.set", set_voxels([attempt, 2, 0]))["change"]["revision"])
                self.assertGreater(new, lost)
                self.check_unknown(rpc, lost, "previous_revision", sure)
                watch = rpc.stream("history.watch", {"project": "p", "after_revision": sure})
                self.assertEqual(next(watch)["revision"], new)
                return
        self.fail("the daemon never lost a relaxed edit")

    def test_what_a_watch_has_sent_survives_a_kill(self):
        for attempt in range(6):
            with self.kept() as daemon, daemon.connect() as rpc:
                if attempt == 0:
                    rpc.call("project.create", {"project": "p"})
                # The first relaxed edit of a daemon's life waits until numbers are held back for
                # them.
                rpc.call("voxel.set", set_voxels([attempt, 0, 0], durability="relaxed"))
                head = rpc.call("voxel.set", set_voxels([attempt, 1, 0]))["change"]["revision"]
                door = (JsonWatch, GrpcWatch)[attempt % 2]
                watch = door(daemon, {"project": "p", "after_revision": head})
                rpc.send("voxel.set", set_voxels([attempt, 2, 0], durability="relaxed"))
                seen = watch.next()["revision"]
                daemon.stop(signal.SIGKILL)
                watch.close()
            with self.kept() as daemon, daemon.connect() as rpc:
                found = rpc.call("project.get", {"project": "p"})["project"]["revision"]
                self.assertGreaterEqual(int(found), int(seen))

    def check_unknown(self, rpc, revision, fact, value):
        with self.assertRaises(RpcError) as refused:
            rpc.call("history.watch", {"project": "p", "after_revision": revision})
        self.assertEqual(refused.exception.reason, "REVISION_UNKNOWN")
        self.assertEqual(refused.exception.field, "after_revision")
        self.assertEqual(refused.exception.data["metadata"], {fact: str(value)})

    def token_of(self, daemon):
        with daemon.connect() as rpc:
            watch = rpc.stream("history.watch", {"project": "p", "progress_ms": 60000})
            return next(watch)["resume_token"]

    def refuse_token(self, daemon, token):
        with daemon.connect() as rpc, self.assertRaises(RpcError) as refused:
            rpc.call("history.watch", {"project": "p", "resume_token": token})
        self.assertEqual(
            (refused.exception.reason, refused.exception.field),
            ("REVISION_UNKNOWN", "resume_token"),
        )

    def test_a_token_knows_its_history(self):
        with self.kept() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            old = self.token_of(daemon)
            daemon.stop()
        shutil.copytree(self.dir, self.dir / "copy", ignore=shutil.ignore_patterns("copy"))
        with self.kept() as daemon, daemon.connect() as rpc:
            rpc.call("voxel.set", set_voxels([0, 0, 0]))
            gone = self.token_of(daemon)
            self.assertTrue(gone.startswith("2-"), gone)
            daemon.stop()
        shutil.rmtree(self.dir / "projects")
        shutil.copytree(self.dir / "copy" / "projects", self.dir / "projects")
        with self.kept() as daemon, daemon.connect() as rpc:
            self.refuse_token(daemon, gone)  # above the head
            rpc.call("voxel.set", set_voxels([1, 0, 0]))
            self.refuse_token(daemon, gone)  # another revision 2
            watch = rpc.stream("history.watch", {"project": "p", "resume_token": old})
            self.assertEqual(next(watch)["revision"], 2)
        with self.kept() as daemon, daemon.connect() as rpc:
            rpc.call("project.delete", {"project": "p"})
            rpc.call("project.create", {"project": "p"})
            self.refuse_token(daemon, old)


def is_inside(position):
    return all(low <= c < high for low, c, high in zip(LOW, position, HIGH))


def voxels_of(block):
    """The colours of a block as JSON has it, by position."""
    low, high = block["box"]["min"], block["box"]["max"]
    places = itertools.product(*(range(low[axis], high[axis]) for axis in (2, 1, 0)))
    positions = [(x, y, z) for z, y, x in places]
    if block.get("uniform"):
        return dict.fromkeys(positions, block.get("value", 0))
    data = base64.b64decode(block["data"])
    if block["encoding"] == "ENCODING_PALETTE":
        return dict(zip(positions, (block["palette"][index] for index in data)))
    colors = (int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4))
    return dict(zip(positions, colors))


def flood(daemon, until):
    """Edits with large blocks until a condition holds; the number of the last revision."""
    end = time.monotonic() + 60
    with daemon.connect() as rpc:
        for i in itertools.count():
            answer = rpc.call("voxel.set", set_voxels([0, 0, 0, 15, 15, 15], f"#{i % 900 + 100}"))
            if until(i):
                return int(answer["change"]["revision"])
            if time.monotonic() > end:
                raise AssertionError("it never came")


class SlowWatchTest(unittest.TestCase):
    REQUEST = {"project": "p", "after_revision": 1, "blocks": True}

    def check_goes_on(self, daemon, watch, last):
        """Reads a stalled watch to its end, then goes on as that says; all revisions came once."""
        seen = []
        with self.assertRaises((RpcError, grpc.RpcError)) as ended:
            while True:
                seen.append(watch.next()["revision"])
        watch.close()
        reason, facts = self.told(daemon, ended.exception)
        self.assertEqual(reason, "WATCH_TOO_SLOW")
        with daemon.connect() as rpc:
            rows = rpc.call("admin.stats")["methods"]
        errors = [row.get("errors", {}) for row in rows if row["method"] == "history.watch"]
        self.assertEqual([{k: int(v) for k, v in e.items()} for e in errors], [{reason: 1}])
        self.assertEqual(int(facts["resume_after"]), seen[-1])
        self.assertLess(seen[-1], last)
        again = type(watch)(daemon, {"project": "p", "resume_token": facts["resume_token"]})
        while seen[-1] < last:
            seen.append(again.next()["revision"])
        again.close()
        self.assertEqual(seen, list(range(2, last + 1)))

    @staticmethod
    def told(daemon, error):
        if isinstance(error, RpcError):
            return error.reason, error.data["metadata"]
        trailing = dict(error.trailing_metadata())
        info = daemon.pb("error").ErrorInfo.FromString(trailing["voxeld-error-bin"])
        return trailing["voxeld-reason"], dict(info.metadata)

    def slow_watch(self, door):
        with Daemon("--watch-backlog=100", *KEEP_ALL) as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            watch = door(daemon, self.REQUEST)
            start = time.monotonic()
            # Full buffers, a second of patience, and a hundred revisions more.
            last = flood(daemon, lambda i: i > 1500 and time.monotonic() > start + 3)
            self.check_goes_on(daemon, watch, last)

    def test_over_json_rpc_it_is_ended_and_goes_on(self):
        self.slow_watch(JsonWatch)

    def test_over_grpc_it_is_ended_and_goes_on(self):
        self.slow_watch(GrpcWatch)

    def test_it_may_be_behind_for_as_long_as_the_option_says(self):
        flags = ("--watch-backlog=100", "--watch-patience=1h", *KEEP_ALL)
        with Daemon(*flags) as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            watch = JsonWatch(daemon, self.REQUEST)
            self.addCleanup(watch.close)
            start = time.monotonic()
            # As much as ends it in a second by default.
            last = flood(daemon, lambda i: i > 1500 and time.monotonic() > start + 3)
            seen = []
            while not seen or seen[-1] < last:
                seen.append(watch.next()["revision"])
            self.assertEqual(seen, list(range(2, last + 1)))

    def test_it_is_ended_while_it_does_not_read(self):
        with Daemon("--watch-backlog=100") as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            with daemon.connect() as deaf:
                deaf.call("history.watch", self.REQUEST)
                flood(daemon, lambda _: "reason=WATCH_TOO_SLOW" in daemon.log())

    def test_what_it_held_is_given_up_with_it(self):
        """Old revisions that are dropped stay in memory only as long as a watch may hold them."""
        with Daemon("--retained-revisions=4") as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            noise = random.Random(1)
            watches = [JsonWatch(daemon, self.REQUEST) for _ in range(4)]
            watches += [GrpcWatch(daemon, self.REQUEST) for _ in range(4)]
            before = daemon.rss_kb()
            end = time.monotonic() + 5
            while time.monotonic() < end:  # each revision replaces 64 bricks of raw colours: 1 MiB
                xyz = [
                    c for _ in range(2000) for c in (noise.randrange(64), noise.randrange(64), 0)
                ]
                rgba = [noise.getrandbits(32) | 255 for _ in range(2000)]
                voxels = {"xyz": xyz, "rgba": rgba}
                rpc.call("voxel.set", {"project": "p", "voxels": voxels})
            if not SANITIZED:
                self.assertLess(daemon.rss_kb() - before, 60 << 10)
            for watch in watches:
                watch.close()

    def test_one_that_reads_slowly_but_steadily_is_left_alone(self):
        with Daemon("--watch-backlog=10") as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            last = flood(daemon, lambda i: i == 3000)  # all there is to catch up with
            watch = JsonWatch(daemon, {"project": "p", "after_revision": 1})
            seen = []
            while not seen or seen[-1] < last:
                seen.append(watch.next()["revision"])
            watch.close()
            self.assertEqual(seen, list(range(2, last + 1)))


class ManyWatchesTest(unittest.TestCase):
    def test_a_thousand_watches_cost_no_thread(self):
        with Daemon() as daemon, daemon.connect() as rpc, contextlib.ExitStack() as stack:
            rpc.call("project.create", {"project": "p"})
            history = daemon.pb("history")
            stub = daemon.stub("HistoryService")
            request = history.WatchRequest(project="p", progress_ms=60000)
            first = stub.Watch(request)  # gRPC has its threads now
            stack.callback(first.cancel)
            next(first)
            before, memory = self.threads(daemon), daemon.rss_kb()
            connections = [stack.enter_context(daemon.connect()) for _ in range(4)]
            for _ in range(125):
                for connection in connections:
                    connection.call("history.watch", {"project": "p"})
            calls = [stub.Watch(request) for _ in range(500)]
            for call in calls:
                stack.callback(call.cancel)
                next(call)
            # Workers and gRPC's own come and go by ones.
            self.assertLess(self.threads(daemon), before + 5)
            if not SANITIZED:
                self.assertLess(daemon.rss_kb() - memory, 40 << 10)
            revision = rpc.call("voxel.set", set_voxels([1, 2, 3]))["change"]["revision"]
            for connection in connections:
                for _ in range(125):
                    note = connection.notification()
                    self.assertEqual(note["params"]["item"]["revision"], revision)
            for call in calls:
                self.assertEqual(next(call).revision, int(revision))

    @staticmethod
    def threads(daemon):
        """Once workers that have nothing to do have ended; there are two at least."""
        counts = []
        for _ in range(40):
            counts.append(len(os.listdir(f"/proc/{daemon.pid}/task")))
            time.sleep(0.05)
        return min(counts)


if __name__ == "__main__":
    unittest.main()
