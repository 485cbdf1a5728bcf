"""HTTP/1.1 over the daemon's socket, byte by byte as tests want it: raw requests out, whole replies in."""

import contextlib
import dataclasses
import json
import socket
import time


@dataclasses.dataclass
class Reply:
    status: int
    headers: dict  # names in lower case
    body: bytes

    def json(self):
        return json.loads(self.body)


class HttpClient:
    """One connection, to the daemon's Unix socket or to a TCP `address`."""

    def __init__(self, daemon, address=None, timeout=30):
        if address is None:
            self.socket = daemon.raw(timeout)
        else:
            self.socket = socket.create_connection(address, timeout)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def request(self, method, path, body=None, headers=None, version="1.1"):
        """Sends a request."""
        lines = [f"{method} {path} HTTP/{version}"]
        given = {"Host": "localhost", **(headers or {})}
        if body is not None and "Transfer-Encoding" not in given:
            given.setdefault("Content-Length", len(body))
        lines += [f"{name}: {value}" for name, value in given.items() if value is not None]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))

    def reply(self, head=False):
        """The next reply; None at the end of the stream."""
        line = self.file.readline()
        if not line:
            return None
        version, status, _ = line.decode().split(" ", 2)
        assert version == "HTTP/1.1" and line.endswith(b"\r\n"), line
        headers = {}
        while (line := self.file.readline()) != b"\r\n":
            assert line.endswith(b"\r\n"), line
            name, value = line.decode().rstrip("\r\n").split(": ", 1)
            assert name.lower() not in headers, name
            headers[name.lower()] = value
        size = 0 if head or status == "100" else int(headers["content-length"])
        return Reply(int(status), headers, self.file.read(size))

    def get(self, path, **options):
        self.request("GET", path, **options)
        return self.reply()

    def post(self, path, body=b"{}", headers=None):
        self.request("POST", path, body, {"Content-Type": "application/json", **(headers or {})})
        return self.reply()

    def call(self, method, message=None, headers=None):
        """Calls "VoxelService/Get" with a message."""
        body = json.dumps(message or {}).encode()
        return self.post(f"/voxeld.v1.{method}", body, headers)

    def drip(self):
        """Sends a byte now and then, until the daemon has had enough: never all that it waits for."""
        with contextlib.suppress(OSError):
            for _ in range(1000):
                self.send(b"x")
                time.sleep(0.05)

    def at_end(self):
        """Whether the daemon closed the connection, and sent nothing more."""
        return self.file.read() == b""
