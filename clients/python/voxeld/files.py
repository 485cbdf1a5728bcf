"""Files of the client's machine, sent and fetched in parts."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator
from typing import BinaryIO

from voxeld.v1 import transfer_pb2

PART_BYTES = 1 << 20


def format_of(path: str | os.PathLike[str]) -> str:
    """The format that a file name asks for: its extension."""
    extension = pathlib.Path(path).suffix.lstrip(".")
    if not extension:
        raise ValueError(
            f"{os.fspath(path)!r} has no extension that tells the format; give format="
        )
    return extension


def name_of(path: str | os.PathLike[str]) -> str:
    """What the daemon must call the files, so that those beside the main one fit to it: "house" for "out/house.obj"."""
    return pathlib.Path(path).stem


def to_parts(
    header: transfer_pb2.ImportHeader, path: str | os.PathLike[str]
) -> Iterator[transfer_pb2.ImportRequest]:
    """The parts of an import: the header, the bytes, the end. OSError if the file cannot be read."""
    return _parts(header, open(path, "rb"))  # opened here, so that its errors are the caller's


def _parts(
    header: transfer_pb2.ImportHeader, file: BinaryIO
) -> Iterator[transfer_pb2.ImportRequest]:
    with file:
        yield transfer_pb2.ImportRequest(header=header)
        while data := file.read(PART_BYTES):
            yield transfer_pb2.ImportRequest(data=data)
    yield transfer_pb2.ImportRequest(last_part=True)


class Saver:
    """Writes exported files beside `path`, each through a temporary name; the first one becomes `path` itself."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = pathlib.Path(path)
        self._data = bytearray()
        self._done: list[tuple[pathlib.Path, bytes]] = []

    def add(self, part: transfer_pb2.ExportResponse) -> None:
        self._data += part.data
        if part.last_part:
            target = self._path if not self._done else self._path.parent / part.file
            self._done.append((target, bytes(self._data)))
            self._data = bytearray()

    def finish(self) -> list[str]:
        for target, data in self._done:
            temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
            temporary.write_bytes(data)
            temporary.replace(target)
        return [str(target) for target, _ in self._done]
