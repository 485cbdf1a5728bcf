"""The operations of a recorded history over each door. Each client belongs to one thread."""

import json
import re
import subprocess

import grpc
import http_client
import mcp_client
from daemon import BUILD, RpcError
from google.protobuf import json_format

LINES = "history.list_revisions"


class Lost(Exception):
    """The answer never came: the operation may have happened, or may still happen while the daemon lives."""


def request_of(project, kind, args):
    """The method, and its request as JSON."""
    if kind == "get":
        return "voxel.get", {"project": project, "xyz": places(args["at"])}
    if kind == "log":
        return LINES, {"project": project, "page_size": args["size"]}
    write = {"comment": args["tag"], "request_id": args.get("id", "")}
    write["expected_revision"] = args.get("expected", 0)
    if args.get("relaxed"):
        write["durability"] = "DURABILITY_RELAXED"
    if args.get("unchanged"):
        at, since = args["unchanged"]
        box = {"min": [min(at), 0, 0], "max": [max(at) + 1, 1, 1]}
        write["unchanged"] = {"box": box, "since_revision": since}
    if kind in ("set", "mset", "put"):
        voxels = {"xyz": places(args["at"]), "color": f"#{args['rgba']:08x}"}
        return "voxel.set", {"project": project, "voxels": voxels, "write": write}
    return f"history.{kind}", {"project": project, "count": args["count"], "write": write}


def places(at):
    return [c for i in at for c in (i, 0, 0)]


def result_of(kind, answer):
    """A response, as JSON, in the model's words."""
    if kind == "get":
        return {"rev": int(answer["revision"]), "rgba": list(answer["rgba"])}
    if kind == "log":
        return {"revs": lines_of(answer)}
    change = answer["change"]
    result = {
        "rev": int(change["revision"]),
        "changed": int(change.get("voxels_changed", 0)),
        "replayed": change.get("replayed", False),
    }
    if kind != "set":
        for count in ("done", "undo_left", "redo_left"):
            result[count] = int(answer.get(count, 0))
    return result


def lines_of(answer):
    return [
        [int(r["revision"]), int(r.get("previous_revision", 0)), r.get("comment", "")]
        for r in answer["revisions"]
    ]


def error_of(reason, current):
    return {"error": reason, "current": int(current)} if current else {"error": reason}


def told_error(reason, message):
    """Of a door that shows no facts: the message has the number."""
    current = re.search(r"the project is at (\d+)", message)
    guards = ("REVISION_MISMATCH", "BOX_CHANGED")
    return error_of(reason, current[1] if current and reason in guards else None)


class Door:
    """`run` does an operation and returns its result in the model's words; Lost if no answer came."""

    door = ""

    @staticmethod
    def shorten(kind, args, draw, writes):
        """What is asked for over this door instead, now and then; `draw` is from 0 to 1. Without `writes` no edit whose
        answer does not say which revision it made."""
        return kind, args


class JsonRpcClient(Door):
    door = "json"

    def __init__(self, daemon):
        self.rpc = daemon.connect()

    def run(self, project, kind, args):
        try:
            return result_of(kind, self.rpc.call(*request_of(project, kind, args)))
        except RpcError as error:
            return error_of(error.reason, error.data.get("metadata", {}).get("current_revision"))
        except (OSError, ConnectionError, ValueError, json.JSONDecodeError) as error:
            raise Lost from error

    def close(self):
        self.rpc.close()


class GrpcClient(Door):
    door = "grpc"

    def __init__(self, daemon):
        self.daemon, self.channel = daemon, daemon.channel()
        groups = {name: daemon.pb(name) for name in ("voxel", "history", "error")}
        voxels = daemon.stub("VoxelService", self.channel)
        steps = daemon.stub("HistoryService", self.channel)
        history = groups["history"]
        self.info = groups["error"].ErrorInfo
        self.methods = {
            "voxel.get": (voxels.Get, groups["voxel"].GetVoxelsRequest),
            "voxel.set": (voxels.Set, groups["voxel"].SetVoxelsRequest),
            "history.undo": (steps.Undo, history.UndoRequest),
            "history.redo": (steps.Redo, history.UndoRequest),
            LINES: (steps.ListRevisions, history.ListRevisionsRequest),
        }

    def run(self, project, kind, args):
        method, request = request_of(project, kind, args)
        call, message = self.methods[method]
        try:
            answer = call(json_format.ParseDict(request, message()), timeout=30)
        except grpc.RpcError as error:
            info = self.info()
            for name, value in error.trailing_metadata() or ():
                if name == "voxeld-error-bin":
                    info.ParseFromString(value)
            if not info.reason:
                raise Lost from error
            return error_of(info.reason, info.metadata.get("current_revision"))
        return result_of(
            kind,
            json_format.MessageToDict(
                answer, preserving_proto_field_name=True, including_default_value_fields=True
            ),
        )

    def close(self):
        self.channel.close()


