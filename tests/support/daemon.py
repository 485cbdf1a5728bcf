"""A real voxeld process for tests, and the two ways to talk to it: JSON lines and gRPC stubs.

    with Daemon("--max-batch=10") as daemon, daemon.connect() as rpc:
        rpc.call("project.create", {"project": "castle"})
        daemon.stub("ProjectService").Get(daemon.pb("project").GetProjectRequest(project="castle"))

The build directory comes from VOXELD_BUILD (ctest sets it): bin/voxeld and the generated python/ are looked up there.
VOXELD_TEST_IO and VOXELD_TEST_POOLS are the --io and --memory-pools of daemons that no test says them of.
"""

import collections
import faulthandler
import importlib
import itertools
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import variants

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("VOXELD_BUILD", ROOT / "build" / "dev"))
BINARY = pathlib.Path(os.environ.get("VOXELD_BINARY", BUILD / "bin" / "voxeld"))
STUBS = BUILD / "python"
IO = variants.OPTIONS["--io"]  # of daemons that no test says it of

# AddressSanitizer keeps freed memory for a while, so bounds on resident memory say nothing then.
SANITIZED = BINARY.exists() and b"__asan_init" in BINARY.read_bytes()
POOLS = not SANITIZED and variants.OPTIONS["--memory-pools"] != "off"  # whether anything is kept
START_SECONDS = 30  # generous: sanitizer builds on a busy machine

if (
    "VOXELD_TEST_SECONDS" in os.environ
):  # it is killed after them: before that it says where it hangs
    faulthandler.dump_traceback_later(int(os.environ["VOXELD_TEST_SECONDS"]) - 10)


class StartError(Exception):
    """The daemon ended before it was ready; `code` is its exit status and `log` what it wrote."""

    def __init__(self, code, log):
        super().__init__(f"voxeld ended with {code} before it was ready:\n{log}")
        self.code, self.log = code, log


class RpcError(Exception):
    """An error reply; `error` is the JSON-RPC error object."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']} {error.get('data', '')}")
        self.error, self.code, self.message = error, error["code"], error["message"]
        self.data = error.get("data", {})
        self.reason, self.field = self.data.get("reason", ""), self.data.get("field", "")


def foreign_environment():
    """The environment without variables of ours: those of tests (VOXELD_KILL_CYCLES) are no options of the daemon."""
    return {name: value for name, value in os.environ.items() if not name.startswith("VOXELD_")}


def wait_until(condition, seconds=20):
    """Polls a condition of the outside world (another process, the kernel); whether it came true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


