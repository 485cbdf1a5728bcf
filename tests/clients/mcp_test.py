"""voxctl mcp as an agent's host speaks to it: lines of JSON, in both eras of the protocol."""

import base64
import json
import pathlib
import socket
import subprocess
import unittest

from case import VOXCTL, DaemonCase

MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {}}  # fmt: skip
HOUSE = [
    {"box": {"box": {"min": [0, 0, 0], "max": [10, 8, 6]}, "color": "#998877", "wall": 1}},
    {"clear": {"box": {"min": [4, 0, 1], "max": [6, 1, 5]}}},
]


class McpTest(DaemonCase):
    def setUp(self):
        super().setUp()
        self.process = self.start(self.daemon.socket)
        self.ids = 0

    def start(self, socket, *flags):
        process = subprocess.Popen(
            [VOXCTL, "--socket", socket, "mcp", "--files", self.folder, *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.stdin.close)
        return process

    def send(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, method, params=None, **members):
        self.ids += 1
        request = {"jsonrpc": "2.0", "id": self.ids, "method": method, **members}
        if params is not None:
            request["params"] = params
        self.send(json.dumps(request))
        reply = json.loads(self.process.stdout.readline())
        self.assertEqual(reply["id"], self.ids)
        return reply

    def reply(self):
        return json.loads(self.process.stdout.readline())

    def refused(self, line):
        """Sends a line that is no request; the id and the code of the answer."""
        self.send(line if isinstance(line, str) else json.dumps(line))
        reply = self.reply()
        return reply["id"], reply["error"]["code"]

    def tool(self, name, meta=None, **arguments):
        params = {"name": name, "arguments": arguments, **({"_meta": meta} if meta else {})}
        return self.ask("tools/call", params)["result"]

    def initialize(self, version="2025-11-25", name="test"):
        client = {"name": name, "version": "1"}
        reply = self.ask(
            "initialize", {"protocolVersion": version, "capabilities": {}, "clientInfo": client}
        )
        self.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}))
        return reply["result"]

    def build(self, meta=None):
        self.tool("create_project", meta, project=self.project)
        return self.tool("apply_edits", meta, project=self.project, edits=HOUSE)

    def test_initialize_echoes_a_version_it_knows_and_offers_its_newest_otherwise(self):
        self.assertEqual(self.initialize("2025-03-26")["protocolVersion"], "2025-03-26")
        self.assertEqual(self.initialize("1999-01-01")["protocolVersion"], "2025-11-25")

    def test_a_legacy_client_builds_looks_and_undoes(self):
        self.initialize()
        built = self.build()
        self.assertFalse(built["isError"], built)
        self.assertEqual(
            built["structuredContent"]["change"]["voxels_changed"], 480 - 8 * 6 * 4 - 8
        )
        self.assertEqual(json.loads(built["content"][0]["text"]), built["structuredContent"])
        looked = self.tool(
            "look", project=self.project, views=["front", "iso"], width=128, height=128
        )
        pictures = [c for c in looked["content"] if c["type"] == "image"]
        self.assertEqual(base64.b64decode(pictures[0]["data"])[:8], b"\x89PNG\r\n\x1a\n")
        self.assertNotIn("resultType", looked)
        self.assertEqual(self.tool("undo", project=self.project)["structuredContent"]["done"], 1)
        self.assertNotIn(
            "voxels", self.tool("summarize", project=self.project)["structuredContent"]
        )

    def test_a_summary_shows_a_plane_finds_faults_and_scores_all_of_one_revision(self):
        self.build()
        told = self.tool("summarize", project=self.project, slice={"axis": "y", "position": 0},
                         check={"checks": ["CAVITIES"]},
                         compare={"blueprint": {"revision": 1}})  # fmt: skip
        self.assertFalse(told["isError"], told)
        summary = told["structuredContent"]
        lines = told["content"][1]["text"].splitlines()
        self.assertEqual(lines[2], "5 ##########")
        self.assertEqual(lines[4], "3 ####..####")
        self.assertNotIn("text", json.loads(told["content"][0]["text"])["slice"])
        self.assertEqual(summary["slice"]["text"], told["content"][1]["text"])
        self.assertEqual(summary["check"]["cavities"], {"verdict": "VERDICT_PASSED"})
        self.assertEqual(summary["compare"]["extra"], summary["voxels"])
        revisions = {summary[part]["revision"] for part in ("slice", "check", "compare")}
        self.assertEqual(revisions, {summary["revision"]})
        within = self.tool("summarize", project=self.project, slice={"position": 0, "rulers": False},
                           box={"min": [0, 0, 0], "max": [3, 2, 1]})["structuredContent"]  # fmt: skip
        self.assertEqual(within["slice"]["text"], "###\n###\n")
        refused = self.tool("summarize", project=self.project, slice={"step": 9999})
        self.assertTrue(refused["isError"])
        self.assertIn("step is 9999", refused["content"][0]["text"])

    def test_there_are_ten_tools(self):
        self.initialize()
        self.assertEqual(len(self.ask("tools/list")["result"]["tools"]), 10)

    def test_a_modern_client_needs_no_handshake(self):
        found = self.ask("server/discover", {"_meta": MODERN})["result"]
        self.assertEqual(found["supportedVersions"], ["2026-07-28"])
        self.assertEqual(found["resultType"], "complete")
        listed = self.ask("tools/list", {"_meta": MODERN})["result"]
        self.assertIn("ttlMs", listed)
        built = self.build(MODERN)
        self.assertEqual((built["resultType"], built["isError"]), ("complete", False))

    def actors(self):
        """Who made the project's revisions, the oldest first."""
        with self.daemon.connect() as rpc:
            listed = rpc.call("history.list_revisions", {"project": self.project})
        return [revision["actor"] for revision in reversed(listed["revisions"])]

    def test_changes_are_made_by_the_client_that_introduced_itself(self):
        self.initialize(name=" house\n\tbuilder\x7f ")
        self.build()
        self.tool("undo", project=self.project, scope="UNDO_SCOPE_ACTOR")
        write = {"comment": "again", "actor": "somebody else"}
        self.tool("apply_edits", project=self.project, edits=HOUSE, write=write)
        self.assertEqual(self.actors(), ["house builder"] * 4)

    def test_a_modern_client_introduces_itself_with_each_request(self):
        client = {"io.modelcontextprotocol/clientInfo": {"name": "é" * 100, "version": "1"}}
        self.build({**MODERN, **client})
        self.assertEqual(self.actors(), ["é" * 64] * 2)

    def test_an_import_has_an_actor_too(self):
        self.initialize()
        self.build()
        self.tool("export_file", project=self.project, path="house.vox")
        self.project += "-2"
        self.tool("import_file", project=self.project, path="house.vox")
        self.assertEqual(self.actors(), ["test"])

    def test_the_flag_says_who_it_is_whatever_the_client_says(self):
        self.process = self.start(self.daemon.socket, "--actor", "night shift")
        self.initialize()
        self.build()
        self.assertEqual(self.actors(), ["night shift"] * 2)

    def test_an_unknown_modern_version_is_refused_with_what_is_supported(self):
        meta = {**MODERN, "io.modelcontextprotocol/protocolVersion": "2031-01-01"}
        error = self.ask("tools/list", {"_meta": meta})["error"]
        self.assertEqual((error["code"], error["data"]["supported"]), (-32022, ["2026-07-28"]))

    def test_at_most_ten_tools_with_schemas_for_both_ways(self):
        tools = self.ask("tools/list", {})["result"]["tools"]
        self.assertLessEqual(len(tools), 10)
        for tool in tools:
            self.assertEqual(tool["inputSchema"]["type"], "object", tool["name"])
            self.assertEqual(tool["outputSchema"]["type"], "object", tool["name"])
            self.assertIn("readOnlyHint", tool["annotations"])
            for name in tool["inputSchema"].get("required", []):
                self.assertIn(name, tool["inputSchema"]["properties"], tool["name"])

    def test_a_message_inside_itself_is_described_once(self):
        tools = {tool["name"]: tool for tool in self.ask("tools/list", {})["result"]["tools"]}
        edit = tools["apply_edits"]["inputSchema"]["properties"]["edits"]["items"]["properties"]

        def inner(schema):
            yield schema
            for below in schema.get("properties", {}).values():
                yield from inner(below)
            if "items" in schema:
                yield from inner(schema["items"])

        self.assertIn("Mask", {schema.get("title") for schema in inner(edit["mask"])})

    def test_a_preview_comes_with_the_edit(self):
        self.tool("create_project", project=self.project)
        preview = {"views": ["iso"], "width": 64, "height": 64}
        built = self.tool("apply_edits", project=self.project, edits=HOUSE, preview=preview)
        self.assertEqual([c["type"] for c in built["content"]], ["text", "image"])

    def test_wrong_arguments_are_answers_that_help(self):
        missing = self.tool("summarize", project="nowhere")
        self.assertTrue(missing["isError"])
        self.assertIn("list_projects", missing["content"][0]["text"])
        self.tool("create_project", project=self.project)
        edits = [{"box": {"box": {"min": [0, 0, 0], "max": [1, 1, 1]}, "color": "reddish"}}]
        refused = self.tool("apply_edits", project=self.project, edits=edits)
        self.assertTrue(refused["isError"])
        self.assertIn("edits[0].box.color", refused["content"][0]["text"])

    def test_files_stay_below_the_folder(self):
        self.build()
        written = self.tool("export_file", project=self.project, path="house.vox")
        self.assertEqual(
            pathlib.Path(written["structuredContent"]["files"][0]["path"]),
            self.folder.resolve() / "house.vox",
        )
        self.assertTrue(self.tool("export_file", project=self.project, path="house.vox")["isError"])
        self.tool("export_file", project=self.project, path="villa.obj")
        self.assertIn("mtllib villa.mtl\n", (self.folder / "villa.obj").read_text())
        self.assertTrue((self.folder / "villa.mtl").exists())
        self.assertTrue(
            self.tool("export_file", project=self.project, path="../house.vox")["isError"]
        )
        self.assertTrue(self.tool("import_file", project="x", path="/etc/hostname")["isError"])
        back = self.tool("import_file", project=self.project + "-2", path="house.vox")
        self.assertEqual(back["structuredContent"]["change"]["voxels_changed"], 280)

    def test_what_is_no_request_gets_a_protocol_error(self):
        self.send("{not json")
        self.assertEqual(json.loads(self.process.stdout.readline())["error"]["code"], -32700)
        self.assertEqual(self.ask("no/such")["error"]["code"], -32601)
        self.assertEqual(self.ask("tools/call", {"name": "no_such"})["error"]["code"], -32602)
        self.assertEqual(self.ask("ping", {})["result"], {})

    def start_with_a_daemon_of_ours(self):
        """The bridge's daemon is this test: the listener that the bridge connects to."""
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(str(self.folder / "ours"))
        listener.listen()
        listener.settimeout(30)
        self.process = self.start(self.folder / "ours")
        return listener

    def accept(self, listener):
        connection, _ = listener.accept()
        connection.settimeout(30)
        lines = connection.makefile("rw")
        self.addCleanup(connection.close)
        self.addCleanup(lines.close)
        return lines

    def serve(self, lines, answer, id=None):  # pylint: disable=redefined-builtin
        request = json.loads(lines.readline())
        reply = {"jsonrpc": "2.0", "id": request["id"] if id is None else id, "result": answer}
        lines.write(json.dumps(reply) + "\n")
        lines.flush()

    def call(self, id, name, **arguments):  # pylint: disable=redefined-builtin
        params = {"name": name, "arguments": arguments}
        self.send(
            json.dumps({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
        )

    def test_a_bad_message_during_a_call_leaves_the_call_alone(self):
        listener = self.start_with_a_daemon_of_ours()
        self.call(1, "list_projects")
        daemon = self.accept(listener)
        self.assertEqual(
            self.refused({"jsonrpc": "2.0", "id": 3, "method": 7}), (3, -32600), "before the call"
        )
        self.serve(daemon, {"total": 1})
        first = self.reply()
        self.assertEqual((first["id"], first["result"]["structuredContent"]), (1, {"total": 1}))
        self.call(2, "list_projects")
        self.serve(daemon, {"total": 2})
        self.assertEqual(self.reply()["result"]["structuredContent"], {"total": 2})

    def test_a_ping_is_answered_and_a_call_cancelled_while_a_tool_runs(self):
        listener = self.start_with_a_daemon_of_ours()
        self.call(1, "list_projects")
        daemon = self.accept(listener)
        self.assertEqual(json.loads(daemon.readline())["method"], "project.list")
        self.send('{"jsonrpc":"2.0","id":"p","method":"ping"}')
        self.assertEqual(self.reply(), {"jsonrpc": "2.0", "id": "p", "result": {}})
        cancelled = {"method": "notifications/cancelled", "params": {"requestId": 1}}
        self.send(json.dumps({"jsonrpc": "2.0", **cancelled}))
        self.assertEqual(json.loads(daemon.readline())["method"], "rpc.cancel")

    def test_an_answer_to_another_call_is_not_taken_and_the_connection_is_left(self):
        listener = self.start_with_a_daemon_of_ours()
        self.call(1, "list_projects")
        self.serve(self.accept(listener), {"total": 9}, id=77)
        self.assertTrue(self.reply()["result"]["isError"])
        self.call(2, "list_projects")
        self.serve(self.accept(listener), {"total": 2})
        self.assertEqual(self.reply()["result"]["structuredContent"], {"total": 2})

    def test_a_call_is_answered_though_the_input_ends(self):
        listener = self.start_with_a_daemon_of_ours()
        self.call(1, "list_projects")
        daemon = self.accept(listener)
        self.process.stdin.close()
        self.serve(daemon, {"total": 1})
        self.assertEqual(self.reply()["result"]["structuredContent"], {"total": 1})

    def test_messages_of_the_wrong_shape_are_refused_with_their_id(self):
        ping = {"jsonrpc": "2.0", "method": "ping"}
        for bad in ({}, [1], None, True):
            self.assertEqual(self.refused({**ping, "id": bad}), (None, -32600), bad)
        self.assertEqual(self.refused({**ping, "id": 1, "jsonrpc": "1.0"}), (1, -32600))
        self.assertEqual(self.refused({**ping, "id": 2, "jsonrpc": 2.0}), (2, -32600))
        self.assertEqual(self.refused({"jsonrpc": "2.0", "id": "x"}), ("x", -32600))
        self.assertEqual(self.refused({**ping, "id": 3, "params": [1]}), (3, -32600))
        for line in (
            "{}",
            "[]",
            "7",
            '{"jsonrpc":"2.0","method":null}',
            "[" * 100000 + "]" * 100000,
        ):
            self.assertEqual(self.refused(line), (None, -32600), line[:40])
        self.assertEqual(self.ask("ping", {})["result"], {})

    def test_params_of_the_wrong_type_end_nothing(self):
        for version in (7, None, [], {}):
            error = self.ask("initialize", {"protocolVersion": version})["error"]
            self.assertEqual(error["code"], -32602, version)
        for client in (7, None, [], {"name": 7}):
            self.assertIn("result", self.ask("initialize", {"clientInfo": client}))
        for meta in (7, None, [], dict.fromkeys(MODERN, 7)):
            self.assertIn("result", self.ask("tools/list", {"_meta": meta}))
        for params in ({}, {"name": 7}, {"name": None}, {"name": "undo", "arguments": []}):
            self.assertEqual(self.ask("tools/call", params)["error"]["code"], -32602, params)
        self.assertEqual(self.initialize()["protocolVersion"], "2025-11-25")

    def test_a_last_line_needs_no_newline(self):
        self.process.stdin.write('{"jsonrpc":"2.0","id":5,"method":"ping"}')
        self.process.stdin.close()
        self.assertEqual(self.reply()["id"], 5)
        self.assertEqual(self.process.wait(30), 0)

    def test_wrong_arguments_are_named(self):
        def why(tool, **arguments):
            answer = self.tool(tool, **arguments)
            self.assertTrue(answer["isError"], answer)
            return answer["content"][0]["text"]

        for tool in ("import_file", "export_file"):
            self.assertIn('no argument "file"', why(tool, project=self.project, file="a.vox"))
            self.assertIn("path is missing", why(tool, project=self.project))
            self.assertIn("path must be a string", why(tool, project=self.project, path=7))
            self.assertIn("path is missing", why(tool, project=self.project, path=None))
        self.assertIn('no argument "voxels"', why("undo", project=self.project, voxels=1))
        self.assertIn("project is missing", why("look"))
        (self.folder / "models").mkdir()
        self.assertIn("there is no file", why("import_file", project=self.project, path="models"))
        self.build()
        self.tool("export_file", project=self.project, path="house.vox")
        exists = why("export_file", project=self.project, path="house.vox")
        self.assertIn("path", exists)
        self.assertNotIn("--force", exists)

    def test_a_daemon_that_is_not_there_is_an_answer_too(self):
        self.process = self.start(self.folder / "nobody")
        answer = self.tool("list_projects")
        self.assertTrue(answer["isError"])
        self.assertIn("voxeld", answer["content"][0]["text"])

    def test_the_end_of_input_ends_it(self):
        self.process.stdin.close()
        self.assertEqual(self.process.wait(30), 0)


if __name__ == "__main__":
    unittest.main()
