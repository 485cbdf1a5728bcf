"""Documents tell the truth about the tree: a file, symbol, method, subcommand or link that they
name exists, and every block is run by something.

Names are checked where they stand in `backticks`: `voxel/grid/volume.h`, `Volume::Get`,
`ParsePattern()`, `voxel.apply_edits`, `./dev test`. A fenced block of shell carries what runs it
behind its language:

    ```sh run    tests/docs/run_blocks.py runs it against a real daemon
    ```sh ci     each of its commands stands in .ci/run or in the script that .ci/run starts for it
    ```sh by tests/docs/install_test.sh    that file runs it; it must hold each command literally

and so does a block of anything else, in the words of tests/docs/other_block.py. What is no code is
a table, or is indented.
"""

import re

from proto_file import ProtoFile
from protos import snake
from tree import Finding, Tree, main

DOCUMENTS = (r"[A-Z]+\.md", r"docs/.*\.md", r"clients/.*\.md")
SUFFIXES = r"(cc|h|inc|proto|py|go|sh|md|txt|cmake|yml|supp|dict)"
FOLDERS = r"(voxel|daemon|clients|tests|bench|docs|proto|tools|cmake)"
MADE = ("build/", "out/")  # what the tree makes, and does not hold
FOREIGN = ("std::", "absl::", "grpc::", "google::", "simdjson::", "testing::", "rc::")
OTHER_BLOCKS = ("go run", "json request", "json reply", "json mcp")
SOURCES = (r"(voxel|daemon|clients|tests|bench)/.*\.(h|cc|inc|py|go)", r"cmake/.*\.cmake")


class Facts:
    """What exists: paths, words of the sources, methods, subcommands."""

    def __init__(self, tree: Tree):
        self.paths = set(tree.paths)
        self.folders = {
            "/".join(p.split("/")[:n]) for p in tree.paths for n in range(1, p.count("/") + 1)
        }
        self.names = {p.rsplit("/", 1)[-1] for p in tree.paths}
        self.words = [set(re.findall(r"\w+", tree.text(p))) for p in tree.files(*SOURCES)]
        self.methods = {
            f"{snake(e.parent.name.removesuffix('Service'))}.{snake(e.name)}"
            for p in tree.files(r"proto/voxeld/v1/.*\.proto")
            for e in ProtoFile(tree.text(p)).of("rpc")
            if e.parent
        }
        self.commands = set()
        if "dev" in self.paths:
            for names in re.findall(r"^  ([a-z |-]+)\)", tree.text("dev"), re.MULTILINE):
                self.commands.update(names.replace("|", " ").split())

    def has_path(self, path: str, document: str) -> bool:
        if path.startswith(MADE):
            return True
        pattern = re.escape(path.rstrip("/")).replace(r"\*", "[^/]*")
        beside = document.rsplit("/", 1)[0] + "/" if "/" in document else ""
        known = self.paths | self.folders
        if any(
            re.fullmatch(re.escape(beside) + pattern, p) or re.fullmatch(pattern, p) for p in known
        ):
            return True
        return "/" not in path and any(re.fullmatch(pattern, name) for name in self.names)

    def has_symbol(self, parts: list[str]) -> bool:
        """Whether one file holds all the words: `Volume::Get` needs a file that speaks of both."""
        return any(all(part in words for part in parts) for words in self.words)


def check_name(name: str, document: str, facts: Facts) -> str | None:
    """What is wrong with a name in backticks, or None. foo stands for any name."""
    if re.match(r"(.*/)?foo\b", name):
        return None
    if re.fullmatch(rf"[\w./*-]+\.{SUFFIXES}", name) or re.fullmatch(rf"{FOLDERS}/[\w./*-]*", name):
        return None if facts.has_path(name, document) else f"no file {name}"
    if match := re.fullmatch(r"\./dev ([a-z-]+).*", name):
        return None if match[1] in facts.commands else f"./dev has no {match[1]}"
    if re.fullmatch(r"~?\w+(::~?\w+)+(\(\))?", name) and not name.startswith(FOREIGN):
        parts = name.removesuffix("()").replace("~", "").split("::")[-2:]
        return None if facts.has_symbol(parts) else f"no symbol {name}"
    if match := re.fullmatch(r"([A-Z]\w+)\(\)", name):
        return None if facts.has_symbol([match[1]]) else f"no symbol {name}"
    if match := re.fullmatch(r"([a-z]+)\.[a-z_]+", name):
        groups = {method.split(".")[0] for method in facts.methods}
        if match[1] in groups and name not in facts.methods:
            return f"no method {name}"
    return None


def check_links(line: str, document: str, facts: Facts) -> list[str]:
    wrong = []
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
        if "://" not in target and not target.startswith("mailto:"):
            path = normal(document, target)
            if (
                not path.startswith(MADE)
                and path not in facts.paths
                and path.rstrip("/") not in facts.folders
            ):
                wrong.append(f"broken link to {target}")
    return wrong


def normal(document: str, target: str) -> str:
    parts = document.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in (".", ""):
            parts.append(part)
    return "/".join(parts)


def commands_of(block: list[str]) -> list[str]:
    joined = "\n".join(block).replace("\\\n", " ")
    return [c.strip() for c in joined.splitlines() if c.strip() and not c.strip().startswith("#")]


def check_block(tree: Tree, facts: Facts, tag: str, block: list[str]) -> list[str]:
    """What is wrong with a fenced shell block whose info string is `tag`."""
    words = tag.split()[1:]
    if words == ["run"]:
        return []
    if words == ["ci"]:
        runner = ".ci/run"
    elif len(words) == 2 and words[0] == "by":
        runner = words[1]
    else:
        return ["a shell block must say what runs it: ```sh run, ```sh ci or ```sh by FILE"]
    if runner not in facts.paths:
        return [f"no file {runner}"]
    text = tree.text(runner)
    return [
        f"{runner} does not run: {c}"
        for c in commands_of(block)
        if c.split("  #")[0].strip() not in text
    ]


def check_document(tree: Tree, facts: Facts, path: str) -> list[Finding]:
    found: list[Finding] = []
    tag, start, block = None, 0, []
    for number, line in enumerate(tree.lines(path), 1):
        fence = re.match(r"\s*```(.*)", line)
        if fence and tag is None:
            tag, start, block = fence[1].strip(), number, []
        elif fence:
            if re.match(r"(sh|bash|shell|console)\b", tag):
                found += [(path, start, m) for m in check_block(tree, facts, tag, block)]
            elif tag not in OTHER_BLOCKS:
                known = ", ".join(f"```{kind}" for kind in OTHER_BLOCKS)
                found.append((path, start, f"nothing runs a ```{tag} block; there are {known}"))
            tag = None
        elif tag is not None:
            block.append(line)
        else:
            wrong = [check_name(name, path, facts) for name in re.findall(r"`([^`]+)`", line)]
            found += [(path, number, m) for m in wrong + check_links(line, path, facts) if m]
    return found


def check(tree: Tree) -> list[Finding]:
    facts, found = Facts(tree), []
    for path in tree.files(*DOCUMENTS):
        found += check_document(tree, facts, path)
    return found


if __name__ == "__main__":
    main("docs", check)
