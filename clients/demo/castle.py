#!/usr/bin/env python3
"""The demo's Python client (gRPC): a castle on the north-eastern hill.

    castle.py PROJECT        (the daemon is at $VOXELD_SOCKET)
"""

import sys

import numpy as np
import voxeld

STONE, DARK, ROOF, FLAG = "#b9bcc4", "#8e929c", "#3b5b92", "#d8432f"
CENTER, BASE, WALL_TOP = (31, 28), 8, 25  # the hill's top is at z = 17
LAYER = "castle"


def tower(edit, x, y, radius, top):
    edit.cylinder((x - radius, y - radius, BASE), (x + radius, y + radius, top), STONE, wall=1)
    edit.cylinder(
        (x - radius - 1, y - radius - 1, top), (x + radius + 1, y + radius + 1, top + 2), DARK
    )
    edit.cone(
        (x - radius - 1, y - radius - 1, top + 2),
        (x + radius + 1, y + radius + 1, top + 3 + 2 * radius),
        ROOF,
    )
    peak = top + 3 + 2 * radius
    edit.line([(x, y, peak - 2), (x, y, peak + 4)], "#5a4632")
    edit.box((x + 1, y, peak + 2), (x + 5, y + 1, peak + 5), FLAG)


def build(client, project):
    """Walls, towers and the keep, as one revision."""
    x, y = CENTER
    with client.edit(project, layer=LAYER, comment="walls, towers, keep") as edit:
        edit.box((x - 12, y - 12, BASE), (x + 12, y + 12, WALL_TOP), STONE, wall=1)
        edit.clear(((x - 11, y - 11, WALL_TOP - 1), (x + 11, y + 11, WALL_TOP)))
        edit.box((x - 3, y - 13, BASE), (x + 3, y - 11, WALL_TOP + 3), DARK)
        edit.clear(((x - 2, y - 14, BASE), (x + 2, y - 10, 22)))
        for dx in (-12, 12):
            for dy in (-12, 12):
                tower(edit, x + dx, y + dy, 4, WALL_TOP + 6)
        edit.box((x - 5, y - 5, BASE), (x + 5, y + 5, WALL_TOP + 10), STONE, wall=1)
        tower(edit, x, y, 3, WALL_TOP + 12)
    return edit.response.change


def crown(client, project):
    """Merlons along the walls and lit windows in the keep: an array of positions, colours beside it."""
    x, y = CENTER
    along = np.arange(-11, 12, 2)
    level = np.full_like(along, WALL_TOP)
    walls = [np.stack([x + along, np.full_like(along, y + side), level], 1) for side in (-12, 11)]
    walls += [np.stack([np.full_like(along, x + side), y + along, level], 1) for side in (-12, 11)]
    merlons = np.concatenate(walls)
    lights = np.array(
        [(x + dx, y + side, z) for dx in (-3, 2) for side in (-5, 4) for z in (28, 29, 32, 33)]
        + [(x + side, y + dy, z) for dy in (-3, 2) for side in (-5, 4) for z in (28, 29, 32, 33)]
    )
    colors = np.concatenate([np.full(len(merlons), 0x8E929CFF), np.full(len(lights), 0xFFD97AFF)])
    positions = np.concatenate([merlons, lights])
    return client.set_voxels(
        project, positions, colors, layer=LAYER, comment="merlons and lights, from numpy"
    )


def main(project):
    with voxeld.Client(actor="python", wait=20) as client:  # it outlives the daemon
        client.create_layer(project, LAYER, title="castle", comment="a layer for the castle")
        for change in (build(client, project), crown(client, project)):
            print(f"revision {change.revision}: {change.voxels_changed} voxels")


if __name__ == "__main__":
    main(sys.argv[1])
