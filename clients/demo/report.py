#!/usr/bin/env python3
"""Prints the demo's table from `voxctl log PROJECT -o json` on standard input: what each client did, in order."""

import json
import sys

DOORS = {
    "demo": "voxctl, gRPC",
    "agent": "MCP, tool calls",
    "python": "Python, gRPC",
    "go": "Go, gRPC",
    "json-rpc": "socat, JSON-RPC",
    "voxctl": "voxctl, gRPC",
    "visitor": "voxctl, gRPC",
}


def main():
    revisions = json.load(sys.stdin)["revisions"]
    rows = [("revision", "who", "how", "voxels", "what")]
    for revision in sorted(revisions, key=lambda r: int(r["revision"])):
        actor, what = revision.get("actor", ""), revision.get("comment", "")
        how = DOORS.get(actor, "")
        voxels = f"{int(revision.get('voxels_changed', 0)):,}"
        rows.append((revision["revision"], actor, how, voxels, what))
    widths = [max(len(str(row[column])) for row in rows) for column in range(4)]
    for row in rows:
        cells = [str(cell).ljust(width) for cell, width in zip(row, widths)]
        cells[3] = str(row[3]).rjust(widths[3])
        print("  " + "  ".join(cells) + "  " + row[4])


if __name__ == "__main__":
    main()
