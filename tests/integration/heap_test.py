"""A request on the fast path calls the heap not once, in the steady state: counted by tests/support/heap_calls.cc."""

import mmap
import os
import pathlib
import struct
import tempfile
import unittest
import uuid

from daemon import BUILD, SANITIZED, Daemon

LIBRARY = BUILD / "tests" / "integration" / "libheap_calls.so"
COUNTED = int(os.environ.get("HEAP_COUNTED", 100_000))
# Old revisions are let go of from the first hundreds on, so that the steady state comes soon.
WARM_UP = 6_000
ROUNDS = 5
IN_FLIGHT = 20
NAME = "a-name-of-sixty-three-bytes-which-is-as-long-as-a-name-may-be.1"


class Heap:
    """The counter that a daemon shares with us."""

    def __init__(self, path):
        with open(path, "wb") as file:
            file.write(bytes(16))
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 16)

    def calls(self):
        return struct.unpack_from("<Q", self._map)[0]

    def show(self, count):
        struct.pack_into("<q", self._map, 8, count)


@unittest.skipIf(SANITIZED, "sanitizers bring an allocator of their own")
class HeapTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory()
        path = pathlib.Path(cls.dir.name) / "heap"
        cls.heap = Heap(path)
        cls.daemon = Daemon(
            "--retained-revisions=500",
            "--log-level=warning",
            env={"LD_PRELOAD": str(LIBRARY), "HEAP_CALLS": str(path)},
        )
        cls.rpc = cls.daemon.connect()
        cls.rpc.call("project.create", {"project": NAME, "ephemeral": True})
        cls.rpc.call("layer.create", {"project": NAME, "layer": {"layer": NAME}})
        cls.socket = cls.daemon.raw()

    @classmethod
    def tearDownClass(cls):
        cls.socket.close()
        cls.rpc.close()
        cls.daemon.close()
        cls.dir.cleanup()

    def ask(self, count, line, answered):
        """Sends `count` requests, some at a time, and looks at every answer."""
        for begin in range(0, count, IN_FLIGHT):
            self.socket.sendall(b"".join(line() for _ in range(min(IN_FLIGHT, count - begin))))
            left = min(IN_FLIGHT, count - begin)
            text = b""
            while left > 0:
                part = self.socket.recv(1 << 16)
                self.assertTrue(part, "the daemon closed the connection")
                left -= part.count(b"\n")
                text += part
            self.assertEqual(text.count(answered), min(IN_FLIGHT, count - begin), text[:2000])

    def check(self, line, answered=b'"result"'):
        """COUNTED requests without a heap call. Pools grow when a thread that gives things back was held up for longer
        than ever before, as happens on a busy machine: then it is the next so many requests that count.
        """
        self.ask(WARM_UP, line, answered)
        self.heap.show(int(os.environ.get("HEAP_SHOW", "0")))
        for _ in range(ROUNDS):
            before = self.heap.calls()
            self.assertGreater(before, 0, "nothing is counted")
            self.ask(COUNTED, line, answered)
            calls = self.heap.calls() - before
            if calls == 0:
                break
        self.heap.show(0)
        self.assertEqual(calls, 0, f"HEAP_SHOW=5 shows who calls:\n{self.daemon.log()[-20000:]}")

    def request(self, method, params):
        number = uuid.uuid4()
        return (
            f'{{"jsonrpc":"2.0","id":"{number}","method":"{method}","params":{{"project":"{NAME}",'
            f'"layer":"{NAME}",{params}}}}}\n'
        ).encode()

    def test_counter_counts(self):
        before = self.heap.calls()
        self.rpc.call("admin.info")
        self.assertGreater(self.heap.calls(), before)

    def test_get(self):
        self.check(lambda: self.request("voxel.get", '"xyz":[1,2,3]'))

    def set_request(self, voxels, request_id):
        self.edits = getattr(self, "edits", 0) + 1
        xyz = ",".join(f"{i % 16},{i // 16},-7" for i in range(voxels))
        rgba = ",".join(str(0x010203FF + ((self.edits + i) % 97 << 8)) for i in range(voxels))
        write = f',"write":{{"request_id":"{uuid.uuid4()}"}}' if request_id else ""
        return self.request("voxel.set", f'"voxels":{{"xyz":[{xyz}],"rgba":[{rgba}]}}{write}')

    def test_set_one(self):
        self.check(lambda: self.set_request(1, request_id=False))

    def test_set_one_with_request_id(self):
        self.check(lambda: self.set_request(1, request_id=True))

    def test_set_thirty_with_request_id(self):
        self.check(lambda: self.set_request(30, request_id=True))

    def test_ping(self):
        self.check(lambda: b'{"jsonrpc":"2.0","id":1,"method":"admin.ping"}\n')


if __name__ == "__main__":
    unittest.main()
