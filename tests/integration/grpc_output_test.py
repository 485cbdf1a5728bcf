"""gRPC clients that ask and do not read: what waits for them is bounded, and others are answered meanwhile."""

import struct
import unittest

import grpc

from daemon import SANITIZED, Daemon, wait_until

MIB = 1 << 20
DATA, HEADERS, SETTINGS, WINDOW_UPDATE = 0, 1, 4, 8
END_STREAM, END_HEADERS = 1, 4
INITIAL_WINDOW_SIZE = 4
ASKED = 300  # answers of half a megabyte each, whose messages take some more


def frame(kind, flags, stream, payload=b""):
    return (
        len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload
    )


def header_block(*fields):
    """HPACK (RFC 7541 6.2.2): literals that nobody remembers, in plain bytes."""
    block = b""
    for field in fields:
        block += b"\0" + b"".join(bytes([len(text)]) + text.encode() for text in field)
    return block


class SlowClient:
    """Speaks HTTP/2 by hand, as no library would. With no window it hears headers, and so refusals, which are nothing
    but headers, and no byte of an answer's message is ever sent. With a large one answers stand in its socket until
    it reads that, and so do refusals behind them.
    """

    def __init__(self, daemon, window):
        self.socket = daemon.raw()
        self.socket.settimeout(30)
        self.file = self.socket.makefile("rb")
        self.socket.sendall(
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            + frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, window))
            + frame(SETTINGS, 1, 0)
            + (frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", window)) if window else b"")
        )
        self.stream = 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def ask(self, method, message):
        headers = header_block(
            (":method", "POST"),
            (":scheme", "http"),
            (":path", f"/voxeld.v1.{method}"),
            (":authority", "voxeld"),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
        )
        bytes_ = message.SerializeToString()
        body = b"\0" + struct.pack(">I", len(bytes_)) + bytes_
        self.socket.sendall(
            frame(HEADERS, END_HEADERS, self.stream, headers)
            + frame(DATA, END_STREAM, self.stream, body)
        )
        self.stream += 2

    def heard(self, count):
        """Of so many calls: how many were refused, and how many have an answer that waits."""
        refused = answered = 0
        while refused + answered < count:
            head = self.file.read(9)
            payload = self.file.read(int.from_bytes(head[:3], "big"))
            kind, flags = head[3], head[4]
            assert kind != DATA or not payload, "a window that was never given"
            if kind == HEADERS:
                refused += flags & END_STREAM
                answered += not flags & END_STREAM
        return refused, answered


class GrpcOutputTest(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon(f"--grpc-output-bytes={32 * MIB}"))
        self.rpc = self.enterContext(self.daemon.connect())
        self.rpc.call("project.create", {"project": "p"})
        self.box = {"box": {"min": [1_000_000, 0, 0], "max": [1_000_099, 99, 9]}, "color": "#fff"}
        self.rpc.call("voxel.apply_edits", {"project": "p", "edits": [{"box": self.box}]})
        voxels = self.daemon.pb("edit").SetVoxels(xyz=[1, 2, 3], rgba=[255])
        self.set = self.daemon.pb("voxel").SetVoxelsRequest(project="p", voxels=voxels)
        inspect = self.daemon.pb("inspect")
        self.many = inspect.FindColorRequest(
            project="p", color="#fff", max_items=100_000, form=inspect.FIND_FORM_POSITIONS
        )

    def find(self):
        return self.daemon.stub("InspectService").FindColor(self.many)

    def is_answered(self):
        try:
            return len(self.find().xyz) > 0
        except grpc.RpcError:
            return False

    def change(self):
        self.daemon.stub("VoxelService").Set(self.set)

    def refusals(self):
        rows = self.rpc.call("admin.stats")["methods"]
        return sum(int(row.get("errors", {}).get("OVERLOADED", 0)) for row in rows)

    def check_memory(self, before):
        if not SANITIZED:
            self.assertLess(self.daemon.rss_kb() - before, 160 * 1024)

    def test_answers_that_nobody_reads_are_bounded(self):
        before = self.daemon.rss_kb()
        with SlowClient(self.daemon, window=0) as deaf:
            for _ in range(ASKED):
                deaf.ask("InspectService/FindColor", self.many)
            refused, answered = deaf.heard(ASKED)
            self.assertGreater(answered, 3)
            self.assertGreater(refused, ASKED / 2)
            self.assertEqual(self.refusals(), refused)
            # Another connection of the same user: what is small and what changes something goes on.
            self.daemon.stub("AdminService").Ping(self.daemon.pb("admin").PingRequest())
            self.change()
            with self.assertRaises(grpc.RpcError) as caught:
                self.find()
            self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
            self.assertIn("grpc-output-bytes", caught.exception.details())
            self.assertIn("retry after 100 ms", caught.exception.details())
            self.check_memory(before)
        # Once the client is gone nothing waits any more.
        self.assertTrue(wait_until(self.is_answered))

    def test_nor_do_refusals_hold_what_they_were_made_from(self):
        before = self.daemon.rss_kb()
        with SlowClient(self.daemon, window=1 << 30) as deaf:
            for _ in range(ASKED):
                deaf.ask("InspectService/FindColor", self.many)
            self.assertTrue(wait_until(lambda: self.refusals() > ASKED / 2))
            self.check_memory(before)
        self.assertTrue(wait_until(self.is_answered))

    def test_one_answer_always_finds_room(self):
        with Daemon("--grpc-output-bytes=1KiB") as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            rpc.call("voxel.apply_edits", {"project": "p", "edits": [{"box": self.box}]})
            self.assertGreater(len(daemon.stub("InspectService").FindColor(self.many).xyz), 0)
            whole = self.daemon.pb("common").Box(**self.box["box"])
            region = self.daemon.pb("voxel").ReadRegionRequest(project="p", box=whole)
            self.assertGreater(len(list(daemon.stub("VoxelService").ReadRegion(region))), 0)


if __name__ == "__main__":
    unittest.main()
