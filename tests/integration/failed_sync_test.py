"""A real daemon whose disk fails to sync one project's file: that project alone can only be read, until the daemon is
started again, and nothing is acknowledged that is not on the disk."""

import pathlib
import shutil
import tempfile
import unittest

from daemon import BUILD, SANITIZED, Daemon, RpcError
from http_client import HttpClient

LIBRARY = BUILD / "tests" / "integration" / "libfailing_sync.so"
RED, BLUE = 0xFF0000FF, 0x0000FFFF


@unittest.skipIf(SANITIZED, "what is preloaded would come before the sanitizer")
class FailedSyncTest(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="voxeld-sync-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.fails = self.dir / "fails"
        self.fails.write_text("")

    def daemon(self):
        env = {"LD_PRELOAD": str(LIBRARY), "FAILING_SYNC": str(self.fails)}
        return Daemon(f"--data-dir={self.dir}/data", env=env)

    def set(self, rpc, project, rgba, **write):
        voxels = {"xyz": [1, 2, 3], "rgba": [rgba]}
        params = {"project": project, "voxels": voxels, "write": write}
        rpc.call("voxel.set", params)

    def get(self, rpc, project):
        return rpc.call("voxel.get", {"project": project, "xyz": [1, 2, 3]})["rgba"]

    def refused(self, rpc, project):
        with self.assertRaises(RpcError) as caught:
            self.set(rpc, project, BLUE)
        return caught.exception

    def metric(self, daemon, name):
        with HttpClient(daemon) as client:
            text = client.get("/metrics").body.decode()
        lines = [line for line in text.splitlines() if line.startswith(name)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def test_only_its_project_is_read_only_until_a_restart(self):
        with self.daemon() as daemon, daemon.connect() as rpc:
            for project in ("castle", "tower"):
                rpc.call("project.create", {"project": project})
                self.set(rpc, project, RED)
            self.assertEqual(self.metric(daemon, "voxeld_projects_troubled"), 0)

            self.fails.write_text("/projects/castle.")
            error = self.refused(rpc, "castle")
            self.assertEqual(error.reason, "STORE_FAILED")
            self.assertIn("/projects/castle.", error.message)
            self.assertIn("restart voxeld", error.message)
            # The disk is well again, and is not believed: what it lost nobody knows.
            self.fails.write_text("")
            self.assertEqual(self.refused(rpc, "castle").reason, "STORE_FAILED")
            self.assertEqual(self.get(rpc, "castle"), [RED])
            self.set(rpc, "tower", BLUE)

            info = rpc.call("admin.info")
            self.assertEqual([entry["project"] for entry in info["troubled"]], ["castle"])
            self.assertEqual(info["store_refused"], {"STORE_FAILED": 2})
            self.assertEqual(self.metric(daemon, "voxeld_projects_troubled"), 1)
            self.assertEqual(
                self.metric(daemon, 'voxeld_store_refused_total{reason="STORE_FAILED"}'), 2
            )
            lines = daemon.log().splitlines()
            told = [line for line in lines if "castle" in line and "STORE_FAILED" in line]
            self.assertIn("the project can only be read", told[0])
            daemon.stop()
        with self.daemon() as daemon, daemon.connect() as rpc:
            # What was refused may be there or not; what was acknowledged is.
            self.assertIn(self.get(rpc, "castle"), ([RED], [BLUE]))
            self.assertEqual(self.get(rpc, "tower"), [BLUE])
            self.set(rpc, "castle", RED)
            self.assertEqual(self.get(rpc, "castle"), [RED])
            self.assertEqual(rpc.call("admin.info").get("troubled", []), [])


if __name__ == "__main__":
    unittest.main()
