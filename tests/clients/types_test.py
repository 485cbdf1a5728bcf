"""The Python package is typed throughout: mypy --strict, against the generated stubs of the API."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

from daemon import ROOT, STUBS

HERE = pathlib.Path(__file__).resolve().parent


def run_mypy(folder):
    command = [
        "/usr/bin/python3",
        "-m",
        "mypy",
        f"--config-file={HERE / 'mypy.ini'}",
        "-p",
        "voxeld",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


class TypesTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        # The package spans two folders, as it does at run time: the sources, and v1 of the stubs.
        shutil.copytree(ROOT / "clients/python/voxeld", self.folder / "voxeld")
        shutil.copytree(STUBS / "voxeld/v1", self.folder / "voxeld/v1", dirs_exist_ok=True)

    def test_the_package_is_typed(self):
        done = run_mypy(self.folder)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_wrong_call_is_found(self):
        wrong = "from voxeld.client import Client\nClient(target=5)\n"
        (self.folder / "voxeld/wrong.py").write_text(wrong)
        done = run_mypy(self.folder)
        self.assertIn("arg-type", done.stdout)


if __name__ == "__main__":
    unittest.main()
