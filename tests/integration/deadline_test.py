"""Calls that wait for what does not end are answered at their deadlines, and never carried out."""

import contextlib
import tempfile
import time
import unittest

from daemon import Daemon, wait_until
from endless_edit import endless
from http_client import HttpClient

WORKERS = 2
SOON_MS = 200
SOON = {"deadline_ms": SOON_MS}


class StalledTest(unittest.TestCase):
    """All workers are busy, with an edit of a project each, until they are cancelled."""

    def start(self, *flags):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        flags = (f"--workers-max={WORKERS}", "--grace-period=2s", *flags)
        self.daemon = self.stack.enter_context(Daemon(*flags))

    def stall(self):
        self.rpc = self.stack.enter_context(self.daemon.connect())
        self.stalled = []
        for i in range(WORKERS):
            self.rpc.call("project.create", {"project": f"p{i}", "ephemeral": True})
            connection = self.stack.enter_context(self.daemon.connect())
            edit = connection.send("voxel.apply_edits", endless(f"p{i}"), progress=True)
            self.stalled.append((connection, edit))
        for connection, _ in self.stalled:  # they have been read, and begun
            self.assertEqual(connection.notification()["method"], "rpc.progress")
        self.assertEqual(self.workers(), (WORKERS, 0))

    def workers(self):
        """How many are busy, and how many tasks wait."""
        workers = self.rpc.call("admin.stats")["workers"]
        return workers.get("busy", 0), workers.get("queued", 0)

    def release(self):
        for connection, edit in self.stalled:
            connection.send("rpc.cancel", {"id": edit})
            self.assertEqual(connection.reply()["error"]["data"]["reason"], "CALL_CANCELLED")
        self.assertTrue(wait_until(lambda: self.workers() == (0, 0), 60))

    def assert_late(self, rpc):
        self.assertEqual(rpc.reply()["error"]["data"]["reason"], "DEADLINE_PASSED")
        self.assertEqual(self.workers()[0], WORKERS)  # nobody was there to run it


class LoadingTest(StalledTest):
    def test_calls_of_a_project_that_is_being_loaded_are_bounded(self):
        with tempfile.TemporaryDirectory(prefix="voxeld-data-") as folder:
            self.start(f"--data-dir={folder}", "--peer-queue=20")
            voxels = {"project": "asleep", "voxels": {"xyz": [1, 2, 3], "color": "#fff"}}
            with self.daemon.connect() as rpc:
                rpc.call("project.create", {"project": "asleep"})
                rpc.call("voxel.set", voxels)
            self.daemon.stop()
            self.daemon.start()
            self.stall()
            get = {"project": "asleep", "xyz": [1, 2, 3]}
            with self.daemon.connect() as rpc:
                for deadline_ms in (1_000, 60_000):  # those that were answered still wait
                    for _ in range(100):
                        rpc.send("voxel.get", get, deadline_ms=deadline_ms)
                    reasons = [rpc.reply()["error"]["data"]["reason"] for _ in range(100)]
                    late = reasons.count("DEADLINE_PASSED")
                    self.assertEqual(late + reasons.count("OVERLOADED"), 100)
                    self.assertLessEqual(late, 20)
                self.assertEqual(late, 0)
                self.release()
                self.assertEqual(rpc.call("voxel.get", get)["rgba"], [0xFFFFFFFF])
            self.stack.close()


