"""The fast path on a real daemon: latencies of small requests beside a bare echo, the first request, the start."""

import contextlib
import json
import pathlib
import resource
import socket as socket_module
import statistics
import subprocess
import tempfile
import time

import commit_seam
import daemon as support
import grpc_peer
import redis_peer
from programs import OTHER_CPU, SAME_CPU, load, pin, run
from table import Figure, amount

ROUNDS = amount(5, 1)
IDLE = amount(10_000, 100)
CROWD = amount(1000, 20)
SECONDS = amount(1, 0.05)
STARTS = amount(41, 1)


def echo(where):
    """The median over the rounds of the p50 of a bare echo from a process on the daemon's processor, in us."""
    return statistics.median(
        load(where, "echo", "cpu=0", f"seconds={SECONDS}")["echoes"]["p50_us"]
        for _ in range(ROUNDS)
    )


def socket(daemon, where, kind, *arguments):
    """Medians over the rounds: p50 in us, requests a second, and bytes of an edit."""
    results = []
    for n in range(ROUNDS):
        result = load(
            where,
            "socket",
            f"socket={daemon.socket}",
            "project=fast",
            "layer=main",
            f"seconds={SECONDS}",
            f"first={n * 10_000_000}",
            *arguments,
        )
        results.append((result[kind]["p50_us"], result[kind]["per_second"], result["edit_bytes"]))
    return tuple(statistics.median(values) for values in zip(*results))


def startup():
    """Medians of what lies between no process and an answer on its socket, over gRPC, and of the first call on a
    connected channel, in ms."""
    with tempfile.TemporaryDirectory() as folder:
        where = ["start", f"program={support.BINARY}", f"socket={folder}/s", f"starts={STARTS}"]
        socket_us = load(SAME_CPU, *where)["starts"]["p50_us"]
        grpc = run(SAME_CPU, "grpc_load", *where)
    return socket_us / 1e3, grpc["start_ms"], grpc["first_ms"]


def first_request(daemon):
    """Of a client that is connected already; its first request of all, in ms."""
    times = []
    for _ in range(20):
        with daemon.connect() as rpc:
            time.sleep(0.005)
            begin = time.perf_counter()
            rpc.call("admin.ping")
            times.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(times)


def inside():
    """Nanoseconds of each benchmark of fast_path_bench, on one CPU but for the queues."""
    program = support.BUILD / "bench" / "fast_path_bench"
    options = ["--benchmark_format=json", f"--benchmark_repetitions={max(ROUNDS, 2)}"]
    options += ["--benchmark_report_aggregates_only=true"]
    options += [f"--benchmark_min_time={amount(0.5, 0.001)}"]
    times = {}
    for where, names in ((SAME_CPU, "BM_[^Q]"), ([], "BM_Queue")):
        command = [*where, str(program), *options, f"--benchmark_filter={names}"]
        output = subprocess.run(command, check=True, capture_output=True).stdout
        for result in json.loads(output)["benchmarks"]:
            if result["aggregate_name"] != "median":
                continue
            rate = result.get("items_per_second")
            name = result["run_name"].split("/")[0].removeprefix("BM_")
            # One thread's time is its own, whoever else runs; queues are about waiting, too.
            times[name] = 1e9 / rate if rate else result["cpu_time"]
    return times


def resident_kb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0])


def kilobytes_an_idle_connection(pid, path, ping):
    """Resident memory of that process that each of 10,000 connections adds which have sent `ping`."""
    with contextlib.ExitStack() as stack:
        stack.callback(
            resource.setrlimit, resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE)
        )
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (IDLE + 100, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        )
        before = resident_kb(pid)
        for _ in range(IDLE):
            connection = stack.enter_context(socket_module.socket(socket_module.AF_UNIX))
            connection.connect(str(path))
            connection.sendall(ping)
            assert connection.recv(100)
        return (resident_kb(pid) - before) / IDLE


def redis_kilobytes_an_idle_connection():
    with redis_peer.redis_server("--maxclients", str(IDLE + 1000)) as (path, pid):
        return kilobytes_an_idle_connection(pid, path, b"PING\r\n")


def crowds():
    """Many connections, with either source of events."""
    redis = redis_kilobytes_an_idle_connection()
    for io in ("epoll", "uring"):
        flags = (f"--io={io}", f"--max-connections={IDLE + 1000}", "--log-level=warning")
        with support.Daemon(*flags) as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "fast", "ephemeral": True})
            served = rpc.call("admin.info")["io"]
            if io == "uring" and served == "epoll":
                continue  # there is none here
            pin(daemon.pid, 0)
            ping = b'{"jsonrpc":"2.0","id":1,"method":"admin.ping"}\n'
            # Before others leave memory for them.
            kb = kilobytes_an_idle_connection(daemon.pid, daemon.socket, ping)
            promised = io == "epoll"  # what is served by default
            socket(daemon, OTHER_CPU, "edits", "writers=1", "in_flight=16")  # something to read
            for cpu, where in ((SAME_CPU, "same CPU"), (OTHER_CPU, "other CPU")):
                _, one, _ = socket(daemon, cpu, "reads", "readers=1", "in_flight=16")
                _, crowd, _ = socket(daemon, cpu, "reads", f"readers={CROWD}", "in_flight=16")
                yield Figure(
                    f"{served}: {CROWD:,} connections x 16 in flight, over one, {where}",
                    crowd / one,
                    "x",
                    0.8 if promised else None,
                    least=True,
                    beside=f"{crowd / 1e3:.0f} k/s over {one / 1e3:.0f} k/s",
                )
            yield Figure(
                f"{served}: memory of an idle connection, {IDLE} of them",
                kb,
                "KB",
                1 if promised else None,
                beside=f"redis {redis:.2f} KB",
            )


