"""Projects on disk: what was acknowledged survives kill -9 at any moment, with its numbers and its
answers; the data directory belongs to one daemon; what is wrong with it is said.
"""

import os
import pathlib
import random
import shutil
import signal
import tempfile
import threading
import time
import unittest

from daemon import Daemon, RpcError, StartError

CYCLES = int(os.environ.get("VOXELD_KILL_CYCLES", "50"))
WRITERS = 8
RED = 0xCC3333FF


class Writer(threading.Thread):
    """Sets voxels of its own row, one an edit, until the daemon is gone."""

    def __init__(self, daemon, number, cycle):
        super().__init__()
        self.daemon_process, self.number, self.cycle = daemon, number, cycle
        self.sent, self.acked, self.errors = [], {}, []  # (position, request id); id -> change
        self.relaxed = number == 0

    def run(self):
        try:
            with self.daemon_process.connect() as rpc:
                for i in range(100000):
                    self.edit(rpc, i)
        except RpcError as error:
            self.errors.append(error)
        except (OSError, ConnectionError, ValueError):
            pass  # the kill

    def edit(self, rpc, i):
        position = (i, self.number, self.cycle)
        request_id = f"{self.cycle}-{self.number}-{i}"
        self.sent.append((position, request_id))
        write = {"request_id": request_id, "actor": f"writer{self.number}"}
        if self.relaxed:
            write["durability"] = "relaxed"
        answer = rpc.call("voxel.set", params(position, write))
        self.acked[request_id] = answer["change"]


def params(position, write):
    return {
        "project": "castle",
        "voxels": {"xyz": list(position), "rgba": [RED]},
        "write": write,
    }


