#!/usr/bin/python3
"""A town between hills, as a language model would build it: 20,000 primitives in 512^3, some three
million voxels. The same for every run.

    town.py [BATCH] > requests.jsonl     the calls that build it, one JSON-RPC request a line

bench/targets.py builds it through the socket and holds it against its bounds.
"""

import json
import math
import random
import sys

SIDE = 512
PRIMITIVES = 20_000
TILE = 8  # of the ground, which is level within one
STREET = 64  # from one street to the next
GROUND = ("#4f9f3f", "#5aa845", "#478f3a", "#6ab04f")
BRICK = ("#a5523d", "#b5654a", "#8f4634", "#c0b090", "#d8cbb0", "#9aa5b1", "#7f8c99")
ROOF = ("#5b3a29", "#6d4030", "#3f4a56")
CROWN = ("#2f7d32", "#3c8d3f", "#58a046", "#c98a2b")
FLOWER = ("#e0455a", "#f2d14b", "#8f6be0", "#ffffff")


def box(x, y, z, sx, sy, sz, color, **more):
    return {
        "box": {"box": {"min": [x, y, z], "max": [x + sx, y + sy, z + sz]}, "color": color, **more}
    }


def ball(x, y, z, r, color, **more):
    return {
        "ellipsoid": {
            "box": {"min": [x - r, y - r, z - r], "max": [x + r + 1, y + r + 1, z + r + 1]},
            "color": color,
            **more,
        }
    }


def standing(kind, x, y, z, r, height, color, **more):
    """A cylinder or a cone, upright."""
    low, high = [x - r, y - r, z], [x + r + 1, y + r + 1, z + height]
    return {kind: {"box": {"min": low, "max": high}, "color": color, **more}}


def line(points, color, radius=0):
    return {
        "line": {"points": [v for point in points for v in point], "color": color, "radius": radius}
    }


