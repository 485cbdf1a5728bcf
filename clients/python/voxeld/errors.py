"""Errors: one exception class for each machine-readable reason."""

from typing import Any

import grpc

from voxeld.v1 import error_pb2

# Every reason of the API, in the order of docs/errors.md. One that this list lacks is raised as a
# plain VoxeldError.
REASONS = (
    "INTERNAL",
    "MALFORMED_MESSAGE",
    "UNKNOWN_FIELD",
    "MISSING_FIELD",
    "INVALID_FIELD",
    "INVALID_ID",
    "INVALID_COLOR",
    "INVALID_MASK",
    "OUT_OF_WORLD",
    "INVALID_PAGE_TOKEN",
    "FORMAT_UNKNOWN",
    "FORMAT_CORRUPT",
    "FORMAT_UNSUPPORTED",
    "METHOD_NOT_FOUND",
    "PROJECT_NOT_FOUND",
    "LAYER_NOT_FOUND",
    "SELECTION_NOT_FOUND",
    "CHECKPOINT_NOT_FOUND",
    "SUBSCRIPTION_NOT_FOUND",
    "PROJECT_EXISTS",
    "LAYER_EXISTS",
    "CHECKPOINT_EXISTS",
    "FILE_EXISTS",
    "LAYER_AMBIGUOUS",
    "LAYER_LOCKED",
    "LAYER_LINKED",
    "LAST_LAYER",
    "NOT_KEPT",
    "MERGE_UNRELATED",
    "REVISION_MISMATCH",
    "BOX_CHANGED",
    "REQUEST_ID_REUSED",
    "MERGE_CONFLICT",
    "UPLOAD_INCOMPLETE",
    "REVISION_DROPPED",
    "REVISION_UNKNOWN",
    "LIMIT_VOXELS",
    "LIMIT_BYTES",
    "LIMIT_MEMORY",
    "LIMIT_PROJECTS",
    "LIMIT_LAYERS",
    "LIMIT_SELECTIONS",
    "LIMIT_CHECKPOINTS",
    "LIMIT_BATCH",
    "LIMIT_STREAMS",
    "WATCH_TOO_SLOW",
    "OVERLOADED",
    "CALL_CANCELLED",
    "DEADLINE_PASSED",
    "PATH_REFUSED",
    "COMMIT_FAILED",
    "STORE_FULL",
    "STORE_FAILED",
    "STORE_READ_ONLY",
    "STORE_DAMAGED",
    "SHUTTING_DOWN",
    "TOKEN_REQUIRED",
    "TOKEN_UNKNOWN",
    "SCOPE_MISSING",
    "SESSION_NOT_FOUND",
)


class VoxeldError(Exception):
    """A call that failed. `reason` is stable and machine-readable, `field` the argument at fault."""

    def __init__(self, message: str, code: grpc.StatusCode, info: error_pb2.ErrorInfo) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.reason: str = info.reason
        self.field: str = info.field
        self.metadata: dict[str, str] = dict(info.metadata)

    def __str__(self) -> str:
        where = f" ({self.field})" if self.field else ""
        return f"{self.reason or self.code.name}{where}: {self.message}"


class Unreachable(VoxeldError):
    """The daemon does not answer."""


def _class_name(reason: str) -> str:
    return "".join(word.capitalize() for word in reason.split("_"))


# LayerNotFound, RevisionMismatch, ...
_CLASSES: dict[str, type[VoxeldError]] = {
    reason: type(
        _class_name(reason),
        (VoxeldError,),
        {"__doc__": f"The reason {reason}.", "__module__": __name__},
    )
    for reason in REASONS
}
globals().update({cls.__name__: cls for cls in _CLASSES.values()})


def __getattr__(name: str) -> type[VoxeldError]:
    # For type checkers: the classes above are made at import.
    raise AttributeError(name)


def from_rpc(error: Any) -> VoxeldError:
    """The exception for a failed gRPC call."""
    info = error_pb2.ErrorInfo()
    for key, value in error.trailing_metadata() or ():
        if key == "voxeld-error-bin":
            info.ParseFromString(value)
    if not info.reason and error.code() == grpc.StatusCode.UNAVAILABLE:
        return Unreachable(
            f"voxeld does not answer; start it with: voxeld ({error.details()})", error.code(), info
        )
    return _CLASSES.get(info.reason, VoxeldError)(error.details() or "", error.code(), info)
