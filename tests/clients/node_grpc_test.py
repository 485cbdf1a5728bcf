"""npm's gRPC client works from the protos alone: calls, errors, streams both ways, a watch left early. Over the Unix
socket, and over TLS with a certificate or a token."""

import json
import os
import subprocess
import tempfile
import unittest

from certificates import Authority
from daemon import ROOT, Daemon
from npm_packages import install
from tls_daemon import TlsDaemon

TOKEN = "n" * 40
SAW = {
    "changed": 2,
    "rgba": [0xCC3333FF],
    "code": 5,
    "reason": "PROJECT_NOT_FOUND",
    "blocks": 1,
    "written": 8,
    "watched": 2,
}


class NodeGrpcTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.installed = install("grpc_js")
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.authority = Authority(scratch.name)

    def run_client(self, *arguments, token=""):
        return subprocess.run(
            ["node", "castle.mjs", ROOT / "proto", *arguments],
            cwd=self.installed,
            env={**os.environ, "TOKEN": token},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def assert_saw_all(self, done):
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), SAW)

    def secured(self, **options):
        daemon = TlsDaemon(self.authority, **options)
        self.addCleanup(daemon.close)
        return daemon, daemon.target

    def test_over_the_unix_socket(self):
        with Daemon() as daemon:
            self.assert_saw_all(self.run_client(f"unix:{daemon.socket}"))

    def test_over_tls_with_a_certificate_of_its_own(self):
        daemon, target = self.secured(mutual=True)
        own = self.authority.issue("client", "ada")
        authority = self.authority.certificate
        self.assert_saw_all(self.run_client(target, authority, *own))
        with daemon.connect() as rpc:
            listed = rpc.call("history.list_revisions", {"project": "castle"})
        self.assertEqual({r["actor"] for r in listed["revisions"]}, {"cert:ada"})
        self.assertIn("UNAVAILABLE", self.run_client(target, authority).stderr)

    def test_over_tls_with_a_token(self):
        daemon, target = self.secured(tokens=[f"node write {TOKEN}"])
        self.assert_saw_all(self.run_client(target, self.authority.certificate, token=TOKEN))
        with daemon.connect() as rpc:
            listed = rpc.call("history.list_revisions", {"project": "castle"})
        self.assertEqual({r["actor"] for r in listed["revisions"]}, {"token:node"})
        for token, code in (("", "TOKEN_REQUIRED"), ("x" * 40, "TOKEN_UNKNOWN")):
            done = self.run_client(target, self.authority.certificate, token=token)
            self.assertIn("UNAUTHENTICATED", done.stderr)
            self.assertIn(code, done.stderr)

    def test_an_authority_it_does_not_know_is_refused(self):
        _, target = self.secured()
        self.assert_saw_all(self.run_client(target, self.authority.certificate))
        other = Authority(self.authority.folder, "other")
        self.assertIn("UNAVAILABLE", self.run_client(target, other.certificate).stderr)


if __name__ == "__main__":
    unittest.main()
