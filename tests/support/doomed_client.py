"""A client in a process of its own, to be killed in the middle of a request.

    doomed_client.py SOCKET HOW PROJECT

It begins what HOW says, prints a line once all is sent, or the first of an answer is there, and then waits for its end.
"""

import importlib
import json
import socket
import sys
import time

from daemon import Daemon  # it knows where the stubs are
from endless_edit import endless
from mcp_client import MODERN

BALLS = 5000  # what one MCP request has room for


def connect(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    return connection


def request(method, params, **members):
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params, **members}


def jsonrpc(path, *requests, rest=b""):
    connection = connect(path)
    for one in requests:
        connection.sendall(json.dumps(one).encode() + b"\n")
    connection.sendall(rest)
    return connection


def jsonrpc_edit(path, project):
    """A long edit that runs."""
    connection = jsonrpc(path, request("voxel.apply_edits", endless(project, BALLS), progress=True))
    assert b"rpc.progress" in connection.makefile("rb").readline()
    return connection


def jsonrpc_line(path, project):
    """Much is asked, and the last line is not whole."""
    look = request("render.view", {"project": project, "spec": {"width": 64, "height": 64}})
    half = json.dumps(request("voxel.apply_edits", endless(project, BALLS))).encode()
    return jsonrpc(path, *[look] * 50, rest=half[: len(half) // 2])


def jsonrpc_stream(path, project):
    """A watch, and a region of which nothing is taken."""
    box = {"min": [0, 0, 0], "max": [256, 256, 200]}
    watch = request("history.watch", {"project": project, "after_revision": 1})
    return jsonrpc(path, watch, request("voxel.read_region", {"project": project, "box": box}))


def http_post(target, message, *headers):
    body = json.dumps(message, separators=(",", ":")).encode()
    lines = [f"POST {target} HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    lines += [*headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def http_edit(path, project):
    """A long edit that runs, and some of the next request, as much as a socket surely takes."""
    post = http_post("/voxeld.v1.VoxelService/ApplyEdits", endless(project, BALLS))
    connection = connect(path)
    connection.sendall(post + post[: 32 << 10])
    return connection


def mcp_edit(path, project):
    """A tool that runs, of a client whose end is the end of its requests."""
    params = {
        "name": "apply_edits",
        "arguments": endless(project, BALLS),
        "_meta": {"io.modelcontextprotocol/protocolVersion": MODERN},
    }
    headers = (f"MCP-Protocol-Version: {MODERN}", "Mcp-Method: tools/call", "Mcp-Name: apply_edits")
    connection = connect(path)
    connection.sendall(http_post("/mcp", request("tools/call", params), *headers))
    return connection


def resp_edit(path, project):
    """A long edit that runs."""
    words = [b"CALL", b"voxel.apply_edits", json.dumps(endless(project, BALLS)).encode()]
    command = b"*3\r\n" + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
    connection = connect(path)
    connection.sendall(command)
    return connection


def grpc_edit(path, project):
    """A long edit that runs."""
    voxel, stubs, channel = grpc_parts("voxel", path)
    edits = json_format().ParseDict(endless(project, BALLS), voxel.ApplyEditsRequest())
    return stubs.VoxelServiceStub(channel).ApplyEdits.future(edits)


def grpc_upload(path, project):
    """An upload whose last part never comes."""
    voxel, stubs, channel = grpc_parts("voxel", path)

    def parts():
        yield voxel.WriteRegionRequest(header=voxel.WriteRegionHeader(project=project))
        tell_and_wait()

    return stubs.VoxelServiceStub(channel).WriteRegion(parts())


def grpc_stream(path, project):
    """A watch that has begun."""
    history, stubs, channel = grpc_parts("history", path)
    watch = history.WatchRequest(project=project, progress_ms=100)
    stream = stubs.HistoryServiceStub(channel).Watch(watch)
    next(stream)
    return stream


def grpc_parts(group, path):
    """The messages and stubs of one proto file, and a channel."""
    import grpc  # not every client needs it

    channel = grpc.insecure_channel(f"unix:{path}")
    return Daemon.pb(group), importlib.import_module(f"voxeld.v1.{group}_pb2_grpc"), channel


def json_format():
    from google.protobuf import json_format as module

    return module


def tell_and_wait():
    print("sent", flush=True)
    time.sleep(3600)  # until this process is killed


if __name__ == "__main__":
    held = globals()[sys.argv[2]](sys.argv[1], sys.argv[3])
    tell_and_wait()
