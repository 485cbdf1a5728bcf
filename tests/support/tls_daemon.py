"""A daemon whose gRPC door on TCP is behind TLS, as tests of clients want it: it asks them for certificates, or for
tokens.

    with TlsDaemon(Authority(folder), tokens=[f"ada write {TOKEN}"]) as daemon:
        voxeld.Client(daemon.target, credentials=...)
"""

import pathlib

from daemon import Daemon


def token_file(folder, lines):
    """A file of tokens that the daemon takes; a line is "NAME SCOPE TOKEN"."""
    path = pathlib.Path(folder) / "tokens"
    path.touch(0o600)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


class TlsDaemon(Daemon):
    """Its certificate is of `authority`, and all files are in that one's folder. `mutual`: clients must show a
    certificate of the same authority. `tokens`: lines of a file of tokens, of which they must show one.
    """

    def __init__(self, authority, *flags, mutual=False, tokens=()):
        certificate, key = authority.issue("server")
        more = [f"--tls-client-ca={authority.certificate}"] if mutual else []
        if tokens:
            more.append(f"--token-file={token_file(authority.folder, tokens)}")
        super().__init__(
            "--grpc-tcp=127.0.0.1:0",
            f"--tls-cert={certificate}",
            f"--tls-key={key}",
            *more,
            *flags,
        )

    @property
    def port(self):
        """Where it listens; it chose."""
        return int(self.log().split("gRPC over TLS on 127.0.0.1:", 1)[1].split(";")[0])

    @property
    def target(self):
        return f"localhost:{self.port}"
