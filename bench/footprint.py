"""What a daemon costs that has little to do: memory at rest, before and after much work, and stacks."""

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
import grpc_peer  # noqa: E402
import redis_peer  # noqa: E402
from certificates import Authority  # noqa: E402
from http_client import HttpClient  # noqa: E402
from mcp_client import McpClient  # noqa: E402
from programs import load  # noqa: E402
from table import Figure, amount  # noqa: E402

START_SECONDS = amount(2, 0)  # until the pages of the start are gone
ASKED = amount(2000, 20)  # over gRPC, HTTP and MCP each; there twice
REST_SECONDS = amount(
    25, 0
)  # until nothing was asked for twice ten seconds, and workers have rested


def free_port():
    with socket_module.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call_over_tls(authority, address, method, request):
    """The answer, as bytes, of one call on a connection of its own."""
    trusted = grpc.ssl_channel_credentials(authority.certificate.read_bytes())
    with grpc.secure_channel(address, trusted) as channel:
        return channel.unary_unary(method)(request, timeout=30)


@contextlib.contextmanager
def daemon_with_all_doors(tls):
    """A daemon with JSON-RPC, RESP2, HTTP, MCP and gRPC on the socket, HTTP and gRPC on TCP, each asked once."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"127.0.0.1:{free_port()}"
        flags = [f"--http=127.0.0.1:{free_port()}", f"--grpc-tcp={address}"]
        if tls:
            authority = Authority(folder)
            certificate, key = authority.issue("server")
            flags += [f"--tls-cert={certificate}", f"--tls-key={key}"]
        with support.Daemon("--log-level=warning", *flags) as daemon:
            with daemon.connect() as rpc:
                rpc.call("admin.ping")
            with daemon.raw() as resp:
                resp.sendall(b"PING\r\n")
                assert resp.recv(100) == b"+PONG\r\n"
            with HttpClient(daemon) as http:
                assert http.get("/healthz").status == 200
            with McpClient(daemon) as mcp:
                mcp.initialize()
            admin = daemon.pb("admin")
            with daemon.channel() as channel:
                daemon.stub("AdminService", channel).Ping(admin.PingRequest())
            if tls:
                call_over_tls(authority, address, "/voxeld.v1.AdminService/Ping", b"")
            yield daemon


def idle_memory(tls):
    """MB of a daemon that has served each door once."""
    values = []
    for _ in range(amount(3, 1)):
        with daemon_with_all_doors(tls) as daemon:
            time.sleep(START_SECONDS)
            values.append(daemon.rss_kb() / 1024)
    return statistics.median(values)


def idle_memory_of_peers():
    """Of redis, and of an empty gRPC server, without TLS and with it: MB, each asked once."""
    with redis_peer.redis_server() as (path, pid):
        redis_peer.per_second(path, ["PING"], 1, 1, 1)
        time.sleep(START_SECONDS)
        redis = fast_path.resident_kb(pid) / 1024
    with grpc_peer.empty_server([]) as (path, pid):
        with grpc.insecure_channel(f"unix:{path}") as channel:
            assert channel.unary_unary("/echo")(b"x") == b"x"
        time.sleep(START_SECONDS)
        plain = fast_path.resident_kb(pid) / 1024
    with tempfile.TemporaryDirectory() as folder:
        authority, address = Authority(folder), f"127.0.0.1:{free_port()}"
        certificate, key = authority.issue("server")
        files = f"certificate={certificate}", f"key={key}"
        with grpc_peer.empty_server([], f"tls={address}", *files) as (_, pid):
            assert call_over_tls(authority, address, "/echo", b"x") == b"x"
            time.sleep(START_SECONDS)
            secure = fast_path.resident_kb(pid) / 1024
    return redis, plain, secure


def stacks_kib(pid):
    """Of all threads but the first, whose stack is the process's: the mapping that each one's stack pointer is in."""
    process = pathlib.Path(f"/proc/{pid}")
    pointers = []
    for thread in (process / "task").iterdir():
        if thread.name != str(pid):
            while (call := (thread / "syscall").read_text(encoding="ascii").split()) == ["running"]:
                time.sleep(0.01)
            pointers.append(int(call[-2], 16))
    mappings = []
    for line in (process / "maps").read_text(encoding="ascii").splitlines():
        mappings.append([int(address, 16) for address in line.split()[0].split("-")])
    return [
        (end - begin) / 1024
        for pointer in pointers
        for begin, end in mappings
        if begin <= pointer < end
    ]


def mixed_requests(daemon):
    """A million requests: JSON-RPC, RESP2, and some of HTTP, MCP and gRPC; edits among them."""
    with daemon.connect() as rpc:
        rpc.call("project.create", {"project": "bench", "ephemeral": True})
    redis_peer.per_second(daemon.socket, ["PING"], 1, 16, 64)
    for command in (redis_peer.LINES[2][1], redis_peer.LINES[1][1]):
        redis_peer.per_second(daemon.socket, command, 1, 16, 64)
    where = [f"socket={daemon.socket}", "project=bench", "layer=main", "in_flight=16"]
    where += [f"seconds={amount(4, 0.1)}"]
    done = load([], "socket", *where, "writers=4", "readers=4", "ids=1", "side=64")
    assert done["refused"] == 0, done
    voxel = daemon.pb("voxel")
    stub = daemon.stub("VoxelService")
    with HttpClient(daemon) as http, McpClient(daemon) as mcp:
        mcp.initialize()
        for n in range(ASKED):
            xyz = [n % 64, 0, 0]
            stub.Get(voxel.GetVoxelsRequest(project="bench", xyz=xyz))
            assert http.get("/healthz").status == 200
            edits = [{"set": {"xyz": xyz, "rgba": [n << 8 | 255]}}]
            for tool, given in ("apply_edits", {"edits": edits}), ("get_voxels", {"xyz": xyz}):
                done_by_tool = mcp.tool(tool, project="bench", **given)
                assert not done_by_tool["isError"], done_by_tool
    return done["edits"]["count"] + done["reads"]["count"] + 3 * redis_peer.REQUESTS[16] + 4 * ASKED


def figures():
    redis, plain, secure = idle_memory_of_peers()
    for tls, bound, empty in ((False, 14, plain), (True, 17, secure)):
        how = f"TLS {'on' if tls else 'off'}"
        beside = f"redis {redis:.1f} MB, an empty gRPC server, {how}, {empty:.1f} MB"
        name = f"idle resident memory, all doors open, {how}"
        yield Figure(name, idle_memory(tls), "MB", bound, beside=beside)
    with daemon_with_all_doors(tls=False) as daemon:
        served = mixed_requests(daemon)
        with daemon.connect() as rpc:
            rpc.call("project.delete", {"project": "bench"})
        time.sleep(REST_SECONDS)
        beside = f"{served} requests, the project they edited deleted"
        yield Figure(
            "the same after mixed requests", daemon.rss_kb() / 1024, "MB", 20, beside=beside
        )
        stacks = stacks_kib(daemon.pid)
        beside = f"of {len(stacks)} threads; the smallest {min(stacks):g} KiB"
        yield Figure("largest stack of a thread", max(stacks), "KiB", 256, beside=beside)


if __name__ == "__main__":
    import table

    sys.exit(table.report("footprint", figures()))