class Daemon:
    """One voxeld in a temporary directory. `flags` are added to the command line; `open_files` sets ulimit -n;
    `before` runs in the process that becomes the daemon."""

    def __init__(
        self, *flags, socket_path=None, env=None, open_files=None, before=None, start=True
    ):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="voxeld-"))
        self.socket = pathlib.Path(socket_path) if socket_path else self.dir / "s"
        self.flags, self.env, self.open_files = list(flags), dict(env or {}), open_files
        self.before = before
        self.process, self._log = None, self.dir / "log"
        self._channels = []
        if start:
            try:
                self.start()
            except BaseException:
                shutil.rmtree(self.dir, ignore_errors=True)
                raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def start(self):
        """Returns once the socket serves; StartError if the process ends first."""
        variants.prove(Daemon)
        read_end, write_end = os.pipe()
        command = [str(BINARY), f"--ready-fd={write_end}", *variants.flags(self.flags)]
        if "XDG_RUNTIME_DIR" not in self.env:
            command.append(f"--socket={self.socket}")
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[write_end],
                env={**foreign_environment(), **self.env},
                preexec_fn=self._prepare if self.open_files or self.before else None,
            )
        os.close(write_end)
        with open(read_end, "rb") as ready:
            # Whatever happens, this ends: the pipe closes with the process.
            watchdog = threading.Timer(START_SECONDS, self.process.kill)
            watchdog.start()
            byte = ready.read(1)
            watchdog.cancel()
        if not byte:
            raise StartError(self.process.wait(), self.log())

    def _prepare(self):
        if self.open_files:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self.open_files, self.open_files))
        if self.before:
            self.before()

    def stop(self, sig=signal.SIGTERM, timeout=30):
        """Sends the signal and returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(sig)
        return self.process.wait(timeout)

    def close(self):
        """Ends the process however it is, and removes its directory. Prints the log if it did not end well."""
        for channel in self._channels:
            channel.close()
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process and self.process.returncode not in (0, -signal.SIGKILL, -signal.SIGTERM):
            sys.stderr.write(
                f"voxeld ended with {self.process.returncode}:\n{self.log()[-8000:]}\n"
            )
        shutil.rmtree(self.dir, ignore_errors=True)

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self._log.read_text(errors="replace")

    @property
    def http_address(self):
        """Where it serves HTTP over TCP, with --http=127.0.0.1:0."""
        port = self.log().split("HTTP on 127.0.0.1:", 1)[1].split(";")[0]
        return "127.0.0.1", int(port)

    def rss_kb(self):
        """Resident memory now."""
        for line in self._proc("status").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    def cpu_seconds(self):
        """User and system time of the process so far."""
        fields = self._proc("stat").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _proc(self, name):
        return pathlib.Path(f"/proc/{self.pid}/{name}").read_text(encoding="ascii")

    def raw(self, timeout=30):
        """A connected plain socket."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        try:
            connection.connect(str(self.socket))
        except OSError:
            connection.close()
            raise
        return connection

    def connect(self, timeout=30):
        return JsonRpc(self.raw(timeout))

    def channel(self, *options):
        """A gRPC channel, closed with the daemon."""
        import grpc  # not every test needs it

        # One channel is one connection: without this, channels of one process share theirs.
        own = [
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
        ]
        channel = grpc.insecure_channel(f"unix:{self.socket}", options=[*own, *options])
        self._channels.append(channel)
        return channel

    def stub(self, service, channel=None):
        """The generated stub of a service, e.g. stub("VoxelService")."""
        module = importlib.import_module(
            f"voxeld.v1.{service.removesuffix('Service').lower()}_pb2_grpc"
        )
        return getattr(module, service + "Stub")(channel or self.channel())

    @staticmethod
    def pb(group):
        """The generated messages of one proto file, e.g. pb("voxel").ApplyEditsRequest."""
        return importlib.import_module(f"voxeld.v1.{group}_pb2")


class JsonRpc:
    """A JSON-RPC connection. call() is for the simple case; send() and receive() for everything else."""

    def __init__(self, connection):
        self.socket = connection
        self._lines = connection.makefile("rb")
        self._ids = itertools.count(1)
        self.notifications = collections.deque()  # what came in between the replies, in order

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._lines.close()
        self.socket.close()

    def send(self, method, params=None, **members):
        """Sends a request and returns its id. `members` go into the request object (deadline_ms, progress, id)."""
        request = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, **members}
        if params is not None:
            request["params"] = params
        self.send_raw(json.dumps(request).encode() + b"\n")
        return request["id"]

    def notify(self, method, params=None):
        request = {"jsonrpc": "2.0", "method": method}
        if params is not None:
            request["params"] = params
        self.send_raw(json.dumps(request).encode() + b"\n")

    def send_raw(self, data):
        self.socket.sendall(data)

    def receive_raw(self):
        """The next line, without its end; b"" at the end of the stream."""
        return self._lines.readline().rstrip(b"\n")

    def receive(self):
        """The next message of any kind; None at the end of the stream."""
        line = self.receive_raw()
        return json.loads(line) if line else None

    def reply(self):
        """The next reply or batch; notifications before it are put aside."""
        while (message := self.receive()) is not None:
            if isinstance(message, list) or "method" not in message:
                return message
            self.notifications.append(message)
        raise ConnectionError("voxeld closed the connection")

    def notification(self):
        """The next notification, an earlier one first. Fails on a reply."""
        if self.notifications:
            return self.notifications.popleft()
        message = self.receive()
        if message is None:
            raise ConnectionError("voxeld closed the connection")
        assert "method" in message, message
        return message

    def call(self, method, params=None, **members):
        """The result of one call; RpcError if it failed."""
        sent = self.send(method, params, **members)
        message = self.reply()
        assert message["id"] == sent, message
        if "error" in message:
            raise RpcError(message["error"])
        return message["result"]

    def stream(self, method, params=None, **members):
        """Yields the items of a server stream; RpcError if it fails or ends with an error."""
        subscription = self.call(method, params, **members)["subscription"]
        while True:
            note = self.notification()
            if note["params"].get("subscription") != subscription:
                continue
            if note["method"] == "rpc.item":
                yield note["params"]["item"]
            elif note["method"] == "rpc.end":
                if "error" in note["params"]:
                    raise RpcError(note["params"]["error"])
                return


if str(STUBS) not in sys.path:
    sys.path.insert(0, str(STUBS))
