"""Clients that are killed (SIGKILL) in the middle of a request, on every door: what they had is given back."""

import os
import pathlib
import select
import subprocess
import sys
import unittest

from daemon import Daemon, wait_until

DOOMED = pathlib.Path(__file__).resolve().parents[1] / "support" / "doomed_client.py"
EDITS = ("jsonrpc_edit", "http_edit", "mcp_edit", "resp_edit", "grpc_edit")
OTHERS = ("jsonrpc_line", "jsonrpc_stream", "grpc_upload", "grpc_stream")
ROUNDS = 3


class ClientKillTest(unittest.TestCase):
    def setUp(self):
        # A line that is half is held for as long as it takes the others to get to work.
        self.daemon = Daemon("--grace-period=1h", "--line-timeout=1h")
        self.addCleanup(self.daemon.close)
        self.rpc = self.daemon.connect()
        self.addCleanup(self.rpc.close)
        for project in (*EDITS, *OTHERS):
            self.rpc.call("project.create", {"project": project})
        # What is read of it is more than a socket takes.
        noise = [(i * 2654435761) % 2**32 | 255 for i in range(4096)]
        xyz = [c for i in range(4096) for c in (i % 256, i // 256 * 16, i % 200)]
        self.rpc.call(
            "voxel.set", {"project": "jsonrpc_stream", "voxels": {"xyz": xyz, "rgba": noise}}
        )

    def begin(self, hows):
        """A process for each, all in the middle of what they ask."""
        clients = []
        for how in hows:
            client = subprocess.Popen(
                [sys.executable, DOOMED, self.daemon.socket, how, how], stdout=subprocess.PIPE
            )
            self.addCleanup(client.stdout.close)
            self.addCleanup(client.wait)
            self.addCleanup(client.kill)
            clients.append(client)
        for how, client in zip(hows, clients):
            self.assertTrue(select.select([client.stdout], [], [], 60)[0], f"{how} waits")
            self.assertEqual(client.stdout.readline(), b"sent\n", how)
        return clients

    def counts(self):
        """What the daemon holds for its clients just now."""
        stats, memory = self.rpc.call("admin.stats"), self.rpc.call("admin.memory")
        return {
            "busy": stats["workers"].get("busy", 0),
            "queued": stats["workers"].get("queued", 0),
            "open": {door["door"]: door.get("open", 0) for door in stats["doors"]},
            "active": {
                purpose["purpose"]: purpose.get("active_bytes", 0)
                for purpose in memory["purposes"]
                if purpose["purpose"] in ("request", "response", "tasks")
            },
            "descriptors": len(os.listdir(f"/proc/{self.daemon.pid}/fd")),
        }

    def kill(self, clients):
        for client in clients:
            client.kill()
        for client in clients:
            client.wait()

    def test_all_that_the_killed_had_is_given_back(self):
        before = None
        for _ in range(ROUNDS):
            clients = self.begin((*EDITS, *OTHERS))
            # Their edits run, and all of the sockets of ours are held.
            self.assertTrue(wait_until(lambda: self.counts()["busy"] >= len(EDITS), 60))
            held = self.counts()
            self.assertEqual(held["open"], {"grpc": 0, "http": 2, "jsonrpc": 4, "resp": 1})
            self.kill(clients)
            if before is None:  # each door has opened what it needs
                self.assertTrue(wait_until(lambda: self.counts()["busy"] == 0, 60))
                before = self.settled()
                self.assertEqual(before["open"], {"grpc": 0, "http": 0, "jsonrpc": 1, "resp": 0})
                for purpose in ("request", "response"):
                    self.assertLess(before["active"][purpose], held["active"][purpose])
                continue
            after = {}

            def is_as_before():
                after.update(self.counts())
                return after == before

            self.assertTrue(wait_until(is_as_before, 60), f"{after} instead of {before}")
        # Nothing that they began is left to be done, and their projects are free.
        for project in (*EDITS, *OTHERS):
            change = self.rpc.call(
                "voxel.set", {"project": project, "voxels": {"xyz": [1, 2, 3], "color": "#c33"}}
            )["change"]
            self.assertEqual(change["revision"], 3 if project == "jsonrpc_stream" else 2, project)
        self.rpc.close()
        self.assertEqual(self.daemon.stop(), 0)

    def settled(self):
        """The counts once they stay the same."""
        last = [None] * 20

        def stays():
            last.append(self.counts())
            return all(counts == last[-1] for counts in last[-20:])

        self.assertTrue(wait_until(stays, 60), last[-2:])
        return last[-1]


if __name__ == "__main__":
    unittest.main()
