"""The process: where its socket goes and to whom it belongs, how it starts and how it ends."""

import os
import pathlib
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
import unittest

import grpc
from daemon import BINARY, Daemon, RpcError, StartError


def run(*flags, env=None):
    """Runs voxeld to its end and returns (exit status, stdout, stderr)."""
    done = subprocess.run(
        [BINARY, *flags],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **(env or {})},
    )
    return done.returncode, done.stdout, done.stderr


def end_of(stream):
    """The status and the reason that a gRPC stream ends with."""
    try:
        for _ in stream:
            pass
    except grpc.RpcError as error:
        trailing = dict(error.trailing_metadata() or ())
        return error.code(), trailing.get("voxeld-reason")
    return grpc.StatusCode.OK, None


def begin_create(daemon, rpc):
    """Sends project.create, whose commit the daemon's flags delay, and returns its id once it runs."""
    rpc.call("admin.ping")  # from now on the daemon takes what comes here at once
    sent = rpc.send("project.create", {"project": "p"})
    with daemon.connect() as other:
        other.call("admin.ping")  # came later, so it was taken later
    return sent


class CommandLineTest(unittest.TestCase):
    def test_help_documents_every_flag(self):
        code, out, _ = run("--help")
        self.assertEqual(code, 0)
        for flag in (
            "--socket",
            "--grpc-tcp",
            "--root",
            "--max-connections",
            "--max-message-bytes",
            "--max-batch",
            "--max-voxels",
            "--max-projects",
            "--max-layers",
            "--retained-bytes",
            "--grace-period",
            "--threads",
            "--workers-max",
        ):
            self.assertIn(flag, out)
        self.assertNotIn("--test-commit", out)

    def test_version(self):
        code, out, _ = run("--version")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"^voxeld \d+\.\d+\.\d+\n$")

    def test_bad_flags_name_flag_value_and_range(self):
        for flag, text in (
            ("--max-connections=0", "--max-connections=0: not an integer in [1, 1000000]"),
            ("--max-message-bytes=x", "--max-message-bytes=x: not a size in"),
            ("--grace-period=5", "--grace-period=5: not a time in"),
            ("--log-level=loud", "--log-level=loud: not one of"),
            ("--test-commit=speed=1", "takes delay_ms=N, fail_every=N and reason=REASON"),
            ("--root=/no/such/dir", "--root=/no/such/dir: not a directory"),
            ("--grpc-tcp=0.0.0.0:5000", "not a loopback address"),
            ("--grpc-tcp=127.0.0.1:99999", "port in [0, 65535]"),
            ("--no-such-flag", "--no-such-flag"),
        ):
            with self.subTest(flag), tempfile.TemporaryDirectory() as d:
                code, _, err = run(flag, f"--socket={d}/s")
                self.assertEqual(code, 2, err)
                self.assertIn(text, err)


class SocketPathTest(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="vx"))
        self.addCleanup(shutil.rmtree, self.dir)

    def test_runtime_directory_is_the_default_place(self):
        path = self.dir / "voxeld" / "voxeld.sock"
        with Daemon(env={"XDG_RUNTIME_DIR": str(self.dir)}, socket_path=path) as daemon:
            self.assertEqual(stat.S_IMODE(path.parent.stat().st_mode), 0o700)
            daemon.connect().call("admin.ping")

    def test_socket_belongs_to_its_user_only(self):
        with Daemon() as daemon:
            self.assertEqual(stat.S_IMODE(daemon.socket.stat().st_mode), 0o600)

    def test_permissive_umask_changes_nothing(self):
        before = os.umask(0)
        try:
            with Daemon() as daemon:
                self.assertEqual(stat.S_IMODE(daemon.socket.stat().st_mode), 0o600)
        finally:
            os.umask(before)

    def test_a_path_too_long_is_refused_by_name(self):
        path = str(self.dir / ("x" * 120))
        code, _, err = run(f"--socket={path}")
        self.assertEqual(code, 2)
        self.assertIn(f"has {len(path)} bytes; the system allows 107", err)
        self.assertIn(path, err)

    def test_a_file_in_the_way_is_not_removed(self):
        path = self.dir / "s"
        path.write_text("mine")
        code, _, err = run(f"--socket={path}")
        self.assertEqual(code, 2)
        self.assertIn("is not a socket", err)
        self.assertEqual(path.read_text(), "mine")

    def test_a_live_socket_is_never_stolen(self):
        with Daemon() as first:
            with self.assertRaises(StartError) as raised:
                Daemon(socket_path=first.socket)
            self.assertIn(f"process {first.pid} serves", raised.exception.log)
            self.assertEqual(raised.exception.code, 2)
            first.connect().call("admin.ping")

    def test_a_live_socket_of_another_program_is_not_stolen(self):
        path = self.dir / "s"
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(path))
            other.listen()
            code, _, err = run(f"--socket={path}")
            self.assertEqual(code, 2)
            self.assertIn(f"process {os.getpid()} serves", err)
            self.assertTrue(path.exists())

    def test_a_stale_socket_is_replaced(self):
        path = self.dir / "s"
        with Daemon(socket_path=path) as dead:
            dead.process.kill()
            dead.process.wait()
            self.assertTrue(path.exists())
        with Daemon(socket_path=path) as daemon:
            daemon.connect().call("admin.ping")

    def test_nothing_is_left_behind(self):
        with Daemon(socket_path=self.dir / "s") as daemon:
            self.assertEqual(daemon.stop(), 0)
        self.assertEqual(list(self.dir.iterdir()), [])

    def test_another_starter_wins_only_once(self):
        path = self.dir / "s"
        starters = [
            subprocess.Popen([BINARY, f"--socket={path}"], stderr=subprocess.PIPE) for _ in range(4)
        ]
        # Each loser ends by itself; the winner goes on until it is told to stop.
        ended = []
        deadline = time.monotonic() + 60
        while len(ended) < 3 and time.monotonic() < deadline:
            ended = [p for p in starters if p.poll() is not None]
            time.sleep(0.01)
        self.assertEqual([p.returncode for p in ended], [2, 2, 2])
        winner = next(p for p in starters if p.poll() is None)
        for _ in range(1000):
            if path.exists():
                break
            time.sleep(0.01)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
        winner.terminate()
        self.assertEqual(winner.wait(30), 0)
        for process in starters:
            process.stderr.close()


