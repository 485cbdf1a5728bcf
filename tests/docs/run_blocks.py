"""Runs the blocks of a document against a real daemon: what a reader types works as written.

    run_blocks.py DOCUMENT

Blocks fenced as ```sh run are run in order by one bash that stops at the first failing command;
between them, in their places, those of the kinds that other_block.py lists. It
starts in a scratch folder that shows the checkout's top level (so `clients/python` is found, and
nothing is written into the checkout), with the programs of the build directory in PATH and a daemon
on the default socket, unless the document starts one there itself. The build directory is
VOXELD_BUILD, as for every driver.
"""

import contextlib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from daemon import BUILD, STUBS, Daemon  # noqa: E402
from other_block import KINDS  # noqa: E402

BLOCK = re.compile(rf"^```(sh run|{'|'.join(KINDS)})[ \t]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
OWN_DAEMON = re.compile(r"^voxeld (2>\S+ )?&$", re.MULTILINE)
BLOCKS_SECONDS = 280  # the first Go program of a build directory compiles gRPC


def script_of(document: pathlib.Path, folder: pathlib.Path) -> str:
    """The blocks as one script; the line numbers of bash's complaints are those of the document.
    Those that are not shell are put into files of the folder."""
    text = document.read_text()
    lines = ["trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT"]
    for match in BLOCK.finditer(text):
        kind, block = match.groups()
        start = text.count("\n", 0, match.start(2))
        lines += [""] * (start - len(lines))
        if kind == "sh run":
            lines += block.splitlines()
            continue
        file = folder / f"line{start + 1}.{kind.split()[0]}"
        file.write_text(block)
        runner = pathlib.Path(__file__).with_name("other_block.py")
        lines.append(shlex.join(["/usr/bin/python3", str(runner), kind, file.name]))
    return "\n".join(lines) + "\n"


def show_checkout(folder: pathlib.Path) -> None:
    for entry in ROOT.iterdir():
        if entry.name not in (".git", "build", "out"):
            (folder / entry.name).symlink_to(entry)
    (folder / "build").mkdir()
    for preset in ("dev", "release"):  # whichever the document names, it gets the one under test
        (folder / "build" / preset).symlink_to(BUILD)
    (folder / "out").mkdir()
    (BUILD / "go").mkdir(exist_ok=True)
    (folder / "out" / "go").symlink_to(BUILD / "go")  # compiled once


def run(document: pathlib.Path) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        show_checkout(folder)
        script = script_of(document, folder)
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        environment = {
            **os.environ,
            "XDG_RUNTIME_DIR": str(runtime),
            "PATH": f"{BUILD}/bin:/usr/bin:{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT}/clients/python:{STUBS}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        own = OWN_DAEMON.search(script)
        with contextlib.nullcontext() if own else Daemon(env={"XDG_RUNTIME_DIR": str(runtime)}):
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script, document.name],
                env=environment,
                cwd=folder,
                timeout=BLOCKS_SECONDS,
                check=False,
            )
    print(f"{document.name}: exit {done.returncode}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(run(pathlib.Path(sys.argv[1]).resolve()))
