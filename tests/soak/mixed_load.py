"""Requests of many kinds, over every door, for load that asks faster than it is answered.

A Conversation is one connection that does not wait: `send` asks if there is room, `receive` gives what has been
answered since. RESP2's and gRPC's are those of the same methods; what a door does not have it is not asked.
"""

import collections
import contextlib
import dataclasses
import json
import random
import re
import socket
from typing import Callable

from mcp_client import CLIENT, MODERN, VERSION

SIDE = 64  # of the cube that is edited
MOST_UNDER_WAY = 32  # on one connection


@dataclasses.dataclass(frozen=True)
class Kind:
    """`weight`: how many of a hundred, more or less. `heavy`: a worker does it. `refused`: what it is meant to be
    answered, where that is no result; `perhaps`: what it may be."""

    name: str
    method: str
    params: Callable
    weight: int
    heavy: bool = False
    refused: str = ""
    perhaps: str = ""
    tool: str = ""  # of MCP
    edits: bool = False
    stream: bool = False

    @property
    def rpc(self):
        """Of gRPC and HTTP: "VoxelService", "ApplyEdits"."""
        group, name = self.method.split(".")
        return group.capitalize() + "Service", "".join(w.capitalize() for w in name.split("_"))


def place(rng, size=1):
    return [rng.randrange(SIDE - size + 1) for _ in range(3)]


def box(rng, size):
    low = place(rng, size)
    return {"min": low, "max": [v + size for v in low]}


def color(rng):
    return f"#{rng.randrange(1 << 24):06x}"


def ball(rng):
    return {"edits": [{"ellipsoid": {"box": box(rng, 48), "color": color(rng)}}]}


def several(rng):
    xyz = [v for _ in range(30) for v in place(rng)]
    scattered = {"set": {"xyz": xyz, "rgba": [rng.randrange(1 << 24) << 8 | 255 for _ in xyz[::3]]}}
    return {
        "edits": [
            scattered,
            {"clear": {"box": box(rng, 8)}},
            {"box": {"box": box(rng, 6), "color": color(rng)}},
        ]
    }


def kinds(scene, edited, picture):
    """`scene` is only read, of `edited` all is changed all the time."""

    def of(project, make=lambda rng: {}):
        return lambda rng: {"project": project, **make(rng)}

    one = of(edited, lambda rng: {"voxels": {"xyz": place(rng), "color": color(rng)}})
    some = of(edited, lambda rng: {"xyz": [v for _ in range(20) for v in place(rng)]})
    wrong = of(edited, lambda rng: {"voxels": {"xyz": place(rng), "color": "#12"}})
    area = of(scene, lambda rng: {"box": box(rng, 32)})
    return [
        Kind("picture", "render.view", lambda rng: picture, 20, heavy=True),
        Kind("summary", "inspect.summarize", of(scene), 5, heavy=True),
        Kind("ray", "voxel.raycast", of(scene, lambda rng: {"origin": [*place(rng)[:2], 99], "direction": [0, 0, -1]}), 5, heavy=True),
        Kind("region", "voxel.read_region", area, 5, heavy=True, stream=True),
        Kind("ball", "voxel.apply_edits", of(edited, ball), 4, heavy=True, edits=True, tool="apply_edits"),
        Kind("undo", "history.undo", of(edited), 4, heavy=True, edits=True, tool="undo"),
        Kind("redo", "history.redo", of(edited), 2, heavy=True, edits=True, tool="redo"),
        Kind("several", "voxel.apply_edits", of(edited, several), 12, edits=True, tool="apply_edits"),
        Kind("one", "voxel.set", one, 15, edits=True),
        Kind("get", "voxel.get", some, 15, tool="get_voxels"),
        Kind("old", "voxel.get", of(edited, lambda rng: {"xyz": place(rng), "revision": 1}), 3, perhaps="REVISION_DROPPED", tool="get_voxels"),
        Kind("revisions", "history.list_revisions", of(edited, lambda rng: {"page_size": 20}), 3),
        Kind("nobody", "voxel.get", of("nobody", lambda rng: {"xyz": place(rng)}), 3, refused="PROJECT_NOT_FOUND", tool="get_voxels"),
        Kind("wrong", "voxel.set", wrong, 4, refused="INVALID_COLOR"),
    ]  # fmt: skip


