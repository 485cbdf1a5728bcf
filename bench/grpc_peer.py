"""The gRPC door beside an empty server built the same way: both servers on one processor, one client that asks them in
turns. The ratio is the median of the rounds' ratios."""

import contextlib
import pathlib
import statistics
import subprocess
import tempfile

from programs import OTHER_CPU, SAME_CPU, path_of, run
from table import Figure, amount

ROUNDS = amount(9, 1)
SECONDS = amount(1, 0.05)


@contextlib.contextmanager
def empty_server(where, *tls):
    """The path of its socket, and its process. `tls`: what it is to be told of TLS."""
    with tempfile.TemporaryDirectory(prefix="grpc-") as folder:
        path = pathlib.Path(folder) / "s"
        command = [*where, path_of("grpc_load"), "echo", f"socket={path}", *tls]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
            assert server.stdout.readline() == b"ready\n"
            yield path, server.pid


def figures(daemon):
    """One voxel of the project `fast`. REQUIRES: the daemon is pinned to processor 0."""
    with empty_server(SAME_CPU) as (path, _):
        where = [f"daemon={daemon.socket}", f"echo={path}", "project=fast"]
        for name, cpu, bound in (("same CPU", SAME_CPU, 1.15), ("other CPU", OTHER_CPU, None)):
            times = run(cpu, "grpc_load", "get", *where, f"rounds={ROUNDS}", f"seconds={SECONDS}")
            ours, theirs = times["daemon_p50_us"], times["echo_p50_us"]
            mine, other = statistics.median(ours), statistics.median(theirs)
            yield Figure(
                f"gRPC unary voxel.get, p50, {name}, over an empty server",
                statistics.median(a / b for a, b in zip(ours, theirs)),
                "x",
                bound,
                beside=f"{mine:.1f} us, the empty server {other:.1f} us",
            )
