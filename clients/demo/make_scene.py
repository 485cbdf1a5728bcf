#!/usr/bin/env python3
"""Makes village.vox, the scene that the demo imports: a floating island with houses and trees.

    make_scene.py [FILE]

Six models, placed some sixty times: houses and trees are shared and turned, groups are named, the
water and the lit windows have materials. The same file comes out of every run.
"""

import pathlib
import sys

import numpy as np
from vox_writer import Scene

COLORS = {
    "grass": 0x6CA84F, "meadow": 0x7DB85A, "moss": 0x5A9444, "earth": 0x7A5638, "clay": 0x694A32,
    "rock": 0x7D7F86, "slate": 0x5E6068, "sand": 0xDBC48C, "water": 0x3F8FCB, "shallow": 0x62B3DC,
    "path": 0xB79B6E, "gravel": 0xA58A60, "plaster": 0xEFE3C8, "cream": 0xE3D3B2, "timber": 0x6B4528,
    "roof": 0xB5452F, "tile": 0x9C3826, "door": 0x4A2F1C, "window": 0xFFD97A, "brick": 0x8F5B4A,
    "trunk": 0x5F4028, "leaf": 0x3F8A3A, "leaf2": 0x52A045, "leaf3": 0x2F7432, "pine": 0x23613F,
    "pine2": 0x2E7549, "snow": 0xF4F7FA, "stone": 0xA7A9AD, "bloom": 0xE86A92, "gold": 0xF2C14E,
}  # fmt: skip
NAMES = list(COLORS)
SIDE, LIFT, WATER = 124, 40, 44  # of the island: width, z of its rim in the model, z of the water


def ink(name):
    return NAMES.index(name) + 1


