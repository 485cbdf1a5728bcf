"""voxctl mcp as an agent's host speaks to it: lines of JSON, in both eras of the protocol."""

import base64
import json
import pathlib
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
