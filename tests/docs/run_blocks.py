"""Runs the shell blocks of a document against a real daemon: what a reader would type works as
written.

    run_blocks.py VOXELD VOXCTL DOCUMENT

Blocks fenced as ```sh run are run in order by one bash that stops at the first failing command. It
starts in a scratch folder that shows the checkout's top level (so `clients/python/...` is found and
nothing is written into the checkout), with voxeld and voxctl in PATH and a daemon listening on the
default socket.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```sh run[ \t]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
READY_SECONDS = 10
BLOCKS_SECONDS = 120


def script_of(document: pathlib.Path) -> str:
    """The blocks as one script; the line numbers of bash's complaints are those of the document."""
    text, lines = document.read_text(), []
    for match in BLOCK.finditer(text):
        start = text.count("\n", 0, match.start(1))
        lines += [""] * (start - len(lines)) + match[1].splitlines()
    return "\n".join(lines) + "\n"


def scratch_view(folder: pathlib.Path) -> None:
    for entry in ROOT.iterdir():
        if entry.name not in (".git", "build", "out"):
            (folder / entry.name).symlink_to(entry)
    (folder / "out").mkdir()


def wait_until_ready(voxctl: pathlib.Path, environment: dict, daemon: subprocess.Popen) -> bool:
    """Asks until the daemon answers; each question waits for the socket itself, so there is no
    sleep between them.
    """
    for _ in range(READY_SECONDS * 10):
        if daemon.poll() is not None:
            return False
        asked = subprocess.run(
            [voxctl, "admin", "ping"], env=environment, capture_output=True, check=False
        )
        if asked.returncode == 0:
            return True
        try:
            daemon.wait(0.1)
        except subprocess.TimeoutExpired:
            pass
    return False


def run(voxeld: pathlib.Path, voxctl: pathlib.Path, document: pathlib.Path) -> int:
    script = script_of(document)
    if not script.strip():
        print(f"{document.name}: no blocks to run")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        scratch_view(folder)
        (folder / "runtime").mkdir(mode=0o700)
        environment = dict(
            os.environ,
            XDG_RUNTIME_DIR=str(folder / "runtime"),
            PYTHONPATH=str(ROOT / "clients/python"),
            PYTHONDONTWRITEBYTECODE="1",
            PATH=f"{voxeld.parent}:{voxctl.parent}:/usr/bin:{os.environ['PATH']}",
        )
        daemon = subprocess.Popen([voxeld], env=environment, cwd=folder)
        try:
            if not wait_until_ready(voxctl, environment, daemon):
                print(f"{document.name}: the daemon did not answer within {READY_SECONDS} s")
                return 1
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script, document.name],
                env=environment,
                cwd=folder,
                timeout=BLOCKS_SECONDS,
                check=False,
            )
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(10)
    print(f"{document.name}: exit {done.returncode}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(run(*(pathlib.Path(argument).resolve() for argument in sys.argv[1:4])))
