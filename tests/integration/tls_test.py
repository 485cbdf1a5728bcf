"""TLS on TCP: who is let in, what is refused, and certificates that are renewed while it runs."""

import os
import pathlib
import shutil
import signal
import socket
import ssl
import tempfile
import time
import unittest

import grpc
from certificates import Authority, openssl
from daemon import Daemon, StartError


class TlsCase(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="vx"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.authority = Authority(self.dir)
        self.certificate, self.key = self.authority.issue("server")
        self.client_certificate, self.client_key = self.authority.issue("client", "ada")

    def flags(self, *more):
        return [
            "--grpc-tcp=127.0.0.1:0",
            f"--tls-cert={self.certificate}",
            f"--tls-key={self.key}",
            "--tls-refresh=1s",
            *more,
        ]

    def mutual(self, *more):
        return self.flags(f"--tls-client-ca={self.authority.certificate}", *more)

    @staticmethod
    def port(daemon):
        """Where the daemon listens; it chose."""
        log = daemon.log()
        return int(log.split("gRPC over TLS on 127.0.0.1:", 1)[1].split(";")[0])

    def channel(self, daemon, client=None, authority=None):
        """A new connection; `client` is a certificate and its key."""
        certificate, key = client or (None, None)
        credentials = grpc.ssl_channel_credentials(
            (authority or self.authority).certificate.read_bytes(),
            key.read_bytes() if key else None,
            certificate.read_bytes() if certificate else None,
        )
        options = [("grpc.use_local_subchannel_pool", 1)]
        channel = grpc.secure_channel(
            f"localhost:{self.port(daemon)}", credentials, options=options
        )
        self.addCleanup(channel.close)
        return channel

    def ping(self, daemon, timeout=30, **options):
        stub = daemon.stub("AdminService", self.channel(daemon, **options))
        return stub.Ping(daemon.pb("admin").PingRequest(), timeout=timeout)

    def refused(self, daemon, **options):
        with self.assertRaises(grpc.RpcError) as raised:
            self.ping(daemon, timeout=10, **options)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAVAILABLE)


class TlsTest(TlsCase):
    def test_calls_of_every_kind_go_through(self):
        with Daemon(*self.flags()) as daemon:
            channel = self.channel(daemon)
            project, voxel, layer = daemon.pb("project"), daemon.pb("voxel"), daemon.pb("layer")
            del layer
            daemon.stub("ProjectService", channel).Create(
                project.CreateProjectRequest(project="p"), timeout=30
            )
            region = voxel.ReadRegionRequest(project="p")
            region.box.min.extend([0, 0, 0])
            region.box.max.extend([8, 8, 8])
            stub = daemon.stub("VoxelService", channel)
            self.assertGreater(len(list(stub.ReadRegion(region, timeout=30))), 0)

    def test_a_client_that_trusts_another_authority_leaves(self):
        other = self.dir / "other"
        other.mkdir()
        with Daemon(*self.flags()) as daemon:
            self.refused(daemon, authority=Authority(other))
            self.ping(daemon)

    def test_plain_text_is_no_way_in(self):
        with Daemon(*self.flags()) as daemon:
            with grpc.insecure_channel(f"127.0.0.1:{self.port(daemon)}") as channel:
                stub = daemon.stub("AdminService", channel)
                with self.assertRaises(grpc.RpcError):
                    stub.Ping(daemon.pb("admin").PingRequest(), timeout=5)
            with socket.create_connection(("127.0.0.1", self.port(daemon)), timeout=30) as raw:
                raw.sendall(b'{"jsonrpc":"2.0","id":1,"method":"admin.ping"}\n')
                try:
                    answer = raw.recv(4096)
                except ConnectionResetError:
                    answer = b""
                self.assertNotIn(b"result", answer)
            self.ping(daemon)

    def test_who_does_not_shake_hands_is_let_go(self):
        with Daemon(*self.flags("--tls-handshake-timeout=300ms")) as daemon:
            with socket.create_connection(("127.0.0.1", self.port(daemon)), timeout=30) as raw:
                try:
                    self.assertEqual(raw.recv(1), b"")
                except ConnectionResetError:
                    pass

    def test_old_protocols_are_refused(self):
        with Daemon(*self.flags()) as daemon:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.set_alpn_protocols(["h2"])
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers("ALL:@SECLEVEL=0")
            with socket.create_connection(("127.0.0.1", self.port(daemon)), timeout=30) as raw:
                with self.assertRaises((ssl.SSLError, ConnectionResetError)):
                    context.wrap_socket(raw)


class MutualTest(TlsCase):
    def test_a_client_without_certificate_is_refused(self):
        with Daemon(*self.mutual()) as daemon:
            self.refused(daemon)
            self.ping(daemon, client=(self.client_certificate, self.client_key))

    def test_a_certificate_of_another_authority_is_refused(self):
        folder = self.dir / "other"
        folder.mkdir()
        stranger = Authority(folder).issue("client", "eve")
        with Daemon(*self.mutual()) as daemon:
            self.refused(daemon, client=stranger)

    def test_calls_are_known_by_the_name_in_the_certificate(self):
        with Daemon(*self.mutual()) as daemon:
            channel = self.channel(daemon, client=(self.client_certificate, self.client_key))
            with self.assertRaises(grpc.RpcError):
                daemon.stub("ProjectService", channel).Get(
                    daemon.pb("project").GetProjectRequest(project="nobody"), timeout=30
                )
            self.assertIn("peer=cert:ada reason=PROJECT_NOT_FOUND", daemon.log())


