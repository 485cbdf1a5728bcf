"""MCP's streamable HTTP at /mcp: both eras, sessions, tokens, files."""

import base64
import http.client
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from daemon import BUILD, Daemon
from http_client import HttpClient
from mcp_client import MODERN, VERSION, McpClient
from tls_daemon import token_file

READ, WRITE = "r" * 40, "w" * 40
HOUSE = [
    {"box": {"box": {"min": [0, 0, 0], "max": [10, 8, 6]}, "color": "#998877", "wall": 1}},
    {"clear": {"box": {"min": [4, 0, 1], "max": [6, 1, 5]}}},
]


def text_of(result):
    return result["content"][0]["text"]


def open_sessions(client, count):
    """Opens so many sessions; their ids."""
    ids = []
    for _ in range(count):
        client.headers.pop("Mcp-Session-Id", None)
        client.initialize()
        ids.append(client.headers.pop("Mcp-Session-Id"))
    return ids


def in_session(client, session):
    """The reply to a ping in a session."""
    return client.post_message(client.message("ping", id=1), {"Mcp-Session-Id": session})


class McpCase(unittest.TestCase):
    flags = ("--http=127.0.0.1:0",)

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(*cls.flags)
        cls.addClassCleanup(cls.daemon.close)

    def setUp(self):
        self.project = self._testMethodName.replace("_", "-")[:60]

    def client(self, **options):
        client = McpClient(self.daemon, **options)
        self.addCleanup(client.close)
        return client

    def build(self, client):
        self.assertFalse(client.tool("create_project", project=self.project)["isError"])
        built = client.tool("apply_edits", project=self.project, edits=HOUSE)
        self.assertFalse(built["isError"], built)
        return built

    def actors(self):
        with self.daemon.connect() as rpc:
            listed = rpc.call("history.list_revisions", {"project": self.project})
        return [revision["actor"] for revision in reversed(listed["revisions"])]


