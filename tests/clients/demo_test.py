"""The demo ends well, and what it shows is what six clients built although the daemon was killed."""

import pathlib
import struct
import subprocess
import tempfile
import unittest

from daemon import BUILD, ROOT, Daemon

import voxeld

DEMO = ROOT / "clients" / "demo"


class DemoTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def test_the_committed_scene_is_what_its_generator_makes(self):
        made = self.folder / "village.vox"
        subprocess.run(["/usr/bin/python3", DEMO / "make_scene.py", made], check=True)
        self.assertEqual(made.read_bytes(), (DEMO / "village.vox").read_bytes())

    def test_six_clients_edit_one_scene_and_a_kill_in_the_middle_loses_nothing(self):
        done = subprocess.run(
            [DEMO / "run.sh", BUILD, self.folder], capture_output=True, text=True, check=False
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        rows = [line.split("  ") for line in done.stdout.splitlines()]
        actors = {cell.strip() for row in rows for cell in row}
        self.assertLessEqual(
            {"python", "go", "json-rpc", "agent", "voxctl", "visitor", "lamps"}, actors
        )
        killed = done.stdout.index("kill -9 of the daemon")
        self.assertIn("a lamp", done.stdout[:killed])
        self.assertIn("a lamp", done.stdout[killed:])
        self.assertIn("240 lamps were answered one by one: 0 lost, 0 made twice", done.stdout)
        picture = (self.folder / "village.png").read_bytes()
        self.assertEqual(struct.unpack(">II", picture[16:24]), (1280, 1280))
        self.assertIn(b"mtllib village.mtl", (self.folder / "village.obj").read_bytes()[:4000])
        self.check_exported_scene()

    def check_exported_scene(self):
        """The export holds what each client built, and nothing of the step that was undone."""
        with Daemon() as daemon, voxeld.Client(str(daemon.socket)) as client:
            imported = client.import_file("again", self.folder / "village.vox")
            titles = {layer.title for layer in imported.layers}
            self.assertLessEqual(
                {"castle", "windmill", "rainbow", "balloon", "boat", "lamps"}, titles
            )
            self.assertTrue(client.read("again", ((19, 16, 40), (20, 17, 44))).any())  # a flagpole
            # The slab reached over here, where nobody else built.
            self.assertFalse(client.read("again", ((22, -20, 40), (30, 20, 44))).any())


if __name__ == "__main__":
    unittest.main()
