"""Includes flow one way: fails on an include, or a library in CMake, that the table below does not allow.

The table is section "Folders" of docs/architecture.md in a form a program can read.
"""

import re

from tree import Finding, Tree, main

BASE = {"voxel/base"}
GRID = BASE | {"voxel/grid", "voxel/image"}
ENGINE = GRID | {"voxel/ops", "voxel/mesh", "voxel/render", "voxel/formats"}
CORE = {"daemon/stats", "daemon/memory", "daemon/runtime"}
SERVICE = {"proto"} | ENGINE | CORE | {"daemon/store", "daemon/convert"}

# Folder -> the folders it may include, bottom to top. A folder may always include itself.
ALLOWED = {
    "voxel/base": set(),
    "voxel/image": BASE,
    "voxel/grid": BASE,
    "voxel/ops": GRID,
    "voxel/mesh": GRID,
    "voxel/render": GRID,
    "voxel/formats": GRID | {"voxel/mesh"},
    "voxel/script": ENGINE,
    "daemon/config": BASE,
    "daemon/stats": BASE,
    "daemon/memory": BASE,
    "daemon/runtime": BASE | {"daemon/stats", "daemon/memory"},
    "daemon/io": BASE | CORE,
    "daemon/codec": GRID,
    "daemon/store": ENGINE | CORE,
    "daemon/disk": GRID | CORE | {"daemon/codec", "daemon/store"},
    "daemon/convert": {"proto"} | ENGINE,
    "daemon/service": SERVICE,
    "daemon/wire": {"proto"} | BASE,
    "daemon/net": {"proto", "daemon/io", "daemon/service", "daemon/wire", "clients/mcp"}
    | CORE
    | BASE,
    "daemon": {
        "daemon/config",
        "daemon/disk",
        "daemon/io",
        "daemon/service",
        "daemon/wire",
        "daemon/net",
    }
    | SERVICE,
    "clients/api": set(),
    "clients/mcp": {"clients/api"},
    "clients": {"proto", "clients/api", "clients/mcp"},
}

RPC = r"(grpc|grpcpp|google/rpc)/"
PROTOBUF = r"google/protobuf/"
SOCKETS = r"(sys/socket|sys/un|netinet/.*|arpa/.*)\.h"
# Folder -> headers from outside that stay out of it, and why.
BANNED = {
    "voxel": (f"{RPC}|{PROTOBUF}|{SOCKETS}", "the engine is a library without doors"),
    "daemon/stats": (
        f"{RPC}|{PROTOBUF}|{SOCKETS}",
        "ThreadSanitizer runs this folder without gRPC",
    ),
    "daemon/memory": (
        f"{RPC}|{PROTOBUF}|{SOCKETS}",
        "ThreadSanitizer runs this folder without gRPC",
    ),
    "daemon/runtime": (
        f"{RPC}|{PROTOBUF}|{SOCKETS}",
        "ThreadSanitizer runs this folder without gRPC",
    ),
    "daemon/io": (f"{RPC}|{PROTOBUF}", "ThreadSanitizer runs this folder without gRPC"),
    "daemon/codec": (
        f"{RPC}|{PROTOBUF}|{SOCKETS}",
        "ThreadSanitizer runs this folder without gRPC",
    ),
    "daemon/store": (
        f"{RPC}|{PROTOBUF}|{SOCKETS}",
        "ThreadSanitizer runs this folder without gRPC",
    ),
    "daemon/disk": (
        f"{RPC}|{PROTOBUF}|{SOCKETS}",
        "ThreadSanitizer runs this folder without gRPC",
    ),
    "daemon/convert": (f"{RPC}|{SOCKETS}", "only daemon/net knows gRPC and sockets"),
    "daemon/service": (f"{RPC}|{SOCKETS}", "only daemon/net knows gRPC and sockets"),
    "daemon/wire": (f"{RPC}|{SOCKETS}", "only daemon/net knows gRPC and sockets"),
    "clients/api": (f"{RPC}|{SOCKETS}", "the daemon links this folder, too"),
    "clients/mcp": (f"{RPC}|{SOCKETS}", "what carries MCP is its user's"),
}

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')
LIBRARY = re.compile(r"voxeld_library\(\s*(\w+)([^)]*)\)")


def folder_of(path: str) -> str | None:
    """The row of ALLOWED that a source path or an include belongs to; generated code counts as proto."""
    if path.startswith(("proto/", "voxeld/v1/")):
        return "proto"
    rows = [row for row in ALLOWED if path.startswith(row + "/")]
    row = max(rows, key=len, default=None)
    if row is None and path.startswith("voxel/"):
        return "/".join(path.split("/")[:2])  # a folder the table does not know yet
    if row == "daemon" and path.count("/") > 1:
        return "/".join(path.split("/")[:2])
    return row


def check_include(path: str, number: int, included: str) -> list[Finding]:
    here, there = folder_of(path), folder_of(included)
    if here not in ALLOWED:
        return [(path, number, f"folder {here} is not in the table of tests/lint/layers.py")]
    for folder, (pattern, why) in BANNED.items():
        if path.startswith(folder + "/") and re.match(pattern, included):
            return [(path, number, f"{folder} may not include {included}: {why}")]
    if there and there != here and there not in ALLOWED[here]:
        return [(path, number, f"{here} may not include {there} ({included})")]
    return []


def check_own_header(
    path: str, includes: list[tuple[int, str]], headers: set[str]
) -> list[Finding]:
    """foo.cc includes foo.h first, which proves that foo.h compiles alone."""
    own = path.removesuffix(".cc") + ".h"
    if not path.endswith(".cc") or own not in headers:
        return []
    if includes and includes[0][1] == own:
        return []
    return [(path, includes[0][0] if includes else 1, f'the first include must be "{own}"')]


def check_libraries(tree: Tree, path: str) -> list[Finding]:
    """Libraries link only what their folder may include."""
    rows = {row.replace("/", "_"): row for row in ALLOWED} | {"voxeld_proto": "proto"}
    text, found = tree.text(path), []
    for match in LIBRARY.finditer(text):
        here = rows.get(match[1])
        number = text.count("\n", 0, match.start()) + 1
        for word in re.findall(r"[\w:]+", match[2]):
            there = rows.get(word)
            if here and there and there != here and there not in ALLOWED[here]:
                found.append((path, number, f"{match[1]} may not link {word}"))
    return found


def check(tree: Tree) -> list[Finding]:
    found: list[Finding] = []
    sources = tree.files(r"(voxel|daemon|clients)/.*\.(h|cc|inc)")
    headers = {p for p in sources if p.endswith(".h")}
    for path in sources:
        includes = []
        for number, line in enumerate(tree.lines(path), 1):
            if match := INCLUDE.match(line):
                includes.append((number, match[1]))
                found += check_include(path, number, match[1])
        found += check_own_header(path, includes, headers)
    for path in tree.files(r"(voxel|daemon|clients)/.*CMakeLists\.txt"):
        found += check_libraries(tree, path)
    return found


if __name__ == "__main__":
    main("layers", check)
