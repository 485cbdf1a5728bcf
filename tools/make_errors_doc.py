#!/usr/bin/python3
"""Writes docs/errors.md from the table of reasons and the `Errors:` lines of the protos.

`--check` only compares and exits with 1 where the file is out of date.
"""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/lint"))
sys.dont_write_bytecode = True

from methods import DOORS, EVERYWHERE, REASONS, STORE, STORE_TOO, read_rpcs  # noqa: E402
from document import write_or_check  # noqa: E402
from tree import Tree  # noqa: E402

DOCUMENT = "docs/errors.md"
ROW = re.compile(r'^VOXEL_REASON\(\s*(\w+),\s*k(\w+),\s*"((?:[^"\\]|\\.)*)"\)', re.MULTILINE)

HEAD = """# Errors

Made by `tools/make_errors_doc.py` from `voxel/base/reason_table.inc`; change that, then run `./dev fmt`.

Every error carries one of these reasons, on every door: `error.data.reason` in JSON-RPC, the `ErrorInfo` in the trailing
metadata of gRPC. A program acts on the reason; the message is for people and may change. A reason that stands with
"any" can come from every method. OVERLOADED and SHUTTING_DOWN say after how long it is worth to ask again: in the fact
`retry_after_ms`, at the end of the message, and over HTTP in the header `Retry-After`.

| reason | status | means | methods |
|---|---|---|---|
"""


def snake_upper(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()


def render(tree: Tree) -> str:
    users = collections.defaultdict(list)
    elsewhere = {**STORE, **DOORS}
    for rpc in read_rpcs(tree):
        for reason in rpc.reasons:
            users[reason].append(f"`{rpc.method}`")
    rows = []
    for reason, code, meaning in ROW.findall(tree.text(REASONS)):
        methods = "any" if reason in EVERYWHERE else elsewhere.get(reason, " ".join(users[reason]))
        if reason in STORE_TOO:
            methods += f"; {STORE_TOO[reason]}"
        text = meaning.replace('\\"', '"').replace("|", "\\|")
        rows.append(f"| {reason} | {snake_upper(code)} | {text} | {methods} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    sys.exit(write_or_check(ROOT / DOCUMENT, DOCUMENT, lambda: render(Tree(ROOT))))
