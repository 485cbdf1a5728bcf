"""Who is served on the Unix socket: by the kernel's word, not by theirs. Other users are played by root."""

import json
import os
import pathlib
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import unittest

from daemon import Daemon, StartError

USER, GROUP, OTHER_GROUP = 4242, 4343, 4444  # which need not exist

ASK = """
import os, socket, sys
path, uid, gid, groups = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
os.setgroups([int(group) for group in groups.split(",") if group])
os.setresgid(gid, gid, gid)
os.setresuid(uid, uid, uid)
with socket.socket(socket.AF_UNIX) as connection:
    connection.settimeout(30)
    try:
        connection.connect(path)
    except PermissionError:
        print("the file")
        sys.exit()
    try:
        connection.sendall(b'{"jsonrpc":"2.0","id":1,"method":"admin.ping"}\\n')
        print(connection.recv(4096).decode() or "the daemon")
    except (BrokenPipeError, ConnectionResetError):
        print("the daemon")
"""


@unittest.skipUnless(os.geteuid() == 0, "only root can be somebody else")
class PeersTest(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="vx"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.dir.chmod(0o755)
        self.socket = self.dir / "s"

    def daemon(self, *flags):
        daemon = Daemon(*flags, socket_path=self.socket)
        self.addCleanup(daemon.close)
        return daemon

    def ask(self, user=USER, group=OTHER_GROUP, groups=()):
        """ "" if that user is answered, else who refused."""
        listed = ",".join(str(each) for each in groups)
        done = subprocess.run(
            [sys.executable, "-c", ASK, self.socket, str(user), str(group), listed],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        if done.stdout.startswith("{"):
            self.assertIn("result", json.loads(done.stdout))
            return ""
        return done.stdout.strip()

    def test_nobody_else_is_let_in_by_the_file_alone(self):
        daemon = self.daemon("--socket-mode=0666")
        self.assertEqual(self.ask(), "the daemon")
        self.assertIn(f"uid {USER} (process", daemon.log())
        self.assertEqual(self.ask(user=0, group=0), "")

    def test_the_list_does_not_open_the_file(self):
        self.daemon(f"--allow-user={USER}")
        self.assertEqual(self.ask(), "the file")

    def test_a_listed_user_is_served(self):
        self.daemon("--socket-mode=0666", f"--allow-user={USER}", "--allow-user=daemon")
        self.assertEqual(self.ask(), "")
        self.assertEqual(self.ask(user=1), "")  # by name
        self.assertEqual(self.ask(user=USER + 1), "the daemon")

    def test_members_of_a_listed_group_are_served(self):
        self.daemon("--socket-mode=0666", f"--allow-group={GROUP}")
        self.assertEqual(self.ask(group=GROUP), "")
        self.assertEqual(self.ask(groups=[1, 2, GROUP]), "")
        self.assertEqual(self.ask(groups=range(10000, 10300)), "the daemon")
        self.assertEqual(self.ask(groups=[*range(10000, 10300), GROUP]), "")
        self.assertEqual(self.ask(), "the daemon")

    def test_mode_and_group_of_the_socket(self):
        self.socket = self.dir / "made" / "s"
        self.daemon("--socket-mode=0660", f"--socket-group={GROUP}", f"--allow-group={GROUP}")
        found = self.socket.stat()
        self.assertEqual((stat.S_IMODE(found.st_mode), found.st_gid), (0o660, GROUP))
        folder = self.socket.parent.stat()
        self.assertEqual((stat.S_IMODE(folder.st_mode), folder.st_gid), (0o750, GROUP))
        self.assertEqual(self.ask(groups=[GROUP]), "")
        self.assertEqual(self.ask(), "the file")

    def test_grpc_asks_as_well(self):
        self.daemon("--socket-mode=0666")
        script = ASK.replace('b\'{"jsonrpc":"2.0","id":1,"method":"admin.ping"}\\n\'', 'b"PRI * "')
        done = subprocess.run(
            [sys.executable, "-c", script, self.socket, str(USER), str(USER), ""],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        self.assertEqual(done.stdout.strip(), "the daemon")


class NamesTest(unittest.TestCase):
    def test_names_that_do_not_exist_are_refused(self):
        for flag, said in (
            ("--allow-user=nobody-at-all", "--allow-user=nobody-at-all: no such user"),
            ("--allow-group=no-group-at-all", "--allow-group=no-group-at-all: no such group"),
            ("--socket-group=no-group-at-all", "--socket-group=no-group-at-all: no such group"),
            ("--socket-mode=rw", "--socket-mode=rw: not permissions in octal"),
            ("--allow-user=4294967295", "--allow-user=4294967295: no such user"),
        ):
            with self.subTest(flag), self.assertRaises(StartError) as raised:
                Daemon(flag)
            self.assertIn(said, raised.exception.log)

    def test_the_own_user_needs_no_list(self):
        with Daemon() as daemon, socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(daemon.socket))
            connection.sendall(b'{"jsonrpc":"2.0","id":1,"method":"admin.ping"}\n')
            self.assertIn(b"result", connection.recv(4096))


if __name__ == "__main__":
    unittest.main()
