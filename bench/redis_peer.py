"""The RESP2 door beside redis-server, driven by redis-benchmark: both servers and the client on one processor, with the 50
connections that it makes by default and with one, rounds in turn. The figures are ratios of medians. The promises are
for its default; over one connection the same is aimed at."""

import contextlib
import csv
import io
import itertools
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests" / "support")]

import daemon as support  # noqa: E402
from programs import pin  # noqa: E402
from table import Figure, amount  # noqa: E402

CPU = "0"
ROUNDS = amount(5, 1)
CLIENTS = (50, 1)
# Whole pipelines: redis-benchmark may say that all clients disconnected where the last is cut.
REQUESTS = {1: amount(50_000, 500), 16: amount(400_000, 3200)}  # by pipeline
SIDE = 64  # voxels and keys are drawn from so many cubed
RAND = "__rand_int__"

# What is measured: the commands of both, with the ratio promised at -P 1 and at -P 16.
LINES = (
    ("PING", ["PING"], ["PING"], 1.0, 1.2),
    (
        "VOXEL.GET / GET",
        ["VOXEL.GET", "bench", "main", RAND, RAND, RAND],
        ["GET", f"key:{RAND}"],
        1.0,
        1.2,
    ),
    (
        "VOXEL.SET / SET",
        ["VOXEL.SET", "bench", "main", RAND, RAND, RAND, RAND],
        ["SET", f"key:{RAND}", RAND],
        0.9,
        1.0,
    ),
)


@contextlib.contextmanager
def redis_server(*options):
    """The path of its socket, and its process."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        socket = pathlib.Path(folder) / "s"
        command = ["taskset", "-c", CPU, "redis-server", "--port", "0", "--save", ""]
        command += ["--unixsocket", str(socket), "--dir", folder, *options]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            try:
                for _ in range(1000):
                    if socket.exists():
                        break
                    time.sleep(0.01)
                yield socket, server.pid
            finally:
                server.terminate()


def per_second(socket, command, clients, pipeline, draw):
    run = ["taskset", "-c", CPU, "redis-benchmark", "-s", str(socket), "--csv", "-c", str(clients)]
    run += ["-n", str(REQUESTS[pipeline]), "-P", str(pipeline), "-r", str(draw), *command]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    rows = list(csv.DictReader(io.StringIO(done.stdout[done.stdout.index('"test"') :])))
    return float(rows[0]["rps"])


def figures():
    with support.Daemon() as daemon, redis_server() as (peer, _):
        pin(daemon.pid, int(CPU))
        with daemon.connect() as rpc:
            rpc.call("project.create", {"project": "bench", "ephemeral": True})
        # Something to find, and memory that is in use already.
        per_second(daemon.socket, LINES[2][1], 1, 16, SIDE)
        per_second(peer, LINES[2][2], 1, 16, SIDE**3)
        for clients, (name, ours, theirs, *bounds) in itertools.product(CLIENTS, LINES):
            for pipeline, bound in zip(REQUESTS, bounds):
                rates = [
                    (
                        per_second(daemon.socket, ours, clients, pipeline, SIDE),
                        per_second(peer, theirs, clients, pipeline, SIDE**3),
                    )
                    for _ in range(ROUNDS)
                ]
                mine, other = (statistics.median(rate) for rate in zip(*rates))
                beside = f"{mine:.0f}/s, redis {other:.0f}/s, all on one processor"
                connections = f"{clients} connections" if clients > 1 else "one connection"
                label = f"redis-benchmark {name}, -P {pipeline}, {connections}"
                aim = clients == 1
                yield Figure(label, mine / other, "x redis", bound, True, beside, aim)


if __name__ == "__main__":
    import table

    sys.exit(table.report("redis", figures()))