def smooth_noise(rng, side, cell):
    """Numbers of 0 to 1 that change over about `cell` voxels."""
    points = rng.random((side // cell + 3, side // cell + 3))
    at = np.arange(side) / cell
    low, part = at.astype(int), at % 1
    part = part * part * (3 - 2 * part)
    rows = points[low] * (1 - part)[:, None] + points[low + 1] * part[:, None]
    return rows[:, low] * (1 - part) + rows[:, low + 1] * part


def hill(x, y, at, radius, height):
    return height * np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / radius**2)


def make_heights(rng):
    """Top and bottom of the island at each (x, y), and where the pond is."""
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    middle = (SIDE - 1) / 2
    rim = np.hypot(x - middle, y - middle) / middle + (smooth_noise(rng, SIDE, 9) - 0.5) * 0.16
    inside = rim < 0.95
    top = LIFT + 5 + 3 * (smooth_noise(rng, SIDE, 22) - 0.5)
    top += hill(x, y, (93, 90), 17, 12) + hill(x, y, (28, 88), 13, 8)
    pond = ((x - 36) / 19) ** 2 + ((y - 38) / 14) ** 2
    top = np.where(pond < 1.9, top * (pond - 1) / 0.9 + (WATER - 1) * (1.9 - pond) / 0.9, top)
    top = np.where(pond < 1, WATER - 1 - 2 * (1 - pond), top)
    depth = 34 * np.clip(1 - rim, 0, 1) ** 0.62 + 5 * smooth_noise(rng, SIDE, 7)
    return np.rint(top).astype(int), np.rint(LIFT + 3 - depth).astype(int), inside, pond


def on_path(x, y):
    """A ring around the well, and four ways that leave it."""
    ring = abs(np.hypot(x - 66, y - 54) - 11) < 2.2
    ways = [((66, 43), (70, 6)), ((77, 54), (116, 50)), ((62, 65), (52, 112)), ((74, 62), (92, 88))]
    for (ax, ay), (bx, by) in ways:
        length = np.hypot(bx - ax, by - ay)
        along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length
        bend = 3 * np.sin(along / 7)
        off = ((x - ax) * (by - ay) - (y - ay) * (bx - ax)) / length - bend
        ring = ring | ((abs(off) < 1.8) & (along > 0) & (along < length))
    return ring


def make_island(rng):
    """Only what can be seen of it: two voxels of skin. Also the heights, to stand things on."""
    top, bottom, inside, pond = make_heights(rng)
    island = np.zeros((SIDE, SIDE, 66), dtype=np.uint8)
    speckle = rng.random((SIDE, SIDE, 66))
    for x, y in np.argwhere(inside):
        low, high = min(bottom[x, y], top[x, y] - 3), top[x, y]
        column = island[x, y]
        column[low:high] = np.where(speckle[x, y, low:high] < 0.5, ink("rock"), ink("slate"))
        earth = slice(max(high - 6, low), high)
        column[earth] = np.where(speckle[x, y, earth] < 0.6, ink("earth"), ink("clay"))
        greens = ("grass", "meadow", "moss")
        column[high] = ink(greens[int(speckle[x, y, high] * 3)])
        if pond[x, y] < 1:
            column[high] = ink("sand")
            column[high + 1 : WATER + 1] = ink("shallow" if pond[x, y] > 0.72 else "water")
        elif pond[x, y] < 1.28:
            column[high] = ink("sand")
        elif on_path(x, y):
            column[high] = ink("path" if speckle[x, y, high] < 0.6 else "gravel")
        elif speckle[x, y, high] > 0.985:
            column[high + 1] = ink("bloom" if speckle[x, y, 0] < 0.6 else "gold")
    solid = np.pad(island > 0, 1)
    hidden = np.ones_like(solid)
    for axis in range(3):
        hidden &= np.roll(solid, 1, axis) & np.roll(solid, -1, axis)
    return np.where(hidden[1:-1, 1:-1, 1:-1], 0, island).astype(np.uint8), top


def make_house(width, depth, wall, roof, tile):
    """A hollow timber-framed house with a gable roof; its door faces -y."""
    height, eaves = 9, 1
    rise = depth // 2 + eaves
    house = np.zeros((width + 2 * eaves, depth + 2 * eaves, height + rise + 4), dtype=np.uint8)
    body = house[eaves : eaves + width, eaves : eaves + depth]
    body[:, :, :height] = ink(wall)
    body[:, :, 0] = ink("stone")
    for x in range(0, width, 5):
        body[x, [0, -1], 1:height] = ink("timber")
    body[[0, -1], :: depth - 1, 1:height] = ink("timber")
    body[:, [0, -1], height - 1] = ink("timber")
    for x in range(2, width - 2, 5):
        body[x : x + 2, [0, -1], 4:7] = ink("window")
    body[[0, -1], depth // 2 - 1 : depth // 2 + 1, 4:7] = ink("window")
    for step in range(rise):
        inside = slice(step + 1, depth - 1 - step)
        body[[0, -1], inside, height + step] = ink(wall)
        for y in (step, depth + 2 * eaves - 1 - step):
            house[:, y, height + step - 1 : height + step + 1] = ink(roof if step % 2 else tile)
    house[:, rise : depth + 2 * eaves - rise, height + rise - 1] = ink(tile)
    house[
        width - 4 : width - 2, depth // 2 + 2 : depth // 2 + 4, height + 2 : height + rise + 3
    ] = ink("brick")
    middle = eaves + width // 2
    house[middle - 1 : middle + 1, eaves, 1:6] = ink("door")
    house[middle - 1 : middle + 1, 0, 0] = ink("stone")
    body[1:-1, 1:-1, 1 : height - 1] = 0
    return house


def make_oak(rng):
    oak = np.zeros((13, 13, 18), dtype=np.uint8)
    grid = np.stack(np.meshgrid(*map(np.arange, oak.shape), indexing="ij"), axis=-1)
    balls = [((6, 6, 11), 5.3), ((4, 7, 9), 3.6), ((8, 4, 10), 3.8), ((7, 7, 14), 3.4)]
    crown = np.zeros(oak.shape, dtype=bool)
    for center, radius in balls:
        crown |= np.linalg.norm(grid - center, axis=-1) + rng.random(oak.shape) * 0.9 < radius
    shade = np.array([ink("leaf3"), ink("leaf"), ink("leaf2")], dtype=np.uint8)
    level = np.clip((grid[..., 2] - 7) / 4 + rng.random(oak.shape) * 1.1, 0, 2.99).astype(int)
    oak[crown] = shade[level[crown]]
    oak[5:7, 5:7, 0:9] = ink("trunk")
    return oak


def make_pine(rng):
    pine = np.zeros((11, 11, 22), dtype=np.uint8)
    x, y = np.meshgrid(np.arange(11) - 5, np.arange(11) - 5, indexing="ij")
    for z in range(4, 22):
        radius = (22 - z) * 0.2 + 1.9 * ((22 - z) % 5) / 4
        ring = np.hypot(x, y) + rng.random(x.shape) * 0.5 < radius
        pine[:, :, z][ring] = ink("pine" if z % 3 else "pine2")
        if z > 17:
            pine[:, :, z][ring] = ink("snow")
    pine[5, 5, 0:20] = ink("trunk")
    pine[5, 5, 20:22] = ink("snow")
    return pine


def make_well():
    well = np.zeros((9, 9, 11), dtype=np.uint8)
    x, y = np.meshgrid(np.arange(9) - 4, np.arange(9) - 4, indexing="ij")
    away = np.hypot(x, y)
    well[:, :, 0:3][(away < 4) & (away > 2.6)] = ink("stone")
    well[:, :, 0:2][away <= 2.6] = ink("water")
    well[1, 4, 3:8] = well[7, 4, 3:8] = ink("timber")
    for step in range(4):
        well[1:8, step + 1, 7 + step] = well[1:8, 7 - step, 7 + step] = ink("roof")
    return well


def standing(model_size, x, y, top):
    """Where the middle of a model stands so that its base is on the ground at (x, y)."""
    half = SIDE // 2
    return (x - half, y - half, int(top[x, y]) + 1 - LIFT + model_size[2] // 2)


def trees(rng, top, count):
    """Places that are neither path, pond, square nor kept free for what the demo builds."""
    free = [(66, 54, 26), (93, 90, 17), (28, 88, 12), (36, 38, 24)]
    found = []
    while len(found) < count:
        x, y = rng.integers(12, SIDE - 12, 2)
        far = np.hypot(x - 62, y - 62) < 50 and all(np.hypot(x - a, y - b) > r for a, b, r in free)
        if far and not on_path(x, y) and all(np.hypot(x - a, y - b) > 7 for a, b in found):
            found.append((int(x), int(y)))
    return found


def make_scene():
    rng = np.random.default_rng(2026)
    palette = [((v >> 16) & 255, (v >> 8) & 255, v & 255) for v in COLORS.values()]
    materials = {
        ink("water"): {"_type": "_glass", "_trans": "0.4", "_ior": "0.33"},
        ink("shallow"): {"_type": "_glass", "_trans": "0.6", "_ior": "0.33"},
        ink("window"): {"_type": "_emit", "_emit": "0.7", "_flux": "2"},
    }
    scene = Scene(palette, materials)
    island, top = make_island(rng)
    ground = scene.place("island", scene.model(island), at=(0, 0, island.shape[2] // 2 - LIFT))

    arrays = {
        "cottage": make_house(14, 10, "plaster", "roof", "tile"),
        "hall": make_house(19, 12, "cream", "slate", "rock"),
        "oak": make_oak(rng),
        "pine": make_pine(rng),
        "well": make_well(),
    }
    shapes = {name: scene.model(array) for name, array in arrays.items()}

    def stand(kind, title, x, y, turns):
        return scene.place(title, shapes[kind], standing(arrays[kind].shape, x, y, top), turns)

    houses = [
        ("cottage", 45, 72, 2), ("cottage", 86, 62, 1), ("hall", 66, 80, 0), ("cottage", 84, 40, 1),
        ("hall", 58, 15, 2), ("cottage", 101, 60, 3), ("cottage", 88, 22, 2), ("hall", 105, 38, 1),
    ]  # fmt: skip
    village = [
        stand(kind, f"{kind} {i}", x, y, turns) for i, (kind, x, y, turns) in enumerate(houses, 1)
    ]
    village.append(stand("well", "well", 66, 54, 0))
    forest = []
    clear = [(x, y) for _, x, y, _ in houses]
    for i, (x, y) in enumerate(trees(rng, top, 44), 1):
        if all(np.hypot(x - a, y - b) > 13 for a, b in clear):
            kind = "pine" if y > 70 else "oak"
            forest.append(stand(kind, f"{kind} {i}", x, y, i % 4))
    return scene.encode([ground, scene.group("houses", village), scene.group("forest", forest)])


if __name__ == "__main__":
    default = pathlib.Path(__file__).with_name("village.vox")
    pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else default).write_bytes(make_scene())
