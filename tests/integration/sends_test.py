"""What one event of a connection brings is answered in one write, however many requests it is.

tests/support/send_calls.cc counts the calls; docs/decisions/0012-socket-front.md says what it is worth.
"""

import contextlib
import mmap
import pathlib
import struct
import tempfile
import unittest

from daemon import BUILD, SANITIZED, Daemon

LIBRARY = BUILD / "tests" / "integration" / "libsend_calls.so"
PIPELINE = 16
CONNECTIONS = 5
TIMES = 50  # some of them while the daemon is about something else


def line(method, params="{}"):
    return f'{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}\n'.encode()


def command(*words):
    parts = (f"${len(word)}\r\n{word}\r\n" for word in words)
    return f"*{len(words)}\r\n{''.join(parts)}".encode()


def post(method, body="{}"):
    return (
        f"POST /voxeld.v1.{method} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


GET = '{"project":"p","xyz":[1,2,3]}'
SET = '{"project":"p","voxels":{"xyz":[1,2,3],"color":"#fff"}}'
WRONG = '{"project":"nobody","xyz":[1,2,3]}'


@unittest.skipIf(SANITIZED, "sanitizers have their own of the calls that are counted")
class SendsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        counter = pathlib.Path(folder.name) / "calls"
        counter.write_bytes(bytes(8))
        with open(counter, "r+b") as file:
            cls.counter = mmap.mmap(file.fileno(), 8)
        cls.daemon = Daemon(env={"LD_PRELOAD": str(LIBRARY), "SEND_CALLS": str(counter)})
        cls.addClassCleanup(cls.daemon.close)
        with cls.daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})

    def sends(self):
        return struct.unpack("<Q", self.counter[:8])[0]

    def check(self, kinds):
        """`kinds`: requests, and what stands in each answer to one. By themselves, and all kinds in turn."""
        for some in *([kind] for kind in kinds), kinds:
            pipeline = [some[i % len(some)] for i in range(PIPELINE)]
            with self.subTest(some), contextlib.ExitStack() as stack:
                many = [stack.enter_context(self.daemon.raw()) for _ in range(CONNECTIONS)]
                # One by one they are as many writes: the counter counts.
                self.assertEqual(sum(self.cost(many[:1], [one]) for one in pipeline), PIPELINE)
                for _ in range(TIMES):
                    self.assertEqual(self.cost(many[:1], pipeline), 1)
                    self.assertEqual(self.cost(many, pipeline), CONNECTIONS)

    def cost(self, connections, pipeline):
        """The daemon's writes for this, sent at once over each of these."""
        before = self.sends()
        for connection in connections:
            connection.sendall(b"".join(request for request, _ in pipeline))
        for connection in connections:
            self.take(connection, [answer for _, answer in pipeline])
        return self.sends() - before

    def take(self, connection, answers):
        """Reads until each of these has come, in this order."""
        text, at = b"", 0
        for answer in answers:
            while (found := text.find(answer, at)) < 0:
                part = connection.recv(1 << 16)
                self.assertTrue(part, text[-1000:])
                text += part
            at = found + len(answer)

    def test_json_rpc(self):
        self.check(
            [
                (line("admin.ping"), b'"result":{}'),
                (line("voxel.get", GET), b'"rgba":'),
                (line("voxel.set", SET), b'"change":'),
                (line("voxel.get", WRONG), b'"PROJECT_NOT_FOUND"'),
                (line("rpc.nothing"), b'"METHOD_NOT_FOUND"'),
            ]
        )

    def test_resp2(self):
        self.check(
            [
                (command("PING"), b"+PONG\r\n"),
                (command("VOXEL.GET", "p", "main", "3", "2", "1"), b"$-1\r\n"),
                (command("VOXEL.SET", "p", "main", "1", "2", "3", "#fff"), b"+OK\r\n"),
                (command("CALL", "voxel.get", GET), b'"rgba":'),
                (command("CALL", "voxel.get", WRONG), b"-PROJECT_NOT_FOUND "),
            ]
        )

    def test_http(self):
        self.check(
            [
                (post("AdminService/Ping"), b"\r\n\r\n{}"),
                (post("VoxelService/Get", GET), b'"rgba":'),
                (post("VoxelService/Set", SET), b'"change":'),
                (post("VoxelService/Get", WRONG), b'"PROJECT_NOT_FOUND"'),
                (b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK"),
            ]
        )


if __name__ == "__main__":
    unittest.main()
