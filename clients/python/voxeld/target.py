"""Where the daemon is."""

import os


def default_target(target: str | None = None) -> str:
    """The gRPC target: the argument, $VOXELD_SOCKET, the user's socket, or root's.

    A path becomes a Unix socket's target; anything with a scheme or a port ("localhost:50051") stays as it is.
    """
    target = target or os.environ.get("VOXELD_SOCKET") or _socket_path()
    return f"unix:{target}" if "/" in target and ":" not in target else target


def _socket_path() -> str:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return f"{runtime}/voxeld/voxeld.sock" if runtime else "/run/voxeld/voxeld.sock"
