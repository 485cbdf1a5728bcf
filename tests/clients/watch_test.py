"""Each client's watch goes on by itself over kills of the daemon, and shows every revision once."""

import asyncio
import json
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

import grpc
from case import VOXCTL
from daemon import Daemon

import voxeld
from voxeld import errors, watching
from voxeld.v1 import error_pb2, history_pb2

ROUNDS, EDITS = 3, 40


class WatchOverRestartsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.mkdtemp(prefix="voxeld-data-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.daemon = Daemon(f"--data-dir={folder}")
        self.addCleanup(self.daemon.close)
        self.socket = str(self.daemon.socket)
        with self.daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})

    def edit_and_kill(self, wait_until_followed):
        """Rounds of edits, a kill after each but the last; the revisions made. The first edit is
        alone: wait_until_followed returns when the follower has shown it, so that every kill
        interrupts a watch."""
        with self.daemon.connect() as rpc:
            first = {"project": "p", "voxels": {"xyz": [0, 0, 7], "color": "#c33"}}
            made = [int(rpc.call("voxel.set", first)["change"]["revision"])]
        wait_until_followed()
        for round_number in range(ROUNDS):
            with self.daemon.connect() as rpc:
                for x in range(EDITS):
                    voxels = {"xyz": [x, round_number, 0], "color": "#c33"}
                    write = {"durability": "relaxed"} if x % 3 else {}
                    request = {"project": "p", "voxels": voxels, "write": write}
                    made.append(int(rpc.call("voxel.set", request)["change"]["revision"]))
                sure = {"project": "p", "voxels": {"xyz": [0, round_number, 9], "color": "#c33"}}
                made.append(int(rpc.call("voxel.set", sure)["change"]["revision"]))
            if round_number < ROUNDS - 1:
                self.daemon.stop(signal.SIGKILL)
                self.daemon.start()
        return made

    def test_the_python_iterator(self):
        seen = []
        followed, ended = threading.Event(), threading.Event()

        def follow():
            with voxeld.Client(self.socket) as client:
                for item in client.watch("p", after=1):
                    seen.append(item.revision)
                    followed.set()
                    if item.change.comment == "the end":
                        break
            ended.set()

        follower = threading.Thread(target=follow, daemon=True)
        follower.start()
        made = self.edit_and_kill(lambda: self.assertTrue(followed.wait(60)))
        # gRPC shares connections in a process: it may still have to hear that one was killed.
        with voxeld.Client(self.socket, wait=60) as client:
            made.append(client.set_voxels("p", [(9, 9, 9)], "#fff", comment="the end").revision)
        self.assertTrue(ended.wait(60), f"{seen[-3:]} of {made[-3:]}")
        self.assertEqual(seen, made)

    def test_the_asyncio_iterator(self):
        followed = threading.Event()

        async def follow():
            seen = []
            async with voxeld.AsyncClient(self.socket) as client:
                async for item in client.watch("p", after=1):
                    seen.append(item.revision)
                    followed.set()
                    if item.change.comment == "the end":
                        return seen

        async def both():
            follower = asyncio.create_task(follow())
            made = await asyncio.to_thread(
                self.edit_and_kill, lambda: self.assertTrue(followed.wait(60))
            )
            async with voxeld.AsyncClient(self.socket, wait=60) as client:
                end = await client.set_voxels("p", [(9, 9, 9)], "#fff", comment="the end")
            return await asyncio.wait_for(follower, 60), made + [end.revision]

        seen, made = asyncio.run(both())
        self.assertEqual(seen, made)

    def test_voxctl_watch(self):
        command = [VOXCTL, "--socket", self.socket, "-o", "json", "watch", "p", "--after", "1"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as follower:
            seen = []

            def read_one():
                line = follower.stdout.readline()
                self.assertTrue(line, "it ended")
                seen.append(json.loads(line)["revision"])

            made = self.edit_and_kill(read_one)
            while seen[-1] != made[-1]:
                read_one()
            follower.terminate()
            self.assertIn("trying again", follower.stderr.read())
        self.assertEqual(seen, made)

    def test_voxctl_watch_gives_up_at_last(self):
        command = [VOXCTL, "--socket", self.socket, "watch", "p", "--retry", "0.1"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as follower:
            self.daemon.stop(signal.SIGKILL)
            self.assertEqual(follower.wait(30), 5)
            self.assertIn("UNAVAILABLE", follower.stderr.read())

    def test_the_iterator_gives_up_at_last(self):
        with voxeld.Client(self.socket) as client:
            watch = client.watch("p", progress_ms=100, retry_for=0.2)
            self.assertTrue(next(watch).progress)
            self.daemon.stop(signal.SIGKILL)
            with self.assertRaises(errors.Unreachable):
                while True:
                    next(watch)

    def test_what_cannot_be_had_any_more_is_raised(self):
        with voxeld.Client(self.socket) as client:
            with self.assertRaises(errors.RevisionUnknown):
                next(client.watch("p", after=99))
            watch = client.watch("p", progress_ms=100)
            next(watch)
            client.delete_project("p")
            with self.assertRaises(errors.ProjectNotFound):
                while True:
                    next(watch)


class FollowerTest(unittest.TestCase):
    """The part without I/O."""

    def follower(self, **request):
        return watching.Follower(history_pb2.WatchRequest(project="p", **request), 60)

    @staticmethod
    def item(previous, revision, **more):
        return history_pb2.WatchResponse(
            previous_revision=previous, revision=revision, resume_token=f"{revision}-x", **more
        )

    def test_it_goes_on_with_the_last_token(self):
        follower = self.follower(after_revision=3)
        self.assertEqual(follower.request().after_revision, 3)
        self.assertTrue(follower.take(self.item(3, 4)))
        self.assertEqual(
            (follower.request().after_revision, follower.request().resume_token), (0, "4-x")
        )

    def test_marks_count_and_are_shown_to_who_wants_them(self):
        follower = self.follower()
        self.assertFalse(follower.take(self.item(7, 7, progress=True)))
        self.assertEqual(follower.request().resume_token, "7-x")
        self.assertTrue(self.follower(progress_ms=200).take(self.item(7, 7, progress=True)))

    def test_a_gap_or_a_repeat_is_never_passed_on(self):
        for wrong in ((4, 6), (3, 4), (5, 5), (6, 7)):
            follower = self.follower(after_revision=4)
            follower.take(self.item(4, 5))
            with self.assertRaises(watching.BrokenWatch):
                follower.take(self.item(*wrong))

    def test_a_call_that_the_end_of_the_daemon_cut_is_asked_again(self):
        info = error_pb2.ErrorInfo()
        cut = errors.VoxeldError("CANCELLED", grpc.StatusCode.CANCELLED, info)
        self.assertGreater(self.follower().pause_after(cut), 0)
        ours = errors.VoxeldError("Channel closed!", grpc.StatusCode.CANCELLED, info)
        with self.assertRaises(errors.VoxeldError):
            self.follower().pause_after(ours)

    def test_with_a_box_others_may_be_skipped(self):
        box = {"min": [0, 0, 0], "max": [1, 1, 1]}
        follower = self.follower(after_revision=4, box=box)
        self.assertTrue(follower.take(self.item(6, 7)))
        with self.assertRaises(watching.BrokenWatch):
            follower.take(self.item(6, 8))


if __name__ == "__main__":
    unittest.main()
