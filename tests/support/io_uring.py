"""What this machine says to io_uring, asked as daemon/io/uring_source.cc asks it; the daemon has no part in the answer."""

import ctypes
import os

SETUP = 425  # on every architecture
PARAMETERS_BYTES, CQ_ENTRIES_AT, FLAGS_AT = 120, 4, 8  # of struct io_uring_params
CQSIZE, SINGLE_ISSUER, DEFER_TASKRUN = 1 << 3, 1 << 12, 1 << 13  # the last one came with Linux 6.1
REQUESTS, COMPLETIONS = 256, 4096


def missing():
    """Why there is none; empty if there is one."""
    parameters = bytearray(PARAMETERS_BYTES)
    for at, value in (
        (CQ_ENTRIES_AT, COMPLETIONS),
        (FLAGS_AT, CQSIZE | SINGLE_ISSUER | DEFER_TASKRUN),
    ):
        parameters[at : at + 4] = value.to_bytes(4, "little")
    libc = ctypes.CDLL(None, use_errno=True)
    shared = (ctypes.c_char * PARAMETERS_BYTES).from_buffer(parameters)
    ring = libc.syscall(SETUP, REQUESTS, shared)
    if ring < 0:
        return f"io_uring_setup: {os.strerror(ctypes.get_errno())}"
    os.close(ring)
    return ""
