"""The operations of a recorded history over each door. Each client belongs to one thread."""

import json
import re
import subprocess

import grpc
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
    if kind == "set":
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


class JsonRpcClient:
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


class GrpcClient:
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


class VoxctlClient:
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
        # It shows no facts; the message has the number.
        current = re.search(r"the project is at (\d+)", error["message"])
        guards = ("REVISION_MISMATCH", "BOX_CHANGED")
        return error_of(reason, current[1] if current and reason in guards else None)

    def close(self):
        pass


DOORS = (JsonRpcClient, GrpcClient, VoxctlClient)
