"""--io: what serves sockets, and what happens where io_uring is forbidden."""

import ctypes
import errno
import platform
import struct
import unittest

from daemon import Daemon

IO_URING_SETUP = 425  # on every architecture
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2


def io_uring_error():
    """What the system says to io_uring: 0, or an errno."""
    libc = ctypes.CDLL(None, use_errno=True)
    parameters = ctypes.create_string_buffer(120)  # struct io_uring_params, all zero
    descriptor = libc.syscall(IO_URING_SETUP, 4, parameters)
    if descriptor < 0:
        return ctypes.get_errno()
    libc.close(descriptor)
    return 0


def forbid_io_uring():
    """From now on io_uring_setup answers EPERM to this process and its children, as in containers."""
    load, equal, answer = 0x20, 0x15, 0x06
    number_at, permit, refuse = 0, 0x7FFF0000, 0x00050000 | errno.EPERM
    program = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (load, 0, 0, number_at),
            (equal, 0, 1, IO_URING_SETUP),
            (answer, 0, 0, refuse),
            (answer, 0, 0, permit),
        )
    )
    code = ctypes.create_string_buffer(program, len(program))
    filters = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS")
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filters, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_SECCOMP")


def linux():
    return tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])


class IoTest(unittest.TestCase):
    def served_by(self, *flags, **options):
        """What the daemon says that it uses, once it has answered; and its log."""
        with Daemon(*flags, **options) as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            return rpc.call("admin.info")["io"], daemon.log()

    def test_epoll_is_what_nobody_asks_for(self):
        for flags in (("--io=auto",), ("--io=epoll",)):
            io, log = self.served_by(*flags)
            self.assertEqual(io, "epoll")
            self.assertNotIn("io_uring", log)

    def test_io_uring_is_used_where_it_is_to_be_had(self):
        if io_uring_error() != 0 or linux() < (6, 1):
            self.skipTest(f"no io_uring here: errno {io_uring_error()}, Linux {linux()}")
        io, log = self.served_by("--io=uring")
        self.assertEqual(io, "io_uring")
        self.assertNotIn("epoll takes its place", log)

    def test_epoll_takes_its_place_where_it_is_forbidden(self):
        io, log = self.served_by("--io=uring", before=forbid_io_uring)
        self.assertEqual(io, "epoll")
        self.assertRegex(log, r"epoll takes its place .*io_uring_setup: Operation not permitted")


if __name__ == "__main__":
    unittest.main()
