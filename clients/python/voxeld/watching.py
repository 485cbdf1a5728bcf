"""Where a watch is, and whether it may go on after an error: what both clients share."""

from __future__ import annotations

import random
import time

import grpc

from voxeld import errors
from voxeld.v1 import history_pb2

# Marks are asked for even if the caller wants none: the first one says where the watch begins.
_MARKS_MS = 10_000
# What ends a watch and does not concern its place in the history.
_PASSING_REASONS = ("WATCH_TOO_SLOW", "SHUTTING_DOWN", "OVERLOADED", "LIMIT_STREAMS")
_LOST_CONNECTION = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
)


class BrokenWatch(Exception):
    """A revision came twice, or one is missing: a defect of the daemon or of something in between."""


class Follower:
    """One watch over as many connections as it takes. Does no I/O."""

    def __init__(self, request: history_pb2.WatchRequest, retry_for: float) -> None:
        self._request = history_pb2.WatchRequest()
        self._request.CopyFrom(request)
        self._wants_marks = request.progress_ms > 0
        if not self._wants_marks:
            self._request.progress_ms = _MARKS_MS
        self._position = request.after_revision  # 0: not known yet
        self._retry_for = retry_for
        self._failures = 0
        self._failing_since = 0.0

    def request(self) -> history_pb2.WatchRequest:
        """What to ask for next."""
        return self._request

    def take(self, item: history_pb2.WatchResponse) -> bool:
        """Notes a message. Whether it is for the caller."""
        skipped = self._request.HasField("box")  # then the daemon may have passed others
        before = item.previous_revision
        if self._position and (before < self._position if skipped else before != self._position):
            raise BrokenWatch(
                f"revision {item.revision} follows {before}, but {self._position} was the last one"
            )
        if item.revision < before or (item.revision == before and not item.progress):
            raise BrokenWatch(f"revision {item.revision} follows {before}")
        self._position = item.revision
        self._request.after_revision = 0
        self._request.resume_token = item.resume_token
        self._failures = 0
        return self._wants_marks or not item.progress

    def pause_after(self, error: errors.VoxeldError) -> float:
        """How long to wait before asking again. Raises the error if that would not help."""
        # A daemon that ends while a call comes in cancels it in gRPC's own words; a cancellation by
        # this side has others.
        cut = error.code == grpc.StatusCode.CANCELLED and error.message == "CANCELLED"
        lost = not error.reason and (error.code in _LOST_CONNECTION or cut)
        if not lost and error.reason not in _PASSING_REASONS:
            raise error
        now = time.monotonic()
        if self._failures == 0:
            self._failing_since = now
        elif now - self._failing_since > self._retry_for:
            raise error
        self._failures += 1
        return float(random.uniform(0.5, 1.0) * min(0.02 * 2 ** min(self._failures, 10), 1.0))
