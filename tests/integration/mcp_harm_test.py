"""MCP over HTTP with calls that take long, many requests, and clients that mean harm."""

import json
import threading
import time
import unittest

from daemon import SANITIZED, Daemon
from http_client import HttpClient
from mcp_client import McpClient

# Many recolourings of a large ball: all together take seconds.
LONG = [
    {
        "ellipsoid": {
            "box": {"min": [i % 7, 0, 0], "max": [390 + i % 5, 395, 399]},
            "color": f"#{i:06d}",
        }
    }
    for i in range(3000)
]


def text_of(result):
    return result["content"][0]["text"]


class LongTest(unittest.TestCase):
    """Calls that take seconds, and what ends them sooner."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon("--max-voxels=1000000000000", "--max-edits=10000")
        cls.addClassCleanup(cls.daemon.close)
        solid = [{"box": {"box": {"min": [0, 0, 0], "max": [400, 400, 400]}, "color": "#808080"}}]
        with cls.daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            cls.revision = rpc.call("voxel.apply_edits", {"project": "p", "edits": solid})["change"]["revision"]  # fmt: skip

    def begin(self, client):
        """Sends the long edit and waits until it runs."""
        params = {"name": "apply_edits", "arguments": {"project": "p", "edits": LONG}}
        client.send_message(client.message("tools/call", params, id="long"))
        self.wait(self.daemon, lambda busy: busy > 0)

    def wait(self, daemon, until):
        with daemon.connect() as rpc:
            end = time.monotonic() + 30
            while not until(rpc.call("admin.stats")["workers"].get("busy", 0)):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)

    def assert_nothing_changed(self):
        with self.daemon.connect() as rpc:
            got = rpc.call("project.get", {"project": "p"})["project"]["revision"]
        self.assertEqual(got, self.revision)

    def test_a_legacy_client_says_that_it_cancels(self):
        with McpClient(self.daemon) as client, McpClient(self.daemon) as other:
            client.initialize()
            other.headers.update(client.headers)
            self.begin(client)
            unheard = other.message("notifications/cancelled", {"requestId": "other"})
            self.assertEqual(other.post_message(unheard).status, 202)
            # Once is enough, however far the request has got.
            cancel = other.message("notifications/cancelled", {"requestId": "long"})
            self.assertEqual(other.post_message(cancel).status, 202)
            self.assertIn("CALL_CANCELLED", text_of(client.reply().json()["result"]))
        self.assert_nothing_changed()

    def test_cancelling_a_message_of_a_batch_leaves_the_others(self):
        with McpClient(self.daemon) as client, McpClient(self.daemon) as other:
            client.initialize("2025-03-26")
            other.headers.update(client.headers)
            calls = (
                ("long", {"name": "apply_edits", "arguments": {"project": "p", "edits": LONG}}),
                ("short", {"name": "summarize", "arguments": {"project": "p"}}),
            )
            client.send_message(
                [client.message("tools/call", params, id=name) for name, params in calls]
            )
            self.wait(self.daemon, lambda busy: busy > 0)
            cancel = other.message("notifications/cancelled", {"requestId": "long"})
            self.assertEqual(other.post_message(cancel).status, 202)
            first, second = client.reply().json()
            self.assertIn("CALL_CANCELLED", text_of(first["result"]))
            self.assertFalse(second["result"]["isError"], second)
        self.assert_nothing_changed()

    def test_a_modern_client_cancels_by_leaving(self):
        with McpClient(self.daemon, modern=True) as client:
            self.begin(client)
        self.wait(self.daemon, lambda busy: busy == 0)
        self.assert_nothing_changed()

    def test_a_legacy_client_that_leaves_is_still_served(self):
        edits = [
            {"ellipsoid": {"box": {"min": [0, 0, 0], "max": [1500, 1500, 1500]}, "color": "#123"}}
        ]
        with self.daemon.connect() as rpc:
            rpc.call("project.create", {"project": "left"})
            with McpClient(self.daemon) as client:
                params = {"name": "apply_edits", "arguments": {"project": "left", "edits": edits}}
                client.send_message(client.message("tools/call", params, id=1))
                self.wait(self.daemon, lambda busy: busy > 0)
            end = time.monotonic() + 30
            while rpc.call("project.get", {"project": "left"})["project"]["revision"] == 1:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)

    def test_stopping_cancels_what_takes_too_long(self):
        for modern in (False, True):
            with Daemon("--grace-period=2s", "--max-edits=10000") as daemon:
                with daemon.connect() as rpc:
                    rpc.call("project.create", {"project": "p"})
                client = McpClient(daemon, modern=modern)
                params = {"name": "apply_edits", "arguments": {"project": "p", "edits": LONG}}
                client.send_message(client.message("tools/call", params, id=1))
                self.wait(daemon, lambda busy: busy > 0)
                begin = time.monotonic()
                daemon.stop()
                self.assertLess(time.monotonic() - begin, 10)
                client.close()


class HarmTest(unittest.TestCase):
    def test_ten_thousand_requests_on_one_connection(self):
        with Daemon() as daemon, McpClient(daemon) as client:
            client.initialize()
            body = json.dumps(client.message("ping", id=1)).encode()
            head = "".join(f"{name}: {value}\r\n" for name, value in client.headers.items())
            request = (
                f"POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{head}"
                f"Content-Length: {len(body)}\r\n\r\n"
            ).encode() + body
            writer = threading.Thread(target=lambda: client.send(request * 10_000))
            writer.start()
            for _ in range(10_000):
                self.assertEqual(client.reply().body, b'{"id":1,"jsonrpc":"2.0","result":{}}')
            writer.join()

    def test_a_request_may_be_split_at_any_byte(self):
        with Daemon() as daemon, McpClient(daemon) as client:
            body = json.dumps(client.message("ping", id=1)).encode()
            request = (
                b"POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            for at in range(1, len(request)):
                client.send(request[:at])
                client.send(request[at:])
                self.assertEqual(client.reply().status, 200)

    def test_a_message_that_does_not_end_is_given_up(self):
        with Daemon("--http-timeout=500ms") as daemon, HttpClient(daemon) as slow:
            slow.send(
                b"POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                b"Content-Length: 1000\r\n\r\n{"
            )
            dripping = threading.Thread(target=slow.drip)
            dripping.start()
            self.assertEqual(slow.reply().status, 408)
            dripping.join()

    def test_clients_that_are_killed_leave_nothing(self):
        with Daemon() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            for modern in (False, True):
                for _ in range(30):
                    client = McpClient(daemon, modern=modern)
                    params = {"name": "summarize", "arguments": {"project": "p", "check": {}}}
                    client.send_message(client.message("tools/call", params, id=1))
                    client.close()
            end = time.monotonic() + 30
            while time.monotonic() < end:
                doors = {d["door"]: d.get("open", 0) for d in rpc.call("admin.stats")["doors"]}
                if doors["http"] == 0:
                    break
                time.sleep(0.01)
            self.assertEqual(doors["http"], 0)
            self.assertEqual(daemon.stop(), 0)

    def test_a_reader_that_does_not_read_holds_few_answers(self):
        with Daemon() as daemon, McpClient(daemon) as client:
            client.ask("tools/list")  # the tools are made once
            before = daemon.rss_kb()
            client.socket.settimeout(0.5)
            with self.assertRaises(TimeoutError):
                while True:  # until neither side takes any more
                    client.send_message(client.message("tools/list", id=1))
            if not SANITIZED:
                self.assertLess(daemon.rss_kb() - before, 20_000)


if __name__ == "__main__":
    unittest.main()
