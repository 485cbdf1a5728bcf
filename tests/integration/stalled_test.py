"""All workers are stalled, and the queue before them is full: what is cheap is answered at once, over every
door, and what is not is refused at once."""

import contextlib
import json
import os
import tempfile
import time
import unittest

import grpc
import redis
from daemon import Daemon, RpcError, wait_until
from endless_edit import endless
from http_client import HttpClient
from mcp_client import McpClient
from tls_daemon import token_file

WORKERS, QUEUE, ROUNDS = 2, 4, 20


class StalledTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.daemon = cls.stack.enter_context(
            Daemon(f"--workers-max={WORKERS}", f"--worker-queue={QUEUE}", "--grace-period=1s")
        )
        cls.addClassCleanup(cls.stack.close)
        cls.rpc = cls.stack.enter_context(cls.daemon.connect())
        cls.stalled = []
        for i in range(WORKERS + QUEUE):
            cls.rpc.call("project.create", {"project": f"p{i}"})
            connection = cls.stack.enter_context(cls.daemon.connect())
            connection.send("voxel.apply_edits", endless(f"p{i}"))
            cls.stalled.append(connection)
        end = time.monotonic() + 60
        while cls.workers() != (WORKERS, QUEUE) and time.monotonic() < end:
            time.sleep(0.01)  # until the daemon has read them all

    @classmethod
    def workers(cls):
        """How many are busy, and how many tasks wait."""
        workers = cls.rpc.call("admin.stats")["workers"]
        return workers.get("busy", 0), workers.get("queued", 0)

    def setUp(self):
        self.assertEqual(self.workers(), (WORKERS, QUEUE))

    def tearDown(self):
        # They were stalled all the while: nobody of them has its answer, and the same ones wait.
        self.assertEqual(self.workers(), (WORKERS, QUEUE))
        for connection in self.stalled:
            connection.socket.settimeout(0)
            with self.assertRaises(BlockingIOError):
                connection.socket.recv(1)

    def test_json_rpc(self):
        for _ in range(ROUNDS):
            self.assertEqual(self.rpc.call("admin.ping"), {})
            self.assertIn("limits", self.rpc.call("admin.info"))
            self.assertIn("methods", self.rpc.call("admin.stats"))
            self.rpc.call("voxel.get", {"project": "p0", "xyz": [1, 2, 3]})

    def test_http(self):
        with HttpClient(self.daemon) as http:
            for _ in range(ROUNDS):
                for path in ("/healthz", "/readyz", "/metrics"):
                    self.assertEqual(http.get(path).status, 200)
                for method in ("AdminService/Ping", "AdminService/Stats"):
                    self.assertEqual(http.call(method).status, 200)

    def test_resp2(self):
        client = redis.Redis(unix_socket_path=str(self.daemon.socket))
        self.addCleanup(client.close)
        for _ in range(ROUNDS):
            self.assertTrue(client.ping())
            self.assertIsNone(client.execute_command("VOXEL.GET", "p0", "", 1, 2, 3))
            self.assertEqual(json.loads(client.execute_command("CALL", "admin.ping", "{}")), {})
            self.assertIn(
                "methods", json.loads(client.execute_command("CALL", "admin.stats", "{}"))
            )

    def test_grpc(self):
        admin = self.daemon.pb("admin")
        channel = self.daemon.channel()
        stub = self.daemon.stub("AdminService", channel)
        voxels = self.daemon.stub("VoxelService", channel)
        get = self.daemon.pb("voxel").GetVoxelsRequest(project="p0", xyz=[1, 2, 3])
        health = channel.unary_unary("/grpc.health.v1.Health/Check")
        for _ in range(ROUNDS):
            stub.Ping(admin.PingRequest(), timeout=30)
            voxels.Get(get, timeout=30)
            self.assertTrue(stub.Stats(admin.StatsRequest(), timeout=30).methods)
            self.assertEqual(health(b"", timeout=30), b"\x08\x01")  # SERVING

    PICTURE = {"project": "p0", "spec": {"width": 64, "height": 64}}

    def check_hint(self, error):
        """That of an error object, in its message and as a fact."""
        hint = int(error["metadata"]["retry_after_ms"])
        self.assertGreater(hint, 0)
        self.assertEqual(error["reason"], "OVERLOADED")
        return hint

    def test_what_needs_a_worker_is_refused_with_a_hint(self):
        with self.assertRaises(RpcError) as raised:
            self.rpc.call("render.view", self.PICTURE)
        hint = self.check_hint(raised.exception.data)
        self.assertTrue(raised.exception.message.endswith(f"; retry after {hint} ms"))

    def test_resp2_says_the_hint_in_its_line(self):
        client = redis.Redis(unix_socket_path=str(self.daemon.socket))
        self.addCleanup(client.close)
        with self.assertRaisesRegex(redis.ResponseError, r"^OVERLOADED .*; retry after \d+ ms$"):
            client.execute_command("CALL", "render.view", json.dumps(self.PICTURE))

    def test_http_says_the_hint_in_a_header_too(self):
        with HttpClient(self.daemon) as http:
            reply = http.call("RenderService/View", self.PICTURE)
            self.assertEqual((reply.status, reply.json()["code"]), (429, "resource_exhausted"))
            hint = self.check_hint(reply.json()["details"][0]["debug"])
            self.assertEqual(int(reply.headers["retry-after"]), -(-hint // 1000))
            # No waiting helps against other errors.
            missing = http.call("VoxelService/Get", {"project": "nobody", "xyz": [0, 0, 0]})
            self.assertNotIn("retry-after", missing.headers)

    def test_mcp_over_http_does_the_same(self):
        # But for pings a worker reads it: docs/decisions/0038-mcp-over-http.md.
        for message in ({"method": "tools/list"}, {"method": "ping", "params": {"x": "a" * 1024}}):
            with HttpClient(self.daemon) as http:
                call = {"jsonrpc": "2.0", "id": 1, **message}
                reply = http.post("/mcp", json.dumps(call).encode())
            self.assertEqual(reply.status, 429)
            hint = self.check_hint(reply.json()["error"]["data"])
            self.assertEqual(int(reply.headers["retry-after"]), -(-hint // 1000))

    def test_pings_of_mcp(self):
        for modern, result in ((False, {}), (True, {"resultType": "complete"})):
            with McpClient(self.daemon, modern=modern) as mcp:
                for _ in range(ROUNDS):
                    reply = mcp.post_message(mcp.message("ping", id=1))
                    self.assertEqual((reply.status, reply.json()["result"]), (200, result))

    def test_grpc_refuses_it_too(self):
        render = self.daemon.pb("render")
        request = render.ViewRequest(project="p0", spec=render.ViewSpec(width=64, height=64))
        with self.assertRaisesRegex(grpc.RpcError, "RESOURCE_EXHAUSTED"):
            self.daemon.stub("RenderService").View(request, timeout=30)


class PeerShareTest(unittest.TestCase):
    """One peer has all of its calls that may wait: others' still do."""

    SHARE = 3

    def test_a_flood_of_one_user_leaves_room_for_a_token_holder(self):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            token = "a" * 43
            daemon = stack.enter_context(
                Daemon(
                    f"--workers-max={WORKERS}",
                    f"--peer-queue={self.SHARE}",
                    "--grace-period=1s",
                    "--http=127.0.0.1:0",
                    f"--token-file={token_file(folder, [f'builder write {token}'])}",
                )
            )
            rpc = stack.enter_context(daemon.connect())

            def queued():
                return rpc.call("admin.stats")["workers"].get("queued", 0)

            for i in range(WORKERS + self.SHARE):
                rpc.call("project.create", {"project": f"p{i}"})
                stack.enter_context(daemon.connect()).send("voxel.apply_edits", endless(f"p{i}"))
            self.assertTrue(wait_until(lambda: queued() == self.SHARE, 60))
            picture = {"project": "p0", "spec": {"width": 64, "height": 64}}
            with self.assertRaises(RpcError) as raised:
                rpc.call("render.view", picture)
            self.assertEqual(raised.exception.reason, "OVERLOADED")
            self.assertIn(f"peer uid:{os.getuid()}: {self.SHARE} calls", str(raised.exception))
            self.assertGreater(int(raised.exception.data["metadata"]["retry_after_ms"]), 0)
            with HttpClient(daemon, daemon.http_address) as http:
                http.request(
                    "POST",
                    "/voxeld.v1.RenderService/View",
                    json.dumps(picture).encode(),
                    {"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
                )
                self.assertTrue(wait_until(lambda: queued() == self.SHARE + 1, 60))


if __name__ == "__main__":
    unittest.main()
