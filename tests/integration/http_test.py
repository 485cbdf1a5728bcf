"""HTTP/1.1 on the daemon's sockets: pages, the Connect protocol, hostile and broken clients."""

import base64
import contextlib
import http.client
import json
import signal
import socket
import subprocess
import threading
import time
import unittest

from daemon import Daemon, StartError, wait_until
from endless_edit import endless
from http_client import HttpClient

GET = "/voxeld.v1.VoxelService/Get"


def tcp_address(daemon):
    """Where its --http=127.0.0.1:0 listens."""
    log = daemon.log()
    host, port = log[log.index("HTTP on ") + 8 :].split(";")[0].split()[0].rsplit(":", 1)
    return host, int(port)


class HttpTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon("--http=127.0.0.1:0", "--max-message-bytes=1MiB")
        cls.addClassCleanup(cls.daemon.close)
        with cls.daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            rpc.call("voxel.set", {"project": "p", "voxels": {"xyz": [1, 2, 3], "color": "#c33"}})

    def setUp(self):
        self.http = HttpClient(self.daemon)
        self.addCleanup(self.http.close)

    def test_pages(self):
        for path, text in (("/healthz", b"ok\n"), ("/readyz", b"ok\n"), ("/healthz?x=1", b"ok\n")):
            reply = self.http.get(path)
            self.assertEqual((reply.status, reply.body), (200, text))
            self.assertRegex(reply.headers["date"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
        self.http.request("HEAD", "/metrics")
        reply = self.http.reply(head=True)
        self.assertEqual(reply.status, 200)
        self.assertGreater(int(reply.headers["content-length"]), 1000)
        self.assertEqual(self.http.get("/nothing").status, 404)
        reply = self.http.post("/healthz")
        self.assertEqual((reply.status, reply.headers["allow"]), (405, "GET, HEAD"))
        reply = self.http.get(GET)
        self.assertEqual((reply.status, reply.headers["allow"]), (405, "POST"))

    def test_a_method_by_connect(self):
        reply = self.http.call(
            "VoxelService/Get",
            {"project": "p", "xyz": [1, 2, 3], "colors": True},
            {"Connect-Protocol-Version": "1", "Connect-Timeout-Ms": "5000"},
        )
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.headers["content-type"], "application/json")
        self.assertEqual(
            reply.json(), {"rgba": [0xCC3333FF], "revision": 2, "colors": ["#cc3333ff"]}
        )

    def test_errors_are_connects(self):
        reply = self.http.call("VoxelService/Get", {"project": "nobody", "xyz": [0, 0, 0]})
        self.assertEqual(reply.status, 404)
        error = reply.json()
        self.assertEqual(error["code"], "not_found")
        detail = error["details"][0]
        self.assertEqual(detail["type"], "voxeld.v1.ErrorInfo")
        self.assertEqual(detail["debug"]["reason"], "PROJECT_NOT_FOUND")
        value = detail["value"]
        info = self.daemon.pb("error").ErrorInfo()
        info.ParseFromString(base64.b64decode(value + "=" * (-len(value) % 4)))
        self.assertEqual((info.reason, info.field), ("PROJECT_NOT_FOUND", "project"))
        for message, status, code in (
            ({"project": "p", "xyz": [1]}, 400, "invalid_argument"),
            ({"project": "p", "colour": 1}, 400, "invalid_argument"),
            ({"project": "p", "xyz": [0, 0, 0], "revision": 99}, 400, "out_of_range"),
        ):
            reply = self.http.call("VoxelService/Get", message)
            self.assertEqual((reply.status, reply.json()["code"]), (status, code))
        reply = self.http.call("ProjectService/Create", {"project": "p"})
        self.assertEqual((reply.status, reply.json()["code"]), (409, "already_exists"))

    def test_what_waiting_does_not_help_has_no_hint(self):
        voxels = {"xyz": [0, 0, 0] * 2, "color": "#c33"}
        edits = {"project": "p", "edits": [{"set": voxels}] * 3}
        with Daemon("--max-edits=2") as daemon, HttpClient(daemon) as http:
            http.call("ProjectService/Create", {"project": "p"})
            reply = http.call("VoxelService/ApplyEdits", edits)
        self.assertEqual((reply.status, reply.json()["code"]), (429, "resource_exhausted"))
        self.assertNotIn("retry-after", reply.headers)

    def test_what_is_no_call_of_a_method(self):
        reply = self.http.call("VoxelService/Gett")
        self.assertEqual((reply.status, reply.json()["code"]), (404, "unimplemented"))
        for method in ("HistoryService/Watch", "VoxelService/WriteRegion"):
            reply = self.http.call(method)
            self.assertEqual((reply.status, reply.json()["code"]), (404, "unimplemented"))
            self.assertIn("a stream, which this protocol does not carry", reply.json()["message"])
        self.assertEqual(self.http.post(GET, b"{").json()["code"], "invalid_argument")
        for headers, status in (
            ({"Content-Type": "text/plain"}, 415),
            ({"Content-Type": "application/JSON; charset=utf-8"}, 200),
            ({"Connect-Protocol-Version": "2"}, 400),
            ({"Connect-Timeout-Ms": "-1"}, 400),
            ({"Connect-Timeout-Ms": "12345678901"}, 400),
            ({"Connect-Timeout-Ms": "1s"}, 400),
            ({"Content-Encoding": "gzip"}, 400),
        ):
            self.assertEqual(
                self.http.post("/voxeld.v1.AdminService/Ping", b"{}", headers).status, status
            )

    def test_a_deadline_that_passed(self):
        reply = self.http.call("AdminService/Ping", {}, {"Connect-Timeout-Ms": "0"})
        self.assertEqual((reply.status, reply.json()["code"]), (504, "deadline_exceeded"))

    def test_a_request_may_be_split_at_any_byte(self):
        body = b'{"payload":"aGk="}'
        request = (
            b"POST /voxeld.v1.AdminService/Ping HTTP/1.1\r\nHost: a\r\nContent-Type: application/json"
            b"\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        for at in range(1, len(request)):
            self.http.send(request[:at])
            if (
                at % 16 == 0
            ):  # another connection's answer proves that the first part was seen alone
                with self.daemon.connect() as other:
                    other.call("admin.ping")
            self.http.send(request[at:])
            self.assertEqual(self.http.reply().json(), {"payload": "aGk="})

    def test_requests_sent_ahead_are_answered_in_order(self):
        for i in range(300):
            if i % 3 == 0:
                # On a worker: those behind it wait.
                self.http.request(
                    "POST",
                    "/voxeld.v1.InspectService/Summarize",
                    b'{"project":"p"}',
                    {"Content-Type": "application/json"},
                )
            else:
                self.http.request("GET", "/healthz" if i % 3 == 1 else f"/{i}")
        for i in range(300):
            reply = self.http.reply()
            self.assertEqual(reply.status, 404 if i % 3 == 2 else 200)
            if i % 3 == 0:
                self.assertEqual(reply.json()["voxels"], 1)

    def test_chunks_and_expectations(self):
        headers = {
            "Content-Type": "application/json",
            "Transfer-Encoding": "chunked",
            "Expect": "100-continue",
        }
        self.http.request("POST", "/voxeld.v1.AdminService/Ping", headers=headers)
        self.assertEqual(self.http.reply().status, 100)
        self.http.send(b'5\r\n{"pay\r\nd;x=y\r\nload":"aGk="}\r\n0\r\nTrailer: t\r\n\r\n')
        self.assertEqual(self.http.reply().json(), {"payload": "aGk="})

    def test_keep_alive_and_its_end(self):
        self.http.request("GET", "/healthz", version="1.0", headers={"Connection": "keep-alive"})
        self.assertNotIn("connection", self.http.reply().headers)
        self.http.request("GET", "/healthz", headers={"Connection": "close"})
        self.assertEqual(self.http.reply().headers["connection"], "close")
        self.assertTrue(self.http.at_end())

    def test_a_half_closed_client_is_served(self):
        self.http.request(
            "POST",
            "/voxeld.v1.InspectService/Summarize",
            b'{"project":"p"}',
            {"Content-Type": "application/json"},
        )
        self.http.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(self.http.reply().json()["voxels"], 1)
        self.assertTrue(self.http.at_end())

    def refused(self, data):
        with HttpClient(self.daemon) as http:
            http.send(data)
            reply = http.reply()
            self.assertEqual(reply.headers["connection"], "close")
            self.assertTrue(http.at_end())
        return reply.status

    def test_what_could_be_smuggled_is_refused(self):
        head = b"POST /voxeld.v1.AdminService/Ping HTTP/1.1\r\nHost: a\r\n"
        hidden = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
        for headers in (
            b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            b"Content-Length: 0\r\nContent-Length: 4\r\n",
            b"Transfer-Encoding: chunked\r\n folded\r\n",
            b"X: y\rTransfer-Encoding: chunked\r\n",
            b"Content-Length : 4\r\n",
        ):
            self.assertEqual(self.refused(head + headers + b"\r\n" + hidden), 400)
        self.assertEqual(self.refused(head + b"Transfer-Encoding: x\r\n\r\n" + hidden), 501)

    def test_limits(self):
        head = b"POST /voxeld.v1.AdminService/Ping HTTP/1.1\r\nHost: a\r\n"
        self.assertEqual(self.refused(head + b"Content-Length: 1048577\r\n\r\n"), 413)
        self.assertEqual(self.refused(b"GET /" + b"a" * 10000), 414)
        self.assertEqual(self.refused(head + b"X: " + b"a" * 10000), 431)
        self.assertEqual(self.refused(head + b"A: b\r\n" * 200), 431)
        self.assertEqual(self.refused(b"GET / HTTP/3.0\r\n"), 505)
        # The rest of what is too large is read, so that its client gets to reading the answer.
        self.assertEqual(
            self.refused(head + b"Content-Length: 9000000\r\n\r\n" + b"x" * 9_000_000), 413
        )

    def test_only_this_machine(self):
        for origin, status in (
            ("http://localhost:3000", 200),
            ("http://127.0.0.1", 200),
            ("http://[::1]:8080", 200),
            ("https://evil.example", 403),
            ("http://localhost.evil.example", 403),
            ("http://127.0.0.1.evil.example", 403),
            ("null", 403),
        ):
            self.assertEqual(self.http.get("/healthz", headers={"Origin": origin}).status, status)
        with HttpClient(self.daemon, tcp_address(self.daemon)) as tcp:
            for host, status in (
                ("127.0.0.1:80", 200),
                ("localhost", 200),
                ("[::1]:80", 200),
                ("evil.example", 403),
                ("evil.example:80", 403),
            ):
                self.assertEqual(tcp.get("/healthz", headers={"Host": host}).status, status)

    def test_over_tcp_with_pythons_client(self):
        connection = http.client.HTTPConnection(*tcp_address(self.daemon), timeout=30)
        self.addCleanup(connection.close)
        for _ in range(3):
            connection.request(
                "POST",
                GET,
                json.dumps({"project": "p", "xyz": [1, 2, 3]}),
                {"Content-Type": "application/json"},
            )
            self.assertEqual(json.loads(connection.getresponse().read())["rgba"], [0xCC3333FF])
        with self.daemon.connect() as rpc:
            self.assertIn("http-tcp", rpc.call("admin.info")["doors"])

    def test_tcp_speaks_nothing_else(self):
        for greeting in (b'{"jsonrpc":"2.0","id":1,"method":"admin.ping"}\n', b"PING\r\n"):
            with socket.create_connection(tcp_address(self.daemon), 30) as other:
                other.sendall(greeting)
                self.assertIn(b"HTTP/1.1", other.recv(1000))
                with contextlib.suppress(ConnectionResetError):  # what was sent is not read
                    self.assertEqual(other.recv(1000), b"")

    def test_curl(self):
        command = ["curl", "--silent", "--show-error", "--max-time", "20", "--unix-socket"]
        url = "http://localhost/voxeld.v1.VoxelService/Get"
        body = '{"project": "p", "xyz": [1, 2, 3]}'
        done = subprocess.run(
            [*command, self.daemon.socket, "--json", body, url], capture_output=True, check=True
        )
        self.assertEqual(json.loads(done.stdout)["rgba"], [0xCC3333FF])
        # More than curl sends without asking first.
        ping = json.dumps({"payload": base64.b64encode(bytes(48 << 10)).decode()})
        done = subprocess.run(
            [
                *command,
                self.daemon.socket,
                "-H",
                "Content-Type: application/json",
                "-d",
                "@-",
                "-H",
                "Expect: 100-continue",
                "http://localhost/voxeld.v1.AdminService/Ping",
            ],
            input=ping.encode(),
            capture_output=True,
            check=True,
        )
        self.assertEqual(json.loads(done.stdout), json.loads(ping))

    def test_ten_thousand_requests_on_one_connection(self):
        body = b'{"project":"p","xyz":[1,2,3]}'
        request = (
            f"POST {GET} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        writer = threading.Thread(target=lambda: self.http.send(request * 10_000))
        writer.start()
        for _ in range(10_000):
            self.assertEqual(self.http.reply().status, 200)
        writer.join()


class HttpLifeTest(unittest.TestCase):
    def test_only_addresses_of_this_machine_are_listened_on(self):
        for address in ("0.0.0.0:0", "192.168.1.1:80", "127.0.0.1", "localhost:http"):
            with self.assertRaises(StartError) as failed:
                Daemon("--http=" + address).close()
            self.assertIn(address.rsplit(":", 1)[0], failed.exception.log)

    def test_a_request_that_does_not_end_is_given_up(self):
        with Daemon("--http-timeout=500ms") as daemon:
            slow = [HttpClient(daemon) for _ in range(3)]
            slow[0].send(b"GET /heal")
            slow[1].send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\nabc")
            slow[2].send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")
            dripping = threading.Thread(target=slow[1].drip)
            dripping.start()
            for http in slow:
                self.assertEqual(http.reply().status, 408)
                self.assertTrue(http.at_end())
                http.close()
            dripping.join()

    def test_a_silent_connection_is_closed(self):
        with Daemon("--http-idle-timeout=300ms") as daemon:
            with HttpClient(daemon) as http:
                self.assertEqual(http.get("/healthz").status, 200)
                self.assertTrue(http.at_end())
            with HttpClient(daemon) as http:  # one that never asked, once it has said it would
                http.send(b"GET /")
                time.sleep(0.5)
                http.send(b"healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertEqual(http.reply().status, 200)

    def test_a_client_that_is_killed_leaves_nothing(self):
        with Daemon() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            for _ in range(50):
                http = HttpClient(daemon)
                http.request(
                    "POST",
                    "/voxeld.v1.InspectService/Summarize",
                    b'{"project":"p"}',
                    {"Content-Type": "application/json"},
                )
                http.close()
                http = HttpClient(daemon)
                http.send(b"POST /voxeld.v1.AdminService/Ping HTTP/1.1\r\nHost: a\r\nContent-Le")
                http.close()
            end = time.monotonic() + 20
            while time.monotonic() < end:
                doors = {d["door"]: d.get("open", 0) for d in rpc.call("admin.stats")["doors"]}
                if doors["http"] == 0:
                    break
                time.sleep(0.01)
            self.assertEqual(doors["http"], 0)
            self.assertEqual(daemon.stop(), 0)

    def test_a_reader_that_does_not_read_holds_one_answer(self):
        with Daemon() as daemon:
            before = daemon.rss_kb()
            with HttpClient(daemon) as http:
                http.socket.settimeout(0.5)
                with self.assertRaises(TimeoutError):
                    while True:  # until neither side takes any more
                        http.request("GET", "/metrics")
                self.assertLess(daemon.rss_kb() - before, 20_000)

    def test_a_daemon_that_stops_says_when_to_come_again(self):
        # A call that runs keeps it from its end.
        with Daemon("--grace-period=60s") as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            with daemon.connect() as busy, HttpClient(daemon) as http, HttpClient(daemon) as page:
                # Requests that are begun are answered, though the daemon stops.
                http.send(
                    b"POST /voxeld.v1.AdminService/Ping HTTP/1.1\r\nHost: a\r\nContent-Type: "
                    b"application/json\r\nContent-Length: 2\r\n\r\n{"
                )
                page.send(b"GET /readyz HTTP/1.1\r\nHo")
                busy.send("voxel.apply_edits", endless("p"), progress=True)
                self.assertEqual(busy.notification()["method"], "rpc.progress")
                daemon.process.send_signal(signal.SIGTERM)
                self.assertTrue(wait_until(lambda: "stopping" in daemon.log()))
                http.send(b"}")
                reply = http.reply()
                self.assertEqual((reply.status, reply.json()["code"]), (503, "unavailable"))
                self.assertGreater(int(reply.headers["retry-after"]), 0)
                page.send(b"st: a\r\n\r\n")
                reply = page.reply()
                self.assertEqual((reply.status, reply.body), (503, b"stopping\n"))
                self.assertGreater(int(reply.headers["retry-after"]), 0)

    def test_stopping(self):
        with Daemon() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            with HttpClient(daemon) as idle, HttpClient(daemon) as busy:
                self.assertEqual(idle.get("/readyz").status, 200)
                busy.send(b"GET /readyz HTTP/1.1\r\nHo")
                self.assertEqual(daemon.stop(), 0)
                self.assertTrue(idle.at_end())


if __name__ == "__main__":
    unittest.main()
