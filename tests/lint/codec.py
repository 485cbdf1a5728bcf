"""What a document holds is also kept on disk: fails on a member of a document, a layer, a palette or a
scene graph that daemon/codec does not name.
"""

import re

from tree import Finding, Tree, main

# Struct -> the names under which daemon/codec writes and reads one.
STRUCTS = {
    "voxel/grid/document.h": {"Document": ("after_", "next", "document")},
    "voxel/grid/layer.h": {"Layer": ("layer",)},
    "voxel/grid/selection.h": {"Selection": ("selection",)},
    "voxel/grid/voxel_set.h": {"VoxelSet": ("voxels",)},
    "voxel/grid/palette.h": {"PaletteEntry": ("entry",), "Palette": ("palette",)},
    "voxel/grid/stage.h": {
        "SceneCamera": ("camera",),
        "SceneLight": ("light",),
        "Stage": ("stage",),
    },
    "voxel/grid/scene_graph.h": {
        "SceneNode": ("node",),
        "SceneModel": ("model",),
        "SceneChunk": ("chunk",),
        "SceneGraph": ("scene",),
    },
}
MEMBER = re.compile(r"^  [\w:<>, *]+[ >](\w+)(?: = [^;]+)?;", re.MULTILINE)


def members(text: str, struct: str) -> list[tuple[str, int]]:
    """(name, line) of each data member."""
    found = re.search(rf"^(?:struct|class) {struct}\b[^;{{]*{{(.*?)^}};", text, re.M | re.S)
    if not found:
        return []
    body = re.sub(r"//[^\n]*", "", found[1])
    first = text.count("\n", 0, found.start(1)) + 1
    return [
        (m[1], first + body.count("\n", 0, m.start()))
        for m in MEMBER.finditer(body)
        if "(" not in m[0] and not m[0].lstrip().startswith(("friend", "using", "static"))
    ]


def check(tree: Tree) -> list[Finding]:
    codec = "".join(tree.text(path) for path in tree.files(r"daemon/codec/.*\.(h|cc)"))
    found: list[Finding] = []
    for path, structs in STRUCTS.items():
        if path not in tree.paths:
            continue
        for struct, names in structs.items():
            known = members(tree.text(path), struct)
            if not known:
                found.append((path, 1, f"tests/lint/codec.py does not find struct {struct}"))
            for member, line in known:
                if not re.search(rf"\b(?:{'|'.join(names)})(?:\.|->){member}\b", codec):
                    found.append(
                        (
                            path,
                            line,
                            f"{struct}::{member} is not kept on disk: daemon/codec names no "
                            f"{names[0]}.{member}; see daemon/codec/document_parts.h",
                        )
                    )
    return found


if __name__ == "__main__":
    main("codec", check)
