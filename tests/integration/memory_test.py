"""What admin.memory tells follows what is held, and admin.optimize gives back what is not."""

import contextlib
import json
import unittest

from daemon import POOLS, Daemon, wait_until
from http_client import HttpClient
from mcp_client import McpClient

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

    @unittest.skipUnless(POOLS, "nothing is kept, and a sanitizer's freed memory stays for a while")
    def test_optimize_gives_back_what_a_deleted_project_held(self):
        self.make(["stays", "goes"], 32)
        held = 32 * 16 * LARGEST  # by each of them
        full = self.voxels()["active_bytes"]
        self.assertLess(self.fragmentation(), 0.3)
        self.rpc.call("project.delete", {"project": "goes"})
        self.assertTrue(wait_until(lambda: self.voxels()["active_bytes"] < full - 0.9 * held))
        # Every other slab of bricks is gone, and its memory is still held.
        self.assertGreater(self.fragmentation(), 0.45)
        allocated, resident = self.voxels()["allocated_bytes"], self.daemon.rss_kb() << 10
        answer = self.rpc.call("admin.optimize")
        # Bricks of the other one lie in every chunk: the pages between them go.
        self.assertGreater(answer["freed_bytes"], 0.8 * held)
        self.assertLess(self.voxels()["allocated_bytes"], allocated - 0.8 * held)
        self.assertLess(self.daemon.rss_kb() << 10, resident - 0.8 * held)
        self.assertLess(answer["resident_bytes"], resident - 0.8 * held)
        # Bricks end within pages, whose rest stays.
        self.assertLess(self.fragmentation(), 0.3)
        again = self.rpc.call("admin.optimize")
        self.assertLess(again.get("freed_bytes", 0), 0.1 * held)
        last = {"project": "stays", "xyz": [63, 63, 16 * 31 + 15]}
        color = ((16 * BRICK - 1) * 2654435761) % 2**32 | 255
        self.assertEqual(self.rpc.call("voxel.get", last)["rgba"], [color])

    def fragmentation(self):
        """Of the voxels. Each purpose's is what its bytes come to; zeros are left out."""
        purposes = self.rpc.call("admin.memory")["purposes"]
        for purpose in purposes:
            allocated, active = (
                purpose.get(f"{name}_bytes", 0) for name in ("allocated", "active")
            )
            part = 1 - active / allocated if allocated else 0
            self.assertAlmostEqual(purpose.get("fragmentation", 0), part, msg=purpose)
        return next(p.get("fragmentation", 0) for p in purposes if p["purpose"] == "voxels")

    @unittest.skipUnless(POOLS, "nothing is kept")
    def test_optimize_empties_the_caches(self):
        with Daemon("--retained-revisions=10") as daemon, daemon.connect() as self.rpc:
            self.rpc.call("project.create", {"project": "p"})
            for i in range(500):
                voxels = {"xyz": [i % 64, 0, 0], "color": f"#{i:06x}"}
                self.rpc.call("voxel.set", {"project": "p", "voxels": voxels})
            # Objects of the revisions that are no longer retained.
            self.assertTrue(wait_until(lambda: self.cache().get("allocated_bytes", 0) > 10_000))
            self.rpc.call("project.delete", {"project": "p"})
            self.assertTrue(wait_until(self.cache_is_empty), self.cache())
            self.assertGreater(self.cache()["peak_bytes"], 10_000)

    def cache_is_empty(self):
        """More than once: what the deleted project held may come to the cache a little later."""
        self.rpc.call("admin.optimize")
        return self.cache().get("allocated_bytes", 0) < 1000

    def cache(self):
        purposes = self.rpc.call("admin.memory")["purposes"]
        return next(p for p in purposes if p["purpose"] == "cache")

    @unittest.skipUnless(POOLS, "nothing is kept")
    def test_optimize_empties_the_pools_of_every_door(self):
        self.rpc.call("project.create", {"project": "p"})
        self.ask_at_every_door()
        self.rpc.close()
        # From here over gRPC, whose calls are of none of these pools.
        admin, stub = self.daemon.pb("admin"), self.daemon.stub("AdminService")
        kept = lambda: {p.pool: p.kept for p in stub.Stats(admin.StatsRequest()).pools if p.kept}
        pools = {pool.pool for pool in stub.Stats(admin.StatsRequest()).pools}
        # The larger ones are not kept, and small ones are for what a socket does not take at once.
        some = pools - {"buffers_larger", "buffers_512"}
        self.assertTrue(wait_until(lambda: set(kept()) >= some), (kept(), some))

        def emptied():
            # More than once: buffers stay that were taken since the last time, and a connection may
            # be about to be seen as closed. Asked all the time, the daemon is never idle, and what
            # an idle one gives back by itself stays.
            stub.Optimize(admin.OptimizeRequest())
            return not kept()

        self.assertTrue(wait_until(emptied), kept())

    def ask_at_every_door(self):
        """So that each of their pools keeps something."""
        with contextlib.ExitStack() as stack:
            http, mcp = (stack.enter_context(make(self.daemon)) for make in (HttpClient, McpClient))
            resp, rpc = stack.enter_context(self.daemon.raw()), self.rpc
            ping = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "admin.ping"}).encode() + b"\n"
            rpc.send_raw(2 * ping)
            for _ in range(2):
                self.assertIn("result", rpc.receive())
            self.assertEqual(http.call("AdminService/Ping").status, 200)
            mcp.initialize()
            self.assertFalse(mcp.tool("get_voxels", project="p", xyz=[1, 2, 3])["isError"])
            for command in (b"VOXEL.SET p main 1 2 3 #fff\r\n", b"VOXEL.GET p main 1 2 3\r\n"):
                resp.sendall(command)
                self.assertNotEqual(resp.recv(100)[:1], b"-")
            # Of each room: half a line is held until its rest comes.
            for size in (1 << 10, 40 << 10):
                line = ping[:-2] + b" " * size + ping[-2:]
                rpc.send_raw(line[: size // 2])
                self.assertEqual(http.call("AdminService/Ping").status, 200)
                rpc.send_raw(line[size // 2 :])
                self.assertIn("result", rpc.receive())


if __name__ == "__main__":
    unittest.main()
