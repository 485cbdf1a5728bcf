#!/usr/bin/env python3
"""Prints the demo's table from `voxctl log PROJECT -o json` on standard input: what each client did, in order,
and where the daemon was killed.

    report.py KILLED SERVED ANSWERS        seconds since 1970 of the kill, and of when the daemon served
                                           again; what lamps.py was answered

Exits with 1 if something that was answered is not in the history.
"""

import datetime
import itertools
import json
import sys

DOORS = {
    "demo": "voxctl, gRPC",
    "agent": "MCP, tool calls",
    "python": "Python, gRPC",
    "lamps": "Python, gRPC",
    "go": "Go, gRPC",
    "json-rpc": "socat, JSON-RPC",
    "voxctl": "voxctl, gRPC",
    "visitor": "voxctl, gRPC",
}


def seconds(timestamp):
    """Of an RFC 3339 time, whose nanoseconds Python does not read."""
    whole, _, part = timestamp.removesuffix("Z").partition(".")
    since = datetime.datetime.fromisoformat(whole + "+00:00").timestamp()
    return since + float(f"0.{part or 0}")


def rows_of(revisions):
    """A row for each revision; those that follow each other and say the same are one."""

    def key(revision):
        return revision.get("actor", ""), revision.get("comment", "")

    for (actor, what), same in itertools.groupby(revisions, key):
        same = list(same)
        first, last = same[0]["revision"], same[-1]["revision"]
        voxels = sum(int(r.get("voxels_changed", 0)) for r in same)
        number = first if first == last else f"{first}-{last}"
        yield number, actor, DOORS.get(actor, ""), f"{voxels:,}", what


def main(killed, served, answers_file):
    revisions = sorted(json.load(sys.stdin)["revisions"], key=lambda r: int(r["revision"]))
    with open(answers_file, encoding="utf-8") as file:
        answers = json.load(file)
    before = [r for r in revisions if seconds(r["time"]) < killed]
    after = revisions[len(before) :]
    kill = (
        "",
        "",
        "",
        "",
        f"kill -9 of the daemon; {1000 * (served - killed):.0f} ms later it serves again",
    )
    heading = ("revision", "who", "how", "voxels", "what")
    rows = [heading, *rows_of(before), kill, *rows_of(after)]
    widths = [max(len(str(row[column])) for row in rows) for column in range(4)]
    for row in rows:
        cells = [str(cell).ljust(width) for cell, width in zip(row, widths)]
        cells[3] = str(row[3]).rjust(widths[3])
        print("  " + "  ".join(cells) + "  " + row[4])

    kept = {int(r["revision"]) for r in revisions if r.get("comment") == "a lamp"}
    answered = [int(number) for number in answers["revisions"]]
    lost = sorted(set(answered) - kept)
    print(
        f"\n  {len(before)} revisions before the kill, {len(after)} after it; {len(answered)} lamps were answered "
        f"one by one: {len(lost)} lost, {len(kept) - len(answered)} made twice, "
        f"{answers['twice']} sent again and answered as at first"
    )
    return 1 if lost or len(kept) != len(answered) or not before or not after else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), float(sys.argv[2]), sys.argv[3]))
