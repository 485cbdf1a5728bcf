"""The service: what the daemon and systemd tell each other, and how much the shipped unit gives away."""

import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import unit_filter
from daemon import BINARY, BUILD, Daemon, JsonRpc, StartError

PTRACE_ATTACH, PTRACE_DETACH = 16, 17


class Manager:
    """Hears what a service tells its manager."""

    def __init__(self, folder, abstract=False):
        self.name = f"@voxeld-test-{os.getpid()}" if abstract else str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + self.name[1:] if abstract else self.name)
        self.socket.settimeout(30)

    def close(self):
        self.socket.close()

    def next(self, but="WATCHDOG=1"):
        """The next message, as a dictionary; those that are `but` are skipped."""
        while True:
            text = self.socket.recv(4096).decode()
            if text != but:
                return dict(line.split("=", 1) for line in text.splitlines())

    def beats(self, seconds):
        """How often the watchdog was fed meanwhile."""
        self._waiting()
        time.sleep(seconds)
        return self._waiting().count(b"WATCHDOG=1")

    def _waiting(self):
        """The messages that are there already."""
        messages = []
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                messages.append(self.socket.recv(4096))
        self.socket.settimeout(30)
        return messages


@contextlib.contextmanager
def stopped_thread(thread):
    """That thread alone stands still."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long] * 4
    if libc.ptrace(PTRACE_ATTACH, thread, 0, 0) != 0:
        raise unittest.SkipTest("this system lets nobody stop a thread")
    os.waitpid(thread, 0x40000000)  # __WALL
    try:
        yield
    finally:
        libc.ptrace(PTRACE_DETACH, thread, 0, 0)


class NotifyTest(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="vx"))
        self.addCleanup(shutil.rmtree, self.dir)

    def manager(self, **options):
        manager = Manager(self.dir, **options)
        self.addCleanup(manager.close)
        return manager

    def test_ready_reloading_and_stopping(self):
        for abstract in (False, True):
            with self.subTest(abstract=abstract):
                manager = Manager(self.dir, abstract)
                with Daemon(env={"NOTIFY_SOCKET": manager.name}) as daemon:
                    ready = manager.next()
                    self.assertEqual(ready["READY"], "1")
                    self.assertEqual(ready["STATUS"], f"listening on {daemon.socket}")
                    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
                    daemon.process.send_signal(signal.SIGHUP)
                    reloading = manager.next()
                    self.assertEqual(reloading["RELOADING"], "1")
                    self.assertGreaterEqual(int(reloading["MONOTONIC_USEC"]), before)
                    self.assertEqual(manager.next(), {"READY": "1"})
                    self.assertEqual(daemon.stop(), 0)
                    self.assertEqual(manager.next()["STOPPING"], "1")
                manager.close()
                pathlib.Path(manager.name).unlink(missing_ok=True)

    def test_no_watchdog_no_beats(self):
        manager = self.manager()
        with Daemon(env={"NOTIFY_SOCKET": manager.name}):
            self.assertEqual(manager.beats(0.3), 0)

    def test_the_watchdog_of_another_process_is_not_ours(self):
        manager = self.manager()
        env = {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "30000", "WATCHDOG_PID": "1"}
        with Daemon(env=env):
            self.assertEqual(manager.beats(0.3), 0)

    def test_the_poller_feeds_the_watchdog_and_a_hung_one_does_not(self):
        manager = self.manager()
        env = {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "90000"}
        with Daemon(env=env) as daemon:
            self.assertGreaterEqual(manager.beats(0.9), 5)
            with stopped_thread(daemon.pid):
                self.assertEqual(manager.beats(0.5), 0)
            self.assertGreaterEqual(manager.beats(0.9), 5)

    def test_what_cannot_be_read_is_refused(self):
        for name, value, said in (
            ("NOTIFY_SOCKET", "relative", "NOTIFY_SOCKET=relative: neither a path nor"),
            ("WATCHDOG_USEC", "soon", "WATCHDOG_USEC=soon: not a number"),
        ):
            with self.subTest(name), self.assertRaises(StartError) as raised:
                Daemon(env={name: value})
            self.assertIn(said, raised.exception.log)


class ActivationTest(unittest.TestCase):
    """Sockets that systemd-socket-activate opens, which starts the daemon at the first connection."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="vx"))
        self.addCleanup(shutil.rmtree, self.dir)

    def activate(self, *listens, flags=()):
        """The daemon behind `listens`; ends with the test."""
        command = ["systemd-socket-activate", *(f"--listen={each}" for each in listens)]
        with open(self.dir / "log", "ab") as log:
            process = subprocess.Popen(
                [*command, str(BINARY), *flags],
                stdin=subprocess.DEVNULL,
                stderr=log,
                env={key: value for key, value in os.environ.items() if key != "XDG_RUNTIME_DIR"},
            )

        def end():
            process.terminate()
            process.wait(30)

        self.addCleanup(end)
        return process

    def connected(self, family, address):
        """A connection, once somebody listens there."""
        deadline = time.monotonic() + 30
        while True:
            connection = socket.socket(family)
            connection.settimeout(30)
            try:
                connection.connect(address)
                return connection
            except OSError:
                connection.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def test_the_unix_socket_is_served_and_left_alone(self):
        path = self.dir / "s"
        process = self.activate(path)
        with JsonRpc(self.connected(socket.AF_UNIX, str(path))) as rpc:
            rpc.call("project.create", {"project": "p"})
        with JsonRpc(self.connected(socket.AF_UNIX, str(path))) as rpc:
            rpc.call("project.get", {"project": "p"})
        process.terminate()
        self.assertEqual(process.wait(30), 0)
        self.assertTrue(path.exists())  # whoever opened it removes it
        self.assertFalse(pathlib.Path(f"{path}.lock").exists())

    def test_tcp_speaks_grpc(self):
        import grpc  # the others do without

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.activate(self.dir / "s", f"127.0.0.1:{port}")
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = Daemon.stub(None, "AdminService", channel)
            ping = Daemon.pb("admin").PingRequest()
            stub.Ping(ping, timeout=30, wait_for_ready=True)

    def test_two_unix_sockets_are_too_many(self):
        process = self.activate(self.dir / "a", self.dir / "b")
        self.connected(socket.AF_UNIX, str(self.dir / "a")).close()
        self.assertEqual(process.wait(30), 2)
        self.assertIn("one Unix socket and one of TCP", (self.dir / "log").read_text())


