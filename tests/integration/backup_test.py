"""Backups: a copy of a project while eight writers edit it is a beginning of its history, in another
daemon as well; a check finds what is wrong in a file and names it; restoring puts things right.
"""

import base64
import json
import pathlib
import shutil
import subprocess
import tempfile
import threading
import unittest

from daemon import BINARY, BUILD, Daemon, RpcError

RED = 0xCC3333FF
WRITERS = 8


def set_voxel(rpc, position, project="castle", **write):
    voxels = {"xyz": list(position), "rgba": [RED]}
    return rpc.call("voxel.set", {"project": project, "voxels": voxels, "write": write})


class Writer(threading.Thread):
    """Sets voxels of its own row until it is told to stop."""

    def __init__(self, daemon, number, stop):
        super().__init__()
        self.daemon_process, self.number, self.stop, self.error = daemon, number, stop, None

    def run(self):
        try:
            with self.daemon_process.connect() as rpc:
                for i in range(100000):
                    if self.stop.is_set():
                        return
                    set_voxel(rpc, (i, self.number, 0), actor=f"writer{self.number}")
        except (RpcError, OSError) as error:
            self.error = error


def restore(rpc, project, data, **header):
    parts = [{"header": {"project": project, **header}}]
    parts += [
        {"data": base64.b64encode(data[i : i + (1 << 20)]).decode()}
        for i in range(0, len(data), 1 << 20)
    ]
    return rpc.call("admin.restore", parts)


def backup(rpc, project):
    """The file's bytes, its name and its last revision."""
    data, part = b"", {}
    for part in rpc.stream("admin.backup", {"project": project}):
        data += base64.b64decode(part["data"])
    assert part["last_part"] and int(part["bytes"]) == len(data)
    return data, part["file"], int(part["revision"])


def revisions(rpc, project, last):
    """What the history says about the revisions up to `last`, oldest first."""
    found, token = [], ""
    while True:
        request = {"project": project, "page_size": 1000, "page_token": token}
        page = rpc.call("history.list_revisions", request)
        found += page["revisions"]
        token = page.get("next_page_token", "")
        if not token:
            return [r for r in reversed(found) if int(r["revision"]) <= last]


def verify(rpc, **request):
    return list(rpc.stream("admin.verify", request))


