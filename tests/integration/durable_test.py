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
END = 1 << 30  # of the world


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

    def test_small_changes_of_layers_that_are_elsewhere_come_back(self):
        """Layers that are moved, turned and linked, at the end of the world, too: each revision as it was."""
        with self.daemon() as daemon, daemon.connect() as rpc:

            def call(method, **fields):
                return rpc.call(method, {"project": "castle", **fields})

            def place(layer, fields=("transform",), **transform):
                method = "layer.update" if fields else "layer.create"
                more = {"fields": fields} if fields else {}
                call(method, layer={"layer": layer, "transform": transform}, **more)

            rpc.call("project.create", {"project": "castle"})
            place("turned", fields=(), rotation=0x28, offset=[100, -200, 5])
            place("far", fields=(), offset=[-END, 0, 0])
            back = self.head(rpc)
            place("far", offset=[END - 1, 0, 0])
            for layer, x in (("main", 0), ("turned", 0), ("far", END - 6)):
                for n in range(3):
                    voxels = {"xyz": [x + n, n % 2, 3, x + n, 4, 5], "rgba": [RED + (n << 8), RED]}
                    call("voxel.set", layer=layer, voxels=voxels)
                box = {"min": [x, 0, 3], "max": [x + 2, 2, 4]}
                call("voxel.apply_edits", edits=[{"layer": layer, "clear": {"box": box}}])
            call("layer.duplicate", layer="turned", target="shadow", linked=True)
            call("voxel.set", layer="turned", voxels={"xyz": [1, 1, 3], "rgba": [RED + (9 << 8)]})
            call("history.rollback", revision=back)
            for method in ("history.undo", "history.undo", "history.redo"):
                call(method)
            seen = self.seen(rpc)
            self.assertEqual(daemon.stop(), 0)
        with self.daemon() as daemon, daemon.connect() as rpc:
            self.assertEqual(self.seen(rpc), seen)

    def head(self, rpc):
        return int(rpc.call("project.get", {"project": "castle"})["project"]["revision"])

    def seen(self, rpc):
        """By revision, each layer's count of voxels, and what stands where the test edits."""
        around = [(x, y, z) for z in range(3, 6) for y in range(6) for x in range(6)]
        places = [n for x, y, z in around for n in (x, y, z, END - 6 + x, y, z)]
        seen = []
        for revision in range(1, self.head(rpc) + 1):
            at = {"project": "castle", "revision": revision}
            for layer in rpc.call("layer.list", at)["layers"]:
                name = layer["layer"]
                colors = rpc.call("voxel.get", {**at, "layer": name, "xyz": places})["rgba"]
                seen.append((revision, name, layer.get("voxels"), colors))
        self.assertGreater(len(seen), 60)
        self.assertGreater(sum(len(colors) - colors.count(0) for *_, colors in seen), 150)
        return seen

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
            self.assertIn(f"{file}: ", refused.exception.message)
            for advice in ("`voxctl verify` lists", f"move {file}* away", "put a backup in"):
                self.assertIn(advice, refused.exception.message)
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
