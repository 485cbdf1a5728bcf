"""How soon a daemon says no that has too much to do, and what it goes on answering meanwhile."""

import contextlib
import json
import pathlib
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests" / "support")]

import daemon as support  # noqa: E402
import grpc  # noqa: E402
from endless_edit import endless  # noqa: E402
from http_client import HttpClient  # noqa: E402
from table import Figure, amount  # noqa: E402

WORKERS, QUEUE = 2, 4
ASKED = amount(2000, 20)  # of each kind
PICTURE = {"project": "p0", "spec": {"width": 64, "height": 64}}  # what needs a worker
BOUND_MS = 10


@contextlib.contextmanager
def full_daemon():
    """A daemon whose workers all work at what does not end, and whose queue before them is full."""
    flags = (f"--workers-max={WORKERS}", f"--worker-queue={QUEUE}", "--grace-period=0s")
    with support.Daemon(*flags, "--threads=1", "--log-level=error") as daemon:
        with contextlib.ExitStack() as stack:
            rpc = stack.enter_context(daemon.connect())
            for n in range(WORKERS + QUEUE):
                rpc.call("project.create", {"project": f"p{n}"})
                stack.enter_context(daemon.connect()).send("voxel.apply_edits", endless(f"p{n}"))
            assert support.wait_until(lambda: is_full(rpc), 60), "the queue does not fill"
            yield daemon
            assert is_full(rpc), "the queue was not full all the while"


def is_full(rpc):
    workers = rpc.call("admin.stats")["workers"]
    return (workers.get("busy", 0), workers.get("queued", 0)) == (WORKERS, QUEUE)


def figure(name, ask, bound=None):
    """The p99 of how long `ask` takes, with the p50 beside it."""
    times = []
    for _ in range(ASKED):
        begin = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begin) * 1e3)
    p99 = statistics.quantiles(times, n=100)[98]
    beside = f"p50 {statistics.median(times):.3f} ms, the longest of {ASKED} {max(times):.3f} ms"
    return Figure(name, p99, "ms", bound, beside=beside)


def refused_by_json(rpc):
    rpc.send("render.view", PICTURE)
    error = rpc.reply()["error"]["data"]
    assert error["reason"] == "OVERLOADED" and int(error["metadata"]["retry_after_ms"]) > 0, error


def refused_by_resp(connection):
    params = json.dumps(PICTURE)
    text = f"*3\r\n$4\r\nCALL\r\n$11\r\nrender.view\r\n${len(params)}\r\n{params}\r\n"
    connection.sendall(text.encode())
    answer = connection.recv(4096)
    assert answer.startswith(b"-OVERLOADED ") and b"retry after " in answer, answer


def refused_by_http(http):
    reply = http.call("RenderService/View", PICTURE)
    assert reply.status == 429 and int(reply.headers["retry-after"]) > 0, reply


def refused_by_grpc(daemon, stack):
    render = daemon.pb("render")
    request = render.ViewRequest(project="p0", spec=render.ViewSpec(width=64, height=64))
    stub = daemon.stub("RenderService", stack.enter_context(daemon.channel()))

    def ask():
        try:
            stub.View(request, timeout=60)
        except grpc.RpcError as error:
            trailing = dict(error.trailing_metadata())
            assert trailing["voxeld-reason"] == "OVERLOADED", trailing
            assert b"retry_after_ms" in trailing["grpc-status-details-bin"], trailing
        else:
            raise AssertionError("not refused")

    return ask


def page(http, path):
    assert http.get(path).status == 200


def figures():
    with full_daemon() as daemon, contextlib.ExitStack() as stack:
        rpc = stack.enter_context(daemon.connect())
        resp = stack.enter_context(daemon.raw())
        http = stack.enter_context(HttpClient(daemon))
        for door, ask in (
            ("JSON-RPC", lambda: refused_by_json(rpc)),
            ("RESP2", lambda: refused_by_resp(resp)),
            ("HTTP", lambda: refused_by_http(http)),
            ("gRPC", refused_by_grpc(daemon, stack)),
        ):
            name = f"refused under overload, until the answer, {door}, p99"
            yield figure(name, ask, BOUND_MS)
        for name, ask in (
            ("admin.ping", lambda: rpc.call("admin.ping")),
            ("admin.stats", lambda: rpc.call("admin.stats")),
            ("/healthz", lambda: page(http, "/healthz")),
            ("/metrics", lambda: page(http, "/metrics")),
        ):
            yield figure(f"  {name} meanwhile, p99", ask)


if __name__ == "__main__":
    import table

    sys.exit(table.report("refusals", figures()))
