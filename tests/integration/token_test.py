"""Bearer tokens on TCP: what each scope may do, what is said to the others, and new ones without a restart."""

import contextlib
import http.client
import os
import pathlib
import re
import shutil
import signal
import tempfile
import time
import unittest

import grpc
from daemon import Daemon, StartError
from http_client import HttpClient

READ, WRITE, ADMIN, OTHER = (letter * 40 for letter in "rwax")


class TokenCase(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="vx"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.file = self.dir / "tokens"
        self.write(
            f"# who may do what\nviewer read {READ}\n\nbuilder\twrite {WRITE}  # ada's\nboss admin {ADMIN}\n"
        )

    def write(self, text, mode=0o600):
        new = self.dir / "new"
        new.write_text(text)
        new.chmod(mode)
        os.replace(new, self.file)

    def daemon(self, *flags):
        daemon = Daemon("--grpc-tcp=127.0.0.1:0", f"--token-file={self.file}", *flags)
        self.addCleanup(daemon.close)
        self.port = int(re.search(r"gRPC on 127\.0\.0\.1:(\d+)", daemon.log())[1])
        channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
        self.addCleanup(channel.close)
        self.channel = channel
        return daemon

    def call(self, daemon, method, authorization):
        """Runs project.get, project.create or admin.verify with that header; the reason if it is refused."""
        metadata = [("authorization", authorization)] if authorization else []
        project, admin = daemon.pb("project"), daemon.pb("admin")
        projects = daemon.stub("ProjectService", self.channel)
        try:
            if method == "read":
                projects.List(project.ListProjectsRequest(), metadata=metadata, timeout=30)
            elif method == "write":
                self.names = getattr(self, "names", 0) + 1
                request = project.CreateProjectRequest(project=f"p{self.names}")
                projects.Create(request, metadata=metadata, timeout=30)
            else:
                stub = daemon.stub("AdminService", self.channel)
                list(stub.Verify(admin.VerifyRequest(), metadata=metadata, timeout=30))
        except grpc.RpcError as error:
            reason = dict(error.trailing_metadata()).get("voxeld-reason")
            return f"{error.code().name} {reason}", error.details()
        return "OK", ""


def refusals(daemon, door):
    """What the metrics say of a door's refused calls: {(method, reason): calls}."""
    with HttpClient(daemon) as http_client:
        text = http_client.get("/metrics").body.decode()
    row = r'call_errors_total{method="(.*)",door="%s",reason="(.*)"} (\d+)'
    return {(method, reason): int(count) for method, reason, count in re.findall(row % door, text)}


class ScopeTest(TokenCase):
    def test_each_scope_may_do_what_the_smaller_ones_may(self):
        daemon = self.daemon()
        missing = "PERMISSION_DENIED SCOPE_MISSING"
        for token, allowed in ((READ, 1), (WRITE, 2), (ADMIN, 3)):
            for needed, method in enumerate(("read", "write", "admin"), 1):
                with self.subTest(token=token[0], method=method):
                    answer, text = self.call(daemon, method, f"Bearer {token}")
                    if needed > allowed:
                        self.assertEqual(answer, missing, text)
                        self.assertIn(f"needs one that may {method}", text)
                    else:
                        self.assertNotIn("SCOPE", answer)
                        self.assertNotIn("TOKEN", answer)

    def test_without_a_known_token_nothing_is_answered(self):
        daemon = self.daemon()
        for header in ("", "Bearer", "Bearer ", f"Basic {READ}", READ):
            with self.subTest(header):
                answer, text = self.call(daemon, "read", header)
                self.assertEqual(answer, "UNAUTHENTICATED TOKEN_REQUIRED")
                self.assertIn("authorization: Bearer TOKEN", text)
        for token in (OTHER, READ[:-1], READ + "r", "x" * 5000, READ[:-1] + "x"):
            with self.subTest(token[:50]):
                answer, _ = self.call(daemon, "read", f"Bearer {token}")
                self.assertEqual(answer, "UNAUTHENTICATED TOKEN_UNKNOWN")

    def test_a_method_that_does_not_exist_is_not_told_to_strangers(self):
        self.daemon()
        nothing = self.channel.unary_unary("/voxeld.v1.Nothing/At")
        with self.assertRaises(grpc.RpcError) as raised:
            nothing(b"", timeout=30)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAUTHENTICATED)

    def test_the_scheme_may_be_written_as_one_likes(self):
        daemon = self.daemon()
        self.assertEqual(self.call(daemon, "read", f"bEARER {READ}")[0], "OK")

    def test_the_unix_socket_asks_for_none(self):
        with self.daemon().connect() as rpc:
            rpc.call("project.create", {"project": "p"})

    def test_the_log_names_holders_and_never_tokens(self):
        daemon = self.daemon("--log-level=debug")
        self.call(daemon, "write", f"Bearer {READ}")
        self.call(daemon, "read", f"Bearer {OTHER}")
        self.assertIn("peer=token:viewer reason=SCOPE_MISSING", daemon.log())
        self.assertIn("peer=tcp reason=TOKEN_UNKNOWN", daemon.log())
        for token in (READ, WRITE, ADMIN, OTHER):
            self.assertNotIn(token[:8], daemon.log())

    def test_refusals_are_counted_with_their_reasons(self):
        daemon = self.daemon()
        self.call(daemon, "read", "")
        self.call(daemon, "write", "")
        self.call(daemon, "read", f"Bearer {OTHER}")
        self.call(daemon, "write", f"Bearer {READ}")
        self.assertEqual(
            refusals(daemon, "grpc"),
            {
                ("", "TOKEN_REQUIRED"): 2,  # before anybody looks which method it is
                ("", "TOKEN_UNKNOWN"): 1,
                ("project.create", "SCOPE_MISSING"): 1,
            },
        )

    def test_uploads_and_streams_are_asked_too(self):
        daemon = self.daemon()
        voxel = daemon.pb("voxel")
        stub = daemon.stub("VoxelService", self.channel)
        for call in (
            lambda: list(stub.ReadRegion(voxel.ReadRegionRequest(project="p"), timeout=30)),
            lambda: stub.WriteRegion(iter([]), timeout=30),
        ):
            with self.assertRaises(grpc.RpcError) as raised:
                call()
            self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAUTHENTICATED)


