"""MCP over HTTP as a careful client speaks it, in either era; and raw, for what careful ones never send."""

import itertools
import json

from http_client import HttpClient

MODERN = "2026-07-28"
VERSION, CLIENT = (
    "io.modelcontextprotocol/protocolVersion",
    "io.modelcontextprotocol/clientInfo",
)


class McpClient(HttpClient):
    """One connection to /mcp. After initialize() it has a session; `modern` needs none."""

    def __init__(self, daemon, address=None, timeout=30, token=None, modern=False):
        super().__init__(daemon, address, timeout)
        self.ids = itertools.count(1)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.headers["Accept"] = "application/json, text/event-stream"
        self.meta = {}
        if modern:
            self.headers["MCP-Protocol-Version"] = MODERN
            self.meta = {"_meta": {VERSION: MODERN, CLIENT: {"name": "modern", "version": "1"}}}

    def message(self, method, params=None, **members):
        request = {"jsonrpc": "2.0", "method": method, **members}
        if params is not None or self.meta:
            request["params"] = {**(params or {}), **self.meta}
        return request

    def send_message(self, message, headers=None):
        """Posts a message, or whatever it is."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        given = {"Content-Type": "application/json", **self.headers, **(headers or {})}
        if self.meta and isinstance(message, dict):
            given.setdefault("Mcp-Method", message["method"])
            if message["method"] == "tools/call":
                given.setdefault("Mcp-Name", message["params"]["name"])
        self.request("POST", "/mcp", body, given)

    def post_message(self, message, headers=None):
        self.send_message(message, headers)
        return self.reply()

    def ask(self, method, params=None, headers=None):
        """The JSON-RPC reply to a request, and the HTTP reply it came in."""
        request = self.message(method, params, id=next(self.ids))
        reply = self.post_message(request, headers)
        answer = reply.json()
        assert answer["id"] == request["id"], answer
        return answer, reply

    def initialize(self, version="2025-11-25", name="mason"):
        """Opens a session; the result."""
        params = {
            "protocolVersion": version,
            "capabilities": {},
            "clientInfo": {"name": name, "version": "1"},
        }
        answer, reply = self.ask("initialize", params)
        self.headers["Mcp-Session-Id"] = reply.headers["mcp-session-id"]
        self.headers["MCP-Protocol-Version"] = answer["result"]["protocolVersion"]
        assert self.post_message(self.message("notifications/initialized")).status == 202
        return answer["result"]

    def tool(self, name, **arguments):
        """What a tool answers."""
        answer, _ = self.ask("tools/call", {"name": name, "arguments": arguments})
        return answer["result"]