class DeadlineTest(StalledTest):
    def setUp(self):
        self.start()
        with self.daemon.connect() as rpc:
            rpc.call("project.create", {"project": "free"})
        self.stall()

    def count(self, project):
        return int(self.rpc.call("project.get", {"project": project})["project"]["revision"])

    def test_what_waits_for_a_worker_or_a_strand(self):
        calls = (
            ("render.view", {"project": "free", "spec": {"width": 64, "height": 64}}),
            ("voxel.apply_edits", self.box(99, "free")),
            ("voxel.set", {"project": "p0", "voxels": {"xyz": [1, 2, 3], "color": "#fff"}}),
        )
        for method, params in calls:
            with self.subTest(method), self.daemon.connect() as rpc:
                begin = time.monotonic()
                rpc.send(method, params, **SOON)
                self.assert_late(rpc)
                self.assertGreaterEqual(time.monotonic() - begin, SOON_MS / 1000)
        before = {project: self.count(project) for project in ("free", "p0")}
        self.release()
        for project, revision in before.items():
            self.rpc.call(
                "voxel.set", {"project": project, "voxels": {"xyz": [7, 7, 7], "color": "#fff"}}
            )
            self.assertEqual(self.count(project), revision + 1)
        self.assertEqual(
            self.rpc.call("voxel.get", {"project": "p0", "xyz": [1, 2, 3]})["rgba"], [0]
        )

    def test_arguments_that_a_worker_reads(self):
        xyz = [1, 2, 3] * 20_000
        with self.daemon.connect() as rpc:
            rpc.send(
                "voxel.set", {"project": "free", "voxels": {"xyz": xyz, "color": "#fff"}}, **SOON
            )
            self.assert_late(rpc)
        self.release()
        self.assertEqual(self.count("free"), 1)

    def test_what_waits_for_others_of_its_connection(self):
        with self.daemon.connect() as rpc:
            rpc.notify("voxel.apply_edits", self.box(99, "free"))
            # Reads wait for writes that were sent before, and a notification's turn has no reply.
            late = rpc.send("voxel.get", {"project": "free", "xyz": [1, 2, 3]}, **SOON)
            patient = rpc.send("voxel.get", {"project": "free", "xyz": [1, 2, 3]})
            reply = rpc.reply()
            self.assertEqual(reply["id"], late)
            self.assertEqual(reply["error"]["data"]["reason"], "DEADLINE_PASSED")
            self.assertEqual(self.workers()[0], WORKERS)
            self.release()
            reply = rpc.reply()
            self.assertEqual(reply["id"], patient)
            self.assertNotEqual(reply["result"]["rgba"], [0])  # the notification was carried out

    def test_http(self):
        for edit in (self.box(99, "free"), {"project": "free", "edits": [self.cloud(20_000)]}):
            with HttpClient(self.daemon) as http:
                reply = http.call(
                    "VoxelService/ApplyEdits", edit, {"Connect-Timeout-Ms": str(SOON_MS)}
                )
                self.assertEqual((reply.status, reply.json()["code"]), (504, "deadline_exceeded"))
                self.assertEqual(self.workers()[0], WORKERS)
        self.release()
        self.assertEqual(self.count("free"), 1)

    def test_a_far_deadline_changes_nothing(self):
        with self.daemon.connect() as hasty, self.daemon.connect() as patient:
            for x in range(100):
                rpc, deadline_ms = ((hasty, 1), (patient, 3_600_000))[x % 2]
                voxels = {"xyz": [x, 0, 0], "color": "#fff"}
                rpc.send("voxel.set", {"project": "p0", "voxels": voxels}, deadline_ms=deadline_ms)
            for _ in range(50):
                self.assert_late(hasty)
            self.release()
            for _ in range(50):
                self.assertIn("result", patient.reply())
        xyz = [c for x in range(100) for c in (x, 0, 0)]
        rgba = self.rpc.call("voxel.get", {"project": "p0", "xyz": xyz})["rgba"]
        self.assertEqual([color != 0 for color in rgba], [x % 2 == 1 for x in range(100)])

    @staticmethod
    def cloud(voxels):
        return {"set": {"xyz": [1, 2, 3] * voxels, "color": "#fff"}}

    @staticmethod
    def box(size, project):
        """An edit that is too large to be carried out by the poller."""
        box = {"min": [0, 0, 0], "max": [size, size, size]}
        return {"project": project, "edits": [{"box": {"box": box, "color": "#fff"}}]}


if __name__ == "__main__":
    unittest.main()