class Town:
    """Collects the primitives, in the order in which they are built."""

    def __init__(self):
        self.edits = []
        self._random = random.Random(1)

    def build(self):
        self._ground()
        self._streets()
        for y in range(0, SIDE, STREET):
            for x in range(0, SIDE, STREET):
                self._block(x + 8, y + 8)
        self._castle(256, 256)
        self._river()
        while len(self.edits) < PRIMITIVES:
            self._plant()
        del self.edits[PRIMITIVES:]
        return self.edits

    @staticmethod
    def _height(x, y):
        """Of the ground: hills around a plain."""
        away = max(0.0, math.hypot(x - SIDE / 2, y - SIDE / 2) - 150) / 100
        return 4 + int(5 * away * (1 + 0.5 * math.sin(x / 31) * math.cos(y / 27)))

    def _ground(self):
        for y in range(0, SIDE, TILE):
            for x in range(0, SIDE, TILE):
                z = self._height(x, y)
                self.edits.append(box(x, y, 0, TILE, TILE, z, "#7a5a3a"))
                self.edits.append(box(x, y, z, TILE, TILE, 1, self._random.choice(GROUND)))

    def _streets(self):
        for at in range(0, SIDE, STREET):
            for along in range(0, SIDE, TILE):
                for x, y in ((at, along), (along, at)):
                    z = self._height(x, y)
                    self.edits.append(box(x, y, z, TILE, TILE, 1, "#55585c"))

    def _block(self, x, y):
        """Four houses, or a tower and trees, with lamps along the street."""
        if self._random.random() < 0.3:
            self._tower(x + 12, y + 12)
        else:
            for dx, dy in ((0, 0), (26, 0), (0, 26), (26, 26)):
                self._house(x + dx, y + dy)
        for step in range(0, 48, 12):
            z = self._height(x + step, y - 2)
            self.edits.append(line([(x + step, y - 2, z), (x + step, y - 2, z + 6)], "#303438"))
            self.edits.append(box(x + step, y - 2, z + 7, 1, 1, 1, "#ffe9a0"))

    def _house(self, x, y):
        pick = self._random
        z = self._height(x, y)
        sx, sy, storeys = pick.randint(14, 20), pick.randint(14, 20), pick.randint(1, 3)
        height = storeys * 8
        self.edits.append(box(x, y, z, sx, sy, height, pick.choice(BRICK), wall=1))
        self.edits.append(box(x + sx // 2, y, z + 1, 2, 1, 4, "#4a3020"))
        for storey in range(storeys):
            for at in range(3, sx - 3, 4):
                for side in (y, y + sy - 1):
                    self.edits.append(box(x + at, side, z + 8 * storey + 3, 2, 1, 3, "#9fd0e8c0"))
        low, high = [x - 1, y - 1, z + height], [x + sx + 1, y + sy + 1, z + height + 8]
        self.edits.append(
            {"pyramid": {"box": {"min": low, "max": high}, "color": pick.choice(ROOF)}}
        )

    def _tower(self, x, y):
        pick = self._random
        z, storeys, side = self._height(x, y), pick.randint(10, 30), pick.randint(18, 26)
        color = pick.choice(BRICK)
        for storey in range(storeys):
            base = z + 6 * storey
            self.edits.append(box(x, y, base, side, side, 1, "#c8ccd0"))
            self.edits.append(
                {
                    "walls": {
                        "box": {"min": [x, y, base + 1], "max": [x + side, y + side, base + 6]},
                        "color": color,
                    }
                }
            )
            self.edits.append(box(x + 2, y, base + 2, side - 4, 1, 3, "#9fd0e8c0"))
            self.edits.append(box(x, y + 2, base + 2, 1, side - 4, 3, "#9fd0e8c0"))
        top = z + 6 * storeys
        self.edits.append(box(x, y, top, side, side, 2, "#3f4a56"))
        mast = (x + side // 2, y + side // 2)
        self.edits.append(line([(*mast, top + 2), (*mast, top + 20)], "#d04020"))

    def _castle(self, x, y):
        z = self._height(x, y)
        self.edits.append(box(x - 30, y - 30, z, 60, 60, 60, "#8c8f94", wall=3))
        for dx in (-30, 30):
            for dy in (-30, 30):
                self.edits.append(standing("cylinder", x + dx, y + dy, z, 9, 80, "#7c7f84"))
                self.edits.append(standing("cone", x + dx, y + dy, z + 80, 12, 30, "#3c4f8f"))
        for at in range(-28, 28, 4):
            for dx, dy in ((at, -30), (at, 29), (-30, at), (29, at)):
                self.edits.append(box(x + dx, y + dy, z + 60, 2, 2, 4, "#7c7f84"))
        self.edits.append(ball(x, y, z + 75, 22, "#c8a03c"))
        self.edits.append(box(x - 5, y - 30, z + 1, 10, 3, 16, "air"))

    def _river(self):
        points = [(x, int(400 + 40 * math.sin(x / 60)), 6) for x in range(10, SIDE - 10, 4)]
        for start, end in zip(points, points[1:]):
            self.edits.append(line([start, end], "#3060d0a0", radius=6))
        for x in range(100, SIDE - 60, 100):
            y = int(400 + 40 * math.sin(x / 60))
            self.edits.append(box(x, y - 14, 13, 10, 28, 2, "#8f7a5a"))

    def _plant(self):
        """A tree, mostly; else a flower."""
        pick = self._random
        x, y = pick.randrange(12, SIDE - 12), pick.randrange(12, SIDE - 12)
        z = self._height(x, y) + 1
        if pick.random() < 0.6:
            tall, r = pick.randint(5, 12), pick.randint(3, 6)
            self.edits.append(line([(x, y, z), (x, y, z + tall)], "#6b4a2b"))
            self.edits.append(ball(x, y, z + tall + r - 1, r, pick.choice(CROWN)))
        else:
            self.edits.append(box(x, y, z, 1, 1, 2, pick.choice(FLOWER)))


def requests(project, batch):
    """The calls that build the town in an existing project, as lines of JSON-RPC."""
    edits = Town().build()
    for number, start in enumerate(range(0, len(edits), batch), 1):
        params = {"project": project, "edits": edits[start : start + batch]}
        call = {"jsonrpc": "2.0", "id": number, "method": "voxel.apply_edits", "params": params}
        yield json.dumps(call, separators=(",", ":")).encode() + b"\n"


if __name__ == "__main__":
    for request_line in requests("town", int(sys.argv[1]) if len(sys.argv) > 1 else 1000):
        sys.stdout.buffer.write(request_line)