class VoxctlClient(Door):
    """A process for each operation."""

    door = "voxctl"

    def __init__(self, daemon):
        self.command = [str(BUILD / "bin" / "voxctl"), "--socket", str(daemon.socket), "-o", "json"]

    def run(self, project, kind, args):
        method, request = request_of(project, kind, args)
        done = subprocess.run(
            [*self.command, method, "--json", json.dumps(request)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            return result_of(kind, json.loads(done.stdout))
        error = json.loads(done.stderr.splitlines()[-1])["error"]
        reason = error["reason"]
        if not reason:
            raise Lost(error)
        return told_error(reason, error["message"])

    def close(self):
        pass


class HttpClient(Door):
    """The Connect protocol's unary form, on one connection."""

    door = "http"
    SERVICES = {"voxel": "VoxelService", "history": "HistoryService"}

    def __init__(self, daemon):
        self.http = http_client.HttpClient(daemon)

    def run(self, project, kind, args):
        method, request = request_of(project, kind, args)
        group, name = method.split(".")
        path = f"{self.SERVICES[group]}/{name.title().replace('_', '')}"
        try:
            reply = self.http.call(path, request)
            if reply is None:
                raise Lost("the connection was closed")
            answer = reply.json()
        except (OSError, ConnectionError, ValueError, KeyError) as error:
            raise Lost from error
        if reply.status == 200:
            return result_of(kind, answer)
        error = answer["details"][0]["debug"]
        return error_of(error["reason"], error.get("metadata", {}).get("current_revision"))

    def close(self):
        self.http.close()


class RespClient(Door):
    """CALL for what other doors do, too, and the commands of its own."""

    door = "resp"

    def __init__(self, daemon):
        self.socket = daemon.raw()
        self.lines = self.socket.makefile("rb")

    @staticmethod
    def shorten(kind, args, draw, writes):
        if kind == "get" and draw < 0.6:
            return "peek", {"at": args["at"][:1]}
        if kind == "set" and draw < 0.8 and writes:
            plain = {"rgba": args["rgba"], "tag": ""}
            if draw < 0.3:
                return "mset", {"at": args["at"], **plain}
            return "put", {"at": args["at"][:1], **plain}
        return kind, args

    def run(self, project, kind, args):
        try:
            return self.ask(project, kind, args)
        except (OSError, ConnectionError, ValueError, IndexError) as error:
            raise Lost from error

    def ask(self, project, kind, args):
        if kind == "peek":
            answer = self.command("VOXEL.GET", project, "main", *places(args["at"]))
            return answer if isinstance(answer, dict) else {"rgba": [int((answer or "#0")[1:], 16)]}
        if kind in ("put", "mset"):
            words = [word for i in args["at"] for word in (i, 0, 0, args["rgba"])]
            answer = self.command(
                f"VOXEL.{kind.upper().replace('PUT', 'SET')}", project, "main", *words
            )
            if isinstance(answer, dict):
                return answer
            return {"changed": int(answer)} if kind == "mset" else {"OK": {}}[answer]
        method, request = request_of(project, kind, args)
        answer = self.command("CALL", method, json.dumps(request))
        return answer if isinstance(answer, dict) else result_of(kind, json.loads(answer))

    def command(self, *words):
        """A text, a number or None; of an error what `told_error` makes of it."""
        encoded = [str(word).encode() for word in words]
        parts = [b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded]
        self.socket.sendall(b"*%d\r\n%s" % (len(parts), b"".join(parts)))
        line = self.lines.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the connection was closed")
        kind, rest = line[:1], line[1:-2].decode()
        if kind == b"-":
            return told_error(*rest.split(" ", 1))
        if kind != b"$":
            return rest
        size = int(rest)
        if size < 0:
            return None
        data = self.lines.read(size + 2)
        if len(data) != size + 2:
            raise ConnectionError("the connection was closed")
        return data[:-2].decode()

    def close(self):
        self.lines.close()
        self.socket.close()


class McpClient(Door):
    """The tools of agents, which have neither ids nor guards by voxels, and no log."""

    door = "mcp"
    TOOLS = {"get": "get_voxels", "set": "apply_edits", "undo": "undo", "redo": "redo"}

    def __init__(self, daemon):
        self.mcp = mcp_client.McpClient(daemon, modern=True)

    @staticmethod
    def shorten(kind, args, draw, writes):
        if kind == "log":
            return "get", {"at": [0]}
        return kind, {k: v for k, v in args.items() if k not in ("id", "unchanged", "relaxed")}

    def run(self, project, kind, args):
        _, request = request_of(project, kind, args)
        if "write" in request:
            request["write"].pop("request_id")
        if kind == "set":
            request["edits"] = [{"set": request.pop("voxels")}]
        try:
            answer = self.mcp.tool(self.TOOLS[kind], **request)
        except (AttributeError, OSError, ConnectionError, ValueError, KeyError) as error:
            raise Lost from error
        if not answer["isError"]:
            return result_of(kind, answer["structuredContent"])
        reason, message = answer["content"][0]["text"].split(": ", 1)
        return told_error(reason, message)

    def close(self):
        self.mcp.close()


# voxctl is slow: two of them do not hold up the others.
SLOW = (VoxctlClient,)
FAST = (JsonRpcClient, RespClient, GrpcClient, HttpClient, McpClient)
