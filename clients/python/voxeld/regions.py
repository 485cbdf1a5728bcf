"""Voxels between numpy arrays and messages."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from voxeld.batch import BoxLike, Position, to_box
from voxeld.v1 import edit_pb2, voxel_pb2

BLOCK = 64  # voxels along a side of a written block: 1 MiB of colours


def to_positions(xyz: npt.ArrayLike) -> npt.NDArray[np.int32]:
    """Positions as (n, 3) int32; ValueError if they have another shape or do not fit."""
    positions = np.asarray(xyz)
    if positions.ndim != 2 or positions.shape[1] != 3:
        raise ValueError(f"xyz has shape {positions.shape}; it takes (n, 3)")
    if positions.size and (positions.min() < -(2**31) or positions.max() >= 2**31):
        raise ValueError("xyz has values that are no 32-bit integers")
    if positions.size and not np.issubdtype(positions.dtype, np.integer):
        raise ValueError(f"xyz has type {positions.dtype}; it takes integers")
    return np.ascontiguousarray(positions, dtype="<i4")


def to_set_voxels(xyz: npt.ArrayLike, rgba: npt.ArrayLike | str) -> edit_pb2.SetVoxels:
    """The message for set_voxels; positions and colours travel as raw bytes."""
    positions = to_positions(xyz).tobytes()
    if isinstance(rgba, str):
        return edit_pb2.SetVoxels(xyz_le=positions, color=rgba)
    return edit_pb2.SetVoxels(
        xyz_le=positions, rgba_le=np.atleast_1d(np.asarray(rgba, dtype="<u4")).tobytes()
    )


class Reader:
    """Collects blocks into one array [z, y, x]; what no block covers is empty."""

    def __init__(self, box: BoxLike) -> None:
        self._min = np.array(box[0])
        size = np.array(box[1]) - self._min
        self.array: npt.NDArray[np.uint32] = np.zeros(
            tuple(np.maximum(size, 0)[::-1]), dtype=np.uint32
        )

    def add(self, block: voxel_pb2.Block) -> None:
        low, high = np.array(block.box.min) - self._min, np.array(block.box.max) - self._min
        target = self.array[low[2] : high[2], low[1] : high[1], low[0] : high[0]]
        if block.uniform:
            target[:] = block.value
        elif block.encoding == voxel_pb2.ENCODING_PALETTE:
            palette = np.array(block.palette, dtype=np.uint32)
            target[:] = palette[np.frombuffer(block.data, dtype=np.uint8)].reshape(target.shape)
        else:
            target[:] = np.frombuffer(block.data, dtype="<u4").reshape(target.shape)


def to_parts(
    header: voxel_pb2.WriteRegionHeader, origin: Position, array: npt.ArrayLike
) -> Iterator[voxel_pb2.WriteRegionRequest]:
    """The parts of a write: the header, the blocks, the end."""
    voxels = np.asarray(array, dtype="<u4")
    if voxels.ndim != 3:
        raise ValueError(f"array has {voxels.ndim} dimensions; it takes [z, y, x]")
    return _parts(header, origin, voxels)


# Apart from the check, which must raise in the caller and not where gRPC takes the parts.
def _parts(
    header: voxel_pb2.WriteRegionHeader, origin: Position, voxels: npt.NDArray[np.uint32]
) -> Iterator[voxel_pb2.WriteRegionRequest]:
    yield voxel_pb2.WriteRegionRequest(header=header)
    for z in range(0, voxels.shape[0], BLOCK):
        for y in range(0, voxels.shape[1], BLOCK):
            for x in range(0, voxels.shape[2], BLOCK):
                part = voxels[z : z + BLOCK, y : y + BLOCK, x : x + BLOCK]
                low = (origin[0] + x, origin[1] + y, origin[2] + z)
                high = (low[0] + part.shape[2], low[1] + part.shape[1], low[2] + part.shape[0])
                block = voxel_pb2.Block(
                    box=to_box((low, high)),
                    encoding=voxel_pb2.ENCODING_RAW,
                    data=np.ascontiguousarray(part).tobytes(),
                )
                yield voxel_pb2.WriteRegionRequest(block=block)
    yield voxel_pb2.WriteRegionRequest(last_part=True)
