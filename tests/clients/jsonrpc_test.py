"""The JSON-RPC examples do what they say, with nothing but a socket."""

import os
import subprocess
import unittest

from case import DaemonCase
from daemon import ROOT

EXAMPLES = ROOT / "clients" / "jsonrpc"


class JsonRpcExamplesTest(DaemonCase):
    def run_example(self, *command):
        environment = {**os.environ, "VOXELD_SOCKET": str(self.daemon.socket)}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def test_plain_socket_builds_a_room_and_reads_it_back(self):
        done = self.run_example("/usr/bin/python3", EXAMPLES / "plain_socket.py", "room")
        self.assertEqual(done.returncode, 0, done.stderr)
        # 12 x 10 x 6 without its inside, less a door of 2 x 1 x 4.
        self.assertIn("revision 2: 392 voxels", done.stdout)
        self.assertIn("read back in 1 blocks", done.stdout)
        self.assertIn("LAYER_NOT_FOUND", done.stdout)

    def test_the_shell_example_builds_a_shed(self):
        done = self.run_example(EXAMPLES / "shell.sh", "shed")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with self.daemon.connect() as rpc:
            summary = rpc.call("inspect.summarize", {"project": "shed"})
            self.assertEqual(summary["bounds"], {"min": [-1, -1, 0], "max": [9, 9, 10]})
            self.assertEqual(summary["revision"], 4)  # made, built, undone, redone

    def test_the_shell_example_fails_when_a_call_does(self):
        with self.daemon.connect() as rpc:
            rpc.call("project.create", {"project": "taken"})
        done = self.run_example(EXAMPLES / "shell.sh", "taken")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("PROJECT_EXISTS", done.stdout)


if __name__ == "__main__":
    unittest.main()
