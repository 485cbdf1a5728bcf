"""Files of the client's machine, sent and fetched in parts."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator
from types import TracebackType
from typing import BinaryIO, NamedTuple, TypeVar

from voxeld.v1 import admin_pb2, transfer_pb2

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
    # Opened here, so that its errors are the caller's.
    return _parts(
        transfer_pb2.ImportRequest(header=header), transfer_pb2.ImportRequest, open(path, "rb")
    )


def to_restore_parts(
    header: admin_pb2.RestoreHeader, path: str | os.PathLike[str]
) -> Iterator[admin_pb2.RestoreRequest]:
    """The same of a restoration."""
    return _parts(
        admin_pb2.RestoreRequest(header=header), admin_pb2.RestoreRequest, open(path, "rb")
    )


Part = TypeVar("Part", transfer_pb2.ImportRequest, admin_pb2.RestoreRequest)


def _parts(first: Part, kind: type[Part], file: BinaryIO) -> Iterator[Part]:
    with file:
        yield first
        while data := file.read(PART_BYTES):
            yield kind(data=data)
    yield kind(last_part=True)


class Backup(NamedTuple):
    """What a backup wrote: the files, and why others are not among them."""

    files: list[str]
    warnings: list[str]


class BackupSaver:
    """Writes a backup's files as they come, as a data directory, each through a temporary name; what is not whole goes
    with the `with`."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = pathlib.Path(folder) / "projects"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._backup = Backup([], [])
        self._file: BinaryIO | None = None

    def __enter__(self) -> BackupSaver:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._temporary.unlink()

    @property
    def _temporary(self) -> pathlib.Path:
        return self._folder / f".backup.{os.getpid()}.{id(self)}.part"

    def add(self, part: admin_pb2.BackupResponse) -> None:
        if part.warning:
            self._backup.warnings.append(f"{part.project}: {part.warning}")
            return
        if self._file is None:
            self._file = open(self._temporary, "wb")
        self._file.write(part.data)
        if not part.last_part:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        target = self._folder / pathlib.PurePath(part.file).name
        self._temporary.replace(target)
        self._backup.files.append(str(target))

    def finish(self) -> Backup:
        return self._backup


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
