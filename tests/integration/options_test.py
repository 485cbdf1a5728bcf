"""Options of the store, of memory and of threads whose effect nothing else shows: each with a value that makes the
daemon behave otherwise than its default does.
"""

import contextlib
import itertools
import os
import pathlib
import random
import select
import shutil
import signal
import sqlite3
import tempfile
import time
import unittest

from daemon import SANITIZED, Daemon, wait_until
from endless_edit import endless
from http_client import HttpClient


def set_voxel(x, project="p", **write):
    return {
        "project": project,
        "voxels": {"xyz": [x, 0, 0], "color": f"#{x % 900 + 100}"},
        "write": write,
    }


def send_edits(rpc, count, **write):
    """Sends so many at once; their replies, in order."""
    for x in range(count):
        rpc.send("voxel.set", set_voxel(x, **write))
    return [rpc.reply() for _ in range(count)]


class DirCase(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="voxeld-data-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def kept(self, *flags):
        return Daemon(f"--data-dir={self.dir}", *flags)


class RequestIdsTest(DirCase):
    """What is forgotten is done again; what is remembered is answered from memory."""

    def remember(self, rpc, count=4):
        """Makes the project, and edits it by the request ids 0, 1, 2 ..."""
        rpc.call("project.create", {"project": "p"})
        for number in range(count):
            rpc.call("voxel.set", set_voxel(number, request_id=f"{number}"))

    def replayed(self, rpc, number):
        answer = rpc.call("voxel.set", set_voxel(number, request_id=f"{number}"))
        return answer["change"].get("replayed", False)

    def test_beyond_the_count_the_oldest_go(self):
        with Daemon("--request-ids=2", "--request-ids-kept=0s") as daemon, daemon.connect() as rpc:
            self.remember(rpc)
            self.assertTrue(self.replayed(rpc, 3))
            self.assertTrue(self.replayed(rpc, 2))
            self.assertFalse(self.replayed(rpc, 0))

    def test_the_count_goes_on_to_be_kept_however_old_they_are(self):
        with Daemon("--request-ids-kept=0s") as daemon, daemon.connect() as rpc:
            self.remember(rpc)
            self.assertTrue(self.replayed(rpc, 0))

    def test_what_is_young_is_kept_however_many_there_are(self):
        with Daemon("--request-ids=2", "--request-ids-kept=1h") as daemon, daemon.connect() as rpc:
            self.remember(rpc)
            self.assertTrue(self.replayed(rpc, 0))

    def test_beyond_their_bytes_the_oldest_go_however_young_they_are(self):
        with Daemon("--request-ids-bytes=2KiB") as daemon, daemon.connect() as rpc:
            self.remember(rpc, 100)
            self.assertTrue(self.replayed(rpc, 99))
            self.assertFalse(self.replayed(rpc, 0))

    def test_a_restart_forgets_what_the_new_settings_do_not_keep(self):
        with self.kept() as daemon, daemon.connect() as rpc:
            self.remember(rpc)
            daemon.stop()
        with self.kept() as daemon, daemon.connect() as rpc:
            self.assertTrue(self.replayed(rpc, 0))
            daemon.stop()
        with self.kept("--request-ids=2", "--request-ids-kept=0s") as daemon:
            with daemon.connect() as rpc:
                self.assertTrue(self.replayed(rpc, 3))
                self.assertFalse(self.replayed(rpc, 0))


class CommitTest(DirCase):
    places = itertools.count()

    @staticmethod
    def commits(rpc):
        """How many records were made durable so far, and in how many groups."""
        commits = rpc.call("admin.stats")["commits"]
        return int(commits["records"]), sum(commits["groups"]["counts"])

    def test_relaxed_edits_wait_for_company_as_long_as_they_may(self):
        with self.kept("--relaxed-delay=1h") as daemon, daemon.connect() as rpc:
            for project in ("p", "other"):
                rpc.call("project.create", {"project": project})
            # The first of a daemon's life waits until numbers are held back for them, and no
            # longer.
            rpc.call("voxel.set", set_voxel(0, durability="relaxed"))
            # What comes while a group is being written is the next one, whatever it is.
            self.write_for_a_while(rpc)
            records, groups = self.commits(rpc)
            for x in range(1, 11):
                rpc.call("voxel.set", set_voxel(x, durability="relaxed"))
            self.write_for_a_while(rpc)
            between, others = self.commits(rpc)
            self.assertEqual(between - records, others - groups)  # the other project's, one by one
            rpc.call("voxel.set", set_voxel(11))
            self.assertEqual(self.commits(rpc), (between + 11, others + 1))

            self.write_for_a_while(rpc)
            head = int(rpc.call("project.get", {"project": "p"})["project"]["revision"])
            rpc.call("voxel.set", set_voxel(12, durability="relaxed"))
            self.write_for_a_while(rpc)
            daemon.stop(signal.SIGKILL)
        with self.kept() as daemon, daemon.connect() as rpc:
            found = rpc.call("project.get", {"project": "p"})["project"]
            self.assertEqual(int(found["revision"]), head)

    def test_relaxed_edits_that_are_many_wait_for_the_disk_and_not_for_company(self):
        flags = ("--relaxed-delay=1h", "--max-pending-revisions=8")
        with self.kept(*flags) as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            for x in range(100):
                rpc.call("voxel.set", set_voxel(x, durability="relaxed"))

    def write_for_a_while(self, rpc):
        """Durable edits of another project, for many times as long as relaxed ones wait by default."""
        end = time.monotonic() + 1
        while time.monotonic() < end:
            rpc.call("voxel.set", set_voxel(next(self.places), "other"))

    def test_revisions_that_wait_for_the_disk_are_bounded(self):
        flags = ("--max-pending-revisions=2", "--test-commit=delay_ms=3000")
        with Daemon(*flags) as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            replies = send_edits(rpc, 50)
            self.assertIn("result", replies[0])
            refused = [reply["error"] for reply in replies if "error" in reply]
            self.assertGreater(len(refused), 0)
            for error in refused:
                self.assertEqual(error["data"]["reason"], "OVERLOADED")
                self.assertIn('2 revisions of project "p" wait for the store', error["message"])


class FilesTest(DirCase):
    def test_old_revisions_are_folded_once_they_take_so_much_of_the_base(self):
        # More than a hundredth of the base they are soon, and not as much as it.
        with self.kept("--retained-revisions=5", "--fold-bytes=0", "--fold-percent=1") as daemon:
            with daemon.connect() as rpc:
                rpc.call("project.create", {"project": "p"})
                chance = random.Random(1)
                xyz = [c for i in range(65536) for c in (i % 64, i // 64 % 64, i // 4096)]
                rgba = [chance.getrandbits(32) | 255 for _ in range(65536)]
                rpc.call("voxel.set", {"project": "p", "voxels": {"xyz": xyz, "rgba": rgba}})
                last = send_edits(rpc, 1000)[-1]["result"]["change"]["revision"]
                # The store is told of them by the 256 and a group: at least of 600.
                self.assertTrue(wait_until(lambda: self.oldest() > 500, 60), self.oldest())
                self.assertLess(self.oldest(), int(last) - 4)  # what is retained is there

    def oldest(self):
        """The oldest revision that the project's file has besides its base."""
        (file,) = (self.dir / "projects").glob("p.*.voxels")
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
            return db.execute("SELECT min(revision) FROM revisions").fetchone()[0]

    def test_what_is_kept_is_compressed(self):
        self.assertGreater(self.size("--compression=0"), 2 * self.size())

    def size(self, *flags):
        """What a slice of few different rows takes on the disk."""
        with tempfile.TemporaryDirectory() as folder:
            with Daemon(f"--data-dir={folder}", *flags) as daemon, daemon.connect() as rpc:
                rpc.call("project.create", {"project": "p"})
                xyz = [c for i in range(65536) for c in (i % 256, i // 256, 0)]
                rgba = [(i % 4096 * 2654435761) % 2**32 | 255 for i in range(65536)]
                rpc.call("voxel.set", {"project": "p", "voxels": {"xyz": xyz, "rgba": rgba}})
                return int(rpc.call("project.get", {"project": "p"})["project"]["disk_bytes"])

    def test_so_many_threads_write_files(self):
        flags = ("--workers-min=2", "--workers-max=2")
        with self.kept(*flags, "--writers=1") as one, tempfile.TemporaryDirectory() as folder:
            with Daemon(f"--data-dir={folder}", *flags, "--writers=2") as two:
                found = lambda: self.workers(two) - self.workers(one)
                self.assertTrue(wait_until(lambda: found() == 1), found())

    @staticmethod
    def workers(daemon):
        """Threads of the process's pools, those of its writers among them."""
        found = 0
        for task in pathlib.Path(f"/proc/{daemon.pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found += (task / "comm").read_text() == "voxeld-worker\n"
        return found

    def test_few_files_are_open_at_once(self):
        with self.kept("--max-open-files=2") as daemon, daemon.connect() as rpc:
            for number in range(12):
                rpc.call("project.create", {"project": f"p{number}"})
            for number in range(12):
                rpc.call("voxel.set", set_voxel(number, f"p{number}"))
            self.assertTrue(wait_until(lambda: len(self.open_files(daemon)) <= 2))
            for number in range(12):
                got = rpc.call("voxel.get", {"project": f"p{number}", "xyz": [number, 0, 0]})
                self.assertNotEqual(got["rgba"], [0])

    def open_files(self, daemon):
        """The project files that the process has open."""
        found = set()
        for entry in pathlib.Path(f"/proc/{daemon.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                name = os.readlink(entry)
                if name.startswith(str(self.dir)) and name.endswith(".voxels"):
                    found.add(name)
        return found


class PoolsTest(unittest.TestCase):
    def test_without_pools_each_piece_of_memory_is_an_allocation(self):
        self.assertEqual(self.spare("--memory-pools=off"), 0)
        if not SANITIZED:  # which have none
            self.assertGreater(self.spare(), 0)

    def test_without_pools_none_keeps_anything(self):
        off, on = self.kept("--memory-pools=off"), self.kept()
        self.assertEqual({name for name, kept in off.items() if kept > 0}, set())
        self.assertEqual(set(on), set(off))
        if not SANITIZED:  # which never keep anything
            for name in ("json_calls", "json_messages", "calls", "messages", "http_parsers"):
                self.assertGreater(on[name], 0, name)

    @staticmethod
    def kept(*flags):
        """What waits to be used again after some calls over each door, by pool."""
        with Daemon(*flags) as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            with HttpClient(daemon) as http, daemon.raw() as resp:
                for _ in range(3):
                    http.call("AdminService/Ping")
                    resp.sendall(b"VOXEL.SET p main 1 2 3 #fff\r\nVOXEL.GET p main 1 2 3\r\n")
                    while not resp.recv(1000).endswith(b"\r\n"):
                        pass
            # Two at once: one of them is kept while the next call is in use.
            rpc.send_raw(b'{"jsonrpc":"2.0","id":1,"method":"admin.ping"}\n' * 2)
            for _ in range(2):
                rpc.receive()
            pools = rpc.call("admin.stats")["pools"]
            return {pool["pool"]: pool.get("kept", 0) for pool in pools}

    @staticmethod
    def spare(*flags):
        """Bytes got for voxels that none takes."""
        with Daemon(*flags) as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            rpc.call("voxel.set", set_voxel(0))
            purposes = rpc.call("admin.memory")["purposes"]
            (voxels,) = (p for p in purposes if p["purpose"] == "voxels")
            return int(voxels["allocated_bytes"]) - int(voxels["active_bytes"])


class WorkersTest(unittest.TestCase):
    """Workers that edits without an end keep busy; those that stay when idle are one."""

    def start(self, *flags):
        # One thread an edit, and no waiting for it at the end.
        self.daemon = Daemon("--workers-min=1", "--threads=1", "--grace-period=0s", *flags)
        self.addCleanup(self.daemon.close)
        self.rpc = self.daemon.connect()
        self.addCleanup(self.rpc.close)

    def keep_busy(self, count):
        """Starts so many edits, of p0, p1 ...; their connections, once they all run."""
        connections = []
        for number in range(count):
            self.rpc.call("project.create", {"project": f"p{number}"})
            connections.append(self.daemon.connect())
            self.addCleanup(connections[-1].close)
            connections[-1].send("voxel.apply_edits", endless(f"p{number}"), progress=True)
        for connection in connections:
            self.assertEqual(connection.notification()["method"], "rpc.progress")
        return connections

    def workers(self):
        return self.rpc.call("admin.stats")["workers"]

    def test_edits_of_one_project_that_wait_are_bounded(self):
        self.start("--strand-queue=2")
        self.keep_busy(1)
        waiting = [self.daemon.connect() for _ in range(10)]
        for x, connection in enumerate(waiting):
            self.addCleanup(connection.close)
            connection.send("voxel.set", set_voxel(x, "p0"))
        self.assertTrue(wait_until(lambda: len(self.answered(waiting)) >= 8))
        answered = self.answered(waiting)
        self.assertEqual(len(answered), 8)
        for connection in answered:
            self.assertEqual(connection.reply()["error"]["data"]["reason"], "OVERLOADED")
        # Those of other projects have a turn of their own.
        self.rpc.call("project.create", {"project": "other"})
        self.rpc.call("voxel.set", set_voxel(0, "other"))

    @staticmethod
    def answered(connections):
        ready = select.select([c.socket for c in connections], [], [], 0)[0]
        return [c for c in connections if c.socket in ready]

    def test_a_call_waits_before_a_worker_is_added_for_it(self):
        self.start("--worker-delay=1m")
        self.keep_busy(1)
        caller = self.daemon.connect()
        self.addCleanup(caller.close)
        caller.send("render.view", {"project": "p0", "spec": {"width": 64, "height": 64}})
        self.assertTrue(wait_until(lambda: self.workers().get("queued", 0) == 1))
        time.sleep(1)  # by default a worker is added in 2 ms
        workers = self.workers()
        self.assertEqual((workers["threads"], workers["busy"], workers["queued"]), (1, 1, 1))

    def test_an_idle_worker_stays_for_its_time(self):
        self.start("--worker-idle=13s")
        busy = self.keep_busy(2)
        self.assertGreater(self.workers()["threads"], 1)
        begin = time.monotonic()
        for connection in busy:
            connection.close()  # which ends its edit
        self.assertTrue(wait_until(lambda: self.workers()["threads"] == 1, 60))
        self.assertGreater(time.monotonic() - begin, 12.5)


if __name__ == "__main__":
    unittest.main()