def measure():
    yield from crowds()
    ns = inside()
    protobuf = f"protobuf's own of its params: {ns['JsonParse1kProtobuf'] / 1e3:.1f} us"
    yield Figure(
        "json_parse_1k: a line of 1.1 KB to the typed message",
        ns["JsonParse1k"] / 1e3,
        "us",
        4,
        beside=protobuf,
    )
    yield Figure("method_dispatch: a name to its method, called", ns["MethodDispatch"], "ns", 25)
    malloc = "malloc and free: "
    malloc += f"mimalloc's {ns['MimallocAllocate']:.1f}, glibc's {ns['GlibcAllocate']:.1f} ns"
    yield Figure("memory_allocate: 64 B of an area", ns["AreaAllocate"], "ns", 3, beside=malloc)
    gain = ns["QueueMutexAndDeque"] / ns["QueueOurs"]
    peers = f"mutex and deque {ns['QueueMutexAndDeque']:.0f} ns"
    if "QueueBoostLockfree" in ns:
        peers += f", boost::lockfree {ns['QueueBoostLockfree']:.0f} ns"
    yield Figure(
        f"queue_operations: {ns['QueueOurs']:.0f} ns, over mutex and deque",
        gain,
        "x",
        2,
        least=True,
        beside=peers,
    )
    for name, shown in (
        ("GetOne", "voxel.get of one voxel"),
        ("SetOne", "voxel.set of one voxel"),
        ("SetThirty", "voxel.set of 30 voxels"),
        ("SetThirtyWithRequestId", "voxel.set of 30 voxels with a request id"),
    ):
        yield Figure(f"{shown}, line to reply, no socket", ns[name] / 1e3, "us")
    start, grpc_start, grpc_first = startup()
    yield Figure("startup_time: process start to the socket answering", start, "ms", 8)
    yield Figure("process start to gRPC answering", grpc_start, "ms", 25)
    yield Figure("first request on a connected gRPC channel", grpc_first, "ms", 1)
    with support.Daemon("--log-level=warning") as daemon, daemon.connect() as rpc:
        rpc.call("project.create", {"project": "fast", "ephemeral": True})
        pin(daemon.pid, 0)
        with commit_seam.on_cpu(0, True):
            first = first_request(daemon)
        yield Figure("first_request: on a connected client, from Python", first, "ms", 0.3)
        floor = echo(SAME_CPU)
        beside = f"a bare echo beside it: {floor:.2f} us"
        p50, _, _ = socket(daemon, SAME_CPU, "edits", "writers=1")
        yield Figure("voxel.set of one voxel, ephemeral, p50, same CPU", p50, "us", beside=beside)
        p50, _, _ = socket(daemon, SAME_CPU, "reads", "readers=1")  # of what was set
        yield Figure("voxel.get of one voxel, p50, same CPU", p50, "us", 8, beside=beside)
        # Far from the origin, so that their digits make it 1.1 KB.
        thirty = ("edits", "writers=1", "voxels=30", "side=4096", "corner=100000")
        p50, _, size = socket(daemon, SAME_CPU, *thirty)
        name = f"voxel.set of 30 voxels of one brick, {size / 1000:.1f} KB"
        yield Figure(f"{name}, p50, same CPU", p50, "us", 15, beside=beside)
        p50, _, _ = socket(daemon, SAME_CPU, *thirty, "ids=1")
        yield Figure("  the same with request ids", p50, "us", beside=beside)
        for cpu, where in ((SAME_CPU, "same CPU"), (OTHER_CPU, "the client on the other CPU")):
            _, rate, _ = socket(daemon, cpu, *thirty, "in_flight=16")
            # Across processors both sides sleep in turns, which says little of what a core can do.
            aim = cpu == OTHER_CPU
            yield Figure(f"  16 in flight, {where}", rate / 1e3, "k/s", 100, least=True, aim=aim)
        beside = f"a bare echo beside it: {echo(OTHER_CPU):.2f} us"
        p50, _, _ = socket(daemon, OTHER_CPU, "reads", "readers=1")
        yield Figure("voxel.get of one voxel, p50, other CPU", p50, "us", 100, beside=beside)
        yield from grpc_peer.figures(daemon)
