"""The official MCP client from npm builds a small house with voxctl mcp, looks at it and undoes a step."""

import json
import subprocess
import unittest

from daemon import BUILD, Daemon
from npm_packages import install


class SdkTest(unittest.TestCase):
    def test_the_official_client_builds_a_house(self):
        installed = install("mcp_sdk")
        with Daemon() as daemon:
            done = subprocess.run(
                ["node", "house.mjs", BUILD / "bin" / "voxctl", daemon.socket],
                cwd=installed,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            with daemon.connect() as rpc:
                listed = rpc.call("history.list_revisions", {"project": "house"})
        actors = {revision["actor"] for revision in listed["revisions"]}
        self.assertEqual(done.returncode, 0, done.stderr)
        saw = json.loads(done.stdout)
        self.assertEqual(saw["server"], "voxeld")
        self.assertLessEqual(len(saw["tools"]), 10)
        # 12 x 10 x 7 less its inside and a door of 2 x 1 x 4; the windows recolour.
        self.assertEqual(saw["walls"], 840 - 10 * 8 * 5 - 8)
        self.assertEqual(saw["roof"], sum(14 * (12 - 2 * i) for i in range(5)))
        self.assertEqual((saw["picture"], saw["mimeType"]), ("iVBORw0K", "image/png"))
        self.assertEqual(saw["before"], saw["walls"] + saw["roof"])
        self.assertEqual((saw["undone"], saw["after"]), (1, saw["walls"]))
        self.assertTrue(saw["refused"])
        self.assertEqual(actors, {"house-builder"})


if __name__ == "__main__":
    unittest.main()
