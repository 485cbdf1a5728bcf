"""What a daemon costs that has little to do: memory at rest, before and after much work, stacks, and gRPC's start."""

import contextlib
import pathlib
import socket as socket_module
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests" / "support")]

import daemon as support  # noqa: E402
import fast_path  # noqa: E402
import grpc  # noqa: E402
import redis_peer  # noqa: E402
from certificates import Authority  # noqa: E402
from http_client import HttpClient  # noqa: E402
from table import Figure  # noqa: E402

START_SECONDS = 2  # until the pages of the start are gone
REST_SECONDS = 25  # until nothing was asked for twice ten seconds, and workers have rested
ROUNDS = 5


def free_port():
    with socket_module.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def daemon_with_all_doors(tls):
    """A daemon with JSON-RPC, RESP2, HTTP and gRPC on the socket, HTTP and gRPC on TCP, each asked once."""
    with tempfile.TemporaryDirectory() as folder:
        flags = [f"--http=127.0.0.1:{free_port()}", f"--grpc-tcp=127.0.0.1:{free_port()}"]
        if tls:
            certificate, key = Authority(folder).issue("server")
            flags += [f"--tls-cert={certificate}", f"--tls-key={key}"]
        with support.Daemon("--log-level=warning", *flags) as daemon:
            with daemon.connect() as rpc:
                rpc.call("admin.ping")
            with daemon.raw() as resp:
                resp.sendall(b"PING\r\n")
                assert resp.recv(100) == b"+PONG\r\n"
            with HttpClient(daemon) as http:
                assert http.get("/healthz").status == 200
            admin = daemon.pb("admin")
            with daemon.channel() as channel:
                daemon.stub("AdminService", channel).Ping(admin.PingRequest())
            yield daemon


def idle_memory(tls):
    """MB of a daemon that has served each door once."""
    values = []
    for _ in range(3):
        with daemon_with_all_doors(tls) as daemon:
            time.sleep(START_SECONDS)
            values.append(daemon.rss_kb() / 1024)
    return statistics.median(values)


def largest_stack_kib(pid):
    """Of all threads but the first, whose stack is the process's: each lies behind a guard of one page."""
    stacks, guard_end = [], None
    for line in pathlib.Path(f"/proc/{pid}/maps").read_text(encoding="ascii").splitlines():
        fields = line.split()
        begin, end = (int(address, 16) for address in fields[0].split("-"))
        if fields[1] == "rw-p" and guard_end == begin:
            stacks.append((end - begin) / 1024)
        guard_end = end if fields[1] == "---p" and end - begin == 4096 else None
    return max(stacks)


def mixed_requests(daemon):
    """A million requests: JSON-RPC, RESP2, and some of HTTP and gRPC; edits among them."""
    with daemon.connect() as rpc:
        rpc.call("project.create", {"project": "bench", "ephemeral": True})
    redis_peer.per_second(daemon.socket, ["PING"], 16, 64)
    for command in (redis_peer.LINES[2][1], redis_peer.LINES[1][1]):
        redis_peer.per_second(daemon.socket, command, 16, 64)
    where = [f"socket={daemon.socket}", "project=bench", "layer=main", "in_flight=16", "seconds=4"]
    done = fast_path.load([], "socket", *where, "writers=4", "readers=4", "ids=1", "side=64")
    assert done["refused"] == 0, done
    voxel = daemon.pb("voxel")
    stub = daemon.stub("VoxelService")
    with HttpClient(daemon) as http:
        for n in range(2000):
            stub.Get(voxel.GetVoxelsRequest(project="bench", xyz=[n % 64, 0, 0]))
            assert http.get("/healthz").status == 200
    return done["edits"]["count"] + done["reads"]["count"] + 3 * redis_peer.REQUESTS[16] + 4000


def grpc_start():
    """Milliseconds from the start of the process to an answer over gRPC, and of the first request of a connected
    channel; both with what Python's client takes."""
    starts, firsts = [], []
    for _ in range(ROUNDS):
        with support.Daemon("--log-level=warning", start=False) as daemon:
            begin = time.perf_counter()
            daemon.start()
            admin = daemon.pb("admin")
            stub = daemon.stub("AdminService")
            stub.Ping(admin.PingRequest(), wait_for_ready=True)
            starts.append((time.perf_counter() - begin) * 1e3)
            channel = daemon.channel()
            grpc.channel_ready_future(channel).result(10)
            stub = daemon.stub("AdminService", channel)
            begin = time.perf_counter()
            stub.Ping(admin.PingRequest())
            firsts.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(starts), statistics.median(firsts)


def figures():
    start, first = grpc_start()
    yield Figure("process start to gRPC answering, from Python", start, "ms", 25)
    yield Figure("first request on a connected channel, from Python", first, "ms", 1)
    for tls, bound in ((False, 14), (True, 17)):
        name = f"idle resident memory, all doors open, TLS {'on' if tls else 'off'}"
        yield Figure(name, idle_memory(tls), "MB", bound)
    with daemon_with_all_doors(tls=False) as daemon:
        served = mixed_requests(daemon)
        with daemon.connect() as rpc:
            rpc.call("project.delete", {"project": "bench"})
        time.sleep(REST_SECONDS)
        beside = f"{served} requests, the project they edited deleted"
        yield Figure(
            "the same after mixed requests", daemon.rss_kb() / 1024, "MB", 20, beside=beside
        )
        stack = largest_stack_kib(daemon.pid)
        yield Figure("largest stack of a thread", stack, "KiB", 256)


if __name__ == "__main__":
    import table

    sys.exit(table.report("footprint", figures()))
