"""Programs of Node that need packages from npm: fetched once for each state of their lock file."""

import pathlib
import shutil
import subprocess

from daemon import BUILD

HERE = pathlib.Path(__file__).resolve().parent


def install(name):
    """Puts the folder tests/clients/NAME and its packages into the build directory, and says where."""
    source, installed = HERE / name, BUILD / name
    made = installed / "made"
    lock = (source / "package-lock.json").read_text()
    installed.mkdir(parents=True, exist_ok=True)
    for file in source.iterdir():
        shutil.copy(file, installed)
    if not made.exists() or made.read_text() != lock:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=installed, check=True, timeout=240)
        made.write_text(lock)
    return installed
