#!/usr/bin/python3
"""What every method answers before it has seen the request, over every door that carries it: the reasons that stand with
"any" in docs/errors.md and can be brought about for each. The cases, and the lint that counts them, are for the others.
"""

import contextlib
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from daemon import Daemon  # noqa: E402
from http_client import HttpClient  # noqa: E402
import redis  # noqa: E402

import grpc  # noqa: E402

LIMIT = 16 << 10
UNKNOWN = b"\xba\x3e\x01x"  # field 999, of which no message knows


def over_json(rpc, method, params):
    """The reason, the field and the status code of the error that the call ends with."""
    request = b'{"jsonrpc":"2.0","id":1,"method":"%s","params":%s}\n'
    rpc.send_raw(request % (method["name"].encode(), params))
    data = rpc.reply()["error"]["data"]
    return data["reason"], data.get("field", ""), data["grpc_code"]


def path_of(method):
    group, rpc = method["name"].split(".")
    words = "".join(word.capitalize() for word in rpc.split("_"))
    return f"/voxeld.v1.{group.capitalize()}Service/{words}"


def over_http(http, method, body):
    info = http.post(path_of(method), body).json()["details"][0]["debug"]
    return info["reason"], info.get("field", ""), info["grpc_code"]


def over_resp(client, method, body):
    try:
        client.execute_command("CALL", method["name"], body)
    except redis.ResponseError as error:
        return str(error).partition(" ")[0]
    return "no error"


def over_grpc(daemon, channel, method, data):
    """The same; what field 999 is called, only the JSON doors know."""
    kind = ("stream" if method.get("stream") == "client" else "unary") + (
        "_stream" if method.get("stream") == "server" else "_unary"
    )
    call = getattr(channel, kind)(path_of(method), None, None)
    try:
        answer = call(iter([data]) if kind == "stream_unary" else data, timeout=30)
        if kind == "unary_stream":
            next(answer)
    except grpc.RpcError as error:
        info = daemon.pb("error").ErrorInfo()
        info.ParseFromString(dict(error.trailing_metadata()).get("voxeld-error-bin", b""))
        return info.reason, info.field, error.code().name
    return "no error", "", "OK"


class Clients:
    """A connection of its own to each door."""

    def __init__(self, daemon, stack):
        self.json = stack.enter_context(daemon.connect())
        self.http = stack.enter_context(HttpClient(daemon))
        self.resp = stack.enter_context(redis.Redis(unix_socket_path=str(daemon.socket)))
        self.resp.ping()


class AnyMethodTest(unittest.TestCase):
    def start(self, *flags):
        self.daemon = Daemon(*flags)
        self.addCleanup(self.daemon.close)
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.methods = stack.enter_context(self.daemon.connect()).call("rpc.discover")["methods"]
        self.assertGreater(len(self.methods), 50)
        self.clients = [Clients(self.daemon, stack) for _ in self.methods]
        self.channel = self.daemon.channel()

    def check(self, reason, code, params=b"{}", message=None, field=""):
        """Every method answers the reason: to `params` where messages are JSON, to `message` over gRPC."""
        for method, clients in zip(self.methods, self.clients):
            stream = method.get("stream")
            with self.subTest(method["name"]):
                if message is not None:
                    told = over_grpc(self.daemon, self.channel, method, message)
                    self.assertEqual((told[0], told[2]), (reason, code))
                if stream == "client":
                    place = f"[0].{field}" if field else ""
                    told = over_json(clients.json, method, b"[%s]" % params)
                    self.assertEqual(told, (reason, place, code))
                    continue
                self.assertEqual(over_json(clients.json, method, params), (reason, field, code))
                if not stream:
                    self.assertEqual(over_http(clients.http, method, params), (reason, field, code))
                    self.assertEqual(over_resp(clients.resp, method, params), reason)

    def test_fields_that_it_does_not_have_are_refused_by_name(self):
        self.start()
        self.check("UNKNOWN_FIELD", "INVALID_ARGUMENT", b'{"colour":1}', UNKNOWN, field="colour")

    def test_what_is_no_message_is_refused(self):
        self.start()
        self.check("MALFORMED_MESSAGE", "INVALID_ARGUMENT", b'{"project":"a" "b"}', b"\xff\xff")

    def test_messages_over_the_limit_are_refused(self):
        self.start(f"--max-message-bytes={LIMIT}")
        large = b"x" * LIMIT
        in_protobuf = b"\x0a\x80\x80\x01" + large  # field 1, of 16 KiB
        self.check("LIMIT_BYTES", "RESOURCE_EXHAUSTED", b'{"project":"%s"}' % large, in_protobuf)

    def test_a_daemon_that_is_stopping_says_so(self):
        self.start("--test-commit=delay_ms=60000", "--grace-period=60s")
        with self.daemon.connect() as rpc, self.daemon.connect() as other:
            rpc.call("admin.ping")
            rpc.send("project.create", {"project": "p"})
            other.call("admin.ping")  # came later, so it was taken later: the creation waits
            self.daemon.process.terminate()
            while self.daemon.socket.exists():
                time.sleep(0.005)
            self.check(
                "SHUTTING_DOWN", "UNAVAILABLE"
            )  # gRPC takes no calls then, and has no reasons


if __name__ == "__main__":
    unittest.main()
