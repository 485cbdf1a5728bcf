"""An operation is complete or the build is red: its line in the table, its message in the API, a
property test (the model carries it out and the random edits draw it), a conformance case that it
succeeds in, a voxctl command and a picture.
"""

import dataclasses
import json
import re

from proto_file import Element, ProtoFile
from tree import Finding, Tree, main

TABLE = "voxel/ops/operation_table.inc"
PROTO = "proto/voxeld/v1/edit.proto"
COMMANDS = "clients/cli/edit_commands.cc"
CASES = r"tests/conformance/cases/.*\.json"
MODEL = r"tests/voxel/ops/edit_model.*\.(cc|h)"
PICTURES = "docs/images/operations/{}.png"
RANDOM = r"tests/voxel/ops/random_edits.*\.cc"
TEXT = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
ROW = re.compile(
    rf"^VOXEL_OPERATION\((\w+),\s*(\w+),\s*(\w+),\s*(\w+),\s*(true|false),\s*{TEXT},\s*"
    rf"{TEXT},\s*{TEXT},\s*{TEXT},\s*{TEXT}\)",
    re.MULTILINE,
)


@dataclasses.dataclass
class Operation:
    name: str
    case: str  # the name in upper camel case
    type: str  # the struct of the engine
    family: str
    paints: bool
    summary: str
    equivalents: list[str]
    line: int


@dataclasses.dataclass
class Field:
    name: str
    type: str
    comment: str


def text_of(literals: str) -> str:
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace('\\"', '"')


def read_operations(tree: Tree) -> dict[str, Operation]:
    operations = {}
    if TABLE not in tree.paths:
        return operations
    text = tree.text(TABLE)
    for row in ROW.finditer(text):
        name, case, kind, family, paints, *texts = row.groups()
        summary, *equivalents = [text_of(one) for one in texts]
        line = text.count("\n", 0, row.start()) + 1
        operations[name] = Operation(
            name, case, kind, family, paints == "true", summary, equivalents, line
        )
    return operations


def walk_edits(case: dict, examples: dict[str, dict]) -> None:
    """Notes the first edit of each operation in a case that is to succeed."""
    if "error" in case or case.get("method") != "voxel.apply_edits":
        return
    for edit in case.get("request", {}).get("edits", []):
        for key in edit:
            examples.setdefault(key, edit)


class Manifest:
    """The operations, and where the tree speaks of each."""

    def __init__(self, tree: Tree):
        self.operations = read_operations(tree)
        self.proto_text = tree.text(PROTO) if PROTO in tree.paths else ""
        self.proto = ProtoFile(self.proto_text)
        # field of the oneof -> (message, line)
        self.messages: dict[str, tuple[str, int]] = {}
        for element in self.proto.of("field"):
            if element.parent and element.parent.kind == "oneof":
                declared = self._declaration(element)
                self.messages[element.name] = (declared.split()[0], element.line)
        self.examples: dict[str, dict] = {}
        for path in tree.files(CASES):
            for case in json.loads(tree.text(path)):
                walk_edits(case, self.examples)
        text = tree.text(COMMANDS) if COMMANDS in tree.paths else ""
        self.commands = {}  # name of the operation -> (voxctl's name, [(argument, field)])
        for block in re.split(r"\b(?=(?:BoxShape|OtherEdit)\(\s*\")", text)[1:]:
            title = re.match(r'\w+\(\s*"([\w-]+)"', block)
            paths = re.findall(r'EDIT\("(\w+)((?:\.\w+)*)"\)', block)
            if not title or not paths:
                continue
            arguments = re.findall(r'\{"([\w!-]+)", EDIT\("\w+((?:\.\w+)*)"\)\}', block)
            if block.startswith("BoxShape"):
                arguments = [("min", ".box.min"), ("max", ".box.max"), ("--color!", ".color")] + [
                    a for a in arguments if a[0] not in ("min", "max")
                ]
            self.commands[paths[0][0]] = (title[1], arguments)

    def _declaration(self, element: Element) -> str:
        return self.proto_text.split("\n")[element.line - 1].strip()

    def fields(self, name: str) -> list[Field]:
        message = self.messages[name][0]
        out = []
        for element in self.proto.of("field"):
            if element.parent and element.parent.name == message:
                declared = self._declaration(element).split(" = ")[0].split()
                out.append(Field(element.name, " ".join(declared[:-1]), element.comment.strip()))
        return out

    def command(self, name: str) -> str:
        """voxctl's command with its arguments: required ones, then options in brackets."""
        title, arguments = self.commands[name]
        words = [f"voxctl {title} PROJECT"]
        for argument, _ in arguments:
            if not argument.startswith("--"):
                words.append(argument.upper())
            elif argument.endswith("!"):
                words.append(f"{argument[:-1]} {argument[2:-1].upper().replace('-', '_')}")
            else:
                words.append(f"[{argument}]")
        return " ".join(words)


def check_operation(tree: Tree, manifest: Manifest, operation: Operation) -> list[str]:
    wrong = []
    if operation.name not in manifest.messages:
        wrong.append(f"has no field in the Edit of {PROTO}")
    if operation.case != "".join(w.capitalize() for w in operation.name.split("_")):
        wrong.append(f"is not {operation.case} in upper camel case")
    if not operation.summary.endswith("."):
        wrong.append("has no summary that is a sentence")
    for pattern, what in ((MODEL, "the edit model"), (RANDOM, "the random edits")):
        if not any(re.search(rf"\b{operation.type}\b", tree.text(p)) for p in tree.files(pattern)):
            wrong.append(f"has no property test: {what} does not know {operation.type}")
    if operation.name not in manifest.examples:
        wrong.append("has no conformance case that succeeds")
    if PICTURES.format(operation.name) not in tree.paths:
        wrong.append("has no picture; tools/make_operation_pictures.py draws it")
    if operation.name not in manifest.commands:
        wrong.append(f"has no short command in {COMMANDS}")
    return wrong


def check(tree: Tree) -> list[Finding]:
    manifest = Manifest(tree)
    found: list[Finding] = []
    for operation in manifest.operations.values():
        for message in check_operation(tree, manifest, operation):
            found.append((TABLE, operation.line, f"{operation.name} {message}"))
    for name, (_, line) in manifest.messages.items():
        if name not in manifest.operations:
            found.append((PROTO, line, f"{name} has no line in {TABLE}"))
    return found


if __name__ == "__main__":
    main("operations", check)
