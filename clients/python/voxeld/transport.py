"""Calls over gRPC by method name: what Client and AsyncClient share below their surface."""

from __future__ import annotations

import asyncio
import importlib
import os
import random
import time
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import Message

from voxeld import errors
from voxeld.target import default_target

_FILES = tuple(
    importlib.import_module(f"voxeld.v1.{group}_pb2")
    for group in (
        "admin",
        "history",
        "inspect",
        "layer",
        "palette",
        "project",
        "render",
        "scene",
        "selection",
        "transfer",
        "voxel",
    )
)
_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 1000),
]
_RETRIES = 3


def _methods() -> dict[str, tuple[str, Any]]:
    """ "voxel.apply_edits" -> its gRPC path and its response class, from the descriptors."""
    table = {}
    for module in _FILES:
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in method.name).lstrip(
                    "_"
                )
                name = f"{service.name.removesuffix('Service').lower()}.{snake}"
                cls = getattr(_module_of(method.output_type), method.output_type.name)
                table[name] = (f"/{service.full_name}/{method.name}", cls)
    return table


def _module_of(message: Any) -> Any:
    for module in _FILES:
        if module.DESCRIPTOR.name == message.file.name:
            return module
    raise LookupError(message.full_name)


METHODS = _methods()


def prepare(request: Any) -> bool:
    """Gives a mutation a request_id, so that a retry is safe. Whether the request may be sent twice."""
    if "write" not in request.DESCRIPTOR.fields_by_name:
        return True
    if not request.write.request_id and request.DESCRIPTOR.name not in (
        "DeleteProjectRequest",
        "CreateProjectRequest",
        "CloneProjectRequest",
    ):
        request.write.request_id = str(uuid.uuid4())
    return bool(request.write.request_id)


class _Attempts:
    """How often a call that got no answer is sent: a few times, and as long as a daemon is waited for."""

    def __init__(self, safe: bool, wait: float) -> None:
        self._safe, self._until, self._failed = safe, time.monotonic() + wait, 0

    def pause_after(self, error: Any) -> float | None:
        """Seconds until the next attempt; None if there is to be none."""
        self._failed += 1
        late = self._failed > _RETRIES and time.monotonic() >= self._until
        if late or not self._safe or error.code() != grpc.StatusCode.UNAVAILABLE:
            return None
        return float(random.uniform(0.5, 1.0) * min(0.05 * 2 ** (self._failed - 1), 0.5))


def _raw(message: Message) -> bytes:
    return message.SerializeToString()


def _channel(library: Any, target: str, credentials: Any) -> Any:
    if credentials is None:
        return library.insecure_channel(target, options=_OPTIONS)
    return library.secure_channel(target, credentials, options=_OPTIONS)


class Transport:
    """Blocking calls. The channel is made when first needed, and anew after a fork."""

    def __init__(
        self, target: str | None, timeout: float, wait: float = 0.0, credentials: Any = None
    ) -> None:
        self.target, self.timeout, self.wait = default_target(target), timeout, wait
        self._credentials = credentials
        self._channel: Any = None
        self._pid = 0

    def channel(self) -> Any:
        if self._channel is None or self._pid != os.getpid():
            self._channel = _channel(grpc, self.target, self._credentials)
            self._pid = os.getpid()
        return self._channel

    def close(self) -> None:
        if self._channel is not None and self._pid == os.getpid():
            self._channel.close()
        self._channel = None

    def call(self, name: str, request: Message, timeout: float | None = None) -> Any:
        path, response = METHODS[name]
        attempts = _Attempts(prepare(request), self.wait)
        while True:
            try:
                return self.channel().unary_unary(path, _raw, response.FromString)(
                    request, timeout=timeout or self.timeout
                )
            except grpc.RpcError as error:
                pause = attempts.pause_after(error)
                if pause is None:
                    raise errors.from_rpc(error) from None
                time.sleep(pause)

    def stream(self, name: str, request: Message, timeout: float | None = None) -> Iterator[Any]:
        path, response = METHODS[name]
        call = self.channel().unary_stream(path, _raw, response.FromString)(
            request, timeout=timeout
        )
        try:
            yield from call
        except grpc.RpcError as error:
            raise errors.from_rpc(error) from None
        finally:
            call.cancel()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def upload(self, name: str, parts: Iterable[Message], timeout: float | None = None) -> Any:
        path, response = METHODS[name]
        try:
            return self.channel().stream_unary(path, _raw, response.FromString)(
                iter(parts), timeout=timeout or self.timeout
            )
        except grpc.RpcError as error:
            raise errors.from_rpc(error) from None


class AsyncTransport:
    """The same for asyncio. Belongs to the event loop that first used it."""

    def __init__(
        self, target: str | None, timeout: float, wait: float = 0.0, credentials: Any = None
    ) -> None:
        self.target, self.timeout, self.wait = default_target(target), timeout, wait
        self._credentials = credentials
        self._channel: Any = None
        self._loop: Any = None

    def channel(self) -> Any:
        loop = asyncio.get_running_loop()
        if self._channel is None:
            self._channel = _channel(grpc.aio, self.target, self._credentials)
            self._loop = loop
        if self._loop is not loop:
            raise RuntimeError(
                "this AsyncClient belongs to another event loop; make one in each loop"
            )
        return self._channel

    async def close(self) -> None:
        if self._channel is not None:
            await self._channel.close()
        self._channel = None

    async def call(self, name: str, request: Message, timeout: float | None = None) -> Any:
        path, response = METHODS[name]
        attempts = _Attempts(prepare(request), self.wait)
        while True:
            try:
                method = self.channel().unary_unary(path, _raw, response.FromString)
                return await method(request, timeout=timeout or self.timeout)
            except grpc.aio.AioRpcError as error:
                pause = attempts.pause_after(error)
                if pause is None:
                    raise errors.from_rpc(error) from None
                await asyncio.sleep(pause)

    async def stream(
        self, name: str, request: Message, timeout: float | None = None
    ) -> AsyncIterator[Any]:
        path, response = METHODS[name]
        call = self.channel().unary_stream(path, _raw, response.FromString)(
            request, timeout=timeout
        )
        try:
            async for message in call:
                yield message
        except grpc.aio.AioRpcError as error:
            raise errors.from_rpc(error) from None
        finally:
            call.cancel()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def upload(
        self, name: str, parts: Iterable[Message], timeout: float | None = None
    ) -> Any:
        path, response = METHODS[name]
        try:
            method = self.channel().stream_unary(path, _raw, response.FromString)
            return await method(iter(parts), timeout=timeout or self.timeout)
        except grpc.aio.AioRpcError as error:
            raise errors.from_rpc(error) from None