class DurableTest(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="voxeld-data-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def daemon(self, *flags):
        return Daemon(f"--data-dir={self.dir}", *flags)

    def test_everything_is_there_after_a_restart(self):
        with self.daemon() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "castle", "title": "A castle"})
            box = {"min": [0, 0, 0], "max": [300, 200, 100]}
            rpc.call(
                "voxel.apply_edits",
                {"project": "castle", "edits": [{"box": {"box": box, "color": "#998877"}}]},
            )
            rpc.call("project.clone", {"project": "castle", "target": "twin"})
            rpc.call("history.undo", {"project": "castle"})
            before = [rpc.call("project.get", {"project": p}) for p in ("castle", "twin")]
            self.assertEqual(daemon.stop(), 0)
        with self.daemon() as daemon, daemon.connect() as rpc:
            listed = rpc.call("project.list")["projects"]
            self.assertEqual([p["project"] for p in listed], ["castle", "twin"])
            self.assertNotIn("open", listed[0])
            after = [rpc.call("project.get", {"project": p}) for p in ("castle", "twin")]
            self.assertEqual(after, before)
            redone = rpc.call("history.redo", {"project": "castle"})
            self.assertEqual(redone["done"], 1)
            got = rpc.call("project.get", {"project": "castle"})["project"]
            self.assertEqual(int(got["voxels"]), 300 * 200 * 100)

    def test_change_says_what_is_durable(self):
        with self.daemon() as daemon, daemon.connect() as rpc:
            made = rpc.call("project.create", {"project": "castle"})
            self.assertTrue(made["change"]["durable"])
            sure = rpc.call("voxel.set", params((0, 0, 0), {}))
            self.assertTrue(sure["change"]["durable"])
            soon = rpc.call("voxel.set", params((1, 0, 0), {"durability": "relaxed"}))
            self.assertNotIn("durable", soon["change"])

    def test_deleted_project_stays_deleted(self):
        with self.daemon() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "castle"})
            rpc.call("project.delete", {"project": "castle"})
            daemon.stop(signal.SIGKILL)
        self.assertEqual(list((self.dir / "projects").iterdir()), [])
        with self.daemon() as daemon, daemon.connect() as rpc:
            self.assertEqual(rpc.call("project.list"), {})

    def test_second_daemon_is_refused_and_told_who_is_there(self):
        with self.daemon() as daemon:
            with self.assertRaises(StartError) as refused:
                self.daemon()
            self.assertIn(f"in use by the voxeld with pid {daemon.pid}", refused.exception.log)

    def test_directory_that_cannot_be_made_is_said(self):
        place = self.dir / "file"
        place.write_text("")
        with self.assertRaises(StartError) as refused:
            Daemon(f"--data-dir={place}/data")
        self.assertIn(f"--data-dir={place}/data", refused.exception.log)

    def test_damaged_project_is_refused_by_name(self):
        with self.daemon() as daemon, daemon.connect() as rpc:
            for project in ("bad", "good"):
                rpc.call("project.create", {"project": project})
            daemon.stop()
        (file,) = (self.dir / "projects").glob("bad.*.voxels")
        file.write_bytes(b"x" * file.stat().st_size)
        with self.daemon() as daemon, daemon.connect() as rpc:
            with self.assertRaises(RpcError) as refused:
                rpc.call("project.get", {"project": "bad"})
            self.assertEqual(refused.exception.reason, "FORMAT_CORRUPT")
            self.assertIn(str(file), refused.exception.message)
            rpc.call("project.get", {"project": "good"})

    def test_thousands_of_projects_cost_the_start_little(self):
        with self.daemon() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p0"})
            daemon.stop()
        (file,) = (self.dir / "projects").glob("p0.*.voxels")
        for i in range(1, 3000):
            os.link(file, self.dir / "projects" / f"p{i}.{i:032x}.voxels")
        with self.daemon("--max-projects=4000") as daemon, daemon.connect() as rpc:
            self.assertEqual(rpc.call("admin.info")["projects"], 3000)
            self.assertLess(daemon.cpu_seconds(), 1)
            self.assertEqual(rpc.call("project.get", {"project": "p77"})["project"]["layers"], 1)

    def test_nothing_acknowledged_is_lost_by_kill_9(self):
        """As many cycles as fit: at least 5, at most VOXELD_KILL_CYCLES or two minutes."""
        chance = random.Random(5)
        self.written, self.numbers, self.answers = {}, set(), {}
        with self.daemon() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "castle"})
            daemon.stop(signal.SIGKILL)
        end = time.monotonic() + 120
        for cycle in range(CYCLES):
            if cycle >= 5 and time.monotonic() > end:
                break
            with self.daemon("--retained-revisions=500") as daemon:
                with daemon.connect() as rpc:
                    self.check(rpc, chance)
                writers = [Writer(daemon, n, cycle) for n in range(WRITERS)]
                for writer in writers:
                    writer.start()
                time.sleep(chance.uniform(0.02, 0.3))
                daemon.stop(signal.SIGKILL)
                for writer in writers:
                    writer.join()
                self.remember(writers)
        with self.daemon() as daemon, daemon.connect() as rpc:
            self.check(rpc, chance)
        print(f"{cycle + 1} kills, {len(self.numbers)} acknowledged edits", flush=True)
        self.assertGreater(len(self.numbers), 100)

    def remember(self, writers):
        for writer in writers:
            self.assertEqual(writer.errors, [])
            for position, request_id in writer.sent:
                change = writer.acked.get(request_id)
                self.written[position] = change is not None and not writer.relaxed
                if change is None:
                    continue
                revision = int(change["revision"])
                self.assertNotIn(revision, self.numbers, "a revision number came twice")
                self.numbers.add(revision)
                if not writer.relaxed:
                    self.answers[request_id] = (position, change)

    def check(self, rpc, chance):
        if not self.written:
            return
        positions = list(self.written)
        got = rpc.call("voxel.get", {"project": "castle", "xyz": [x for p in positions for x in p]})
        there = {p for p, rgba in zip(positions, got["rgba"]) if rgba}
        for position, acknowledged in self.written.items():
            self.assertTrue(position in there or not acknowledged, f"lost {position}")
        for (
            x,
            y,
            z,
        ) in there:  # each writer's edits came in order: no later one without those before
            self.assertTrue(x == 0 or (x - 1, y, z) in there, f"a hole before {(x, y, z)}")
        project = rpc.call("project.get", {"project": "castle"})["project"]
        self.assertEqual(int(project["voxels"]), len(there))
        for request_id in chance.sample(sorted(self.answers), min(20, len(self.answers))):
            position, change = self.answers[request_id]
            number = request_id.split("-")[1]
            write = {"request_id": request_id, "actor": f"writer{number}"}
            again = rpc.call("voxel.set", params(position, write))["change"]
            self.assertTrue(again.pop("replayed"))
            self.assertEqual(again, change)


if __name__ == "__main__":
    unittest.main()
