#!/usr/bin/python3
"""Makes voxeld/aio.py from voxeld/client.py, so that the two surfaces cannot drift apart.

    make_aio.py            writes it
    make_aio.py --check    exits with 1 if it is not up to date
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent / "voxeld"
SYNC_ONLY = ("__init__", "_write", "edit", "to_write")  # stay plain functions


def to_async(text: str) -> str:
    head, body = text.split("class Client:", 1)
    body = re.sub(
        r"^    def (\w+)\(",
        lambda m: m[0] if m[1] in SYNC_ONLY else f"    async def {m[1]}(",
        body,
        flags=re.M,
    )
    body = body.replace("self._transport.upload(", "await self._transport.upload(")
    body = re.sub(
        r"(?<!def )self\._transport\.(call|close|sleep)\(", r"await self._transport.\1(", body
    )
    body = re.sub(
        r"await (self\._transport\.call\(.*?\))\.(\w+)$", r"(await \1).\2", body, flags=re.M
    )
    body = re.sub(
        r"await (self\._transport\.upload\(.*?\))\.(\w+)$", r"(await \1).\2", body, flags=re.M
    )
    body = body.replace(
        'np.array(await self._transport.call("voxel.get", request).rgba',
        'np.array((await self._transport.call("voxel.get", request)).rgba',
    )
    body = body.replace("        self.close()", "        await self.close()")
    body = body.replace(
        "for part in self._transport.stream", "async for part in self._transport.stream"
    )
    body = body.replace(
        "for item in self._transport.stream", "async for item in self._transport.stream"
    )
    body = body.replace("__enter__", "__aenter__").replace("__exit__", "__aexit__")
    body = body.replace("Transport(", "AsyncTransport(").replace("Iterator[", "AsyncIterator[")
    body = (
        body.replace("-> Client", "-> AsyncClient")
        .replace("Batch(", "AsyncBatch(")
        .replace("-> Batch", "-> AsyncBatch")
    )
    body = body.replace("with `with`", "with `async with`")
    body = body.replace(
        "Safe to use from several threads, and after a fork.", "Belongs to one event loop."
    )
    head = head.split("def to_write", 1)[0].rstrip() + "\n\n\n"
    head = re.sub(
        r'^""".*?"""',
        '"""The client for asyncio. Made from client.py by make_aio.py; do not edit."""',
        head,
        flags=re.S,
    )
    head = head.replace(
        "Iterable, Iterator, Mapping, Sequence", "AsyncIterator, Iterable, Mapping, Sequence"
    )
    head = head.replace("import Batch,", "import AsyncBatch,").replace(
        "import Transport", "import AsyncTransport"
    )
    head = head.replace(
        "from voxeld.transport", "from voxeld.client import Colors, to_write\nfrom voxeld.transport"
    )
    head = head.replace("\nColors = npt.NDArray[np.uint32]\n", "")
    return head.rstrip() + "\n\n\nclass AsyncClient:" + body


def main() -> int:
    made = to_async((HERE / "client.py").read_text())
    target = HERE / "aio.py"
    if "--check" in sys.argv[1:]:
        if target.read_text() == made:
            return 0
        print(f"{target}: not up to date; run clients/python/make_aio.py")
        return 1
    target.write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
