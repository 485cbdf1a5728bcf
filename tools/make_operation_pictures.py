#!/usr/bin/python3
"""Draws docs/images/operations/NAME.png for each operation, with a daemon's render.view.

Usage: VOXELD_BUILD=build/dev tools/make_operation_pictures.py [NAME...]: only those operations, or all.
A scene is what is there before the edit, the edit, and what is cut away afterwards so that its inside shows.
"""

import base64
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests/lint"), str(ROOT / "tests/support")]
sys.dont_write_bytecode = True

from daemon import Daemon  # noqa: E402
from operations import PICTURES, Manifest  # noqa: E402
from tree import Tree  # noqa: E402

OLD, NEW, THIRD = "#8a9bb0", "#d2552e", "#e5b84b"
CUBE = {"min": [0, 0, 0], "max": [16, 16, 16]}
FRONT = {"clear": {"box": {"min": [0, -20, 8], "max": [40, 8, 40]}}}  # opens the inside to the eye


BALL = {"min": [4, -4, 3], "max": [20, 12, 19]}


def on_other(edit: dict) -> dict:
    return {**edit, "layer": "other"}


def box(low: list[int], high: list[int], color: str = OLD, **more) -> dict:
    return {"box": {"box": {"min": low, "max": high}, "color": color, **more}}


def house() -> list[dict]:
    """Something that shows which way it was turned: walls, a door, a roof, a chimney."""
    return [
        box([2, 2, 0], [14, 14, 8]),
        box([6, 0, 0], [10, 3, 5], THIRD),
        {"pyramid": {"box": {"min": [1, 1, 8], "max": [15, 15, 15]}, "color": NEW}},
        box([11, 11, 8], [13, 13, 16], THIRD),
    ]


def stripes() -> list[dict]:
    shades = (
        "#b03a2e",
        "#b5453a",
        "#2e86c1",
        "#3a8fc9",
        "#239b56",
        "#2aa25d",
        "#d4ac0d",
        "#dbb51f",
    )
    return [box([2 * i, 0, 0], [2 * i + 2, 16, 16 - i], c) for i, c in enumerate(shades)]


