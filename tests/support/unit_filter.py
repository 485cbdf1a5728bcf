"""The system calls that a unit of systemd allows: which they are, and a process that has no others."""

import ctypes
import errno
import subprocess

SCMP_ACT_ALLOW, SCMP_ACT_ERRNO = 0x7FFF0000, 0x00050000


def groups():
    """Those of systemd: {"@io-event": {"poll", ...}}; a member may be another group."""
    out = subprocess.run(
        ["systemd-analyze", "syscall-filter", "--no-pager"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found, name = {}, None
    for line in out.splitlines():
        word = line.split("#")[0].strip()
        if line.startswith("@"):
            name = word
            found[name] = set()
        elif word and line[0] == " ":
            found[name].add(word)
        elif word:
            name = None  # the remark about calls of no group, at the end
    return found


def allowed(unit):
    """The names of what the unit's SystemCallFilter= lines let through, the last that names a call first."""
    known = groups()

    def flat(word):
        if not word.startswith("@"):
            return {word}
        return set().union(*(flat(member) for member in known[word]))

    names = flat("@default")  # systemd adds it to each list of what is allowed
    for line in unit.splitlines():
        if not line.startswith("SystemCallFilter="):
            continue
        words = line.split("=", 1)[1]
        listed = set().union(*(flat(word) for word in words.removeprefix("~").split()))
        names = names - listed if words.startswith("~") else names | listed
    return names


def confine_to(names):
    """From now on this process and its children get EPERM for all other system calls."""
    seccomp = ctypes.CDLL("libseccomp.so.2")  # of systemd's own package
    seccomp.seccomp_init.restype = ctypes.c_void_p
    seccomp.seccomp_init.argtypes = [ctypes.c_uint32]
    seccomp.seccomp_rule_add.argtypes = [
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.c_int,
        ctypes.c_uint,
    ]
    seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
    context = seccomp.seccomp_init(SCMP_ACT_ERRNO | errno.EPERM)
    for name in names:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # it is one of this machine's
            error = seccomp.seccomp_rule_add(context, SCMP_ACT_ALLOW, number, 0)
            if error != 0:
                raise OSError(-error, name)
    error = seccomp.seccomp_load(context)
    if error != 0:
        raise OSError(-error, "seccomp_load")
