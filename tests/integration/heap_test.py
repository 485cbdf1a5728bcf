"""A request on the fast path calls the heap not once, in the steady state.

Every door, what succeeds and what fails, on the C library's heap and on mimalloc as the release daemon is.
"""

import subprocess
import unittest

from daemon import BINARY, SANITIZED
from heap_doors import LIBRARY, CountedDaemon, HttpDoor, JsonDoor, RespDoor

MANY = 50  # connections, as redis-benchmark makes them


def mimalloc():
    """The library as the loader finds it; None if it is not there."""
    command = ["/sbin/ldconfig", "-p"]
    table = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = [line.split()[-1] for line in table.splitlines() if "libmimalloc.so" in line]
    return found[0] if found else None


def names(path, which):
    """The dynamic symbols of a program or library."""
    command = ["nm", "-D", which, str(path)]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {line.split()[-1].split("@")[0] for line in listed.splitlines()}


class OnTheHeap:
    """The tests, on the heap that PRELOADED brings."""

    PRELOADED = []

    @classmethod
    def setUpClass(cls):
        cls.counted = CountedDaemon(*cls.PRELOADED)
        cls.addClassCleanup(cls.counted.close)

    def check(self, *makes, connections=1):
        calls = self.counted.calls(*makes, connections=connections)
        log = self.counted.daemon.log()[-20000:]
        self.assertEqual(calls, 0, f"HEAP_SHOW=5 shows who calls:\n{log}")

    def test_counter_counts(self):
        before = self.counted.heap.calls()
        self.counted.rpc.call("admin.memory")
        self.assertGreater(self.counted.heap.calls(), before)

    def test_json_successes(self):
        self.check(*JsonDoor().successes().values())

    def test_json_errors(self):
        self.check(*JsonDoor().failures().values())

    def test_resp_successes(self):
        self.check(*RespDoor().successes().values())

    def test_resp_errors(self):
        self.check(*RespDoor().failures().values())

    def test_http_successes(self):
        self.check(*HttpDoor().successes().values())

    def test_http_errors(self):
        self.check(*HttpDoor().failures().values())


@unittest.skipIf(SANITIZED, "sanitizers bring an allocator of their own")
class HeapTest(OnTheHeap, unittest.TestCase):
    """Kinds by themselves, too: what comes in turn hides what a long run of one kind would show."""

    def test_json_get(self):
        self.check(JsonDoor().successes()["get"])

    def test_json_set_one(self):
        self.check(JsonDoor().successes()["set one"])

    def test_json_set_thirty_with_request_id(self):
        self.check(JsonDoor().successes()["set thirty with a request id"])

    def test_resp_set_of_many_bricks(self):
        self.check(RespDoor().successes()["set of many bricks"])

    def test_resp_mset(self):
        self.check(RespDoor().successes()["mset"])

    def test_resp_sets_of_many_connections(self):
        self.check(RespDoor().successes()["set of many bricks"], connections=MANY)

    def test_resp_gets_of_many_connections(self):
        self.check(RespDoor().successes()["get"], connections=MANY)


MIMALLOC = mimalloc()


@unittest.skipIf(SANITIZED or MIMALLOC is None, "mimalloc is not what this build can run on")
class MimallocTest(OnTheHeap, unittest.TestCase):
    """The heap of the release daemon."""

    PRELOADED = [MIMALLOC]

    def test_all_that_is_called_is_counted(self):
        libraries = subprocess.run(["ldd", str(BINARY)], check=True, capture_output=True, text=True)
        paths = [word for word in libraries.stdout.split() if word.startswith("/")]
        called = set().union(*(names(path, "--undefined-only") for path in [BINARY, *paths]))
        heaps = names(MIMALLOC, "--defined-only") & called
        self.assertIn("malloc", heaps)
        # The daemon asks whether there is mi_collect; it calls it to give memory back.
        other = {"malloc_usable_size", "mi_collect"}
        self.assertEqual(heaps - names(LIBRARY, "--defined-only") - other, set())


if __name__ == "__main__":
    unittest.main()