class HttpTest(TokenCase):
    """The same tokens, as a header."""

    def ask(self, path, token=None, body=None):
        """Status and text of an answer."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = http.client.HTTPConnection(*self.http, timeout=30)
        with contextlib.closing(connection):
            connection.request("POST" if body else "GET", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def test_methods_and_metrics_ask_and_health_does_not(self):
        daemon = self.daemon("--http=127.0.0.1:0")
        self.http = daemon.http_address
        create, get = "/voxeld.v1.ProjectService/Create", "/voxeld.v1.ProjectService/List"
        for token, reason, status in ((None, "TOKEN_REQUIRED", 401), (OTHER, "TOKEN_UNKNOWN", 401)):
            for path, body in ((get, "{}"), ("/metrics", None)):
                with self.subTest(reason, path=path):
                    answer = self.ask(path, token, body)
                    self.assertEqual(answer[0], status)
                    self.assertIn(reason, answer[1])
        status, text = self.ask(create, READ, '{"project":"h"}')
        self.assertEqual(status, 403)
        self.assertIn("SCOPE_MISSING", text)
        self.assertEqual(self.ask(create, WRITE, '{"project":"h"}')[0], 200)
        self.assertEqual(self.ask(get, READ, "{}")[0], 200)
        self.assertEqual(self.ask("/metrics", READ)[0], 200)
        self.assertEqual(self.ask("/healthz")[0], 200)
        self.assertIn("peer=token:viewer reason=SCOPE_MISSING", daemon.log())
        for token in (READ, WRITE, OTHER):
            self.assertNotIn(token[:8], daemon.log())
        self.assertEqual(
            refusals(daemon, "http"),
            {
                ("", "TOKEN_REQUIRED"): 1,
                ("", "TOKEN_UNKNOWN"): 1,
                ("admin.stats", "TOKEN_REQUIRED"): 1,
                ("admin.stats", "TOKEN_UNKNOWN"): 1,
                ("project.create", "SCOPE_MISSING"): 1,
            },
        )

    def test_a_method_that_does_not_exist_is_not_told_to_strangers(self):
        daemon = self.daemon("--http=127.0.0.1:0")
        self.http = daemon.http_address
        self.assertEqual(self.ask("/voxeld.v1.Nothing/At", None, "{}")[0], 401)
        self.assertEqual(self.ask("/voxeld.v1.Nothing/At", READ, "{}")[0], 404)


class ReloadTest(TokenCase):
    def reload(self, daemon, said):
        daemon.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 30
        while said not in daemon.log():
            self.assertLess(time.monotonic(), deadline, daemon.log())
            time.sleep(0.01)

    def test_sighup_brings_new_tokens_and_ends_old_ones(self):
        daemon = self.daemon()
        self.assertEqual(self.call(daemon, "read", f"Bearer {READ}")[0], "OK")
        self.write(f"other read {OTHER}\n")
        self.reload(daemon, "the settings were read again")
        self.assertEqual(self.call(daemon, "read", f"Bearer {OTHER}")[0], "OK")
        self.assertEqual(
            self.call(daemon, "read", f"Bearer {READ}")[0], "UNAUTHENTICATED TOKEN_UNKNOWN"
        )

    def test_a_file_that_is_of_no_use_leaves_the_old_ones(self):
        daemon = self.daemon()
        self.write("viewer everything " + READ)
        self.reload(daemon, f"{self.file}:1: the scope must be read, write or admin")
        self.assertEqual(self.call(daemon, "read", f"Bearer {READ}")[0], "OK")
        self.assertNotIn(READ, daemon.log())


class FileTest(TokenCase):
    def refused(self, said):
        with self.assertRaises(StartError) as raised:
            Daemon("--grpc-tcp=127.0.0.1:0", f"--token-file={self.file}")
        self.assertEqual(raised.exception.code, 2)
        self.assertIn(said, raised.exception.log)
        self.assertNotIn(READ, raised.exception.log)

    def test_others_must_not_read_it(self):
        for mode in (0o640, 0o604, 0o660):
            self.write(f"viewer read {READ}\n", mode)
            self.refused(f"has mode {mode:04o}, so others may read it; 0600 is needed")

    def test_lines_that_are_none(self):
        for text, said in (
            ("viewer read\n", ":1: a line is NAME SCOPE TOKEN"),
            (f"# x\nviewer root {READ}\n", ":2: the scope must be read, write or admin"),
            ("viewer read short\n", ":1: a token has 32 to 512 letters"),
            (f"viewer read {READ}!\n", ":1: a token has 32 to 512 letters"),
            (f"a read {READ}\na read {WRITE}\n", ":2: that name stands here already"),
            (f"a read {READ}\nb read {READ}\n", ":2: that token stands here already"),
            ("# none\n", ": holds no token"),
        ):
            with self.subTest(text):
                self.write(text)
                self.refused(said)
        self.file.unlink()
        self.refused("No such file or directory")


if __name__ == "__main__":
    unittest.main()
