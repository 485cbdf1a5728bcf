"""What admin.stats, /metrics and voxctl top tell of calls over every door."""

import contextlib
import json
import os
import re
import subprocess
import unittest

from daemon import BUILD, ROOT, SANITIZED, Daemon, RpcError, wait_until
from http_client import HttpClient

from prometheus_client.parser import text_string_to_metric_families


def method(stats, name, door):
    found = [m for m in stats["methods"] if m.get("method", "") == name and m["door"] == door]
    return found[0] if found else None


def named(rows, key):
    """Rows by the name that they have under `key`."""
    return {row[key]: row for row in rows}


def count(row, field):
    """Zeros are left out."""
    return row.get(field, 0)


def get_voxels(voxels):
    return {"project": "castle", "xyz": [0, 1, 2] * voxels}


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

    def test_answers_that_do_not_fit_their_area_are_counted(self):
        self.rpc.call("project.create", {"project": "castle"})
        with HttpClient(self.daemon) as http:
            over_json = self.rpc.call
            get = {
                "json_answers": lambda request: over_json("voxel.get", request),
                "answers": lambda request: http.call("VoxelService/Get", request),
            }
            # Each looked at over the other door: this answer has no room in an area either.
            look = {
                "json_answers": lambda: http.call("AdminService/Stats").json(),
                "answers": lambda: over_json("admin.stats"),
            }
            for name, call in get.items():
                before = named(look[name]()["areas"], "area")[name]
                call(get_voxels(10))
                some = named(look[name]()["areas"], "area")[name]
                self.assertEqual(count(some, "overflows"), count(before, "overflows"), name)
                self.assertEqual(count(some, "ended") - count(before, "ended"), 1)
                self.assertGreater(count(some, "peak_bytes"), 40)
                call(get_voxels(20_000))  # 80 KB of colours
                call(get_voxels(10))
                after = named(look[name]()["areas"], "area")[name]
                self.assertEqual(count(after, "overflows") - count(some, "overflows"), 1, name)
                more = count(after, "overflow_bytes") - count(some, "overflow_bytes")
                self.assertGreater(more, 80_000 - count(after, "block_bytes"))
                self.assertGreater(count(after, "peak_bytes"), 80_000)
                self.assertLess(count(after, "peak_bytes"), 400_000)
                self.assertEqual(count(after, "ended") - count(some, "ended"), 2)

    # io_uring reads less at once: a text then has another room when it is taken, and grows.
    @unittest.skipIf(os.environ.get("VOXELD_TEST_IO") == "uring", "for what epoll reads at once")
    def test_buffers_are_told_by_their_room_and_go_back(self):
        sizes, many = {"buffers_65536": 20 << 10, "buffers_larger": 1 << 20}, 8
        with contextlib.ExitStack() as stack:
            for size in sizes.values():
                connections = [stack.enter_context(self.daemon.connect()) for _ in range(many)]
                ping = {"jsonrpc": "2.0", "id": 1, "method": "admin.ping", "x": "x" * size}
                line = json.dumps(ping).encode() + b"\n"
                for connection in connections:
                    connection.send_raw(line[: size // 2])
                # Each holds half of a line.
                self.assertTrue(wait_until(lambda: self.buffers_in_use() == many))
                self.assertGreaterEqual(self.purpose("response")["active_bytes"], many * (20 << 10))
                for connection in connections:
                    connection.send_raw(line[size // 2 :])
                    self.assertIn("error", connection.receive())  # there is no such member
                self.assertTrue(wait_until(lambda: self.buffers_in_use() == 0))
        self.assertGreaterEqual(self.pool("buffers_65536")["missed"], many)
        self.assertGreater(self.pool("buffers_larger")["taken"], 0)
        # As many as are kept at most; the large ones are not.
        self.assertEqual(count(self.pool("buffers_65536"), "kept"), 0 if SANITIZED else 4)
        self.assertNotIn("kept", self.pool("buffers_larger"))
        self.assertLess(count(self.purpose("response"), "allocated_bytes"), 1 << 20)
        self.assertGreaterEqual(self.purpose("response")["peak_bytes"], many * (64 << 10))
        # What nobody took since it was asked the last time goes.
        self.rpc.call("admin.optimize")
        self.rpc.call("admin.optimize")
        self.assertTrue(wait_until(lambda: count(self.pool("buffers_65536"), "kept") == 0))

    def buffers_in_use(self):
        pools = self.stats()["pools"]
        return sum(pool["in_use"] for pool in pools if pool["pool"].startswith("buffers_"))

    def test_calls_are_in_use_until_they_are_answered(self):
        self.rpc.call("project.create", {"project": "castle"})
        view = json.dumps({"project": "castle", "spec": {"width": 256, "height": 256}})
        for _ in range(20):
            with self.daemon.connect() as other:  # goes before it is answered
                other.send("render.view", json.loads(view))
                other.send("history.watch", {"project": "castle"})
            with HttpClient(self.daemon) as other:
                self.assertEqual(other.call("AdminService/Ping").status, 200)
                body = view.encode()
                head = {"Content-Type": "application/json"}
                other.request("POST", "/voxeld.v1.RenderService/View", body, head)
            with self.daemon.raw() as other:
                other.sendall(b"VOXEL.SET castle main 1 2 3 #fff\r\n")
                self.assertEqual(other.recv(100), b"+OK\r\n")
                other.sendall(b"VOXEL.GET castle main 1 2 3\r\n")
        # Two at once for certain, so that one is kept while admin.stats has the other.
        ping = {"jsonrpc": "2.0", "id": 1, "method": "admin.ping"}
        with self.daemon.connect() as other:
            other.send_raw(json.dumps([ping, ping]).encode() + b"\n")
            self.assertEqual(len(json.loads(other.receive_raw())), 2)
        # This one itself.
        self.assertTrue(wait_until(lambda: self.pool("json_calls")["in_use"] == 1))
        self.assertTrue(wait_until(lambda: self.pool("calls")["in_use"] == 0))
        self.assertGreaterEqual(self.pool("json_calls")["taken"], 20)
        self.assertGreaterEqual(self.pool("calls")["taken"], 40)
        areas = named(self.stats()["areas"], "area")
        self.assertEqual(
            areas["json_answers"]["in_use_bytes"], areas["json_answers"]["block_bytes"]
        )
        self.assertNotIn("in_use_bytes", areas["answers"])
        if not SANITIZED:
            for pool in (
                "json_calls",
                "calls",
                "messages",
                "http_parsers",
                "resp_work",
                "resp_sets",
            ):
                # The connections of the last round may be about to be seen as closed.
                kept = wait_until(lambda pool=pool: count(self.pool(pool), "kept") > 0)
                self.assertTrue(kept, self.pool(pool))
                self.assertGreater(self.pool(pool)["kept_bytes"], 0, pool)

    def test_grace_periods_and_what_waited_for_them(self):
        before = self.stats()["rcu"]
        for i in range(20):
            self.rpc.call("project.create", {"project": f"p{i}"})  # each replaces the list of them
        self.assertTrue(wait_until(lambda: "waiting" not in self.stats()["rcu"]))
        rcu = self.stats()["rcu"]
        self.assertGreaterEqual(rcu["retired"], before.get("retired", 0) + 20)
        self.assertEqual(sum(rcu["wait"]["counts"]), rcu["retired"])
        self.assertGreaterEqual(rcu["grace_periods"], 1)
        self.assertLessEqual(rcu["grace_periods"], rcu["retired"])
        self.assertGreater(rcu["wait"]["sum_us"], 0)

    def pool(self, name):
        return named(self.stats()["pools"], "pool")[name]

    def purpose(self, name):
        return named(self.stats()["memory"], "purpose")[name]

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

    def test_metrics_tell_pools_areas_memory_and_grace_periods(self):
        self.rpc.call("project.create", {"project": "castle"})
        self.rpc.call("voxel.get", get_voxels(5000))
        self.assertTrue(wait_until(lambda: "waiting" not in self.stats()["rcu"]))
        with HttpClient(self.daemon) as http:
            text = http.get("/metrics").body.decode()
        families = {f.name: f for f in text_string_to_metric_families(text)}
        stats = self.stats()

        def values(family, label):
            return {s.labels[label]: s.value for s in families["voxeld_" + family].samples}

        pools = named(stats["pools"], "pool")
        self.assertEqual(set(values("pool_taken", "pool")), set(pools))
        self.assertEqual(
            set(values("pool_in_use", "pool")), {n for n, p in pools.items() if "in_use" in p}
        )
        self.assertEqual(values("pool_in_use", "pool")["calls"], 1)  # the one for the metrics
        for family, field in (("missed", "missed"), ("kept", "kept"), ("kept_bytes", "kept_bytes")):
            shown = values("pool_" + family, "pool")
            for pool in ("buffers_512", "buffers_larger", "resp_work"):  # not ours
                self.assertEqual(shown[pool], pools[pool].get(field, 0), (family, pool))
        areas = named(stats["areas"], "area")
        for family in ("overflows", "overflow_bytes", "peak_bytes", "block_bytes"):
            shown = values("area_" + family, "area")
            self.assertEqual(shown["json_answers"], areas["json_answers"][family], family)
        self.assertGreater(values("area_overflow_bytes", "area")["json_answers"], 10_000)
        self.assertGreater(values("area_ended", "area")["json_answers"], 1)
        self.assertEqual(values("area_in_use_bytes", "area")["answers"], 2048)
        memory = named(stats["memory"], "purpose")
        for field in ("allocated_bytes", "active_bytes", "peak_bytes"):
            shown = values("memory_" + field, "purpose")
            self.assertEqual(set(shown), set(memory))
            self.assertEqual(shown["voxels"], memory["voxels"].get(field, 0), field)
        self.assertGreater(families["voxeld_resident_bytes"].samples[0].value, 1 << 20)
        self.assertGreaterEqual(families["voxeld_rcu_grace_periods"].samples[0].value, 1)
        waits = {s.name: s.value for s in families["voxeld_rcu_wait_seconds"].samples}
        self.assertEqual(waits["voxeld_rcu_wait_seconds_count"], stats["rcu"]["retired"])

    def test_every_metric_is_documented(self):
        with Daemon("--data-dir=" + str(self.daemon.dir / "data")) as kept, HttpClient(
            kept
        ) as http:
            text = http.get("/metrics").body.decode()
        page = (ROOT / "docs" / "metrics.md").read_text()
        documented = set(re.findall(r"\bvoxeld_\w+", page))
        told = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
        self.assertEqual(documented, told)

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
        self.assertRegex(shown, r"(?m)^memory: \S+ MB resident, request .*, voxels \S+ \S+ \(peak ")
        self.assertRegex(shown, r"(?m)^pools: .*json_calls \d+ used \+ \d+ kept, \S+ % missed")
        self.assertNotIn("resp_work", shown)  # nobody came over RESP2
        self.assertRegex(
            shown, r"(?m)^area json_answers: .* 0 of \d+ overflowed, by 0 B; the largest "
        )
        self.assertRegex(shown, r"(?m)^rcu: \d+ of \d+ wait, \d+ grace periods; waits: p50 ")
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
