"""The Python package over TLS: with a certificate, without, and from asyncio."""

import asyncio
import pathlib
import tempfile
import unittest

import grpc
from certificates import Authority
from daemon import Daemon  # first: it knows where the stubs are

import voxeld
import voxeld.aio


class PythonTlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.authority = Authority(pathlib.Path(scratch.name))
        certificate, key = cls.authority.issue("server")
        cls.own = cls.authority.issue("client", "ada")
        cls.daemon = Daemon(
            "--grpc-tcp=127.0.0.1:0",
            f"--tls-cert={certificate}",
            f"--tls-key={key}",
            f"--tls-client-ca={cls.authority.certificate}",
        )
        cls.addClassCleanup(cls.daemon.close)
        port = cls.daemon.log().split("gRPC over TLS on 127.0.0.1:", 1)[1].split(";")[0]
        cls.target = f"localhost:{port}"

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


if __name__ == "__main__":
    unittest.main()
