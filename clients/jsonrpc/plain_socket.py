#!/usr/bin/env python3
"""JSON-RPC with nothing but Python's socket: a room is built, asked about and followed.

    plain_socket.py [PROJECT]        (the daemon is at $VOXELD_SOCKET, or on the default socket)
"""

import itertools
import json
import os
import socket
import sys


def socket_path():
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    default = f"{runtime}/voxeld/voxeld.sock" if runtime else "/run/voxeld/voxeld.sock"
    return os.environ.get("VOXELD_SOCKET") or default


class Voxeld:
    """A connection. One line is one message; replies come in the order of the requests."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._ids = itertools.count(1)

    def call(self, method, **params):
        request = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        reply = self.receive()
        if "error" in reply:
            error = reply["error"]
            raise RuntimeError(
                f"{error.get('data', {}).get('reason', error['code'])}: {error['message']}"
            )
        return reply["result"]

    def receive(self):
        line = self._lines.readline()
        if not line:
            raise ConnectionError("voxeld closed the connection")
        return json.loads(line)

    def stream(self, method, **params):
        """The messages of a stream. It is answered with a subscription; what it sends follows as notifications."""
        subscription = self.call(method, **params)["subscription"]
        while True:
            note = self.receive()
            if note["params"]["subscription"] != subscription:
                continue
            if note["method"] == "rpc.end":
                return
            yield note["params"]["item"]


def main(project):
    voxeld = Voxeld(socket_path())
    voxeld.call("project.create", project=project)
    walls = {"box": {"box": {"min": [0, 0, 0], "max": [12, 10, 6]}, "color": "#998877", "wall": 1}}
    door = {"clear": {"box": {"min": [5, 0, 1], "max": [7, 1, 5]}}}
    change = voxeld.call("voxel.apply_edits", project=project, edits=[walls, door])["change"]
    print(f"revision {change['revision']}: {change['voxels_changed']} voxels")

    summary = voxeld.call("inspect.summarize", project=project)
    print(f"{summary['voxels']} voxels, bounds {summary['bounds']}")
    box = {"min": [0, 0, 0], "max": [12, 10, 6]}
    blocks = list(voxeld.stream("voxel.read_region", project=project, box=box, accept=["palette"]))
    print(f"read back in {len(blocks)} blocks")
    try:
        voxeld.call("layer.get", project=project, layer="attic")
    except RuntimeError as error:
        print(error)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "room")