SOLID = {"box": CUBE}
# operation: (before, the edit's operation, after)
SCENES = {
    "set": (
        [],
        {"xyz": [v for i in range(8) for v in (i, i * i % 7, i * 5 % 8)], "color": NEW},
        [],
    ),
    "box": ([], {**SOLID, "color": NEW, "wall": 2}, [FRONT]),
    "ellipsoid": ([], {**SOLID, "color": NEW}, []),
    "cylinder": ([], {**SOLID, "axis": "AXIS_X", "color": NEW}, []),
    "cone": ([], {**SOLID, "color": NEW}, []),
    "torus": ([], {"center": [0, 0, 0], "major": 12, "minor": 4, "color": NEW}, []),
    "line": ([], {"points": [0, 0, 0, 12, 4, 3, 5, 14, 16], "radius": 1, "color": NEW}, []),
    "flood_fill": (stripes(), {"seed": [1, 1, 1], "tolerance": 12, "color": "#ffffff"}, []),
    "replace": (house(), {"from": OLD, "color": "#6d8f3a"}, []),
    "clear": ([box([0, 0, 0], [16, 16, 16])], {"box": {"min": [6, 0, 6], "max": [16, 10, 16]}}, []),
    "move": (house(), {"box": {"min": [0, 0, 8], "max": [16, 16, 16]}, "by": [0, 0, 6]}, []),
    "copy": (
        house(),
        {"box": CUBE, "to": [18, 0, 0], "count": 2, "step": [18, 0, 0], "skip_empty": True},
        [],
    ),
    "mirror": (house(), {"box": CUBE, "axis": "AXIS_Z"}, []),
    "rotate": (house(), {"box": CUBE, "axis": "AXIS_Y", "quarter_turns": 1}, []),
    "pyramid": ([], {**SOLID, "color": NEW}, []),
    "capsule": ([], {"from": [0, 0, 0], "to": [20, 8, 12], "radius": 5, "color": NEW}, []),
    "prism": (
        [],
        {
            "points": [0, -16, 0, 9, 13, 0, -15, -5, 0, 15, -5, 0, -9, 13, 0],
            "length": 6,
            "color": NEW,
        },
        [],
    ),
    "walls": ([], {**SOLID, "color": NEW, "thickness": 2}, []),
    "faces": ([], {**SOLID, "color": NEW, "thickness": 2}, [FRONT]),
    "runs": (
        [],
        {
            "runs": [v for i in range(16) for v in (i % 3, i, 2 * (i % 5), 4 + i % 7)],
            "rgba": [0xD2552EFF if i % 2 else 0x8A9BB0FF for i in range(16)],
        },
        [],
    ),
    "drain": (stripes(), {"seed": [5, 1, 1], "tolerance": 12}, []),
    "crop": (house(), {"box": {"min": [0, 4, 0], "max": [16, 16, 12]}}, []),
    "extrude": (house(), {"box": CUBE, "axis": "AXIS_Y", "length": -8}, []),
    "outline": (
        [{"ellipsoid": {"box": CUBE, "color": OLD}}],
        {"color": NEW, "neighbours": "NEIGHBOURS_CORNERS"},
        [FRONT],
    ),
    "hollow": ([{"ellipsoid": {"box": CUBE, "color": NEW}}], {"thickness": 2}, [FRONT]),
    "fill_voids": ([box([0, 0, 0], [16, 16, 16], wall=2)], {"color": NEW}, [FRONT]),
    "scale": (house(), {"box": CUBE, "factor": 2, "down": True}, [box([10, 0, 0], [12, 2, 1])]),
    "remap": (house(), {"from": [OLD, NEW], "to": [NEW, OLD]}, []),
    "quantise": (stripes(), {"colors": 4}, []),
    "merge_colors": (stripes(), {"tolerance": 20}, []),
    "adjust": (house(), {"hue": 150, "saturation": 40}, []),
    "paste": (
        house(),
        {"box": CUBE, "to": [18, 0, 0], "axis": "AXIS_X", "quarter_turns": 1, "flip": ["AXIS_X"]},
        [],
    ),
    "cut": (
        house(),
        {"box": {"min": [0, 0, 8], "max": [16, 16, 16]}, "to_layer": "other", "to": [18, 0, 0]},
        [],
    ),
    "stack": (house(), {"box": CUBE, "direction": [1, 0, 1], "count": 2, "skip_empty": True}, []),
    "recentre": (
        [box([0, 0, 0], [20, 20, 1]), *[on_other(e) for e in house()]],
        {"to": [10, 10, 1], "anchor": "ANCHOR_BASE"},
        [],
    ),
    "combine": (
        [*house(), on_other({"ellipsoid": {"box": BALL, "color": NEW}})],
        {"with_layer": "other", "how": "COMBINATION_SUBTRACT"},
        [on_other({"clear": {}})],
    ),
    "flatten": (
        [*house(), on_other({"ellipsoid": {"box": BALL, "color": "#d2552e90"}})],
        {},
        [on_other({"clear": {}})],
    ),
    "repaint": (house(), {"color": "checker(#d2552e,#e5b84b,2)"}, []),
}
# Operations that act on the second layer there, which stands for a clipboard.
ON_OTHER = ("recentre",)
SPEC = {"views": ["orbit:-60,30"], "width": 192, "height": 192, "no_labels": True}


def draw(rpc, name: str) -> None:
    before, operation, after = SCENES[name]
    project = f"picture-{name.replace('_', '-')}"
    rpc.call("project.create", {"project": project})
    rpc.call("layer.create", {"project": project, "layer": {"layer": "other"}})
    edit = {name: operation}
    edits = [*before, on_other(edit) if name in ON_OTHER else edit, *after]
    edits = [{"layer": "main", **e} for e in edits]
    rpc.call("voxel.apply_edits", {"project": project, "edits": edits})
    image = rpc.call("render.view", {"project": project, "spec": SPEC})
    path = ROOT / PICTURES.format(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(image["png"]))


def main() -> int:
    names = sys.argv[1:] or list(Manifest(Tree(ROOT)).operations)
    with Daemon() as daemon, daemon.connect() as rpc:
        for name in names:
            if name not in SCENES:
                print(f"{name} has no scene in {pathlib.Path(__file__).name}")
                return 1
            draw(rpc, name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
