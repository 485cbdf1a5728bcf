"""npm's gRPC client works from the protos alone: calls, errors, streams both ways, a watch left early."""

import json
import subprocess
import unittest

from daemon import ROOT, Daemon
from npm_packages import install


class NodeGrpcTest(unittest.TestCase):
    def test_the_client_of_npm(self):
        installed = install("grpc_js")
        with Daemon() as daemon:
            done = subprocess.run(
                ["node", "castle.mjs", ROOT / "proto", daemon.socket],
                cwd=installed,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(
            json.loads(done.stdout),
            {
                "changed": 2,
                "rgba": [0xCC3333FF],
                "code": 5,
                "reason": "PROJECT_NOT_FOUND",
                "blocks": 1,
                "written": 8,
                "watched": 2,
            },
        )


if __name__ == "__main__":
    unittest.main()
