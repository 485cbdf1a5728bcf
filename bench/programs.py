"""The programs of this folder that load a daemon, run on a processor that their caller chooses."""

import json
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


def pin(daemon, cpu):
    subprocess.run(["taskset", "-apc", str(cpu), str(daemon.pid)], check=True, capture_output=True)