class JournalTest(unittest.TestCase):
    def test_lines_carry_their_priority(self):
        # What systemd sets: the device and inode of the stream that stderr is.
        log = tempfile.NamedTemporaryFile(prefix="vx")  # pylint: disable=consider-using-with
        self.addCleanup(log.close)
        found = os.fstat(log.fileno())
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen(
                [BINARY, f"--socket={folder}/s"],
                stderr=log.fileno(),
                env={**os.environ, "JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"},
            )
            deadline = time.monotonic() + 30
            while b"listening" not in pathlib.Path(log.name).read_bytes():
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            process.terminate()
            self.assertEqual(process.wait(30), 0)
        lines = pathlib.Path(log.name).read_text().splitlines()
        self.assertTrue(all(line.startswith("<6>") for line in lines), lines)
        self.assertTrue(any(line.startswith("<6>voxeld ") for line in lines), lines)


class UnitTest(unittest.TestCase):
    """What `cmake --install` brings."""

    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="vx"))
        subprocess.run(
            ["cmake", "--install", str(BUILD)],
            env={**os.environ, "DESTDIR": str(cls.root)},
            check=True,
            capture_output=True,
        )
        cls.units = next(cls.root.glob("**/systemd/system"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root)

    def test_the_sandbox_is_tight(self):
        done = subprocess.run(
            [
                "systemd-analyze",
                "security",
                "--offline=true",
                "--no-pager",
                "--threshold=15",  # in tenths
                str(self.units / "voxeld.service"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("Overall exposure level for voxeld.service", done.stdout)

    def test_the_daemon_does_its_work_with_the_system_calls_that_are_left(self):
        names = unit_filter.allowed((self.units / "voxeld.service").read_text())
        self.assertNotIn("setrlimit", names)
        self.assertNotIn("chroot", names)
        cpus = sorted(os.sched_getaffinity(0))
        flags = [
            f"--poller-cpus={cpus[0]}",
            f"--worker-cpus={cpus[-1]}",
            f"--data-dir={self.root}/data",
        ]
        # A sanitizer looks for leaks by tracing the process, which the unit forbids.
        env = {"ASAN_OPTIONS": "detect_leaks=0"}
        with Daemon(*flags, env=env, before=lambda: unit_filter.confine_to(names)) as daemon:
            with daemon.connect() as rpc:
                rpc.call("project.create", {"project": "p"})
                ball = {"ellipsoid": {"box": {"min": [0, 0, 0], "max": [9, 9, 9]}, "color": "#abc"}}
                rpc.call("voxel.apply_edits", {"project": "p", "edits": [ball]})
                picture = {"project": "p", "spec": {"width": 64, "height": 64}}
                self.assertIn("png", rpc.call("render.view", picture))  # a worker's
            admin = daemon.pb("admin")
            daemon.stub("AdminService").Ping(admin.PingRequest(), timeout=30)
            self.assertEqual(os.sched_getaffinity(daemon.pid), {cpus[0]})
            tasks = pathlib.Path(f"/proc/{daemon.pid}/task").iterdir()
            allowed = [
                os.sched_getaffinity(int(task.name))
                for task in tasks
                if (task / "comm").read_text().strip() == "voxeld-worker"
            ]
            self.assertIn({cpus[-1]}, allowed)
            self.assertNotIn("poller-cpus failed", daemon.log())
            self.assertEqual(daemon.stop(), 0)

    def test_where_processors_may_not_be_chosen_the_options_say_so(self):
        names = unit_filter.allowed((self.units / "voxeld.service").read_text())
        cpu = min(os.sched_getaffinity(0))
        for flag in (f"--poller-cpus={cpu}", f"--worker-cpus={cpu}"):
            with self.subTest(flag), self.assertRaises(StartError) as raised:
                Daemon(flag, before=lambda: unit_filter.confine_to(names - {"sched_setaffinity"}))
            self.assertIn(f"{flag}: this process may not choose", raised.exception.log)

    def test_systemd_takes_the_units(self):
        # As they would be with the program where they say it is.
        program = next(self.root.glob("**/bin/voxeld"))
        folder = self.root / "units"
        folder.mkdir()
        for unit in self.units.iterdir():
            text = unit.read_text().replace(f"/{program.relative_to(self.root)}", str(program))
            (folder / unit.name).write_text(text)
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *sorted(folder.iterdir())],
            capture_output=True,
            text=True,
            check=False,
        )
        ours = [line for line in done.stderr.splitlines() if "voxeld" in line]
        self.assertEqual(ours, [])

    def test_the_shipped_settings_are_sound(self):
        files = list(self.root.glob("**/voxeld/voxeld.toml"))
        self.assertEqual(len(files), 1)
        self.assertEqual(files[0].stat().st_mode & 0o777, 0o644)
        text = files[0].read_text().replace('allow-group = ["voxeld"]', 'allow-group = ["root"]')
        (self.root / "voxeld.toml").write_text(text)
        done = subprocess.run(
            [BINARY, f"--config={self.root}/voxeld.toml", "--check-config", "--socket=/s"],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        command = (self.units / "voxeld.service").read_text()
        self.assertIn(f"--config=/{files[0].relative_to(self.root)}", command)

    def test_settings_that_are_there_are_not_overwritten(self):
        file = next(self.root.glob("**/voxeld/voxeld.toml"))
        before = file.read_text()
        file.write_text("# mine\n")
        subprocess.run(
            ["cmake", "--install", str(BUILD)],
            env={**os.environ, "DESTDIR": str(self.root)},
            check=True,
            capture_output=True,
        )
        self.assertEqual(file.read_text(), "# mine\n")
        file.write_text(before)


if __name__ == "__main__":
    unittest.main()