class EraTest(McpCase):
    def test_a_legacy_client_builds_looks_and_undoes_in_its_session(self):
        client = self.client()
        started = client.initialize()
        self.assertEqual(started["protocolVersion"], "2025-11-25")
        self.assertEqual(started["serverInfo"]["name"], "voxeld")
        built = self.build(client)
        self.assertEqual(built["structuredContent"]["change"]["voxels_changed"], 280)
        looked = client.tool("look", project=self.project, views=["front"], width=64, height=64)
        picture = next(part for part in looked["content"] if part["type"] == "image")
        self.assertEqual(base64.b64decode(picture["data"])[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(client.tool("undo", project=self.project)["structuredContent"]["done"], 1)
        told = client.tool("summarize", project=self.project, slice={"position": 0}, check={})
        self.assertEqual(
            told["structuredContent"]["slice"]["revision"], told["structuredContent"]["revision"]
        )
        self.assertEqual(self.actors(), ["mason"] * 3)

    def test_initialize_agrees_on_a_version(self):
        for asked, got in (("2025-03-26", "2025-03-26"), ("1999-01-01", "2025-11-25")):
            self.assertEqual(self.client().initialize(asked)["protocolVersion"], got)
        answer, reply = self.client().ask("initialize", {"protocolVersion": 7})
        self.assertEqual((reply.status, answer["error"]["code"]), (200, -32602))
        self.assertNotIn("mcp-session-id", reply.headers)

    def test_the_tools_are_those_of_voxctl(self):
        request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        done = subprocess.run(
            [BUILD / "bin" / "voxctl", "--socket", self.daemon.socket, "mcp"],
            input=request,
            capture_output=True,
            text=True,
            check=True,
        )
        theirs = json.loads(done.stdout)["result"]["tools"]
        ours = self.client().ask("tools/list")[0]["result"]["tools"]
        self.assertEqual(len(ours), 10)
        for tool in theirs + ours:  # files are the client's there, and the daemon's here
            if tool["name"].endswith("_file"):
                tool["description"] = ""
        self.assertEqual(ours, theirs)

    def test_without_a_session_one_is_served_too(self):
        client = self.client()
        self.build(client)
        peers = set(self.actors())
        self.assertEqual(len(peers), 1)
        self.assertRegex(peers.pop(), r"^uid:\d+$")

    def test_a_modern_client_needs_no_handshake(self):
        client = self.client(modern=True)
        found, _ = client.ask("server/discover")
        self.assertEqual(found["result"]["supportedVersions"], [MODERN])
        built = self.build(client)
        self.assertEqual(built["resultType"], "complete")
        self.assertEqual(self.actors(), ["modern"] * 2)
        answer, reply = client.ask("no/such")
        self.assertEqual((reply.status, answer["error"]["code"]), (404, -32601))
        answer, reply = client.ask("tools/call", {"name": "no_such"})
        self.assertEqual((reply.status, answer["error"]["code"]), (200, -32602))
        # A session it does not have is no session it asks for.
        self.assertEqual(client.ask("ping", headers={"Mcp-Session-Id": "x"})[1].status, 200)

    def test_headers_must_say_what_the_body_does(self):
        client = self.client(modern=True)
        call = {"name": "list_projects", "arguments": {}}
        for method, params, headers in (
            ("tools/list", None, {"Mcp-Method": None}),
            ("tools/list", None, {"Mcp-Method": "tools/call"}),
            ("tools/list", None, {"Mcp-Method": "Tools/list"}),
            ("tools/list", None, {"MCP-Protocol-Version": None}),
            ("tools/list", None, {"MCP-Protocol-Version": "2025-11-25"}),
            ("tools/call", call, {"Mcp-Name": None}),
            ("tools/call", call, {"Mcp-Name": "undo"}),
            ("tools/call", call, {"Mcp-Name": "=?base64?dW5kbw==?="}),
        ):
            with self.subTest(headers):
                answer, reply = client.ask(method, params, headers)
                self.assertEqual((reply.status, answer["error"]["code"]), (400, -32020))
                self.assertIn("the header M", answer["error"]["message"])
        coded = base64.b64encode(b"list_projects").decode()
        _, reply = client.ask("tools/call", call, {"Mcp-Name": f"=?base64?{coded}?="})
        self.assertEqual(reply.status, 200)

    def test_versions_that_are_not_spoken(self):
        client = self.client(modern=True)
        client.meta["_meta"][VERSION] = "2031-01-01"
        answer, reply = client.ask("tools/list", headers={"MCP-Protocol-Version": "2031-01-01"})
        self.assertEqual((reply.status, answer["error"]["code"]), (400, -32022))
        self.assertEqual(
            answer["error"]["data"], {"supported": [MODERN], "requested": "2031-01-01"}
        )
        legacy = self.client()
        answer, reply = legacy.ask("tools/list", headers={"MCP-Protocol-Version": "2024-01-01"})
        self.assertEqual((reply.status, answer["error"]["code"]), (400, -32022))


class MessageTest(McpCase):
    def test_what_http_asks_of_a_request(self):
        client = self.client()
        for method in ("GET", "PUT", "PATCH", "OPTIONS"):
            client.request(method, "/mcp")
            reply = client.reply()
            self.assertEqual((reply.status, reply.headers["allow"]), (405, "POST, DELETE"), method)
        ping = client.message("ping", id=1)
        for headers, status in (
            ({"Content-Type": "text/plain"}, 415),
            ({"Content-Type": None}, 415),
            ({"Content-Type": "Application/JSON; charset=utf-8"}, 200),
            ({"Accept": "text/event-stream"}, 406),
            ({"Accept": "*/*"}, 200),
            ({"Accept": None}, 200),
            ({"Origin": "https://evil.example"}, 403),
            ({"Origin": "http://localhost.evil.example"}, 403),
            ({"Origin": "null"}, 403),
            ({"Origin": "http://localhost:6274"}, 200),
        ):
            self.assertEqual(client.post_message(ping, headers).status, status, headers)

    def test_over_tcp_a_host_must_be_this_machine_too(self):
        client = self.client(address=self.daemon.http_address)
        ping = client.message("ping", id=1)
        for headers, status in (
            ({"Host": "rebound.example"}, 403),
            ({"Origin": "https://evil.example"}, 403),
            ({"Host": "127.0.0.1:80", "Origin": "http://127.0.0.1:80"}, 200),
        ):
            self.assertEqual(client.post_message(ping, headers).status, status, headers)

    def test_what_is_no_message(self):
        client = self.client()
        for body, code, id_ in (
            (b"", -32700, None),
            (b"{not json", -32700, None),
            (b'{"jsonrpc":"2.0","id":1,"method":"ping"}{}', -32700, None),
            (b'{"jsonrpc":"2.0","id":1,"method":"\xff"}', -32700, None),
            (b"[" * 100000 + b"]" * 100000, -32600, None),
            (b"7", -32600, None),
            (b'{"id":1,"method":"ping"}', -32600, 1),
            (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, None),
            (b'{"jsonrpc":"2.0","id":"a","method":7}', -32600, "a"),
            (b'{"jsonrpc":"2.0","id":2,"method":"ping","params":[1]}', -32600, 2),
        ):
            reply = client.post_message(body)
            self.assertEqual(reply.status, 400, body[:60])
            self.assertEqual(reply.headers["content-type"], "application/json")
            answer = reply.json()
            self.assertEqual((answer["error"]["code"], answer["id"]), (code, id_), body[:60])
        answer, reply = client.ask("no/such")
        self.assertEqual((reply.status, answer["error"]["code"]), (200, -32601))

    def test_what_is_answered_by_nothing(self):
        client = self.client()
        for message in (
            client.message("notifications/initialized"),
            client.message("notifications/cancelled", {"requestId": 1}),
            {"jsonrpc": "2.0", "id": 7, "result": {}},
        ):
            reply = client.post_message(message)
            self.assertEqual((reply.status, reply.body), (202, b""))

    def test_a_body_is_bounded_before_it_is_read(self):
        client = self.client()
        message = client.message("ping", {"x": "a" * (1 << 20)}, id=1)
        reply = client.post_message(message)
        self.assertEqual(
            (reply.status, reply.json()["error"]["data"]["reason"]), (413, "LIMIT_BYTES")
        )
        message["params"]["x"] = "a" * ((1 << 20) - 200)
        self.assertEqual(client.post_message(message).status, 200)

    def test_batches_are_of_their_revision_only(self):
        client = self.client()
        batch = [
            client.message("ping", id=1),
            client.message("notifications/initialized"),
            client.message("tools/call", {"name": "create_project", "arguments": {"project": self.project}}, id="b"),
            7,
            client.message("initialize", {"protocolVersion": "2025-03-26"}, id=3),
            client.message("tools/call", {"name": "undo", "arguments": {"project": self.project}}, id=4),
        ]  # fmt: skip
        answers = client.post_message(batch).json()
        self.assertEqual([answer["id"] for answer in answers], [1, "b", None, 3, 4])
        self.assertEqual(answers[0]["result"], {})
        self.assertFalse(answers[1]["result"]["isError"])
        self.assertEqual([answers[i]["error"]["code"] for i in (2, 3)], [-32600, -32600])
        self.assertNotIn("done", answers[4]["result"]["structuredContent"])
        reply = client.post_message([client.message("notifications/initialized")] * 3)
        self.assertEqual((reply.status, reply.body), (202, b""))

        def refused(batch, why, **headers):
            reply = client.post_message(batch, headers)
            self.assertEqual((reply.status, reply.json()["error"]["code"]), (400, -32600))
            self.assertIn(why, reply.json()["error"]["message"])

        refused([], "empty")
        refused([client.message("ping", id=1)] * 33, "33 messages; at most 32")
        refused(batch, "revision 2025-03-26 only", **{"MCP-Protocol-Version": "2025-06-18"})
        client.initialize("2025-03-26")
        self.assertEqual(client.post_message(batch[:1]).status, 200)
        client.initialize("2025-06-18")
        del client.headers["MCP-Protocol-Version"]  # the session knows it
        refused(batch, "revision 2025-03-26 only")

    def test_wrong_arguments_are_answers_that_help(self):
        client = self.client()
        missing = client.tool("summarize", project="nowhere")
        self.assertTrue(missing["isError"])
        self.assertIn("list_projects", text_of(missing))
        self.build(client)
        edits = [{"box": {"box": {"min": [0, 0, 0], "max": [1, 1, 1]}, "color": "reddish"}}]
        refused = client.tool("apply_edits", project=self.project, edits=edits)
        self.assertIn("edits[0].box.color", text_of(refused))
        # What makes a library throw is an answer, too, and leaves the daemon as it is.
        for arguments in ({"project": self.project, "preview": {"views": 7}}, {"project": 7}):
            answer = client.tool("apply_edits", edits=HOUSE, **arguments)
            self.assertTrue(answer["isError"], answer)
        self.assertTrue(client.tool("look", project=self.project, views={"a": [1]})["isError"])


class SessionTest(McpCase):
    def test_a_session_ends_when_its_client_says_so(self):
        client = self.client()
        client.initialize()
        session = {"Mcp-Session-Id": client.headers["Mcp-Session-Id"]}
        self.assertRegex(session["Mcp-Session-Id"], r"^[0-9a-f]{32}$")
        client.request("DELETE", "/mcp", headers=session)
        self.assertEqual(client.reply().status, 200)
        reply = client.post_message(client.message("ping", id=1))
        self.assertEqual(reply.status, 404)
        self.assertEqual(reply.json()["error"]["data"]["reason"], "SESSION_NOT_FOUND")
        client.request("DELETE", "/mcp", headers=session)
        self.assertEqual(client.reply().status, 404)
        client.request("DELETE", "/mcp")
        self.assertEqual(client.reply().status, 400)

    def test_each_session_has_its_own_name_on_one_connection(self):
        client = self.client()
        sessions = []
        for name in ("ada", "grace"):
            client.headers.pop("Mcp-Session-Id", None)
            client.initialize(name=name)
            sessions.append(client.headers["Mcp-Session-Id"])
        self.assertNotEqual(*sessions)
        client.tool("create_project", project=self.project)
        for session in sessions:
            client.headers["Mcp-Session-Id"] = session
            client.tool("apply_edits", project=self.project, edits=HOUSE[:1] if session == sessions[0] else HOUSE[1:])  # fmt: skip
        self.assertEqual(self.actors(), ["grace", "ada", "grace"])

    def test_the_one_used_longest_ago_makes_room(self):
        client = self.client()
        kept, first, *_ = open_sessions(client, 256)
        self.assertEqual(in_session(client, kept).status, 200)
        open_sessions(client, 1)
        self.assertEqual(in_session(client, kept).status, 200)
        self.assertEqual(in_session(client, first).status, 404)


class TokenTest(McpCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="vx"))
        cls.addClassCleanup(shutil.rmtree, cls.dir)
        file = token_file(cls.dir, [f"viewer read {READ}", f"builder write {WRITE}"])
        cls.flags = ("--http=127.0.0.1:0", f"--token-file={file}")
        super().setUpClass()
        cls.address = cls.daemon.http_address

    def over_tcp(self, **options):
        return self.client(address=self.address, **options)

    def test_without_a_known_token_nothing_is_answered(self):
        for token, reason in ((None, "TOKEN_REQUIRED"), ("x" * 40, "TOKEN_UNKNOWN")):
            client = self.over_tcp(token=token)
            for body in (client.message("ping", id=1), b"{", b"[]"):
                reply = client.post_message(body)
                self.assertEqual(reply.status, 401)
                self.assertEqual(reply.headers["www-authenticate"], "Bearer")
                self.assertIn(reason, reply.body.decode())
            client.request("DELETE", "/mcp", headers={**client.headers, "Mcp-Session-Id": "x"})
            self.assertEqual(client.reply().status, 401)
        self.assertIn("peer=tcp reason=TOKEN_UNKNOWN", self.daemon.log())

    def test_a_tool_needs_what_its_methods_need(self):
        viewer, builder = self.over_tcp(token=READ), self.over_tcp(token=WRITE)
        self.build(builder)
        self.assertFalse(viewer.tool("summarize", project=self.project)["isError"])
        for tool, arguments in (
            ("apply_edits", {"edits": HOUSE}),
            ("undo", {}),
            ("import_file", {"path": "a.vox"}),
        ):
            refused = viewer.tool(tool, project=self.project, **arguments)
            self.assertTrue(refused["isError"], tool)
            self.assertIn("SCOPE_MISSING: the token may read", text_of(refused))
        self.assertEqual(self.actors(), ["token:builder"] * 2)
        self.assertIn("peer=token:viewer reason=SCOPE_MISSING", self.daemon.log())
        with self.daemon.connect() as rpc:
            rows = rpc.call("admin.stats")["methods"]
        row = next(r for r in rows if (r.get("method"), r["door"]) == ("history.undo", "mcp"))
        self.assertEqual((row["calls"], row["errors"]), (1, {"SCOPE_MISSING": 1}))

    def test_a_session_is_of_the_token_that_opened_it(self):
        builder, viewer = self.over_tcp(token=WRITE), self.over_tcp(token=READ)
        builder.initialize()
        session = {"Mcp-Session-Id": builder.headers["Mcp-Session-Id"]}
        reply = viewer.post_message(viewer.message("ping", id=1), session)
        self.assertEqual(reply.status, 404)
        viewer.request("DELETE", "/mcp", headers={**viewer.headers, **session})
        self.assertEqual(viewer.reply().status, 404)
        self.assertEqual(builder.ask("ping")[1].status, 200)

    def test_who_opens_many_sessions_loses_its_own(self):
        builder, viewer = self.over_tcp(token=WRITE), self.over_tcp(token=READ)
        (kept,) = open_sessions(builder, 1)
        many = open_sessions(viewer, 257)
        statuses = [in_session(viewer, session).status for session in (many[0], many[1])]
        self.assertEqual(statuses, [404, 200])
        self.assertEqual(in_session(builder, kept).status, 200)

    def test_the_unix_socket_asks_for_none(self):
        self.build(self.client())


class StatisticsTest(McpCase):
    def test_calls_of_tools_are_counted_as_the_methods_they_are(self):
        client = self.client()
        client.initialize()
        self.build(client)
        client.tool("summarize", project="nowhere")
        client.ask("no/such")
        client.post_message(b"{")
        with self.daemon.connect() as rpc:
            rows = rpc.call("admin.stats")["methods"]
            self.assertIn("mcp", rpc.call("admin.info")["doors"])
        ours = {row.get("method", ""): row for row in rows if row["door"] == "mcp"}
        self.assertEqual(ours["voxel.apply_edits"]["calls"], 1)
        self.assertGreater(ours["voxel.apply_edits"]["bytes_in"], 100)
        self.assertEqual(ours["inspect.summarize"]["errors"], {"PROJECT_NOT_FOUND": 1})
        self.assertEqual(ours[""]["errors"], {"METHOD_NOT_FOUND": 1, "MALFORMED_MESSAGE": 1})
        with HttpClient(self.daemon) as http_client:
            metrics = http_client.get("/metrics").body.decode()
        self.assertIn('voxeld_call_errors_total{method="inspect.summarize",door="mcp"', metrics)
        self.assertNotIn('connections_open{door="mcp"', metrics)


class FileTest(McpCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="vx"))
        cls.addClassCleanup(shutil.rmtree, cls.dir)
        cls.flags = (f"--root={cls.dir}",)
        super().setUpClass()

    def test_files_are_the_daemons_below_its_root(self):
        client = self.client()
        client.initialize()
        self.build(client)
        written = client.tool("export_file", project=self.project, path="house.vox")
        file = self.dir / "house.vox"
        self.assertEqual(
            written["structuredContent"]["files"],
            [{"path": "house.vox", "bytes": file.stat().st_size}],
        )
        (self.dir / "models").mkdir()
        written = client.tool("export_file", project=self.project, path="models/villa.obj")
        paths = [file["path"] for file in written["structuredContent"]["files"]]
        self.assertEqual(sorted(paths), ["models/villa.mtl", "models/villa.obj"])
        again = client.tool("export_file", project=self.project, path="house.vox")
        self.assertIn("FILE_EXISTS", text_of(again))
        for path in ("../house.vox", "/etc/house.vox"):
            refused = client.tool("export_file", project=self.project, path=path)
            self.assertIn("PATH_REFUSED", text_of(refused))
        self.project += "-2"
        back = client.tool("import_file", project=self.project, path="house.vox")
        self.assertEqual(back["structuredContent"]["change"]["voxels_changed"], 280)
        self.assertEqual(self.actors(), ["mason"])
        missing = client.tool("import_file", project="x", path="no.vox")
        self.assertIn("PATH_REFUSED", text_of(missing))

    def test_a_daemon_without_roots_says_so(self):
        with Daemon() as daemon, McpClient(daemon) as client:
            client.tool("create_project", project="p")
            for tool in ("import_file", "export_file"):
                self.assertIn("PATH_REFUSED", text_of(client.tool(tool, project="p", path="a.vox")))


class LibraryTest(McpCase):
    def test_pythons_own_client_over_the_loopback_port(self):
        connection = http.client.HTTPConnection(*self.daemon.http_address, timeout=30)
        self.addCleanup(connection.close)
        headers = {"Content-Type": "application/json"}

        def post(message):
            connection.request("POST", "/mcp", json.dumps(message), headers)
            reply = connection.getresponse()
            return reply, reply.read()

        hello = {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "stdlib", "version": "3"},
        }
        reply, _ = post({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello})
        headers["Mcp-Session-Id"] = reply.headers["Mcp-Session-Id"]
        call = {"name": "create_project", "arguments": {"project": self.project}}
        reply, body = post({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call})
        self.assertEqual(reply.status, 200)
        self.assertFalse(json.loads(body)["result"]["isError"])
        self.assertEqual(self.actors(), ["stdlib"])
        connection.request("DELETE", "/mcp", headers=headers)
        self.assertEqual(connection.getresponse().status, 200)


if __name__ == "__main__":
    unittest.main()
