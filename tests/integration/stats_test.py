"""What admin.stats, /metrics and voxctl top tell of calls over every door."""

import json
import re
import subprocess
import unittest

from daemon import BUILD, Daemon, RpcError
from http_client import HttpClient

from prometheus_client.parser import text_string_to_metric_families


def method(stats, name, door):
    found = [m for m in stats["methods"] if m.get("method", "") == name and m["door"] == door]
    return found[0] if found else None


class StatsTest(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        self.rpc = self.daemon.connect()
        self.addCleanup(self.rpc.close)

    def stats(self):
        return self.rpc.call("admin.stats")

    def test_calls_are_counted_by_method_door_and_reason(self):
        self.rpc.call("project.create", {"project": "castle"})
        for _ in range(3):
            self.rpc.call("voxel.get", {"project": "castle", "xyz": [0, 0, 0]})
        for request in ({"project": "nobody"}, {"project": "nobody", "color": 1}):
            with self.assertRaises(RpcError):
                self.rpc.call("voxel.get", request)
        with self.assertRaises(RpcError):
            self.rpc.call("voxel.gett")
        project = self.daemon.pb("project")
        self.daemon.stub("ProjectService").Get(project.GetProjectRequest(project="castle"))

        stats = self.stats()
        get = method(stats, "voxel.get", "jsonrpc")
        self.assertEqual(get["calls"], 5)
        self.assertEqual(sum(get["errors"].values()), 2, get)
        self.assertEqual(get["errors"]["UNKNOWN_FIELD"], 1)
        self.assertEqual(sum(get["latency"]["counts"]), 5)
        self.assertEqual(len(get["latency"]["counts"]), len(stats["bucket_bounds_us"]) + 1)
        self.assertLessEqual(get["latency"]["p50_us"], get["latency"]["p99_us"])
        self.assertGreater(get["bytes_in"], 3 * len('{"project":"castle","xyz":[0,0,0]}') - 1)
        self.assertGreater(get["bytes_out"], 0)
        self.assertEqual(method(stats, "", "jsonrpc")["errors"], {"METHOD_NOT_FOUND": 1})
        over_grpc = method(stats, "project.get", "grpc")
        self.assertEqual(over_grpc["calls"], 1)
        self.assertGreater(over_grpc["bytes_in"], 0)
        self.assertIsNone(method(stats, "voxel.get", "grpc"))

    def test_a_stream_is_one_call_with_the_bytes_of_its_items(self):
        self.rpc.call("project.create", {"project": "castle"})
        box = {"min": [0, 0, 0], "max": [32, 32, 32]}
        list(self.rpc.stream("voxel.read_region", {"project": "castle", "box": box}))
        read = method(self.stats(), "voxel.read_region", "jsonrpc")
        self.assertEqual(read["calls"], 1)
        self.assertGreater(read["bytes_out"], 100)

    def test_connections_projects_and_workers(self):
        self.rpc.call("project.create", {"project": "castle"})
        self.rpc.call("inspect.summarize", {"project": "castle"})  # on a worker
        before = {door["door"]: door for door in self.stats()["doors"]}
        self.assertEqual(before["jsonrpc"]["open"], 1)
        with self.daemon.connect() as other:
            other.call("admin.ping")
            now = {door["door"]: door for door in self.stats()["doors"]}
            self.assertEqual(now["jsonrpc"], {"door": "jsonrpc", "accepted": 2, "open": 2})
        with self.daemon.raw() as junk:
            junk.sendall(b"\x16\x03\x01 this is no protocol of ours")
            junk.recv(1000)
        stats = self.stats()
        self.assertEqual(stats["connections_refused"], 1)
        self.assertEqual((stats["projects"]["count"], stats["projects"]["open"]), (1, 1))
        self.assertGreaterEqual(stats["workers"]["threads"], 2)
        self.assertGreaterEqual(sum(stats["workers"]["wait"]["counts"]), 1)
        self.assertGreaterEqual(stats["rcu"]["retired"], stats["rcu"].get("waiting", 0))

    def test_commits_are_counted_where_projects_are_kept(self):
        self.assertNotIn("commits", self.stats())
        with Daemon("--data-dir=" + str(self.daemon.dir / "data")) as kept, kept.connect() as rpc:
            rpc.call("project.create", {"project": "castle"})
            for x in range(5):
                rpc.call(
                    "voxel.set",
                    {"project": "castle", "voxels": {"xyz": [x, 0, 0], "color": "#fff"}},
                )
            commits = rpc.call("admin.stats")["commits"]
        self.assertEqual(commits["records"], 5)
        self.assertEqual(sum(commits["groups"]["counts"]), 5)

    def test_metrics_are_what_prometheus_reads(self):
        self.rpc.call("project.create", {"project": "castle"})
        with self.assertRaises(RpcError):
            self.rpc.call("voxel.get", {"project": "nobody", "xyz": [0, 0, 0]})
        with HttpClient(self.daemon) as http:
            reply = http.get("/metrics")
        self.assertEqual(reply.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
        families = {f.name: f for f in text_string_to_metric_families(reply.body.decode())}
        self.assertTrue(all(f.documentation and f.type != "unknown" for f in families.values()))
        duration = families["voxeld_call_duration_seconds"]
        self.assertEqual(duration.type, "histogram")
        mine = [s for s in duration.samples if s.labels["method"] == "voxel.get"]
        buckets = [s.value for s in mine if s.name.endswith("_bucket")]
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(buckets[-1], 1)
        self.assertEqual(mine[-3].labels["le"], "+Inf")
        self.assertEqual([s.value for s in mine if s.name.endswith("_count")], [1])
        errors = families["voxeld_call_errors"].samples
        self.assertEqual(
            [(s.labels["method"], s.labels["door"], s.labels["reason"], s.value) for s in errors],
            [("voxel.get", "jsonrpc", "PROJECT_NOT_FOUND", 1.0)],
        )
        self.assertEqual(families["voxeld_projects"].samples[0].value, 1)
        doors = {s.labels["door"]: s.value for s in families["voxeld_connections_open"].samples}
        self.assertEqual(doors, {"jsonrpc": 1, "http": 1, "resp": 0})

    def voxctl(self, *arguments, **options):
        command = [BUILD / "bin" / "voxctl", "--socket", self.daemon.socket, *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=True, **options
        ).stdout

    def test_voxctl_top(self):
        self.rpc.call("project.create", {"project": "castle"})
        with self.assertRaises(RpcError):
            self.rpc.call("voxel.get", {"project": "nobody", "xyz": [0, 0, 0]})
        shown = self.voxctl("top", "--once")
        self.assertIn("1 projects, 1 in memory", shown)
        line = re.search(r"^voxel\.get +jsonrpc +1 +1 +\S+ [mu]?s ", shown, re.MULTILINE)
        self.assertTrue(line, shown)
        stats = json.loads(self.voxctl("top", "--once", "-o", "json"))
        self.assertEqual(method(stats, "project.create", "jsonrpc")["calls"], 1)

    def test_voxctl_top_goes_on_with_rates(self):
        command = [BUILD / "bin" / "voxctl", "--socket", self.daemon.socket, "top"]
        with subprocess.Popen(
            [*command, "--interval", "0.1"], stdout=subprocess.PIPE, text=True
        ) as top:
            seen = ""
            while "CALLS/S" not in seen or not re.search(r"^admin\.ping +jsonrpc", seen, re.M):
                self.rpc.call("admin.ping")
                seen += top.stdout.readline()
            top.kill()


if __name__ == "__main__":
    unittest.main()
