"""What the tests of the programs share: a daemon for the class; a scratch folder and a project's name for each test."""

import pathlib
import tempfile
import unittest

from daemon import BUILD, Daemon

VOXCTL = BUILD / "bin" / "voxctl"


class DaemonCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.addClassCleanup(cls.daemon.close)

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.project = self._testMethodName.replace("_", "-")[:60]
