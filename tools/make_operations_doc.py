#!/usr/bin/python3
"""Writes docs/operations.md from voxel/ops/operation_table.inc, the protos, voxctl's commands and the conformance cases.

`--check` only compares and exits with 1 where the file is out of date.
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/lint"))
sys.dont_write_bytecode = True

from operations import PICTURES, Manifest  # noqa: E402
from document import write_or_check  # noqa: E402
from tree import Tree  # noqa: E402

DOCUMENT = "docs/operations.md"
FAMILIES = {
    "kShapes": ("Voxels and shapes", "Each voxel's fate is known from its place and its colour."),
    "kConnected": (
        "Connected regions",
        "They spread over faces, and the clip box is a wall to them.",
    ),
    "kPlacement": ("Moving and copying", "What is read is what was there before the edit."),
    "kLayers": ("Whole layers", "They look at other layers, at the same places."),
    "kNeighbours": ("Surfaces and insides", "They look at the voxels around each."),
    "kColors": (
        "Colours",
        "They act on all voxels of the clip box or the layer, by their colour alone.",
    ),
    "kColorSet": ("Sets of colours", "They first count the colours of the clip box or the layer."),
}
TOOLS = ("WorldEdit", "Goxel", "vengi", "MagicaVoxel")

HEAD = """# Operations

Made by `tools/make_operations_doc.py` from `voxel/ops/operation_table.inc`, `proto/voxeld/v1/edit.proto`, voxctl's
commands and the conformance cases; change those, then run `./dev fmt`.

An edit is one of these operations with a layer, a mode and a clip box; a list of edits is one revision, all or nothing
(`voxel.apply_edits`). Positions are three integers, boxes are half-open, +z is up. An operation that paints takes a mode,
the others take replace only. Each example is an edit of the conformance suite, which every door answers alike. What other
tools call an operation is the nearest they have; it may differ at the edges.
"""


def example(edit: dict) -> str:
    return "    " + json.dumps(edit) + "\n"


def render_operation(manifest: Manifest, name: str) -> str:
    operation = manifest.operations[name]
    picture = PICTURES.format(name).removeprefix("docs/")
    parts = [f"\n### {name}\n\n{operation.summary}\n\n![{name}]({picture})\n"]
    parts.append("\n| field | type | |\n|---|---|---|\n")
    for field in manifest.fields(name):
        comment = " ".join(field.comment.split()).replace("|", "\\|")
        parts.append(f"| {field.name} | {field.type} | {comment} |\n")
    if not operation.paints:
        parts.append("\nTakes no mode.\n")
    parts.append("\nAs JSON, and with voxctl:\n\n")
    parts.append(example(manifest.examples[name]))
    parts.append(f"    {manifest.command(name)}\n")
    known = [(t, e) for t, e in zip(TOOLS, operation.equivalents) if e]
    if known:
        parts.append("\n| " + " | ".join(t for t, _ in known) + " |\n")
        parts.append("|" + "---|" * len(known) + "\n")
        parts.append("| " + " | ".join(e for _, e in known) + " |\n")
    return "".join(parts)


def render(tree: Tree) -> str:
    manifest = Manifest(tree)
    parts = [HEAD]
    for family, (title, text) in FAMILIES.items():
        parts.append(f"\n## {title}\n\n{text}\n")
        for name, operation in manifest.operations.items():
            if operation.family == family:
                parts.append(render_operation(manifest, name))
    return "".join(parts)


if __name__ == "__main__":
    sys.exit(write_or_check(ROOT / DOCUMENT, DOCUMENT, lambda: render(Tree(ROOT))))
