"""Projects on disk: what is there after a restart; the data directory belongs to one daemon; what is wrong
with it is said. kill_test.py kills.
"""

import os
import pathlib
import shutil
import signal
import tempfile
import unittest

from daemon import Daemon, RpcError, StartError

RED = 0xCC3333FF


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

    def described(self, rpc, project):
        """All but what it takes on the disk, which depends on when the log was moved into the file."""
        got = rpc.call("project.get", {"project": project})["project"]
        self.assertGreater(int(got.pop("disk_bytes")), 0)
        return got

    def test_project_says_what_it_takes_on_the_disk(self):
        with self.daemon() as daemon, daemon.connect() as rpc:
            for project, ephemeral in (("castle", False), ("sketch", True)):
                rpc.call("project.create", {"project": project, "ephemeral": ephemeral})
            rpc.call("voxel.set", params((0, 0, 0), {}))
            got = rpc.call("project.get", {"project": "castle"})["project"]
            files = list((self.dir / "projects").glob("castle.*"))
            taken = sum(f.stat().st_size for f in files if f.name.endswith((".voxels", "-wal")))
            self.assertEqual(int(got["disk_bytes"]), taken)
            sketch = rpc.call("project.get", {"project": "sketch"})["project"]
            self.assertNotIn("disk_bytes", sketch)

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
            before = [self.described(rpc, project) for project in ("castle", "twin")]
            self.assertEqual(daemon.stop(), 0)
        with self.daemon() as daemon, daemon.connect() as rpc:
            listed = rpc.call("project.list")["projects"]
            self.assertEqual([p["project"] for p in listed], ["castle", "twin"])
            self.assertNotIn("open", listed[0])
            after = [self.described(rpc, project) for project in ("castle", "twin")]
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
            self.assertEqual(refused.exception.reason, "STORE_DAMAGED")
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


if __name__ == "__main__":
    unittest.main()
