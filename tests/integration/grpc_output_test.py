"""gRPC clients that ask and do not read: what waits for them is bounded, and others are answered meanwhile."""

import struct
import unittest

import grpc

from daemon import SANITIZED, Daemon, wait_until

MIB = 1 << 20
DATA, HEADERS, SETTINGS = 0, 1, 4
END_STREAM, END_HEADERS = 1, 4
INITIAL_WINDOW_SIZE = 4
ASKED = 60  # answers of a megabyte each


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


class DeafClient:
    """Speaks HTTP/2 by hand, as no library would: it gives the server no window, so that no byte of an answer's
    message is ever sent. Headers are, and so refusals come through, which are nothing but headers.
    """

    def __init__(self, daemon):
        self.socket = daemon.raw()
        self.socket.settimeout(30)
        self.file = self.socket.makefile("rb")
        no_window = struct.pack(">HI", INITIAL_WINDOW_SIZE, 0)
        self.socket.sendall(
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            + frame(SETTINGS, 0, 0, no_window)
            + frame(SETTINGS, 1, 0)
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
        box = {"box": {"min": [1_000_000, 0, 0], "max": [1_000_099, 99, 9]}, "color": "#fff"}
        self.rpc.call("voxel.apply_edits", {"project": "p", "edits": [{"box": box}]})
        inspect = self.daemon.pb("inspect")
        self.many = inspect.FindColorRequest(
            project="p", color="#fff", max_items=100_000, form=inspect.FIND_FORM_POSITIONS
        )

    def find(self):
        return self.daemon.stub("InspectService").FindColor(self.many)

    def test_answers_that_nobody_reads_are_bounded(self):
        before = self.daemon.rss_kb()
        with DeafClient(self.daemon) as deaf:
            for _ in range(ASKED):
                deaf.ask("InspectService/FindColor", self.many)
            refused, answered = deaf.heard(ASKED)
            self.assertGreater(answered, 3)
            self.assertGreater(refused, ASKED / 2)
            # Another connection of the same user: what is small and what changes something goes on.
            self.daemon.stub("AdminService").Ping(self.daemon.pb("admin").PingRequest())
            with self.assertRaises(grpc.RpcError) as caught:
                self.find()
            self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
            self.assertIn("grpc-output-bytes", caught.exception.details())
            self.assertIn("retry after 100 ms", caught.exception.details())
        if not SANITIZED:
            self.assertLess(self.daemon.rss_kb() - before, 100 * 1024)
        # Once the client is gone nothing waits any more.
        self.assertTrue(wait_until(self.is_answered))

    def is_answered(self):
        try:
            return len(self.find().xyz) > 0
        except grpc.RpcError:
            return False


if __name__ == "__main__":
    unittest.main()
