"""Authorities and certificates for tests of TLS, made by the openssl program."""

import pathlib
import subprocess


def openssl(*arguments, **options):
    done = subprocess.run(
        ["openssl", *arguments], capture_output=True, text=True, check=False, **options
    )
    if done.returncode != 0:
        raise AssertionError(f"openssl {arguments}: {done.stderr}")
    return done.stdout


class Authority:
    """One that signs; its files are FOLDER/NAME.crt and FOLDER/NAME.key."""

    def __init__(self, folder, name="ca"):
        self.folder = pathlib.Path(folder)
        self.certificate, self.key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        self._new_key(self.key)
        openssl(
            "req", "-x509", "-new", "-key", self.key, "-out", self.certificate,
            "-days", "2", "-subj", f"/CN={name}",
        )  # fmt: skip

    def issue(self, name, common_name=None, days=2):
        """The paths of a new certificate for localhost, and of its key."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        self._new_key(key)
        openssl("req", "-new", "-key", key, "-out", request, "-subj", f"/CN={common_name or name}")
        names = f"DNS:{common_name}" if common_name else "DNS:localhost,IP:127.0.0.1"
        extensions.write_text(f"subjectAltName={names}\n")
        openssl(
            "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
            "-CAcreateserial", "-out", certificate, "-days", str(days), "-extfile", extensions,
        )  # fmt: skip
        return certificate, key

    @staticmethod
    def _new_key(path):
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)
        path.chmod(0o600)
