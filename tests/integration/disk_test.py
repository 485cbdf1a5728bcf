"""A real daemon on a disk that misbehaves: one that is full, a directory and a file that cannot be
written. Mounting takes root, or a namespace in which we are that. Where neither is allowed these
tests are skipped, and ctest is told so.
"""

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from daemon import Daemon, RpcError, StartError
from http_client import HttpClient

BALLAST = "ballast"
AGAIN = ".voxels: changes are taken again"
SKIPPED = 77  # as CMakeLists.txt has it
IN_NAMESPACE = "VOXELD_TEST_IN_NAMESPACE"


def mount(*arguments):
    """SkipTest if that is not allowed here."""
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise unittest.SkipTest(f"mount {' '.join(arguments)}: {done.stderr.strip()}")


def become_root():
    """Starts this again where we may mount, if that can be had."""
    if os.geteuid() == 0 or IN_NAMESPACE in os.environ:
        return
    command = ["unshare", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None:
        return
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
        os.environ[IN_NAMESPACE] = "1"
        os.execvp(command[0], [*command, sys.executable, *sys.argv])


def unmount(place):
    subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)


class DiskTest(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="voxeld-disk-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.chance = random.Random(7)
        self.acked = {}  # (project, position) -> request id

    def mount(self, *arguments):
        mount(*arguments)
        self.addCleanup(unmount, arguments[-1])

    def read_only(self, path):
        """What is at `path` can be read and not written, also by root."""
        self.mount("--bind", str(path), str(path))
        self.mount("-o", "remount,ro,bind", str(path))

    def edit(self, rpc, project, **write):
        """Sets some voxels of many colours, at places that no other edit uses."""
        z = len(self.acked) + self.chance.randrange(1000) * 10000
        xyz = [n for x in range(100) for n in (x, 0, z)]
        rgba = [self.chance.randrange(1, 1 << 32) | 0xFF for _ in range(100)]
        request_id = f"{project}-{z}"
        voxels = {"xyz": xyz, "rgba": rgba}
        rpc.call(
            "voxel.set",
            {"project": project, "voxels": voxels, "write": {"request_id": request_id, **write}},
        )
        self.acked[project, (0, 0, z)] = rgba[0]

    def refused(self, rpc, method, params):
        with self.assertRaises(RpcError) as refusal:
            rpc.call(method, params)
        return refusal.exception

    def refusals(self, rpc):
        return int(rpc.call("admin.info")["store_refused"]["STORE_FULL"])

    def edit_until_refused(self, rpc, project):
        with self.assertRaises(RpcError) as refusal:
            for _ in range(2000):
                self.edit(rpc, project)
        return refusal.exception

    def check_everything_acknowledged(self, rpc):
        for (project, position), color in self.acked.items():
            got = rpc.call("voxel.get", {"project": project, "xyz": list(position)})
            self.assertEqual(got["rgba"], [color], f"{project} {position}")

    def fill(self, place):
        with open(place / BALLAST, "ab", buffering=0) as ballast:
            for size in (1 << 16, 1 << 12):
                try:
                    while True:
                        ballast.write(bytes(size))
                except OSError:
                    pass

    def test_full_disk_refuses_changes_until_there_is_space(self):
        self.mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", str(self.dir))
        with Daemon(f"--data-dir={self.dir}/data") as daemon, daemon.connect() as rpc:
            for project in ("castle", "tower"):
                rpc.call("project.create", {"project": project})
                self.edit(rpc, project)
            self.fill(self.dir)

            full = self.edit_until_refused(rpc, "castle")
            self.assertEqual(full.reason, "STORE_FULL")
            self.assertIn(f"{self.dir}/data/projects/castle.", full.message)
            advice = "; changes are taken again as soon as there is space, and reads go on"
            self.assertIn(advice, full.message)
            self.assertIn(f"{self.dir}/data/projects/castle.", json.dumps(full.data))
            self.assertEqual(self.edit_until_refused(rpc, "tower").reason, "STORE_FULL")
            made = self.refused(rpc, "project.create", {"project": "keep"})
            self.assertEqual(made.reason, "STORE_FULL")

            self.check_everything_acknowledged(rpc)  # reads go on
            info = rpc.call("admin.info")
            self.assertGreaterEqual(int(info["store_refused"]["STORE_FULL"]), 3)
            troubled = {t["project"]: t["reason"] for t in info["troubled"]}
            self.assertEqual(troubled, {"castle": "STORE_FULL", "tower": "STORE_FULL"})
            with HttpClient(daemon) as http:
                metrics = http.get("/metrics").body.decode()
            refused = info["store_refused"]["STORE_FULL"]
            self.assertIn(f'voxeld_store_refused_total{{reason="STORE_FULL"}} {refused}\n', metrics)
            self.assertIn("voxeld_projects_troubled 2\n", metrics)
            self.assertIn("a change is refused (STORE_FULL)", daemon.log())
            self.assertNotIn(AGAIN + "\n", daemon.log())

            (self.dir / BALLAST).unlink()
            for project in ("castle", "tower"):
                self.edit(rpc, project)
            rpc.call("project.create", {"project": "keep"})
            self.assertEqual(daemon.log().count(AGAIN + "\n"), 2)
            self.assertNotIn("troubled", rpc.call("admin.info"))
            daemon.stop(signal.SIGKILL)
        with Daemon(f"--data-dir={self.dir}/data") as daemon, daemon.connect() as rpc:
            self.assertEqual(rpc.call("admin.info")["projects"], 3)
            self.check_everything_acknowledged(rpc)

    def test_what_was_answered_early_is_written_once_there_is_space(self):
        self.mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", str(self.dir))
        with Daemon(f"--data-dir={self.dir}/data") as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "castle"})
            self.edit(rpc, "castle", durability="relaxed")  # which reserves numbers
            self.edit(rpc, "castle")
            self.fill(self.dir)
            self.edit_until_refused(rpc, "castle")
            durable = int(rpc.call("project.get", {"project": "castle"})["project"]["revision"])
            refused = self.refusals(rpc)
            self.edit(rpc, "castle", durability="relaxed")
            while self.refusals(rpc) < refused + 4:  # it is offered some times at once
                time.sleep(0.02)
            (self.dir / BALLAST).unlink()
            # Nobody changes anything any more. A watch tells of durable revisions only.
            watch = {"project": "castle", "after_revision": durable}
            self.assertEqual(
                int(next(rpc.stream("history.watch", watch))["previous_revision"]), durable
            )
            daemon.stop(signal.SIGKILL)
        with Daemon(f"--data-dir={self.dir}/data") as daemon, daemon.connect() as rpc:
            self.check_everything_acknowledged(rpc)

    def test_directory_that_cannot_be_written_is_refused_at_the_start(self):
        data = self.dir / "data"
        with Daemon(f"--data-dir={data}"):
            pass
        self.read_only(data)
        with self.assertRaises(StartError) as refused:
            Daemon(f"--data-dir={data}")
        self.assertIn(f"--data-dir={data}: cannot be written", refused.exception.log)

    def test_file_that_cannot_be_written_is_served_for_reading(self):
        data = self.dir / "data"
        with Daemon(f"--data-dir={data}") as daemon, daemon.connect() as rpc:
            for project in ("castle", "tower"):
                rpc.call("project.create", {"project": project})
                self.edit(rpc, project)
            daemon.stop()
        (file,) = (data / "projects").glob("castle.*.voxels")
        self.read_only(file)
        with Daemon(f"--data-dir={data}") as daemon, daemon.connect() as rpc:
            self.check_everything_acknowledged(rpc)
            refused = self.edit_until_refused(rpc, "castle")
            self.assertEqual(refused.reason, "STORE_READ_ONLY")
            self.assertIn(str(file), refused.message)
            self.assertIn("give voxeld the right to write it; reads go on", refused.message)
            self.edit(rpc, "tower")
            self.check_everything_acknowledged(rpc)
            troubled = {t["project"]: t["reason"] for t in rpc.call("admin.info")["troubled"]}
            self.assertEqual(troubled, {"castle": "STORE_READ_ONLY"})
            unmount(file)
            unmount(file)
            self.edit(rpc, "castle")  # without a restart
            self.assertNotIn("troubled", rpc.call("admin.info"))


if __name__ == "__main__":
    become_root()
    result = unittest.main(exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    for test, why in result.skipped:
        print(f"SKIPPED {test}: {why}", file=sys.stderr)
    sys.exit(SKIPPED if result.skipped else 0)
