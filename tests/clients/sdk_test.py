"""The official MCP client from npm builds a small house, looks at it and undoes a step: with voxctl mcp, and over HTTP."""

import json
import subprocess
import unittest

from daemon import BUILD, Daemon
from http_client import HttpClient
from npm_packages import install


class SdkTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.installed = install("mcp_sdk")

    def build_house(self, daemon, *how):
        """Runs the client and checks what it saw; its session."""
        done = subprocess.run(
            ["node", "house.mjs", *how],
            cwd=self.installed,
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
        return saw["session"]

    def test_over_standard_input_and_output(self):
        with Daemon() as daemon:
            self.build_house(daemon, "stdio", BUILD / "bin" / "voxctl", daemon.socket)

    def test_over_http(self):
        with Daemon("--http=127.0.0.1:0") as daemon:
            host, port = daemon.http_address
            session = self.build_house(daemon, "http", f"http://{host}:{port}/mcp")
            with HttpClient(daemon) as http:  # the client ended its session
                http.request("DELETE", "/mcp", headers={"Mcp-Session-Id": session})
                reply = http.reply()
            self.assertEqual(reply.status, 404)
            with daemon.connect() as rpc:
                rows = rpc.call("admin.stats")["methods"]
        calls = sum(row["calls"] for row in rows if row["door"] == "mcp" and row.get("method"))
        self.assertEqual(calls, 8)


if __name__ == "__main__":
    unittest.main()