class SignalTest(unittest.TestCase):
    def test_idle_daemon_ends_within_a_second(self):
        for sig in (signal.SIGTERM, signal.SIGINT):
            with Daemon() as daemon, daemon.connect() as rpc:
                rpc.call("admin.ping")
                daemon.stub("AdminService").Ping(daemon.pb("admin").PingRequest())
                begin = time.monotonic()
                self.assertEqual(daemon.stop(sig), 0)
                self.assertLess(time.monotonic() - begin, 1)

    def test_open_watches_do_not_hold_it(self):
        with Daemon() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            history = daemon.pb("history")
            watch = daemon.stub("HistoryService").Watch(
                history.WatchRequest(project="p", after_revision=0, progress_ms=100)
            )
            next(watch)  # it has begun
            subscription = rpc.call("history.watch", {"project": "p"})["subscription"]
            begin = time.monotonic()
            self.assertEqual(daemon.stop(), 0)
            self.assertLess(time.monotonic() - begin, 1)
            end = rpc.notification()
            while end["method"] == "rpc.item":
                end = rpc.notification()
            self.assertEqual(end["method"], "rpc.end")
            self.assertEqual(end["params"]["subscription"], subscription)
            self.assertEqual(end["params"]["error"]["data"]["reason"], "SHUTTING_DOWN")
            self.assertEqual(end_of(watch), (grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN"))

    def test_sighup_does_not_kill(self):
        with Daemon() as daemon, daemon.connect() as rpc:
            daemon.process.send_signal(signal.SIGHUP)
            for _ in range(3):
                rpc.call("admin.ping")
            self.assertIsNone(daemon.process.poll())
            self.assertEqual(daemon.stop(), 0)
            self.assertIn("SIGHUP: the settings were read again", daemon.log())

    def test_running_calls_finish_within_the_grace_period(self):
        with Daemon("--test-commit=delay_ms=1500") as daemon, daemon.connect() as rpc:
            sent = begin_create(daemon, rpc)
            daemon.process.send_signal(signal.SIGTERM)
            self.assertEqual(rpc.reply()["id"], sent)
            self.assertEqual(daemon.process.wait(30), 0)

    def test_calls_beyond_the_grace_period_are_abandoned(self):
        with Daemon(
            "--test-commit=delay_ms=60000", "--grace-period=200ms"
        ) as daemon, daemon.connect() as rpc:
            begin_create(daemon, rpc)
            begin = time.monotonic()
            self.assertEqual(daemon.stop(), 1)
            self.assertLess(time.monotonic() - begin, 5)
            self.assertFalse(daemon.socket.exists())

    def test_a_second_signal_ends_it_at_once(self):
        with Daemon(
            "--test-commit=delay_ms=60000", "--grace-period=60s"
        ) as daemon, daemon.connect() as rpc:
            begin_create(daemon, rpc)
            daemon.process.send_signal(signal.SIGTERM)
            begin = time.monotonic()
            while daemon.process.poll() is None and time.monotonic() - begin < 10:
                daemon.process.send_signal(
                    signal.SIGTERM
                )  # at once after the first, it is the same request
                time.sleep(0.05)
            self.assertEqual(daemon.process.wait(1), 1)

    def test_new_calls_are_refused_while_it_drains(self):
        with Daemon(
            "--test-commit=delay_ms=5000"
        ) as daemon, daemon.connect() as rpc, daemon.connect() as other:
            other.call("admin.ping")
            begin_create(daemon, rpc)
            daemon.process.send_signal(signal.SIGTERM)
            while daemon.socket.exists():
                time.sleep(0.005)
            with self.assertRaises(RpcError) as raised:
                other.call("admin.ping")
            self.assertEqual(raised.exception.reason, "SHUTTING_DOWN")
            rpc.reply()
            self.assertEqual(daemon.process.wait(30), 0)


if __name__ == "__main__":
    unittest.main()
