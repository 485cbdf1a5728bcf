"""Recorded histories: what each client asked of which project, when, and what it was answered.

A file has one JSON object a line, in any order:
    {"project", "client", "door", "call", "return", "kind", "args", "result"}   an operation
    {"project", "restart": [died, ready], "head", "log"}                        the daemon was killed and started again
Times are nanoseconds of one monotonic clock; "call" is taken before the request is sent, "return" after the answer is
read. An operation whose answer never came has "result": null. After a restart, before anybody else, the recorder notes
the latest revision and the last lines of the log. What args and results hold, model.py says.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import pathlib
from typing import Any


@dataclasses.dataclass
class Operation:
    project: str
    client: str
    door: str
    call: int
    back: int | None  # None: the answer never came
    kind: str
    args: dict[str, Any]
    result: dict[str, Any] | None

    def __str__(self) -> str:
        answer = "no answer" if self.result is None else json.dumps(self.result)
        return f"{self.client} ({self.door}) {self.kind} {json.dumps(self.args)} -> {answer}"


@dataclasses.dataclass
class Restart:
    project: str
    died: int  # nothing of the old process happened after this
    ready: int  # nothing of the new one before this
    head: int
    log: list[list[Any]]  # [revision, previous, tag], newest first


@dataclasses.dataclass
class Epoch:
    """The operations of one life of the daemon, and the restart that it began with, if any."""

    operations: list[Operation]
    restart: Restart | None = None


class MalformedHistory(Exception):
    """The recording itself cannot be right, whatever the daemon did."""


def save(path: pathlib.Path, entries: list[Operation | Restart]) -> None:
    with open(path, "w", encoding="utf-8") as file:
        for entry in entries:
            if isinstance(entry, Restart):
                line = dataclasses.asdict(entry)
                line["restart"] = [line.pop("died"), line.pop("ready")]
            else:
                line = dataclasses.asdict(entry)
                line["return"] = line.pop("back")
            file.write(json.dumps(line) + "\n")


def load(path: pathlib.Path) -> list[Operation | Restart]:
    entries: list[Operation | Restart] = []
    with open(path, encoding="utf-8") as file:
        for text in file:
            line = json.loads(text)
            if "restart" in line:
                line["died"], line["ready"] = line.pop("restart")
                entries.append(Restart(**line))
            else:
                line["back"] = line.pop("return")
                entries.append(Operation(**line))
    return entries


def by_project(entries: list[Operation | Restart]) -> dict[str, list[Epoch]]:
    """The lives of the daemon, as each project saw them. Projects share nothing, so each is checked alone: a history is
    linearizable if and only if its part for each object is (Herlihy and Wing, 1990, theorem 1)."""
    projects: dict[str, list[Operation | Restart]] = collections.defaultdict(list)
    for entry in entries:
        projects[entry.project].append(entry)
    return {project: _epochs(part) for project, part in projects.items()}


def _epochs(entries: list[Operation | Restart]) -> list[Epoch]:
    restarts = sorted((e for e in entries if isinstance(e, Restart)), key=lambda r: r.died)
    operations = sorted((e for e in entries if isinstance(e, Operation)), key=lambda o: o.call)
    epochs = [Epoch([])] + [Epoch([], restart) for restart in restarts]
    for operation in operations:
        # The first life that ended after the call: that one got it, or nobody.
        index = sum(restart.died <= operation.call for restart in restarts)
        if operation.back is not None and operation.back < operation.call:
            raise MalformedHistory(f"returned before it was called: {operation}")
        begin = epochs[index].restart
        if begin is not None and operation.back is not None and operation.back < begin.ready:
            raise MalformedHistory(f"answered by nobody: {operation}")
        epochs[index].operations.append(operation)
    return epochs
