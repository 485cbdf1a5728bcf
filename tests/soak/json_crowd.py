"""Many JSON-RPC connections in one thread: each sends its next request as soon as it has its answer."""

import json
import selectors
import socket
import time


class Member:
    """One connection. `next_request` gives (method, params, tag) or None to stop; `on_answer` takes
    (tag, answer, seconds)."""

    def __init__(self, path, next_request, on_answer):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.socket.setblocking(False)
        self.next_request, self.on_answer = next_request, on_answer
        self.buffer, self.number, self.tag, self.sent_at = b"", 0, None, 0.0

    def send_next(self):
        """False if there is nothing more to ask."""
        request = self.next_request()
        if request is None:
            return False
        method, params, self.tag = request
        self.number += 1
        line = json.dumps({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        self.sent_at = time.perf_counter()
        self.socket.sendall(line.encode() + b"\n")  # small, and nothing else is on its way
        return True

    def receive(self):
        """Takes what has come; True if the answer is complete."""
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("voxeld closed a connection")
        self.buffer += data
        if not self.buffer.endswith(b"\n"):
            return False
        answer, self.buffer = json.loads(self.buffer), b""
        assert answer["id"] == self.number, answer
        self.on_answer(self.tag, answer, time.perf_counter() - self.sent_at)
        return True


def run(members, seconds):
    """Runs the crowd for so long, then until every answer is in."""
    selector = selectors.DefaultSelector()
    for member in members:
        if member.send_next():
            selector.register(member.socket, selectors.EVENT_READ, member)
    end = time.monotonic() + seconds
    while selector.get_map():
        ready = selector.select(timeout=30)
        if not ready:
            raise TimeoutError(f"{len(selector.get_map())} connections got no answer for 30 s")
        for key, _ in ready:
            if key.data.receive() and (time.monotonic() >= end or not key.data.send_next()):
                selector.unregister(key.data.socket)
    for member in members:
        member.socket.close()
