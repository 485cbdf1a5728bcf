"""Clients that are told to wait go on when the daemon is killed and started again, and what they ask for is done
once.
"""

import asyncio
import json
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from case import VOXCTL
from daemon import Daemon

import voxeld

WAIT = 20


class WaitTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.daemon = Daemon(
            f"--data-dir={self.folder}/data", socket_path=self.folder / "s", start=False
        )
        self.addCleanup(self.daemon.close)

    def restart(self):
        self.daemon.stop(signal.SIGKILL)
        self.daemon.start()

    def voxctl(self, *arguments):
        command = [VOXCTL, "--socket", self.daemon.socket, *map(str, arguments)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def revisions(self, project):
        with voxeld.Client(str(self.daemon.socket)) as client:
            return client.get_project(project).revision

    def test_voxctl_waits_for_a_daemon_that_is_not_there_yet(self):
        run = self.voxctl("--wait", WAIT, "new", "castle")
        with self.assertRaises(subprocess.TimeoutExpired):
            run.wait(0.3)
        self.daemon.start()
        _, error = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 0, error)
        self.assertEqual(self.revisions("castle"), 1)

    def test_voxctl_gives_up_when_the_time_is_over(self):
        begin = time.monotonic()
        run = self.voxctl("--wait", 0.5, "-o", "json", "ping")
        _, error = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 5)
        self.assertEqual(json.loads(error)["error"]["code"], "UNAVAILABLE")
        self.assertTrue(0.5 <= time.monotonic() - begin < 1.8)

    def test_voxctl_without_it_fails_at_once(self):
        begin = time.monotonic()
        run = self.voxctl("ping")
        run.communicate(timeout=60)
        self.assertEqual(run.returncode, 5)
        self.assertLess(time.monotonic() - begin, 1.5)

    def test_python_goes_on_through_kills(self):
        self.daemon.start()
        killed = threading.Event()

        def kill_twice():
            for _ in range(2):
                time.sleep(0.15)  # somewhere among the edits
                self.restart()
            killed.set()

        killer = threading.Thread(target=kill_twice)
        with voxeld.Client(str(self.daemon.socket), wait=WAIT) as client:
            client.create_project("castle")
            killer.start()
            changes = []
            while not killed.is_set() or len(changes) < 10:
                x = len(changes)
                changes.append(client.set_voxels("castle", [(x, 0, 0)], "#c33"))
            killer.join()
            self.assertEqual([c.revision for c in changes], list(range(2, 2 + len(changes))))
            self.assertEqual(client.summarize("castle").voxels, len(changes))

    def test_asyncio_goes_on_after_a_kill(self):
        self.daemon.start()

        async def edit():
            async with voxeld.AsyncClient(str(self.daemon.socket), wait=WAIT) as client:
                await client.create_project("castle")
                first = await client.set_voxels("castle", [(0, 0, 0)], "#c33")
                self.daemon.stop(signal.SIGKILL)
                second = asyncio.create_task(client.set_voxels("castle", [(1, 0, 0)], "#c33"))
                await asyncio.sleep(0.5)  # longer than without `wait`
                self.assertFalse(second.done())
                self.daemon.start()
                return first.revision, (await second).revision

        self.assertEqual(asyncio.run(edit()), (2, 3))


if __name__ == "__main__":
    unittest.main()
