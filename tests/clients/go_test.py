"""The Go module: go vet, and its own tests against a real daemon."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from certificates import Authority
from daemon import BUILD, ROOT, Daemon

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

    def test_calls_over_tls(self):
        with tempfile.TemporaryDirectory() as folder:
            authority = Authority(folder)
            certificate, key = authority.issue("server")
            authority.issue("client", "grace")
            flags = [
                "--grpc-tcp=127.0.0.1:0",
                f"--tls-cert={certificate}",
                f"--tls-key={key}",
                f"--tls-client-ca={authority.certificate}",
            ]
            with Daemon(*flags) as daemon:
                address = daemon.log().split("gRPC over TLS on ", 1)[1].split(";")[0]
                done = go(
                    "test",
                    "-count=1",
                    "-v",
                    "-run=TLS|Certificate",
                    PACKAGE,
                    VOXELD_TLS_TARGET=address,
                    VOXELD_TLS_FILES=folder,
                )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("--- PASS: TestCallsGoOverTLSWithACertificate", done.stdout)
        self.assertIn("--- PASS: TestACallWithoutCertificateIsRefused", done.stdout)

    def test_the_demo_program_compiles(self):
        done = go("vet", str(ROOT / "clients/demo/windmill/main.go"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_calls_over_tls_with_a_token(self):
        with tempfile.TemporaryDirectory() as folder:
            authority = Authority(folder)
            certificate, key = authority.issue("server")
            tokens = pathlib.Path(folder) / "tokens"
            tokens.write_text(f"grace write {'g' * 40}\n")
            tokens.chmod(0o600)
            flags = [
                "--grpc-tcp=127.0.0.1:0",
                f"--tls-cert={certificate}",
                f"--tls-key={key}",
                f"--token-file={tokens}",
            ]
            with Daemon(*flags) as daemon:
                address = daemon.log().split("gRPC over TLS on ", 1)[1].split(";")[0]
                done = go(
                    "test",
                    "-count=1",
                    "-v",
                    "-run=Token",
                    PACKAGE,
                    VOXELD_TLS_TARGET=address,
                    VOXELD_TLS_FILES=folder,
                    VOXELD_TLS_TOKEN="g" * 40,
                )
                with daemon.connect() as rpc:
                    listed = rpc.call("history.list_revisions", {"project": "by-token"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("--- PASS: TestATokenIsShownWithEveryCall", done.stdout)
        self.assertEqual({r["actor"] for r in listed["revisions"]}, {"token:grace"})


if __name__ == "__main__":
    unittest.main()
