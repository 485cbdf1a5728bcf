"""What suites are run with once more: --io by VOXELD_TEST_IO, --memory-pools by VOXELD_TEST_POOLS.

A daemon that went on as ever would look like one that holds under them. So where this machine has no io_uring the
process ends as skipped, and before the first daemon of a process another one shows that the options take hold.
"""

import os
import sys

import io_uring

SKIPPED = 77  # as the CMakeLists.txt have it
OPTIONS = {
    "--io": os.environ.get("VOXELD_TEST_IO"),
    "--memory-pools": os.environ.get("VOXELD_TEST_POOLS"),
}
SERVED_BY = {"epoll": "epoll", "uring": "io_uring"}  # as admin.info tells it

proved = not any(OPTIONS.values())

if OPTIONS["--io"] == "uring" and (missing := io_uring.missing()):
    print(f"skipped: there is no io_uring here: {missing}", file=sys.stderr)
    sys.exit(SKIPPED)


def flags(said):
    """Those of `said`, and of the options what is not among them."""
    named = {flag.split("=")[0] for flag in said}
    return [*said, *(f"{name}={v}" for name, v in OPTIONS.items() if v and name not in named)]


def prove(start):
    """That a daemon, which `start` starts, does as the options say. Once in a process."""
    global proved
    if proved:
        return
    proved = True  # of the one that is started here, too
    try:
        with start() as daemon, daemon.connect() as rpc:
            look_at_io(rpc)
            look_at_pools(rpc)
    except BaseException:
        proved = False
        raise


def look_at_io(rpc):
    wanted, used = SERVED_BY.get(OPTIONS["--io"]), rpc.call("admin.info")["io"]
    assert wanted in (None, used), f"served by {used}, though {wanted} is to be had here"


def look_at_pools(rpc):
    if OPTIONS["--memory-pools"] != "off":
        return
    # Two at once: a daemon with pools keeps one of them while it has the next call.
    rpc.send_raw(b'{"jsonrpc":"2.0","id":1,"method":"admin.ping"}\n' * 2)
    for _ in range(2):
        assert "result" in rpc.receive()
    pools = rpc.call("admin.stats")["pools"]
    kept = {pool["pool"]: pool["kept"] for pool in pools if "kept" in pool}
    assert pools and not kept, f"these pools keep something, though all are off: {kept}"