class RotationTest(TlsCase):
    def served(self, daemon):
        """The serial number of the certificate that new connections see."""
        pem = ssl.get_server_certificate(("127.0.0.1", self.port(daemon)))
        return openssl("x509", "-noout", "-serial", input=pem)

    def replace(self, new):
        certificate, key = new
        os.replace(key, self.key)
        os.replace(certificate, self.certificate)

    def wait_for_other(self, daemon, serial):
        deadline = time.monotonic() + 30
        while self.served(daemon) == serial:
            self.assertLess(time.monotonic(), deadline, "the old certificate is served for ever")
            time.sleep(0.1)

    def test_a_renewed_certificate_is_served_without_a_restart(self):
        with Daemon(*self.flags()) as daemon:
            before = self.served(daemon)
            kept = daemon.stub("AdminService", self.channel(daemon))
            kept.Ping(daemon.pb("admin").PingRequest(), timeout=30)
            self.replace(self.authority.issue("renewed"))
            self.wait_for_other(daemon, before)
            self.ping(daemon)
            kept.Ping(daemon.pb("admin").PingRequest(), timeout=30)  # its connection goes on

    def test_clients_of_a_new_authority_come_in_and_those_of_the_old_one_no_more(self):
        folder = self.dir / "next"
        folder.mkdir()
        following = Authority(folder)
        stranger = following.issue("client", "bob")
        client = (self.client_certificate, self.client_key)
        roots = self.dir / "roots.pem"
        shutil.copy(self.authority.certificate, roots)
        with Daemon(*self.flags(f"--tls-client-ca={roots}")) as daemon:
            self.ping(daemon, client=client)
            self.refused(daemon, client=stranger)
            shutil.copy(following.certificate, self.dir / "new.pem")
            os.replace(self.dir / "new.pem", roots)
            deadline = time.monotonic() + 30
            while True:
                try:
                    self.ping(daemon, client=stranger, timeout=10)
                    break
                except grpc.RpcError:
                    self.assertLess(time.monotonic(), deadline)
            self.refused(daemon, client=client)

    def test_sighup_says_what_is_wrong_with_the_files(self):
        with Daemon(*self.flags()) as daemon:
            self.certificate.write_text("nothing")
            daemon.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + 30
            while "the TLS files are of no use" not in daemon.log():
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            self.assertIn("holds no certificate in PEM", daemon.log())


class RefusalTest(TlsCase):
    def start(self, *flags):
        with self.assertRaises(StartError) as raised:
            Daemon(*flags)
        self.assertEqual(raised.exception.code, 2)
        return raised.exception.log

    def test_other_machines_need_tls_and_names(self):
        words = "is not a loopback address (127.0.0.1, [::1], localhost): others need --tls-cert"
        self.assertIn(words, self.start("--grpc-tcp=0.0.0.0:0"))
        self.assertIn(words, self.start("--grpc-tcp=[::]:0"))
        open_to_all = [flag.replace("127.0.0.1", "0.0.0.0") for flag in self.flags()]
        self.assertIn(words, self.start(*open_to_all))

    def test_with_both_they_are_served(self):
        flags = [flag.replace("127.0.0.1", "0.0.0.0") for flag in self.mutual()]
        with Daemon(*flags) as daemon:
            port = daemon.log().split("gRPC over TLS on 0.0.0.0:", 1)[1].split(";")[0]
            context = ssl.create_default_context(cafile=str(self.authority.certificate))
            context.load_cert_chain(self.client_certificate, self.client_key)
            context.set_alpn_protocols(["h2"])
            with socket.create_connection(("127.0.0.1", int(port)), timeout=30) as raw:
                with context.wrap_socket(raw, server_hostname="localhost") as wrapped:
                    self.assertEqual(wrapped.selected_alpn_protocol(), "h2")

    def test_files_that_are_of_no_use(self):
        other_key = self.authority.issue("other")[1]
        empty = self.dir / "empty"
        empty.write_text("")
        for said, flags in (
            ("--tls-cert and --tls-key go together", [f"--tls-cert={self.certificate}"]),
            ("--tls-client-ca needs --tls-cert", [f"--tls-client-ca={self.certificate}"]),
            ("No such file", ["--tls-cert=/no/such", f"--tls-key={self.key}"]),
            ("no certificate in PEM", [f"--tls-cert={empty}", f"--tls-key={self.key}"]),
            ("no key in PEM", [f"--tls-cert={self.certificate}", f"--tls-key={empty}"]),
            ("is not the key of", [f"--tls-cert={self.certificate}", f"--tls-key={other_key}"]),
            ("no certificate in PEM", [*self.flags(), f"--tls-client-ca={empty}"]),
        ):
            empty.chmod(0o600)
            with self.subTest(said, flags=flags):
                self.assertIn(said, self.start("--grpc-tcp=127.0.0.1:0", *flags))
        self.key.chmod(0o644)
        self.assertIn("every user of this machine may read the key", self.start(*self.flags()))

    def test_a_certificate_that_has_ended(self):
        ended = self.authority.issue("ended", days=-1)
        flags = ["--grpc-tcp=127.0.0.1:0", f"--tls-cert={ended[0]}", f"--tls-key={ended[1]}"]
        self.assertIn("the certificate is valid from", self.start(*flags))

    def test_check_config_looks_at_the_files(self):
        self.key.chmod(0o604)
        with self.assertRaises(StartError) as raised:
            Daemon(*self.flags(), "--check-config")
        self.assertIn("every user of this machine may read the key", raised.exception.log)


if __name__ == "__main__":
    unittest.main()
