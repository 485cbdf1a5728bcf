"""The Python package over TLS: with a certificate, without, with a token, and from asyncio."""

import asyncio
import os
import sys
import tempfile
import unittest

import grpc
from certificates import Authority
from tls_daemon import TlsDaemon  # first: it knows where the stubs are

import voxeld
import voxeld.aio


class PythonTlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.authority = Authority(scratch.name)
        cls.own = cls.authority.issue("client", "ada")
        cls.daemon = TlsDaemon(cls.authority, mutual=True)
        cls.addClassCleanup(cls.daemon.close)
        cls.target = cls.daemon.target

    def credentials(self, own=True):
        certificate, key = self.own
        return grpc.ssl_channel_credentials(
            self.authority.certificate.read_bytes(),
            key.read_bytes() if own else None,
            certificate.read_bytes() if own else None,
        )

    def test_a_client_with_a_certificate_builds(self):
        with voxeld.Client(self.target, credentials=self.credentials()) as client:
            client.create_project("blocking")
            client.set_voxels("blocking", [(1, 2, 3)], "#c33")

    def test_one_without_is_refused(self):
        with voxeld.Client(self.target, credentials=self.credentials(own=False)) as client:
            with self.assertRaises(voxeld.VoxeldError):
                client.ping()

    def test_asyncio_speaks_it_too(self):
        async def build():
            client = voxeld.aio.AsyncClient(self.target, credentials=self.credentials())
            async with client:
                await client.create_project("asyncio")

        asyncio.run(build())


class PythonTokenTest(unittest.TestCase):
    TOKEN = "p" * 40

    def test_a_token_is_shown_with_every_call(self):
        with tempfile.TemporaryDirectory() as folder:
            authority = Authority(folder)
            tokens = [f"ada write {self.TOKEN}", f"bob read {'b' * 40}"]
            with TlsDaemon(authority, tokens=tokens) as daemon:
                self.target = daemon.target
                self.roots = authority.certificate.read_bytes()
                with self.client(self.TOKEN) as client:
                    client.create_project("castle")
                    client.set_voxels("castle", [(1, 2, 3)], "#c33")
                    self.assertEqual(client.read("castle", ((1, 2, 3), (2, 3, 4))).size, 1)
                with daemon.connect() as rpc:
                    listed = rpc.call("history.list_revisions", {"project": "castle"})
                self.assertEqual({r["actor"] for r in listed["revisions"]}, {"token:ada"})
                for token, reason in (
                    ("x" * 40, "TOKEN_UNKNOWN"),
                    ("b" * 40, "SCOPE_MISSING"),
                    (None, "TOKEN_REQUIRED"),
                ):
                    with self.client(token) as client:
                        with self.assertRaises(voxeld.VoxeldError) as raised:
                            client.create_project("tower")
                        self.assertEqual(raised.exception.reason, reason)
                asyncio.run(self.build_from_asyncio())

    def client(self, token):
        return voxeld.Client(self.target, credentials=self.credentials(token))

    def credentials(self, token):
        channel = grpc.ssl_channel_credentials(self.roots)
        if token is None:
            return channel
        shown = grpc.access_token_call_credentials(token)
        return grpc.composite_channel_credentials(channel, shown)

    async def build_from_asyncio(self):
        credentials = self.credentials(self.TOKEN)
        async with voxeld.aio.AsyncClient(self.target, credentials=credentials) as client:
            await client.create_project("asyncio")


if __name__ == "__main__":
    program = unittest.main(exit=False)
    # The thread that gRPC 1.51 has for asyncio may still run while the interpreter takes down what
    # it uses: once in a hundred times that ends in a segmentation fault.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0 if program.result.wasSuccessful() else 1)
