"""Who asks and does not read: each door takes no more than its watermark allows, and goes on once it is read."""

import json
import socket
import time
import unittest

from daemon import Daemon, wait_until

KIB, MIB = 1 << 10, 1 << 20
LOW, HIGH = 64 * KIB, 8 * MIB
# What is not the daemon's: the kernel's buffers, both ways, and what a round reads at a time.
BESIDE = 900 * KIB
PAYLOAD = "A" * 20_000
PING = json.dumps({"payload": PAYLOAD})


def post(path, body):
    return (
        f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def answer_to(daemon, request):
    with daemon.raw() as connection, connection.makefile("rb") as file:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)  # it is served to the end
        return file.read()


class SlowReaderTest(unittest.TestCase):
    """Requests are as long as their answers, so that what is taken says what waits to be sent."""

    def check(self, request, mark, option, *flags):
        """`mark` stands once in each answer."""
        for bound in (LOW, HIGH):
            with self.subTest(bound=bound), Daemon(f"{option}={bound}", *flags) as daemon:
                size = len(answer_to(daemon, request))
                self.assertLess(abs(size - len(request)), len(request) / 10)
                with daemon.raw() as deaf:
                    sent = self.flood(daemon, deaf, request, bound)
                    if bound == LOW:
                        self.assertLess(sent, LOW + BESIDE)
                    self.read(deaf, sent // len(request), size, mark)

    def flood(self, daemon, deaf, request, bound):
        """Sends without reading: for a small bound until no more is taken, for a large one until more was than half
        of it. How much that was."""
        deaf.setblocking(False)
        sent, quiet = 0, 0
        enough, patience = (HIGH, 30) if bound == LOW else (HIGH / 2, 1_000_000)
        with daemon.connect() as rpc:
            end = time.monotonic() + 60
            while sent < enough and quiet < patience:
                self.assertLess(time.monotonic(), end, f"{sent} bytes were taken")
                try:
                    sent += deaf.send(request[sent % len(request) :])
                    quiet = 0
                except BlockingIOError:
                    rpc.call("admin.ping")  # rounds go by
                    time.sleep(0.01)
                    quiet += 1
        return sent

    def read(self, deaf, count, size, mark):
        """All that was asked for as a whole is answered."""
        deaf.settimeout(30)
        parts, left = [], count * size
        while left > 0:
            part = deaf.recv(min(left, MIB))
            self.assertTrue(part)
            parts.append(part)
            left -= len(part)
        self.assertEqual(b"".join(parts).count(mark), count)

    def test_json_rpc(self):
        line = f'{{"jsonrpc":"2.0","id":1,"method":"admin.ping","params":{PING}}}\n'
        self.check(line.encode(), b'"jsonrpc"', "--soft-output-bytes", "--stream-output-bytes=1KiB")

    def test_resp2(self):
        echo = f"*2\r\n$4\r\nECHO\r\n${len(PAYLOAD)}\r\n{PAYLOAD}\r\n"
        self.check(echo.encode(), b"$", "--resp-soft-output-bytes")

    def test_http(self):
        request = post("/voxeld.v1.AdminService/Ping", PING)
        self.check(request, b"HTTP/1.1 200 OK", "--http-output-bytes")

    def test_mcp(self):
        list_tools = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
        with Daemon() as daemon:
            size = len(answer_to(daemon, post("/mcp", list_tools)))
        request = post("/mcp", list_tools.ljust(size))
        self.check(request, b"HTTP/1.1 200 OK", "--http-output-bytes")


class UnreadTest(unittest.TestCase):
    """One answer of more than the kernel holds and lets nothing new be read for."""

    XYZ = [c for n in range(100_000) for c in (n % 100, n // 100 % 100, n // 10_000)]

    def prepare(self, daemon):
        with daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            box = {"box": {"min": [0, 0, 0], "max": [100, 100, 10]}}
            rpc.call(
                "voxel.apply_edits", {"project": "p", "edits": [{"box": {**box, "color": "#fff"}}]}
            )

    def by_resp2(self):
        words = ("CALL", "voxel.get", json.dumps({"project": "p", "xyz": self.XYZ}))
        return f"*{len(words)}\r\n".encode() + b"".join(
            f"${len(word)}\r\n{word}\r\n".encode() for word in words
        )

    def by_json_rpc(self):
        return self.line("voxel.get", project="p", xyz=self.XYZ)

    def check_closed(self, request, *flags):
        """Above the hard watermark that `flags` set. Only this connection is closed, and its answer is not
        finished: it would end a line."""
        with Daemon(*flags) as daemon:
            self.prepare(daemon)
            with daemon.raw() as deaf, deaf.makefile("rb") as file, daemon.connect() as rpc:
                deaf.sendall(request)
                said = lambda: "closed a connection that does not read" in daemon.log()
                self.assertTrue(wait_until(said, 60), daemon.log())
                part = file.read()
                self.assertGreater(len(part), 0)
                self.assertFalse(part.endswith(b"\n"), part[-100:])
                rpc.call("admin.ping")

    def test_above_its_hard_watermark_a_resp2_connection_is_closed(self):
        flags = ("--resp-soft-output-bytes=1KiB", "--resp-hard-output-bytes=64KiB")
        self.check_closed(self.by_resp2(), *flags)

    def test_above_its_hard_watermark_a_json_rpc_connection_is_closed(self):
        soft = ("--stream-output-bytes=1KiB", "--soft-output-bytes=1KiB")
        self.check_closed(self.by_json_rpc(), *soft, "--hard-output-bytes=64KiB")

    def test_below_it_the_answer_waits_for_its_reader(self):
        with Daemon("--resp-soft-output-bytes=1KiB") as daemon, daemon.raw() as late:
            self.prepare(daemon)
            late.sendall(self.by_resp2())
            with daemon.connect() as rpc, late.makefile("rb") as file:
                self.assertTrue(wait_until(lambda: self.answered(rpc), 60))
                size = int(file.readline()[1:])
                self.assertEqual(len(json.loads(file.read(size))["rgba"]), len(self.XYZ) // 3)

    def test_what_may_not_begin_meanwhile_begins_once_it_is_read(self):
        low = ("--soft-output-bytes=1KiB", "--stream-output-bytes=1KiB")
        with Daemon(*low) as daemon, daemon.raw() as late:
            late.settimeout(20)
            with daemon.connect() as rpc, late.makefile("rb") as file:
                rpc.call("project.create", {"project": "p"})
                size = len(answer_to(daemon, self.line("rpc.discover")))
                # More than the kernel holds, by less than it holds: the rest goes out at once. The
                # edit waits for the read, which ends while nothing goes out.
                many = [self.line("rpc.discover")] * (300 * KIB // size + 1)
                view = self.line("render.view", project="p", spec={"width": 512, "height": 512})
                voxels = {"xyz": [1, 2, 3], "color": "#fff"}
                late.sendall(
                    b"".join(many) + view + self.line("voxel.set", project="p", voxels=voxels)
                )
                self.assertTrue(wait_until(lambda: self.answered(rpc, "render.view"), 60))
                replies = [json.loads(file.readline()) for _ in range(len(many) + 2)]
                self.assertEqual(replies[-1]["result"]["change"]["voxels_changed"], 1)

    @staticmethod
    def line(method, **params):
        request = {"jsonrpc": "2.0", "id": 1, "method": method}
        return json.dumps({**request, "params": params} if params else request).encode() + b"\n"

    @staticmethod
    def answered(rpc, method="voxel.get"):
        """Whether the read has ended."""
        methods = rpc.call("admin.stats")["methods"]
        return any(m["method"] == method and m.get("calls", 0) for m in methods)


if __name__ == "__main__":
    unittest.main()
