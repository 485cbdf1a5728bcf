#!/usr/bin/env python3
"""The demo's lamplighter (Python, gRPC): a ring of lamps around the island, one edit for each, kept before
the next one. The daemon is killed and started again meanwhile.

    lamps.py PROJECT SIGNS ANSWERS        (the daemon is at $VOXELD_SOCKET)

Writes a byte into SIGNS, a named pipe, when the first lamp shines, and one when it is time for the
kill; what was answered goes to ANSWERS, as JSON.
"""

import json
import sys

import numpy as np
import voxeld

LAYER, LAMPS, KILL_AT = "lamps", 240, 24
COLORS = ("#ffd97a", "#ffb347")


def places():
    """Two turns around the island, rising."""
    turn = np.linspace(0, 4 * np.pi, LAMPS, endpoint=False)
    radius = 64 + 4 * np.sin(turn * 2.5)
    height = 4 + turn * 2 + 4 * np.sin(turn * 1.5)
    xyz = np.stack([radius * np.cos(turn), radius * np.sin(turn), height], 1)
    return np.rint(xyz).astype(int)


def main(project, signs, answers):
    lamps = places()
    assert len(np.unique(lamps, axis=0)) == LAMPS
    revisions, twice = [], 0
    # `wait`: calls that a killed daemon did not answer are sent again, with the same request id.
    with voxeld.Client(actor="lamps", wait=20) as client, open(signs, "wb", buffering=0) as sign:
        client.create_layer(project, LAYER, title="lamps", comment="a layer for the lamps")
        for number, place in enumerate(lamps):
            change = client.set_voxels(
                project, [place], COLORS[number % 2], layer=LAYER, comment="a lamp"
            )
            revisions.append(change.revision)
            twice += change.replayed
            if number in (0, KILL_AT):
                sign.write(b".")
        dark = np.count_nonzero(client.get_voxels(project, lamps, layer=LAYER) == 0)
    with open(answers, "w", encoding="utf-8") as file:
        json.dump({"revisions": revisions, "twice": twice, "dark": int(dark)}, file)
    print(f"{LAMPS} lamps; {twice} sent twice and done once; {dark} do not shine")
    return 1 if dark else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