class BackupTest(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="voxeld-data-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def daemon(self, place="first", *flags):
        return Daemon(f"--data-dir={self.dir / place}", *flags)

    def test_backup_while_others_write_is_a_beginning_of_the_history(self):
        with self.daemon() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "castle"})
            stop = threading.Event()
            writers = [Writer(daemon, n, stop) for n in range(WRITERS)]
            for writer in writers:
                writer.start()
            while int(rpc.call("project.get", {"project": "castle"})["project"]["revision"]) < 200:
                pass
            copies = [backup(rpc, "castle") for _ in range(3)]
            report = verify(rpc, project="castle")
            stop.set()
            for writer in writers:
                writer.join()
                self.assertIsNone(writer.error)
            self.assertTrue(report[-1]["sound"], report)
            self.assertGreaterEqual(int(report[-1]["revision"]), copies[-1][2])
            with self.daemon("second") as other_daemon, other_daemon.connect() as other:
                for number, (data, _, last) in enumerate(copies):
                    self.check_copy(rpc, other, f"castle{number}", data, last)
            leftovers = [f.name for f in (self.dir / "first/projects").glob(".*")]
            self.assertEqual(leftovers, [])

    def check_copy(self, rpc, other, name, data, last):
        self.assertGreaterEqual(last, 200)
        made = restore(other, name, data)
        self.assertEqual(int(made["revision"]), last)
        self.assertEqual(revisions(other, name, last), revisions(rpc, "castle", last))
        there = [
            door.call("inspect.summarize", {"project": project, "revision": last})
            for door, project in ((rpc, "castle"), (other, name))
        ]
        self.assertEqual(there[0]["voxels"], last - 1)
        for summary in there:
            summary.pop("project", None)
        self.assertEqual(there[0], there[1])
        rows = [[x, y, 0] for y in range(WRITERS) for x in range(last // WRITERS + 200)]
        flat = [value for position in rows for value in position]
        got = [
            door.call("voxel.get", {"project": project, "xyz": flat, "revision": last})["rgba"]
            for door, project in ((rpc, "castle"), (other, name))
        ]
        self.assertEqual(got[0], got[1])
        set_voxel(other, (0, 0, 9), project=name)  # and it goes on

    def test_what_a_project_remembers_comes_back_with_it(self):
        with self.daemon() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "castle"})
            first = set_voxel(rpc, (0, 0, 0), request_id="first", actor="ann")["change"]
            rpc.call("history.set_checkpoint", {"project": "castle", "checkpoint": "one"})
            set_voxel(rpc, (1, 0, 0), actor="ann")
            data, file, last = backup(rpc, "castle")
            self.assertEqual(last, 3)
            set_voxel(rpc, (2, 0, 0), actor="ann")
            with self.assertRaises(RpcError) as refused:
                restore(rpc, "castle", data)
            self.assertEqual(refused.exception.reason, "PROJECT_EXISTS")
            before = rpc.call("project.get", {"project": "castle"})["project"]
            made = restore(rpc, "castle", data, overwrite=True)
            self.assertNotEqual(made["uid"], before["uid"])
            self.assertEqual(rpc.call("project.get", {"project": "castle"})["project"]["voxels"], 2)
            again = set_voxel(rpc, (0, 0, 0), request_id="first", actor="ann")["change"]
            self.assertTrue(again.pop("replayed"))
            self.assertEqual(again, first)
            self.assertEqual(rpc.call("history.undo", {"project": "castle"})["done"], 1)
            back = rpc.call("history.rollback", {"project": "castle", "checkpoint": "one"})
            self.assertEqual(int(back["to_revision"]), 2)
            files = list((self.dir / "first/projects").glob("castle.*.voxels"))
            self.assertEqual([f.name for f in files], [f"castle.{made['uid']}.voxels"])
        with self.daemon() as daemon, daemon.connect() as rpc:
            self.assertEqual(rpc.call("project.get", {"project": "castle"})["project"]["voxels"], 1)

    def test_check_names_what_is_wrong_and_restoring_puts_it_right(self):
        with self.daemon() as daemon, daemon.connect() as rpc:
            for project in ("bad", "good"):
                rpc.call("project.create", {"project": project})
                for x in range(40):
                    set_voxel(rpc, (x, 0, 0), project=project, actor="somebody", comment=f"nr {x}")
            data, _, _ = backup(rpc, "bad")
            daemon.stop()
        (file,) = (self.dir / "first/projects").glob("bad.*.voxels")
        content = bytearray(file.read_bytes())
        content[content.index(b"nr 17") + 3] ^= 1
        file.write_bytes(content)
        self.check_offline(file)
        with self.daemon() as daemon, daemon.connect() as rpc:
            parts = verify(rpc)
            findings = [p for p in parts if "finding" in p]
            self.assertTrue(any("revision 19" in p["finding"] for p in findings), parts)
            self.assertEqual({p["project"] for p in findings}, {"bad"})
            self.assertEqual({p["file"] for p in findings}, {str(file)})
            sound = {p["project"]: p.get("sound", False) for p in parts if p.get("last_part")}
            self.assertEqual(sound, {"bad": False, "good": True})
            with self.assertRaises(RpcError):
                rpc.call("project.get", {"project": "bad"})
            with self.assertRaises(RpcError) as refused:
                restore(rpc, "worse", bytes(content))
            self.assertEqual(refused.exception.reason, "FORMAT_CORRUPT")
            self.assertIn("revision 19", refused.exception.message)
            restore(rpc, "bad", data, overwrite=True)
            self.assertEqual(rpc.call("project.get", {"project": "bad"})["project"]["voxels"], 40)
            self.assertTrue(verify(rpc, project="bad")[-1]["sound"])

    def check_offline(self, bad):
        (good,) = (self.dir / "first/projects").glob("good.*.voxels")
        before = bad.read_bytes()
        for path, status in ((good, 0), (bad, 1), (self.dir / "first", 1), (self.dir / "no", 2)):
            done = subprocess.run([BINARY, f"--verify={path}"], capture_output=True, text=True)
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
            self.assertEqual(
                f"{good}: sound: 41 revisions, up to 41" in done.stdout, path != bad and status != 2
            )
            self.assertEqual(f"{bad}: revision 19: " in done.stdout, status == 1)
        self.assertEqual(bad.read_bytes(), before)

    def test_commands(self):
        def voxctl(*arguments, status=0):
            done = subprocess.run(
                [BUILD / "bin/voxctl", "--socket", daemon.socket, *arguments],
                capture_output=True,
                text=True,
            )
            self.assertEqual(done.returncode, status, done.stderr)
            return done.stdout + done.stderr

        with self.daemon() as daemon:
            for project in ("castle", "tower"):
                voxctl("new", project)
                voxctl("set", project, "1,2,3", "--color", "#c33")
            voxctl("new", "passing", "--ephemeral")
            voxctl("backup", str(self.dir / "saved"))
            self.assertIn("exists", voxctl("backup", str(self.dir / "saved"), status=1))
            voxctl("backup", str(self.dir / "saved"), "--project", "castle", "--force")
            (file,) = (self.dir / "saved/projects").glob("castle.*.voxels")
            self.assertIn('"castle"', voxctl("restore", "castle", str(file), status=4))
            voxctl("restore", "copy", str(file))
            voxctl("restore", "castle", str(file), "--overwrite")
            self.assertEqual(voxctl("verify").count(": sound: 2 revisions"), 3)
            told = [json.loads(line) for line in voxctl("verify", "-o", "json").splitlines()]
            self.assertEqual([one["sound"] for one in told], [True] * 3)
            told = voxctl("backup", str(self.dir / "again"), "--project", "tower", "-o", "json")
            (file,) = (self.dir / "again/projects").iterdir()
            written = {"file": str(file), "bytes": file.stat().st_size, "revision": 2}
            self.assertEqual(json.loads(told), written)
        # A backup is a data directory.
        with self.daemon("saved") as daemon:
            self.assertIn("castle: sound", voxctl("verify", "castle"))
            self.assertIn("tower", voxctl("ls"))


if __name__ == "__main__":
    unittest.main()