@dataclasses.dataclass
class Answer:
    kind: Kind
    reason: str = ""  # of an error
    hint: bool = False  # whether it says when to try again
    text: bytes = b""  # some of it
    revision: int = 0  # that it made

    def is_meant(self):
        """Whether it is a result, or an error that is meant."""
        if self.reason == "OVERLOADED":
            return self.hint
        return self.reason == self.kind.refused or (
            self.reason and self.reason == self.kind.perhaps
        )


def answered(kind, reason, text, result):
    """`result()` gives the message, which is not taken apart without need."""
    answer = Answer(kind, reason, b"retry" in text, text[:300])
    if kind.edits and not reason:
        change = result().get("change", {})
        answer.revision = change.get("revision", 0) if change.get("voxels_changed") else 0
    return answer


class Conversation:
    """One connection of a door to the Unix socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.socket.setblocking(False)
        self.asked, self.out, self.buffer, self.number = collections.deque(), b"", b"", 0
        self.open_streams = 0

    def may_ask(self, kind):
        return not kind.stream

    def encode(self, kind, params):
        raise NotImplementedError

    def split(self):
        """Takes one whole answer to self.asked[0] from the buffer: (reason, text, result), or None."""
        raise NotImplementedError

    def send(self, kind, params):
        """Whether there was room."""
        self.flush()
        if self.out or len(self.asked) >= MOST_UNDER_WAY:
            return False
        self.number += 1
        self.out = self.encode(kind, params)
        self.asked.append(kind)
        self.flush()
        return True

    def flush(self):
        with contextlib.suppress(BlockingIOError):
            while self.out:
                self.out = self.out[self.socket.send(self.out) :]

    def receive(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise ConnectionError("voxeld closed a connection")
        self.buffer += data
        self.flush()
        while (found := self.split()) is not None:
            yield answered(self.asked.popleft(), *found)

    def close(self):
        self.socket.close()


class JsonConversation(Conversation):
    """Of streams the first reply is the answer; that they end, and well, is seen here."""

    REASON = re.compile(rb'"reason":"([A-Z_]+)"')

    def may_ask(self, kind):
        return True

    def encode(self, kind, params):
        request = {"jsonrpc": "2.0", "id": self.number, "method": kind.method, "params": params}
        return json.dumps(request).encode() + b"\n"

    def split(self):
        while (end := self.buffer.find(b"\n")) >= 0:
            line, self.buffer = self.buffer[:end], self.buffer[end + 1 :]
            if line.startswith(b'{"jsonrpc":"2.0","method":"rpc.'):
                self.notified(line)
                continue
            failed = b'"error":' in line[:60]
            reason = self.REASON.search(line)[1].decode() if failed else ""
            if self.asked[0].stream and not failed:
                self.open_streams += 1
            return reason, line, lambda: json.loads(line)["result"]
        return None

    def notified(self, line):
        if b'"method":"rpc.end"' not in line:
            return
        self.open_streams -= 1
        if b'"error":' in line and not (b"OVERLOADED" in line and b"retry" in line):
            raise AssertionError(f"a stream ended with {line[:300]}")


class RespConversation(Conversation):
    def encode(self, kind, params):
        words = [b"CALL", kind.method.encode(), json.dumps(params).encode()]
        return b"*3\r\n" + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)

    def split(self):
        head, found, rest = self.buffer.partition(b"\r\n")
        if not found:
            return None
        if head.startswith(b"-"):
            self.buffer = rest
            return head[1:].split(b" ")[0].decode(), head, None
        size = int(head.removeprefix(b"$"))
        if len(rest) < size + 2:
            return None
        body, self.buffer = rest[:size], rest[size + 2 :]
        return "", body, lambda: json.loads(body)


class HttpConversation(Conversation):
    HEAD = (
        b"POST /voxeld.v1.%b/%b HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    )

    def encode(self, kind, params):
        head = self.HEAD % tuple(part.encode() for part in kind.rpc)
        body = json.dumps(params).encode()
        return head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)

    def split(self):
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        size = int(re.search(rb"\r\n[Cc]ontent-[Ll]ength: (\d+)", head)[1])
        if len(rest) < size:
            return None
        body, self.buffer = rest[:size], rest[size:]
        return self.understood(head.startswith(b"HTTP/1.1 200 "), body)

    def understood(self, good, body):
        if good:
            return "", body, lambda: json.loads(body)
        return json.loads(body)["details"][0]["debug"]["reason"], body, None


class McpConversation(HttpConversation):
    HEAD = (
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: %b\r\n"
        b"Mcp-Method: tools/call\r\nMcp-Name: %b\r\n"
    )

    def may_ask(self, kind):
        return bool(kind.tool)

    def encode(self, kind, params):
        head = self.HEAD % (MODERN.encode(), kind.tool.encode())
        meta = {VERSION: MODERN, CLIENT: {"name": "load", "version": "1"}}
        called = {"name": kind.tool, "arguments": params, "_meta": meta}
        request = {"jsonrpc": "2.0", "id": self.number, "method": "tools/call", "params": called}
        body = json.dumps(request).encode()
        return head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)

    def understood(self, good, body):
        answer = json.loads(body)
        if "error" in answer:  # before any tool was asked
            return answer["error"]["data"]["reason"], body, None
        result = answer["result"]
        if result["isError"]:
            return result["content"][0]["text"].split(":")[0], body, None
        return "", body, lambda: result["structuredContent"]


class GrpcConversation:
    """A channel of gRPC; its answers come by other threads."""

    def __init__(self, daemon):
        from google.protobuf import json_format  # not every test needs it

        self.parse = json_format.ParseDict
        self.daemon, self.channel, self.stubs = daemon, daemon.channel(), {}
        self.asked, self.done, self.open_streams = set(), collections.deque(), 0

    @staticmethod
    def may_ask(kind):
        return not kind.stream

    def send(self, kind, params):
        if len(self.asked) >= MOST_UNDER_WAY:
            return False
        service, rpc = kind.rpc
        if service not in self.stubs:
            self.stubs[service] = self.daemon.stub(service, self.channel)
        group = kind.method.split(".")[0]
        method = self.daemon.pb(group).DESCRIPTOR.services_by_name[service].methods_by_name[rpc]
        request = self.parse(params, method.input_type._concrete_class())
        call = getattr(self.stubs[service], rpc).future(request, timeout=300)
        self.asked.add(call)
        call.add_done_callback(lambda ended: self.done.append((kind, ended)))
        return True

    def flush(self):
        """gRPC does it, and the daemon closes the channel."""

    close = flush

    def receive(self):
        while self.done:
            kind, call = self.done.popleft()
            self.asked.remove(call)
            failure = call.exception()
            if failure is None:
                yield answered(kind, "", b"", lambda: self.message(call.result()))
                continue
            details = dict(failure.trailing_metadata()).get("voxeld-error-bin", b"")
            info = self.daemon.pb("error").ErrorInfo.FromString(details)
            text = f"{failure.details()} {info}".encode()
            yield answered(kind, info.reason or failure.code().name, text, None)

    @staticmethod
    def message(result):
        change = result.change
        return {"change": {"revision": change.revision, "voxels_changed": change.voxels_changed}}


def pick(rng, of):
    return rng.choices(of, [kind.weight for kind in of])[0]


def seeded(number):
    return random.Random(20261130 + number)
