"""JSON-RPC over the real socket: framing, order, batches, notifications, half-closed and broken clients."""

import base64
import json
import random
import socket
import threading
import time
import unittest

from daemon import Daemon, RpcError
from endless_edit import endless


def line(method, params=None, **members):
    request = {"jsonrpc": "2.0", "method": method, **members}
    if params is not None:
        request["params"] = params
    return json.dumps(request).encode() + b"\n"


class JsonRpcTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon("--max-batch=10", "--max-message-bytes=1MiB")
        cls.addClassCleanup(cls.daemon.close)
        with cls.daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})

    def setUp(self):
        self.rpc = self.daemon.connect()
        self.addCleanup(self.rpc.close)

    def error(self):
        reply = self.rpc.reply()
        return reply["error"]["code"], reply["error"].get("data", {}).get("reason"), reply["id"]

    def test_a_request_may_be_split_at_any_byte(self):
        request = line("admin.ping", {"payload": "AAEC"}, id=7)
        for at in range(1, len(request)):
            self.rpc.send_raw(request[:at])
            # The reply to another connection's call proves that the first part was seen alone.
            if at % 16 == 0:
                with self.daemon.connect() as other:
                    other.call("admin.ping")
            self.rpc.send_raw(request[at:])
            self.assertEqual(
                self.rpc.reply(), {"jsonrpc": "2.0", "id": 7, "result": {"payload": "AAEC"}}
            )

    def test_pipelined_replies_come_in_order(self):
        order, requests = [], []
        for i in range(300):
            order.append(i)
            kind = random.Random(i).randrange(3)
            if kind == 0:
                requests.append(line("admin.ping", id=i))
            elif kind == 1:
                xyz = [i % 16, 0, 0]
                requests.append(
                    line(
                        "voxel.set", {"project": "p", "voxels": {"xyz": xyz, "color": "#fff"}}, id=i
                    )
                )
            else:
                requests.append(
                    line(
                        "render.view",
                        {"project": "p", "spec": {"views": ["front"], "width": 32, "height": 32}},
                        id=i,
                    )
                )
        self.rpc.send_raw(b"".join(requests))
        self.assertEqual([self.rpc.reply()["id"] for _ in order], order)

    def test_a_pipelined_read_sees_the_write_before_it(self):
        for i in range(1, 100):
            value = f"#0000{i:02x}"
            self.rpc.send_raw(
                line(
                    "voxel.set",
                    {"project": "p", "voxels": {"xyz": [5, 5, 5], "color": value}},
                    id=1,
                )
                + line("voxel.get", {"project": "p", "xyz": [5, 5, 5], "colors": True}, id=2)
            )
            self.assertNotIn("error", self.rpc.reply())
            self.assertEqual(self.rpc.reply()["result"]["colors"], [value + "ff"])

    def test_creating_and_using_a_project_in_one_write(self):
        self.rpc.send_raw(
            line("project.create", {"project": "fresh"}, id=1)
            + line(
                "voxel.set",
                {"project": "fresh", "voxels": {"xyz": [1, 1, 1], "color": "#fff"}},
                id=2,
            )
            + line("project.get", {"project": "fresh"}, id=3)
            + line("project.delete", {"project": "fresh"}, id=4)
            + line("project.get", {"project": "fresh"}, id=5)
        )
        replies = [self.rpc.reply() for _ in range(5)]
        self.assertEqual([r["id"] for r in replies], [1, 2, 3, 4, 5])
        self.assertEqual(replies[2]["result"]["project"]["voxels"], 1)
        self.assertNotIn("error", replies[3])
        self.assertEqual(replies[4]["error"]["data"]["reason"], "PROJECT_NOT_FOUND")

    def test_a_batch_is_answered_by_one_array(self):
        self.rpc.send_raw(
            json.dumps(
                [
                    {"jsonrpc": "2.0", "id": "a", "method": "admin.ping"},
                    {"jsonrpc": "2.0", "method": "admin.ping"},
                    {"jsonrpc": "2.0", "id": "b", "method": "no.such"},
                    7,
                ]
            ).encode()
            + b"\n"
        )
        reply = self.rpc.reply()
        self.assertEqual([r["id"] for r in reply], ["a", "b", None])
        self.assertEqual(reply[0]["result"], {})
        self.assertEqual([r["error"]["code"] for r in reply[1:]], [-32601, -32600])

    def test_a_batch_of_notifications_is_not_answered(self):
        self.rpc.send_raw(b'[{"jsonrpc":"2.0","method":"admin.ping"}]\n' + line("admin.ping", id=1))
        self.assertEqual(self.rpc.reply()["id"], 1)

    def test_empty_and_too_long_batches_are_refused(self):
        self.rpc.send_raw(b"[]\n")
        self.assertEqual(self.error()[0], -32600)
        self.rpc.send_raw(
            json.dumps(
                [{"jsonrpc": "2.0", "id": i, "method": "admin.ping"} for i in range(11)]
            ).encode()
            + b"\n"
        )
        self.assertEqual(self.error()[1], "LIMIT_BATCH")
        self.assertEqual(self.rpc.call("admin.ping"), {})

    def test_notifications_act_and_are_never_answered(self):
        self.rpc.notify(
            "voxel.set", {"project": "p", "voxels": {"xyz": [9, 9, 9], "color": "#123456"}}
        )
        self.rpc.notify(
            "voxel.set", {"project": "nobody", "voxels": {"xyz": [9, 9, 9], "color": "#123456"}}
        )
        self.rpc.notify("no.such.method")
        result = self.rpc.call("voxel.get", {"project": "p", "xyz": [9, 9, 9], "colors": True})
        self.assertEqual(result["colors"], ["#123456ff"])

    def test_ids_come_back_byte_for_byte(self):
        for raw in (
            b'"a\\u0041\\n"',
            b"1.50",
            b"-0",
            b"12345678901234567890123",
            b"null",
            b'""',
            b"1e3",
        ):
            self.rpc.send_raw(b'{"jsonrpc":"2.0","method":"admin.ping","id":' + raw + b"}\n")
            self.assertIn(b'"id":' + raw + b",", self.rpc.receive_raw())

    def test_a_half_closed_client_is_served_to_the_end(self):
        requests = b"".join(
            line(
                "render.view",
                {"project": "p", "spec": {"views": ["iso"], "width": 64, "height": 64}},
                id=i,
            )
            for i in range(10)
        )
        self.rpc.send_raw(
            requests + line("admin.ping", id=10).rstrip(b"\n")
        )  # the last line has no end
        self.rpc.socket.shutdown(socket.SHUT_WR)
        self.assertEqual([self.rpc.reply()["id"] for _ in range(11)], list(range(11)))
        self.assertEqual(self.rpc.receive_raw(), b"")

    def test_notifications_of_a_client_that_leaves_at_once_still_act(self):
        with self.daemon.connect() as gone:
            for i in range(50):
                gone.notify(
                    "voxel.set",
                    {"project": "p", "voxels": {"xyz": [i, 40, 40], "color": "#abcdef"}},
                )
        xyz = [c for i in range(50) for c in (i, 40, 40)]
        for _ in range(1000):
            if all(self.rpc.call("voxel.get", {"project": "p", "xyz": xyz})["rgba"]):
                return
        self.fail("not all notifications acted")

    def test_other_bytes_are_told_what_is_spoken(self):
        for first in (b"\x16\x03\x01", b"\xef\xbb\xbf{}", b"12\n", b"\0"):
            with self.daemon.raw() as other:
                other.sendall(first)
                reply = other.makefile("rb").readline()
                self.assertIn(b"JSON-RPC", reply, first)
                self.assertEqual(json.loads(reply)["error"]["code"], -32700)

    def test_garbage_lines_are_answered_and_survived(self):
        rng = random.Random(5)
        for _ in range(300):
            text = (
                bytes(rng.randrange(1, 256) for _ in range(rng.randrange(1, 60)))
                .replace(b"\n", b"x")
                .replace(b"\r", b"x")
            )
            self.rpc.send_raw(b"{" + text + b"\n")
            self.assertIn(self.error()[0], (-32700, -32600))
        self.assertEqual(self.rpc.call("admin.ping"), {})

    def test_arguments_are_checked_by_name(self):
        for params, reason, field in (
            ({"project": 7}, "INVALID_FIELD", "project"),
            ({"projekt": "p"}, "UNKNOWN_FIELD", "projekt"),
            ({"project": "p", "revision": 1.5}, "INVALID_FIELD", "revision"),
            ({"project": "P!"}, "INVALID_ID", "project"),
            (["p"], "INVALID_FIELD", ""),
        ):
            with self.assertRaises(RpcError) as raised:
                self.rpc.call("project.get", params)
            self.assertEqual(
                (raised.exception.reason, raised.exception.field, raised.exception.code),
                (reason, field, -32602),
            )

    def test_unknown_methods_are_named(self):
        for method in ("no.such", "rpc.nothing", "", "voxel.set\u0000"):
            with self.assertRaises(RpcError) as raised:
                self.rpc.call(method)
            self.assertEqual(
                (raised.exception.code, raised.exception.reason), (-32601, "METHOD_NOT_FOUND")
            )

    def test_a_line_over_the_limit_is_answered_then_closed(self):
        sender = threading.Thread(
            target=self.rpc.socket.sendall, args=(b'{"x":"' + b"y" * (4 << 20) + b'"}\n',)
        )
        sender.start()
        self.assertEqual(self.error()[1], "LIMIT_BYTES")
        sender.join()
        self.assertEqual(self.rpc.receive_raw(), b"")

    def test_ten_thousand_requests_on_one_connection(self):
        def send():
            for i in range(10000):
                self.rpc.send_raw(line("admin.ping", id=i))

        sender = threading.Thread(target=send)
        sender.start()
        self.assertEqual([self.rpc.reply()["id"] for i in range(10000)], list(range(10000)))
        sender.join()

    def test_discovery_lists_every_method_with_its_types(self):
        found = self.rpc.call("rpc.discover")
        methods = {m["name"]: m for m in found["methods"]}
        self.assertEqual(methods["voxel.apply_edits"]["access"], "write")
        self.assertEqual(methods["history.watch"]["stream"], "server")
        self.assertEqual(methods["transfer.import"]["stream"], "client")
        self.assertEqual(
            found["messages"]["voxeld.v1.Box"], {"min": "repeated sint32", "max": "repeated sint32"}
        )
        self.assertIn("MODE_OVER", found["enums"]["voxeld.v1.Mode"])
        for method in methods.values():
            self.assertIn(method["request"], found["messages"])
            self.assertIn(method["response"], found["messages"])

    def test_a_retried_creation_gets_its_first_answer(self):
        with Daemon() as daemon, daemon.connect() as rpc:
            create = {"project": "p", "title": "one", "write": {"request_id": "r1"}}
            first = rpc.call("project.create", create)
            rpc.call("voxel.set", {"project": "p", "voxels": {"xyz": [0, 0, 0], "color": "#fff"}})
            again = rpc.call("project.create", create)
            self.assertTrue(again["change"].pop("replayed"))
            self.assertEqual(again, first)
            for request, reason in (
                ({**create, "title": "two"}, "REQUEST_ID_REUSED"),
                ({**create, "write": {"request_id": "r2"}}, "PROJECT_EXISTS"),
                ({"project": "p"}, "PROJECT_EXISTS"),
            ):
                with self.assertRaises(RpcError) as raised:
                    rpc.call("project.create", request)
                self.assertEqual(raised.exception.reason, reason)
            with self.assertRaises(RpcError) as raised:
                rpc.call("project.delete", {"project": "p", "write": {"request_id": "r1"}})
            self.assertEqual(raised.exception.reason, "REQUEST_ID_REUSED")
            self.assertEqual(rpc.call("project.get", {"project": "p"})["project"]["revision"], 2)

    def test_a_retry_while_the_project_is_still_being_made_gets_the_first_answer_too(self):
        with Daemon("--test-commit=delay_ms=400") as daemon:
            with daemon.connect() as first, daemon.connect() as second:
                first.call("project.create", {"project": "source"})
                write = {"request_id": "r1"}
                for method, request in (
                    ("project.create", {"project": "p", "write": write}),
                    ("project.clone", {"project": "source", "target": "q", "write": write}),
                ):
                    first.send(method, request)
                    second.call("admin.ping")  # by now it has begun
                    other = {**request, "write": {"request_id": "r2"}}
                    second.send(method, request)
                    second.send(method, other)
                    again, refused = second.reply()["result"], second.reply()["error"]
                    self.assertTrue(again["change"].pop("replayed"))
                    self.assertEqual(again, first.reply()["result"])
                    self.assertEqual(refused["data"]["reason"], "PROJECT_EXISTS")

    def test_a_retry_with_other_blocks_is_another_request(self):
        def parts(color):
            block = {"box": {"min": [0, 0, 0], "max": [1, 1, 1]}, "encoding": "ENCODING_RAW"}
            block["data"] = base64.b64encode(bytes(color)).decode()
            header = {"project": "p", "write": {"request_id": "r"}}
            return [{"header": header}, {"block": block, "last_part": True}]

        with Daemon() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            first = rpc.call("voxel.write_region", parts((255, 1, 2, 3)))
            again = rpc.call("voxel.write_region", parts((255, 1, 2, 3)))
            self.assertEqual(again["change"]["revision"], first["change"]["revision"])
            self.assertTrue(again["change"]["replayed"])
            with self.assertRaises(RpcError) as raised:
                rpc.call("voxel.write_region", parts((255, 9, 9, 9)))
            self.assertEqual(raised.exception.reason, "REQUEST_ID_REUSED")

    def test_a_preview_that_cannot_be_is_refused_before_the_edit(self):
        with Daemon() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            edit = {"box": {"box": {"min": [0, 0, 0], "max": [2, 2, 2]}, "color": "#fff"}}
            with self.assertRaises(RpcError) as raised:
                rpc.call(
                    "voxel.apply_edits",
                    {"project": "p", "edits": [edit], "preview": {"views": ["sideways"]}},
                )
            self.assertEqual(raised.exception.field, "preview.views[0]")
            self.assertEqual(rpc.call("project.get", {"project": "p"})["project"]["revision"], 1)

    def test_uploads_take_their_parts_as_an_array(self):
        self.rpc.call("project.create", {"project": "up"})
        block = {"box": {"min": [0, 0, 0], "max": [2, 1, 1]}, "uniform": True, "value": 0x112233FF}
        self.rpc.call("voxel.write_region", [{"header": {"project": "up"}}, {"block": block}])
        result = self.rpc.call("voxel.get", {"project": "up", "xyz": [1, 0, 0], "colors": True})
        self.assertEqual(result["colors"], ["#112233ff"])
        with self.assertRaises(RpcError) as raised:
            self.rpc.call("voxel.write_region", [{"header": {"project": "up"}}, {"blok": block}])
        self.assertEqual(raised.exception.field, "[1].blok")


