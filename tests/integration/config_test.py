"""Settings: where they come from, what the process says about them, and what SIGHUP changes."""

import collections
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import tomllib
import unittest

from daemon import BINARY, Daemon, RpcError, StartError
from http_client import HttpClient
from mcp_client import McpClient


def run(*flags, env=None):
    """Runs voxeld to its end and returns (exit status, stdout, stderr)."""
    done = subprocess.run(
        [BINARY, *flags],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **(env or {})},
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def until(said, daemon):
    """Waits for words in the log."""
    deadline = time.monotonic() + 30
    while said not in daemon.log():
        if time.monotonic() > deadline:
            raise AssertionError(f"the log never says {said!r}:\n{daemon.log()}")
        time.sleep(0.01)


class FileCase(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="vx"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.file = self.dir / "voxeld.toml"

    def write(self, text):
        self.file.write_text(text)
        return f"--config={self.file}"


class ConfigTest(FileCase):
    def test_later_sources_win(self):
        flag = self.write("[json]\nmax-batch = 5\n[limits]\nmax-layers = 5\nmax-edits = 5\n")
        env = {"VOXELD_MAX_LAYERS": "6", "VOXELD_MAX_EDITS": "6"}
        with Daemon(flag, "--max-edits=7", env=env) as daemon, daemon.connect() as rpc:
            limits = rpc.call("admin.info")["limits"]
            self.assertEqual(limits["max-batch"], 5)
            self.assertEqual(limits["max-layers"], 6)
            self.assertEqual(limits["max-edits"], 7)

    def test_printed_settings_are_toml_with_their_origins(self):
        flag = self.write("[json]\nmax-batch = 5\n")
        code, out, err = run(
            flag,
            "--print-config",
            "--socket=/tmp/s",
            "--grace-period=90s",
            env={"VOXELD_MAX_LAYERS": "6"},
        )
        self.assertEqual(code, 0, err)
        parsed = tomllib.loads(out)
        self.assertEqual(parsed["json"]["max-batch"], 5)
        self.assertEqual(parsed["limits"]["max-layers"], 6)
        self.assertEqual(parsed["process"]["grace-period"], "90 s")
        self.assertIn(f'max-batch = 5  # "{self.file}:2"', out)
        self.assertIn('max-layers = 6  # "VOXELD_MAX_LAYERS"', out)
        self.assertIn('grace-period = "90 s"  # "--grace-period"', out)
        self.assertIn("max-edits = 100000  # default", out)

    def test_check_config(self):
        code, out, err = run(self.write("[json]\nmax-batch = 5\n"), "--check-config", "--socket=/s")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("can start", out)
        for text, said in (
            ("[json]\nmax-bacth = 5\n", ":2:1: json.max-bacth: no such option; did you mean"),
            ("[json]\nmax-batch = 0\n", ":2:13: json.max-batch = 0: not an integer in"),
            ("[json\n", ":1:"),
        ):
            with self.subTest(text):
                code, _, err = run(self.write(text), "--check-config", "--socket=/s")
                self.assertEqual(code, 2)
                self.assertIn(f"voxeld: {self.file}{said}", err)

    def test_check_config_looks_at_files_and_makes_none(self):
        missing = self.dir / "none" / "data"
        self.assertEqual(run("--check-config", "--socket=/s", f"--data-dir={missing}")[0], 0)
        self.assertFalse(missing.parent.exists())
        self.file.touch()
        for flag, said in (
            (f"--data-dir={self.file}", "is not a directory"),
            (f"--data-dir={self.file}/data", f"{self.file} is not a directory"),
            (f"--token-file={missing}", "No such file or directory"),
        ):
            with self.subTest(flag):
                code, _, err = run("--check-config", "--socket=/s", flag)
                self.assertEqual(code, 2)
                self.assertIn(f"voxeld: {flag}: {said}", err)

    def test_it_does_not_start_with_a_wrong_file(self):
        with self.assertRaises(StartError) as raised:
            Daemon(self.write("[json]\nmax-bacth = 5\n"))
        self.assertEqual(raised.exception.code, 2)

    def test_limits_of_the_door_are_those_of_the_file(self):
        flag = self.write("[json]\nmax-batch = 2\nline-timeout = '100 ms'\n")
        with Daemon(flag) as daemon, daemon.connect() as rpc:
            rpc.send_raw(b"[1,2,3]\n")
            self.assertEqual(rpc.receive()["error"]["data"]["reason"], "LIMIT_BATCH")
            rpc.send_raw(b'{"jsonrpc"')
            self.assertEqual(rpc.receive()["error"]["data"]["reason"], "DEADLINE_PASSED")


class ReloadTest(FileCase):
    def test_sighup_takes_the_log_level_and_names_what_waits(self):
        flag = self.write("[log]\nlog-level = 'warning'\n")
        with Daemon(flag) as daemon, daemon.connect() as rpc:
            with self.assertRaises(RpcError):
                rpc.call("project.get", {"project": "first"})
            self.write("[log]\nlog-level = 'info'\n[json]\nmax-batch = 9\n")
            daemon.process.send_signal(signal.SIGHUP)
            until("SIGHUP: the settings were read again", daemon)
            self.assertIn("SIGHUP: --max-batch takes effect at the next start", daemon.log())
            with self.assertRaises(RpcError):
                rpc.call("project.get", {"project": "second"})
            until("second", daemon)
            self.assertNotIn("first", daemon.log())
            self.assertEqual(rpc.call("admin.info")["limits"]["max-batch"], 1024)

    def test_a_wrong_file_changes_nothing(self):
        flag = self.write("[log]\nlog-level = 'info'\n")
        with Daemon(flag) as daemon, daemon.connect() as rpc:
            self.write("[log]\nlog-level = 'loud'\n")
            daemon.process.send_signal(signal.SIGHUP)
            until("SIGHUP: the settings stay as they were", daemon)
            self.assertIn("log.log-level = loud: not one of", daemon.log())
            rpc.call("admin.ping")


class LogTest(unittest.TestCase):
    def test_json_lines_are_json(self):
        with Daemon("--log-format=json") as daemon, daemon.connect() as rpc:
            with self.assertRaises(RpcError):
                rpc.call("project.get", {"project": 'a"b\n\ufffd'})
            until("call failed", daemon)
            lines = [json.loads(line) for line in daemon.log().splitlines()]
            failed = next(line for line in lines if line["message"] == "call failed")
            self.assertEqual(failed["level"], "info")
            self.assertEqual(failed["method"], "project.get")
            self.assertEqual(failed["reason"], "INVALID_ID")
            self.assertRegex(failed["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_repeated_lines_are_counted(self):
        with Daemon() as daemon, daemon.connect() as rpc:
            for _ in range(100):
                with self.assertRaises(RpcError):
                    rpc.call("project.get", {"project": "nobody"})
            with self.assertRaises(RpcError):
                rpc.call("project.get", {"project": "somebody"})
            until("somebody", daemon)
            self.assertLessEqual(daemon.log().count("nobody"), 10)  # perhaps of two windows

    def test_lines_of_a_second_are_bounded_and_those_left_out_are_counted(self):
        flags = ("--log-lines=2", "--log-format=json")
        with Daemon(*flags) as daemon, daemon.connect() as rpc:
            sent = 0
            while "lines_left_out" not in daemon.log():
                self.assertLess(sent, 100_000)  # far more than a second's
                with self.assertRaises(RpcError):
                    rpc.call("project.get", {"project": f"nobody-{sent}"})  # no line is alike
                sent += 1
            lines = [json.loads(line) for line in daemon.log().splitlines()]
            self.assertEqual({line["level"] for line in lines}, {"info"})
            seconds = collections.Counter(line["time"].split(".")[0] for line in lines)
            self.assertEqual(max(seconds.values()), 2)
            calls = [line for line in lines if line["message"] == "call failed"]
            left_out = sum(line.get("lines_left_out", 0) for line in lines)
            self.assertEqual(len(calls) + left_out, sent)


class SlowTest(unittest.TestCase):
    def test_slow_calls_are_logged_over_every_door_and_fast_ones_are_not(self):
        with Daemon("--slow-request=100ms", "--test-commit=delay_ms=200") as daemon:
            by_door = {
                "jsonrpc": ("project.create", self.by_json_rpc),
                "grpc": ("project.update", self.by_grpc),
                "resp": ("voxel.set", self.by_resp2),
                "mcp": ("voxel.apply_edits", self.by_mcp),
                "http": ("layer.create", self.by_http),
            }
            for _, call in by_door.values():
                call(daemon)
            log = daemon.log()
            for door, (method, _) in by_door.items():
                what = rf"method={method} door={door} peer=uid:\d+ status=OK ms=(\d+)\n"
                lines = re.findall(f"WARN  slow request {what}", log)
                self.assertEqual(len(lines), 1, (door, log))
                self.assertGreaterEqual(int(lines[0]), 200)
            self.assertEqual(log.count("slow request"), len(by_door), log)

    @staticmethod
    def by_json_rpc(daemon):
        with daemon.connect() as rpc:
            rpc.call("admin.ping")
            rpc.call("project.create", {"project": "p"})

    @staticmethod
    def by_grpc(daemon):
        admin, project = daemon.pb("admin"), daemon.pb("project")
        daemon.stub("AdminService").Ping(admin.PingRequest(), timeout=30)
        update = project.UpdateProjectRequest(project="p", title="t")
        daemon.stub("ProjectService").Update(update, timeout=30)

    def by_http(self, daemon):
        layer = {"project": "p", "layer": {"layer": "roof"}}
        with HttpClient(daemon) as http:
            self.assertEqual(http.call("AdminService/Ping").status, 200)
            self.assertEqual(http.call("LayerService/Create", layer).status, 200)

    def by_resp2(self, daemon):
        voxels = {"project": "p", "voxels": {"xyz": [1, 2, 3], "color": "#fff"}}
        with daemon.raw() as connection, connection.makefile("rb") as file:
            for method, params in (("admin.ping", {}), ("voxel.set", voxels)):
                words = ("CALL", method, json.dumps(params))
                parts = (f"${len(word)}\r\n{word}\r\n" for word in words)
                connection.sendall(f"*{len(words)}\r\n{''.join(parts)}".encode())
                size = file.readline()
                self.assertEqual(size[:1], b"$", size)
                file.read(int(size[1:]) + 2)

    def by_mcp(self, daemon):
        box = {"box": {"min": [0, 0, 0], "max": [2, 2, 2]}}
        with McpClient(daemon) as mcp:
            mcp.initialize()
            self.assertFalse(mcp.tool("get_voxels", project="p", xyz=[1, 2, 3])["isError"])
            edits = [{"box": {**box, "color": "#abc"}}]
            self.assertFalse(mcp.tool("apply_edits", project="p", edits=edits)["isError"])

    def test_none_is_logged_if_nobody_wants_it(self):
        with Daemon("--slow-request=0s", "--test-commit=delay_ms=200") as daemon:
            with daemon.connect() as rpc:
                rpc.call("project.create", {"project": "p"})
            self.assertNotIn("slow request", daemon.log())


class AffinityTest(unittest.TestCase):
    """Threads run where they are told to, by their own record."""

    def setUp(self):
        self.cpus = sorted(os.sched_getaffinity(0))

    def allowed(self, daemon):
        """The processors of each thread, by its name; a thread may end while we look."""
        found = {}
        for task in pathlib.Path(f"/proc/{daemon.pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                name = (task / "comm").read_text().strip()
                found.setdefault(name, set()).add(frozenset(os.sched_getaffinity(int(task.name))))
        return found

    def test_poller_and_workers_stay_on_their_processors(self):
        first, last = self.cpus[0], self.cpus[-1]
        flags = (f"--poller-cpus={first}", f"--worker-cpus={last}")
        with tempfile.TemporaryDirectory() as data, Daemon(*flags, f"--data-dir={data}") as daemon:
            with daemon.connect() as rpc:
                rpc.call("project.list")  # a worker's
                rpc.call("project.create", {"project": "p"})  # and the disk's
            # Once the poller has answered, it is where it should be.
            self.assertEqual(os.sched_getaffinity(daemon.pid), {first})
            self.assertEqual(self.allowed(daemon)["voxeld-worker"], {frozenset({last})})

    def test_without_them_threads_run_anywhere(self):
        with Daemon() as daemon:
            with daemon.connect() as rpc:
                rpc.call("admin.ping")
            for name, cpus in self.allowed(daemon).items():
                self.assertEqual(cpus, {frozenset(self.cpus)}, name)

    def test_processors_that_are_not_there_are_refused(self):
        for flag in ("--poller-cpus", "--worker-cpus"):
            with self.subTest(flag), self.assertRaises(StartError) as raised:
                Daemon(f"{flag}=1000-1023")
            self.assertIn(f"{flag}=1000-1023: this process may run on", raised.exception.log)


if __name__ == "__main__":
    unittest.main()
