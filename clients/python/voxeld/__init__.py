"""voxeld's Python client: edit voxel models from a program.

    import voxeld
    with voxeld.Client() as client:
        client.create_project("castle")
        with client.edit("castle") as edit:
            edit.box((0, 0, 0), (20, 20, 10), "#887766", wall=1)
            edit.ellipsoid((5, 5, 10), (15, 15, 20), "#cc3333")
        open("castle.png", "wb").write(client.render("castle", views=["front", "iso"]))
"""

import pkgutil

# The generated messages (voxeld.v1) may lie in another directory, such as a build tree.
__path__ = pkgutil.extend_path(__path__, __name__)

from voxeld.aio import AsyncClient
from voxeld.batch import AsyncBatch, Batch, Edits
from voxeld.client import Client
from voxeld.errors import VoxeldError
from voxeld.target import default_target

__all__ = ["AsyncBatch", "AsyncClient", "Batch", "Client", "Edits", "VoxeldError", "default_target"]
