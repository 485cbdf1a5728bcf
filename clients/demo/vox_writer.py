"""A small writer of MagicaVoxel scenes for the demo: models, named groups and placed instances.

    scene = Scene(palette)
    tree = scene.model(array)                                  # [x, y, z] of palette indices, 0 is air
    forest = scene.group("forest", [scene.place("oak", tree, at=(10, 4, 8), turns=1)])
    open("scene.vox", "wb").write(scene.encode([forest]))

The format: docs/formats/vox.md.
"""

import struct

import numpy as np

# `_r` of 0 to 3 quarter turns about z, counter-clockwise from above: columns of rows 0 and 1, then
# signs.
TURNS = (0b0000100, 0b0010001, 0b0110100, 0b0100001)


def string(text):
    return struct.pack("<i", len(text)) + text.encode()


def dictionary(pairs):
    return struct.pack("<i", len(pairs)) + b"".join(string(k) + string(v) for k, v in pairs.items())


def chunk(name, content, children=b""):
    return name + struct.pack("<ii", len(content), len(children)) + content + children


class Scene:
    """Node ids are given in the order of the calls; encode() adds the root."""

    def __init__(self, palette, materials=None):
        self._palette, self._materials = palette, materials or {}
        self._models, self._nodes, self._next = [], [], 2  # 0 and 1 are the root's

    def model(self, voxels):
        """Adds a shape; the answer may be placed as often as one likes."""
        xyz = np.argwhere(voxels)
        values = voxels[tuple(xyz.T)]
        body = np.column_stack([xyz, values]).astype(np.uint8).tobytes()
        self._models.append(
            chunk(b"SIZE", struct.pack("<iii", *voxels.shape))
            + chunk(b"XYZI", struct.pack("<i", len(xyz)) + body)
        )
        return self._node(
            b"nSHP", dictionary({}) + struct.pack("<ii", 1, len(self._models) - 1) + dictionary({})
        )

    def place(self, name, child, at=(0, 0, 0), turns=0):
        """An instance of a shape or group with its middle at `at`, turned about z."""
        frame = {"_t": " ".join(map(str, at))}
        if turns % 4:
            frame["_r"] = str(TURNS[turns % 4])
        body = dictionary({"_name": name}) + struct.pack("<iiii", child, -1, 0, 1)
        return self._node(b"nTRN", body + dictionary(frame))

    def group(self, name, members, at=(0, 0, 0)):
        """A named group of placed instances, itself placed."""
        return self.place(name, self._node(b"nGRP", self._group(members)), at)

    def encode(self, members):
        root = chunk(
            b"nTRN",
            struct.pack("<i", 0)
            + dictionary({})
            + struct.pack("<iiii", 1, -1, -1, 1)
            + dictionary({}),
        )
        root += chunk(b"nGRP", struct.pack("<i", 1) + self._group(members))
        colors = bytes(v for rgb in self._palette for v in (*rgb, 255)).ljust(1024, b"\0")
        materials = b"".join(
            chunk(b"MATL", struct.pack("<i", index) + dictionary(fields))
            for index, fields in self._materials.items()
        )
        body = (
            b"".join(self._models)
            + root
            + b"".join(self._nodes)
            + chunk(b"RGBA", colors)
            + materials
        )
        return b"VOX " + struct.pack("<i", 150) + chunk(b"MAIN", b"", body)

    @staticmethod
    def _group(members):
        return dictionary({}) + struct.pack(f"<{len(members) + 1}i", len(members), *members)

    def _node(self, kind, body):
        node, self._next = self._next, self._next + 1
        self._nodes.append(chunk(kind, struct.pack("<i", node) + body))
        return node
