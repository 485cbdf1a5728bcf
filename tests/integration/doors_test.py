"""Every door of the one socket at once: each client sees its own answers, and all of them one truth."""

import json
import threading
import unittest

import redis
from daemon import Daemon
from http_client import HttpClient
from mcp_client import McpClient

CALLS = 300


class DoorsTest(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        with self.daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
        self.failures = []

    def by_json(self, x):
        with self.daemon.connect() as rpc:
            for z in range(CALLS):
                rpc.call(
                    "voxel.set", {"project": "p", "voxels": {"xyz": [x, 0, z], "color": "#111"}}
                )
                got = rpc.call("voxel.get", {"project": "p", "xyz": [x, 0, z]})
                assert got["rgba"] == [0x111111FF], got

    def by_http(self, x):
        with HttpClient(self.daemon) as http:
            for z in range(CALLS):
                message = {"project": "p", "voxels": {"xyz": [x, 0, z], "color": "#222"}}
                assert http.call("VoxelService/Set", message).status == 200
                got = http.call("VoxelService/Get", {"project": "p", "xyz": [x, 0, z]}).json()
                assert got["rgba"] == [0x222222FF], got

    def by_resp(self, x):
        client = redis.Redis(unix_socket_path=str(self.daemon.socket))
        for z in range(CALLS):
            client.execute_command("VOXEL.SET", "p", "", x, 0, z, "#333")
            got = client.execute_command("VOXEL.GET", "p", "", x, 0, z)
            assert got == b"#333333ff", got
        client.close()

    def by_mcp(self, x):
        with McpClient(self.daemon) as client:
            client.initialize()
            for z in range(CALLS):
                edits = [{"set": {"xyz": [x, 0, z], "color": "#555"}}]
                done = client.tool("apply_edits", project="p", edits=edits)
                assert not done["isError"], done
                got = client.tool("get_voxels", project="p", xyz=[x, 0, z])
                assert got["structuredContent"]["rgba"] == [0x555555FF], got

    def by_grpc(self, x):
        voxel = self.daemon.pb("voxel")
        stub = self.daemon.stub("VoxelService")
        for z in range(CALLS):
            request = voxel.SetVoxelsRequest(project="p")
            request.voxels.xyz.extend([x, 0, z])
            request.voxels.color = "#444"
            stub.Set(request, timeout=30)
            got = stub.Get(voxel.GetVoxelsRequest(project="p", xyz=[x, 0, z]), timeout=30)
            assert list(got.rgba) == [0x444444FF], got

    def watch(self, fn, x):
        try:
            fn(x)
        except BaseException as failure:  # pylint: disable=broad-except
            self.failures.append((fn.__name__, failure))

    def test_all_doors_at_once(self):
        doors = [self.by_json, self.by_http, self.by_resp, self.by_mcp, self.by_grpc]
        threads = [
            threading.Thread(target=self.watch, args=[fn, len(doors) * n + i])
            for n in range(2)
            for i, fn in enumerate(doors)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.failures, [])
        with self.daemon.connect() as rpc:
            summary = rpc.call("inspect.summarize", {"project": "p"})
            stats = rpc.call("admin.stats")
        self.assertEqual(summary["voxels"], 2 * len(doors) * CALLS)
        calls = {m["door"]: m["calls"] for m in stats["methods"] if m.get("method") == "voxel.get"}
        names = ("grpc", "jsonrpc", "http", "resp", "mcp")
        self.assertEqual(calls, {door: 2 * CALLS for door in names})

    def test_what_one_door_names_another_finds(self):
        client = redis.Redis(unix_socket_path=str(self.daemon.socket))
        self.addCleanup(client.close)
        client.execute_command("CALL", "project.create", json.dumps({"project": "resp"}))
        with HttpClient(self.daemon) as http:
            listed = http.call("ProjectService/List").json()
        self.assertEqual([p["project"] for p in listed["projects"]], ["p", "resp"])


if __name__ == "__main__":
    unittest.main()