class InFlightTest(unittest.TestCase):
    """Behind a long edit and a ping, whose reply waits for the edit's, stands what cancels the edit."""

    def replies(self, daemon, **members):
        with daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            edit = rpc.send("voxel.apply_edits", endless("p", 5000), progress=True, **members)
            self.assertEqual(rpc.notification()["method"], "rpc.progress")
            rpc.send("admin.ping")
            rpc.send("rpc.cancel", {"id": edit})
            refused, pong, cancel = (rpc.reply() for _ in range(3))
            self.assertEqual(pong["result"], {})
            return refused["error"]["data"]["reason"], cancel["result"]

    def test_it_is_read_if_so_many_calls_may_run(self):
        with Daemon("--max-in-flight=3") as daemon:
            found = self.replies(daemon)
        self.assertEqual(found, ("CALL_CANCELLED", {"cancelled": True}))

    def test_it_is_read_once_the_edit_is_over_if_they_may_not(self):
        with Daemon("--max-in-flight=2") as daemon:
            found = self.replies(daemon, deadline_ms=4000)
        self.assertEqual(found, ("DEADLINE_PASSED", {"cancelled": False}))


class LineClockTest(unittest.TestCase):
    def test_lines_that_go_on_are_not_slow(self):
        # For longer than one line may take, and never without the begin of another.
        text = b'{"jsonrpc":"2.0","id":1,"method":"admin.ping"}\n'
        with Daemon("--line-timeout=1s") as daemon, daemon.raw() as busy:
            with busy.makefile("rb") as file:
                busy.sendall(text[:9])
                end = time.monotonic() + 3
                while time.monotonic() < end:
                    busy.sendall(text[9:] + text[:9])
                    self.assertIn("result", json.loads(file.readline()))


if __name__ == "__main__":
    unittest.main()
