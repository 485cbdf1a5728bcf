"""The programs of this folder that load a daemon, run on a processor that their caller chooses."""

import contextlib
import json
import os
import pathlib
import subprocess

import daemon as support

SAME_CPU = ["taskset", "-c", "0"]  # as a daemon that is pinned to 0
OTHER_CPU = ["taskset", "-c", "1"]


def path_of(program):
    return str(support.BUILD / "bench" / program)


def run(where, program, *arguments):
    """What it prints."""
    command = [*where, path_of(program), *arguments]
    environment = support.foreign_environment()  # for those that start a daemon
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def load(where, *arguments):
    return run(where, "store_load", *arguments)


def pin(pid, cpu):
    """Keeps all threads of a process on one processor. Those that end meanwhile are none of them."""
    pinned = set()
    while threads := {int(t.name) for t in pathlib.Path(f"/proc/{pid}/task").iterdir()} - pinned:
        for thread in threads:
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(thread, {cpu})
        pinned |= threads
