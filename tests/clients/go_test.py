"""The Go module: go vet, and its own tests against a real daemon."""

import os
import subprocess
import tempfile
import unittest

from certificates import Authority
from daemon import BUILD, ROOT, Daemon
from tls_daemon import TlsDaemon

PACKAGE = "github.com/voxeld/voxeld/clients/go"


def go(*arguments, **environment):
    """Runs go in the GOPATH that prepare.sh makes in the build directory."""
    script = 'eval "$("$0" "$1")" && shift && exec go "$@"'
    prepare = ROOT / "clients/go/prepare.sh"
    return subprocess.run(
        ["bash", "-c", script, prepare, BUILD / "go", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


class GoTest(unittest.TestCase):
    def test_vet_has_nothing_to_say(self):
        done = go("vet", PACKAGE)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_package_passes_its_tests(self):
        with Daemon() as daemon:
            done = go("test", "-count=1", "-v", PACKAGE, VOXELD_SOCKET=str(daemon.socket))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("--- PASS: TestAWatchSeesEveryRevision", done.stdout)

    def run_over_tls(self, daemon, folder, tests, **environment):
        """Runs those of the package's tests that want TLS."""
        return go(
            "test",
            "-count=1",
            "-v",
            f"-run={tests}",
            PACKAGE,
            VOXELD_TLS_TARGET=f"127.0.0.1:{daemon.port}",
            VOXELD_TLS_FILES=folder,
            **environment,
        )

    def test_calls_over_tls(self):
        with tempfile.TemporaryDirectory() as folder:
            authority = Authority(folder)
            authority.issue("client", "grace")
            with TlsDaemon(authority, mutual=True) as daemon:
                done = self.run_over_tls(daemon, folder, "TLS|Certificate")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("--- PASS: TestCallsGoOverTLSWithACertificate", done.stdout)
        self.assertIn("--- PASS: TestACallWithoutCertificateIsRefused", done.stdout)

    def test_the_demo_program_compiles(self):
        done = go("vet", str(ROOT / "clients/demo/windmill/main.go"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_calls_over_tls_with_a_token(self):
        token = "g" * 40
        with tempfile.TemporaryDirectory() as folder:
            with TlsDaemon(Authority(folder), tokens=[f"grace write {token}"]) as daemon:
                done = self.run_over_tls(daemon, folder, "Token", VOXELD_TLS_TOKEN=token)
                with daemon.connect() as rpc:
                    listed = rpc.call("history.list_revisions", {"project": "by-token"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("--- PASS: TestATokenIsShownWithEveryCall", done.stdout)
        self.assertEqual({r["actor"] for r in listed["revisions"]}, {"token:grace"})


if __name__ == "__main__":
    unittest.main()
