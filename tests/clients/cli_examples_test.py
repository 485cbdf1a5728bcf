"""Each command of voxctl shows an example in its help, and the example works."""

import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

from case import VOXCTL
from daemon import Daemon

# They go on until interrupted, or name a file that nobody has: they only have to be there.
NOT_RUN = ("watch", "top", "restore")


class ExamplesTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        self.daemon = Daemon(f"--data-dir={self.folder}/data")
        self.addCleanup(self.daemon.close)
        self.rpc = self.daemon.connect()
        self.addCleanup(self.rpc.close)

    def voxctl(self, *arguments):
        return subprocess.run(
            [VOXCTL, "--socket", self.daemon.socket, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def castle(self, ephemeral):
        """What the examples need: a castle with layers, a selection, a checkpoint; a branch; a plan; its file."""
        box = {"min": [0, 0, 0], "max": [9, 9, 9]}
        self.rpc.call("project.create", {"project": "castle", "ephemeral": ephemeral})
        for layer in ("roof", "clipboard"):
            self.rpc.call("layer.create", {"project": "castle", "layer": {"layer": layer}})
        edits = [
            {"layer": layer, "box": {"box": box, "color": color}}
            for layer, color in (("main", "#c33"), ("roof", "#3c3"), ("clipboard", "#33c"))
        ]
        self.rpc.call("voxel.apply_edits", {"project": "castle", "edits": edits})
        self.rpc.call(
            "selection.set", {"project": "castle", "selection": "roof", "select": {"box": box}}
        )
        self.rpc.call(
            "history.set_checkpoint", {"project": "castle", "checkpoint": "before-the-roof"}
        )
        for branch in ("castle-tower", "plan"):
            self.rpc.call("project.clone", {"project": "castle", "target": branch})

    def prepare(self, command):
        """Makes room for what the command makes, and an only layer for edits that name none."""
        for project in self.rpc.call("project.list").get("projects", []):
            self.rpc.call("project.delete", {"project": project["project"]})
        if command == "new":
            return
        self.castle(ephemeral=command not in ("backup", "verify"))
        file = pathlib.Path(self.folder) / "castle.vox"
        file.unlink(missing_ok=True)
        if command == "import":
            self.voxctl("export", "castle", file)
        gone = {"clone": "castle-tower", "import": "castle"}.get(command)
        if gone:
            self.rpc.call("project.delete", {"project": gone})
        if command == "checkpoint":
            name = {"project": "castle", "checkpoint": "before-the-roof"}
            self.rpc.call("history.delete_checkpoint", name)
        if command == "add-layer":
            self.rpc.call("layer.delete", {"project": "castle", "layer": "roof"})

    def test_every_command_has_one_that_works(self):
        text = self.voxctl("--help").stdout.partition("\nSubcommands:")[0]
        commands = re.findall(r"^  ([a-z][a-z-]*) +(\S.*)", text, re.MULTILINE)
        self.assertGreater(len(commands), 70)
        for command, told in commands:
            with self.subTest(command):
                self.assertIn(f": voxctl {command}", told)
                words = shlex.split(told.partition(": voxctl ")[2])
                if command in NOT_RUN:
                    continue
                self.prepare(command)
                done = self.voxctl(*words)
                if (
                    "LAYER_AMBIGUOUS" in done.stderr
                ):  # says what is missing, as the castle has three
                    done = self.voxctl(*words, "--layer", "main")
                self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
