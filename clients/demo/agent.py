#!/usr/bin/env python3
"""The demo's AI agent: tool calls as a model makes them, over `voxctl mcp`. A balloon above the village.

    agent.py VOXCTL PROJECT PICTURE        (the daemon is at $VOXELD_SOCKET)

Writes what the agent was shown to PICTURE. A call that the daemon did not answer is made again, as a model would.
"""

import base64
import json
import pathlib
import subprocess
import sys
import time

AT, BOTTOM = (8, -14), 44
COLORS = ("#e5484d", "#f7f3e8", "#f2b134", "#f7f3e8")


class Mcp:
    """A client of the initialize era, as most agents are today."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._id = 0
        client = {"name": "agent", "version": "1"}  # the history shows the name
        self.request(
            "initialize",
            {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client},
        )
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def _send(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def request(self, method, params):
        self._id += 1
        self._send({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        reply = json.loads(self.process.stdout.readline())
        if "error" in reply:
            raise SystemExit(f"{method}: {reply['error']}")
        return reply["result"]

    def tool(self, name, **arguments):
        end = time.monotonic() + 20
        while True:
            result = self.request("tools/call", {"name": name, "arguments": arguments})
            text = result["content"][0].get("text", "")
            if not result["isError"]:
                return result
            if not text.startswith("UNAVAILABLE") or time.monotonic() > end:
                raise SystemExit(f"{name}: {text}")

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def box(low, high):
    return {"min": list(low), "max": list(high)}


def balloon():
    """An ellipsoid in coloured bands, each clipped out of it, over a basket on ropes."""
    x, y = AT
    low, high = (x - 11, y - 11, BOTTOM + 10), (x + 11, y + 11, BOTTOM + 36)
    mouth = box((x - 6, y - 6, BOTTOM + 5), (x + 6, y + 6, BOTTOM + 15))
    edits = [{"cone": {"box": mouth, "flipped": True, "color": "#c23b40"}}]
    for band in range(11):
        clip = box((low[0] + 2 * band, low[1], low[2]), (low[0] + 2 * band + 2, high[1], high[2]))
        shape = {"box": box(low, high), "color": COLORS[band % 4], "wall": 1}
        edits.append({"clip": clip, "ellipsoid": shape})
    for dx in (-2, 2):
        for dy in (-2, 2):
            edits.append({"line": {"points": [x + dx, y + dy, BOTTOM + 4, x + dx, y + dy, BOTTOM + 10],
                                   "color": "#4a3626"}})  # fmt: skip
    edits.append(
        {
            "box": {
                "box": box((x - 3, y - 3, BOTTOM), (x + 4, y + 4, BOTTOM + 4)),
                "color": "#9c6b3c",
                "wall": 1,
            }
        }
    )
    edits.append({"clear": {"box": box((x - 2, y - 2, BOTTOM + 3), (x + 3, y + 3, BOTTOM + 4))}})
    return edits


def main(voxctl, project, picture):
    mcp = Mcp([voxctl, "mcp"])
    tools = [tool["name"] for tool in mcp.request("tools/list", {})["tools"]]
    print("tools:", ", ".join(tools))
    edits = [{**edit, "layer": "balloon"} for edit in balloon()]
    built = mcp.tool(
        "apply_edits",
        project=project,
        edits=edits,
        write={"comment": "a balloon, by tool call"},
        preview={
            "views": ["iso"],
            "width": 256,
            "height": 256,
            "focus": box((-6, -28, 40), (22, 0, 82)),
        },
    )
    change = built["structuredContent"]["change"]
    images = [part["data"] for part in built["content"] if part["type"] == "image"]
    pathlib.Path(picture).write_bytes(base64.b64decode(images[0]))
    # A call made again finds its edit done if only the answer to the first one was lost.
    voxels = change.get("voxels_changed")
    told = f"{voxels} voxels" if voxels else "its voxels were there, only the answer had been lost"
    print(f"revision {change['revision']}: {told}; it was shown {picture}")
    return mcp.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
