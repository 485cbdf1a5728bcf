"""Formatting is not a matter of opinion: clang-format for C++, gofmt for Go, black for Python, 100
columns. `./dev fmt` mends.
"""

import re
import shutil
import subprocess

from tree import Finding, Tree, main

COLUMNS = 100
# client.py is read line by line by make_aio.py, which makes aio.py from it.
NOT_BLACK = r"voxeld/(aio|client)\.py$"
CLANG_FORMAT = "clang-format-14"


def run(tree: Tree, command: list[str], paths: list[str]) -> str:
    if not paths:
        return ""
    done = subprocess.run(
        command + paths, cwd=tree.root, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def check_cpp(tree: Tree) -> list[Finding]:
    output = run(tree, [CLANG_FORMAT, "--dry-run"], tree.files(r".*\.(h|cc)"))
    places = re.findall(r"^(.+?):(\d+):\d+: (?:warning|error): (.*)$", output, re.MULTILINE)
    return [(path, int(line), f"{text}; run ./dev fmt") for path, line, text in places]


def check_go(tree: Tree) -> list[Finding]:
    paths = tree.files(r".*(?<!\.pb)\.go")
    if not paths or not shutil.which("gofmt"):
        return []
    return [
        (path, 1, "not formatted; run ./dev fmt")
        for path in run(tree, ["gofmt", "-l"], paths).split()
    ]


def check_python(tree: Tree) -> list[Finding]:
    paths = tree.files(r".*(?<!_pb2)(?<!_pb2_grpc)\.pyi?")
    command = ["/usr/bin/black", "--check", "--line-length", str(COLUMNS)]
    output = run(tree, command + ["--force-exclude", NOT_BLACK], paths)
    names = re.findall(r"^would reformat (.+)$|^error: cannot format (.+?):", output, re.MULTILINE)
    root = str(tree.root) + "/"
    return [((a or b).removeprefix(root), 1, "not formatted; run ./dev fmt") for a, b in names]


def check_columns(tree: Tree) -> list[Finding]:
    found = []
    for path in tree.files(r".*\.(h|cc|inc|proto)"):
        for number, line in enumerate(tree.lines(path), 1):
            # An address or a table row cannot be broken.
            free = "://" in line or line.startswith(("VOXEL_", "VOXELD_"))
            if len(line) > COLUMNS and not free:
                found.append((path, number, f"{len(line)} columns, at most {COLUMNS}"))
    return found


def check(tree: Tree) -> list[Finding]:
    return check_cpp(tree) + check_go(tree) + check_python(tree) + check_columns(tree)


if __name__ == "__main__":
    main("format", check)
