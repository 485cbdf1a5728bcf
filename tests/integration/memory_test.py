"""What admin.memory tells follows what is held, and admin.optimize gives back what is not."""

import unittest

from daemon import SANITIZED, Daemon, wait_until

BRICK = 16 * 16 * 16
LARGEST = 16448  # bytes of a brick in which every voxel has a colour of its own
MIB = 1 << 20


class MemoryTest(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        self.rpc = self.daemon.connect()
        self.addCleanup(self.rpc.close)

    def voxels(self):
        purposes = self.rpc.call("admin.memory")["purposes"]
        voxels = next(p for p in purposes if p["purpose"] == "voxels")
        return {"allocated_bytes": 0, "active_bytes": 0, "peak_bytes": 0, **voxels}

    def fill(self, project, z):
        """16 bricks in which every voxel has a colour of its own."""
        colors = [(i * 2654435761) % 2**32 | 255 for i in range(16 * BRICK)]
        xyz = [c for i in range(len(colors)) for c in (i % 64, i // 64 % 64, 16 * z + i // 4096)]
        voxels = {"xyz": xyz, "rgba": colors}
        self.rpc.call("voxel.set", {"project": project, "voxels": voxels})

    def make(self, projects, slabs):
        """Projects of `slabs` times 16 bricks each, whose bricks lie between each other's."""
        for project in projects:
            self.rpc.call("project.create", {"project": project})
        for z in range(slabs):
            for project in projects:
                self.fill(project, z)

    def test_voxels_are_told_as_many_as_there_are(self):
        before = self.voxels()
        self.make(["p"], 16)
        held = 16 * 16 * LARGEST
        grown = self.voxels()["active_bytes"] - before["active_bytes"]
        self.assertGreaterEqual(grown, held)
        # Nodes above the bricks, and blocks that threads keep by the dozen.
        self.assertLess(grown, held + 2 * MIB)
        now = self.voxels()
        self.assertGreaterEqual(now["allocated_bytes"], now["active_bytes"])
        self.assertGreaterEqual(now["peak_bytes"], now["allocated_bytes"])
        self.rpc.call("project.delete", {"project": "p"})
        self.assertTrue(
            wait_until(lambda: self.voxels()["active_bytes"] < before["active_bytes"] + 2 * MIB)
        )

    def test_a_peak_that_nobody_saw_is_told_later(self):
        held = 32 * 16 * LARGEST
        self.assertLess(self.voxels()["peak_bytes"], held / 2)
        self.make(["p"], 32)
        self.rpc.call("project.delete", {"project": "p"})
        self.assertTrue(wait_until(lambda: "projects" not in self.rpc.call("admin.info")))
        # Now somebody looks: until what it held is gone, but for a chunk of each size.
        self.assertTrue(wait_until(self.nearly_empty), self.voxels())
        self.assertLess(self.voxels()["allocated_bytes"], held)
        self.assertGreaterEqual(self.voxels()["peak_bytes"], held)

    def nearly_empty(self):
        self.rpc.call("admin.optimize")
        return self.voxels()["active_bytes"] < MIB

    @unittest.skipIf(SANITIZED, "nothing is kept, and freed memory stays for a while")
    def test_optimize_gives_back_what_a_deleted_project_held(self):
        self.make(["stays", "goes"], 32)
        held = 32 * 16 * LARGEST  # by each of them
        full = self.voxels()["active_bytes"]
        self.rpc.call("project.delete", {"project": "goes"})
        self.assertTrue(wait_until(lambda: self.voxels()["active_bytes"] < full - 0.9 * held))
        allocated, resident = self.voxels()["allocated_bytes"], self.daemon.rss_kb() << 10
        answer = self.rpc.call("admin.optimize")
        # Bricks of the other one lie in every chunk: the pages between them go.
        self.assertGreater(answer["freed_bytes"], 0.8 * held)
        self.assertLess(self.voxels()["allocated_bytes"], allocated - 0.8 * held)
        self.assertLess(self.daemon.rss_kb() << 10, resident - 0.8 * held)
        self.assertLess(answer["resident_bytes"], resident - 0.8 * held)
        again = self.rpc.call("admin.optimize")
        self.assertLess(again.get("freed_bytes", 0), 0.1 * held)
        last = {"project": "stays", "xyz": [63, 63, 16 * 31 + 15]}
        color = ((16 * BRICK - 1) * 2654435761) % 2**32 | 255
        self.assertEqual(self.rpc.call("voxel.get", last)["rgba"], [color])

    @unittest.skipIf(SANITIZED, "nothing is kept")
    def test_optimize_empties_the_caches(self):
        with Daemon("--retained-revisions=10") as daemon, daemon.connect() as self.rpc:
            self.rpc.call("project.create", {"project": "p"})
            for i in range(500):
                voxels = {"xyz": [i % 64, 0, 0], "color": f"#{i:06x}"}
                self.rpc.call("voxel.set", {"project": "p", "voxels": voxels})
            # Objects of the revisions that are no longer retained.
            self.assertTrue(wait_until(lambda: self.cache().get("allocated_bytes", 0) > 10_000))
            self.rpc.call("project.delete", {"project": "p"})
            self.rpc.call("admin.optimize")
            self.assertTrue(wait_until(lambda: self.cache().get("allocated_bytes", 0) < 1000))
            self.assertGreater(self.cache()["peak_bytes"], 10_000)

    def cache(self):
        purposes = self.rpc.call("admin.memory")["purposes"]
        return next(p for p in purposes if p["purpose"] == "cache")


if __name__ == "__main__":
    unittest.main()
