"""A method is complete or the build is red: its rpc, its line in the table, a conformance case, and
one more case for each error reason that its comment promises ("Errors: LAYER_NOT_FOUND, BAD_BOX.").

Reasons that many methods share stand once, at a message: a method whose Errors say "and those of
Write" promises each reason of the Errors at the message Write, and needs a case of its own for it.
"""

import json
import re

from proto_file import ProtoFile
from protos import snake
from tree import Finding, Tree, main

TABLE = "daemon/service/method_table.inc"
REASONS = "voxel/base/reason_table.inc"
# What the doors answer to a request that no method has seen yet: true of every method, so no method
# lists it; tests/conformance/any_method.py asks every method for what can be brought about.
EVERYWHERE = {
    "MALFORMED_MESSAGE",
    "UNKNOWN_FIELD",
    "METHOD_NOT_FOUND",
    "INTERNAL",
    "CALL_CANCELLED",
    "DEADLINE_PASSED",
    "OVERLOADED",
    "SHUTTING_DOWN",
    "LIMIT_BYTES",
    "LIMIT_STREAMS",
}
# What the store answers to a mutation, or to whoever names a project that is kept in a file: no
# method lists these, and each needs a case of any method.
STORE = {
    "COMMIT_FAILED": "any mutation; any that names a kept project, as it is loaded",
    "STORE_FULL": "any mutation; `admin.backup`",
    "STORE_FAILED": "any mutation; any that names a kept project, as it is loaded",
    "STORE_READ_ONLY": "any mutation",
    "STORE_DAMAGED": "any that names a kept project",
}
# What the store answers, in the same way, beside the methods that list it for reasons of their own.
STORE_TOO = {
    "FORMAT_UNSUPPORTED": "any but `admin.verify` that names a kept project of a later voxeld",
}
# What the doors answer to who may not come in, before a method is looked at: no method lists these,
# and no conformance case can see them; tests/integration/token_test.py and mcp_http_test.py do.
DOORS = {
    "TOKEN_REQUIRED": "any, over TCP",
    "TOKEN_UNKNOWN": "any, over TCP",
    "SCOPE_MISSING": "any, over TCP",
    "SESSION_NOT_FOUND": "none; MCP over HTTP",
}
CASES = r"tests/conformance/cases/.*\.json"


class Errors:
    """The reasons that a comment lists, and the messages whose reasons it takes over."""

    def __init__(self, comment: str):
        listed = re.search(r"Errors:([^.]*)\.", comment)
        self.listed = listed is not None
        self.reasons = re.findall(r"\b[A-Z][A-Z0-9_]+\b", listed[1]) if listed else []
        self.of = re.findall(r"\bthose\s+of\s+(\w+)", listed[1]) if listed else []


class Rpc:
    """One rpc of the API, as the table and the cases call it."""

    def __init__(self, path: str, service: str, name: str, line: int, comment: str, shared):
        self.path, self.line = path, line
        self.group, self.rpc = service.removesuffix("Service"), name
        self.method = f"{snake(self.group)}.{snake(name)}"
        errors = Errors(comment)
        self.promises = errors.listed
        self.unlisted = [message for message in errors.of if message not in shared]
        reasons = errors.reasons + [r for message in errors.of for r in shared.get(message, [])]
        self.reasons = list(dict.fromkeys(reasons))


def read_rpcs(tree: Tree) -> list[Rpc]:
    protos = {p: ProtoFile(tree.text(p)) for p in tree.files(r"proto/voxeld/v1/[^/]*\.proto")}
    messages = [(e.name, Errors(e.comment)) for p in protos.values() for e in p.of("message")]
    shared = {name: errors.reasons for name, errors in messages if errors.listed}
    return [
        Rpc(path, e.parent.name, e.name, e.line, e.comment, shared)
        for path, proto in protos.items()
        for e in proto.of("rpc")
        if e.parent
    ]


def read_table(tree: Tree) -> dict[tuple[str, str], int]:
    """(group, rpc) -> line: the first two arguments of each line's macro, with or without
    quotes.
    """
    rows = {}
    if TABLE not in tree.paths:
        return rows
    for number, line in enumerate(tree.lines(TABLE), 1):
        match = re.match(r'\s*\w+\(\s*"?(\w+)"?\s*,\s*"?(\w+)"?', line)
        if match and not line.lstrip().startswith(("#", "//")):
            rows[match[1].removesuffix("Service"), match[2]] = number
    return rows


def walk_cases(node, seen: set[tuple[str, str]]) -> None:
    """Collects (method, reason or "") of every object with a "method", however deep cases nest
    their steps.
    """
    if isinstance(node, list):
        for child in node:
            walk_cases(child, seen)
    elif isinstance(node, dict):
        if isinstance(node.get("method"), str):
            error = node.get("error") or (node.get("expect") or {}).get("error") or {}
            seen.add((node["method"], error.get("reason", "") if isinstance(error, dict) else ""))
        for child in node.values():
            walk_cases(child, seen)


def read_cases(tree: Tree, found: list[Finding]) -> set[tuple[str, str]]:
    seen: set[tuple[str, str]] = set()
    for path in tree.files(CASES):
        try:
            walk_cases(json.loads(tree.text(path)), seen)
        except json.JSONDecodeError as error:
            found.append((path, error.lineno, f"not JSON: {error.msg}"))
    return seen


def check_rpc(rpc: Rpc, table, cases, known: set[str]) -> list[Finding]:
    messages = []
    if (rpc.group, rpc.rpc) not in table:
        messages.append(f"has no line in {TABLE}")
    if not any(method == rpc.method for method, _ in cases):
        messages.append("has no conformance case")
    if not rpc.promises:
        messages.append('has no "Errors: A, B." in its comment')
    for message in rpc.unlisted:
        messages.append(f'promises those of {message}, which has no "Errors: A, B." in its comment')
    for reason in rpc.reasons:
        if reason not in known:
            messages.append(f"promises {reason}, which {REASONS} does not list")
        elif (rpc.method, reason) not in cases:
            messages.append(f"promises {reason}, and no conformance case sees it")
    return [(rpc.path, rpc.line, f"{rpc.method} {message}") for message in messages]


def check(tree: Tree) -> list[Finding]:
    found: list[Finding] = []
    rpcs, table, cases = read_rpcs(tree), read_table(tree), read_cases(tree, found)
    known = set(re.findall(r"^VOXEL_REASON\(\s*(\w+)", tree.text(REASONS), re.MULTILINE))
    for rpc in rpcs:
        found += check_rpc(rpc, table, cases, known)
    names = {(r.group, r.rpc) for r in rpcs}
    found += [
        (TABLE, line, f"{row[0]}, {row[1]}: no such rpc")
        for row, line in table.items()
        if row not in names
    ]
    found += [
        (REASONS, 1, f"no conformance case sees {reason}")
        for reason in sorted(known.intersection(STORE) - {reason for _, reason in cases})
    ]
    methods = {r.method for r in rpcs}
    promised = {(r.method, reason) for r in rpcs for reason in r.reasons}
    for method, reason in sorted(cases):
        if (
            reason
            and reason not in EVERYWHERE
            and reason not in STORE
            and method in methods
            and (method, reason) not in promised
        ):
            rpc = next(r for r in rpcs if r.method == method)
            found.append(
                (
                    rpc.path,
                    rpc.line,
                    f"{method} answers {reason} in a case, and its Errors do not say so",
                )
            )
    return found


if __name__ == "__main__":
    main("methods", check)
