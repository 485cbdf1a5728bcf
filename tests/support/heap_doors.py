"""Requests of every door that runs on the poller, what succeeds and what fails, and a daemon whose heap calls are counted.

tests/support/heap_calls.cc counts; tests/integration/heap_test.py and bench/heap.py say what is expected.
"""

import collections
import contextlib
import itertools
import mmap
import os
import pathlib
import struct
import tempfile
import uuid

from daemon import BUILD, Daemon

LIBRARY = BUILD / "tests" / "integration" / "libheap_calls.so"
COUNTED = int(os.environ.get("HEAP_COUNTED", 100_000))
# Until old revisions are let go of as new ones come.
WARM_UP = int(os.environ.get("HEAP_WARM_UP", 6_000))
ROUNDS = int(os.environ.get("HEAP_ROUNDS", 20))
IN_FLIGHT = 20
RETAINED = 500
NAME = "a-name-of-sixty-three-bytes-which-is-as-long-as-a-name-may-be.1"


class Heap:
    """The counter that a daemon shares with us."""

    def __init__(self, path):
        with open(path, "wb") as file:
            file.write(bytes(16))
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 16)

    def calls(self):
        return struct.unpack_from("<Q", self._map)[0]

    def show(self, count):
        struct.pack_into("<q", self._map, 8, count)


def no_name():
    """As long as a name may be, and of nobody."""
    return f"{uuid.uuid4()}-{uuid.uuid4().hex[:26]}"


class Edits:
    """Voxels to set: one or several of one brick, or of many. No place gets the colour that it has, of whichever
    door's edits: each edit changes as many voxels as it sets.
    """

    MOST = 32  # voxels of an edit

    _numbers = itertools.count(1)

    _of_one_brick = [(i % 16, i // 16, -7) for i in range(MOST)]

    def voxels(self, count, spread):
        number = next(self._numbers)
        places = self._of_one_brick[:count]
        if spread:
            several = range(number * 7, number * 7 + count)
            places = [(n % 61, n // 61 % 61, -7) for n in several]
        first = number * self.MOST
        return places, [color % 2**24 << 8 | 0xFF for color in range(first, first + count)]

    def one_color(self):
        return f"#{next(self._numbers) * self.MOST % 2**24:06x}"


class JsonDoor:
    def __init__(self):
        self.edits = Edits()

    def line(self, method, params, project=NAME, layer=NAME):
        return (
            f'{{"jsonrpc":"2.0","id":"{uuid.uuid4()}","method":"{method}","params":{{"project":"{project}",'
            f'"layer":"{layer}",{params}}}}}\n'
        ).encode()

    def set(self, count, spread=False, request_id=False, write="", **names_):
        places, colors = self.edits.voxels(count, spread)
        xyz = ",".join(map(str, itertools.chain.from_iterable(places)))
        rgba = ",".join(map(str, colors))
        if request_id:
            write = f',"write":{{"request_id":"{uuid.uuid4()}"}}'
        return self.line(
            "voxel.set", f'"voxels":{{"xyz":[{xyz}],"rgba":[{rgba}]}}{write}', **names_
        )

    def get(self, xyz="1,2,3", **names_):
        return self.line("voxel.get", f'"xyz":[{xyz}]', **names_)

    def successes(self):
        result = b'"result"'
        return {
            "get": (self.get, result),
            "set one": (lambda: self.set(1), result),
            "set one with a request id": (lambda: self.set(1, request_id=True), result),
            "set thirty with a request id": (lambda: self.set(30, request_id=True), result),
            "set eight of many bricks": (lambda: self.set(8, spread=True), result),
            "ping": (lambda: b'{"jsonrpc":"2.0","id":1,"method":"admin.ping"}\n', result),
        }

    def failures(self):
        outside = '"voxels":{"xyz":[1,2,2000000000],"rgba":[255]}'
        color = '"voxels":{"xyz":[1,2,3],"color":"#12"}'
        mismatch = ',"write":{"expected_revision":1}'
        requests = {
            "PROJECT_NOT_FOUND": [
                lambda: self.get(project=no_name()),
                lambda: self.set(1, project=no_name()),
            ],
            "LAYER_NOT_FOUND": [
                lambda: self.get(layer=no_name()),
                lambda: self.set(1, layer=no_name()),
            ],
            "INVALID_ID": [lambda: self.get(project="X" + uuid.uuid4().hex)],
            "OUT_OF_WORLD": [
                lambda: self.get("1,2,-2000000000"),
                lambda: self.line("voxel.set", outside),
            ],
            "INVALID_COLOR": [lambda: self.line("voxel.set", color)],
            "INVALID_FIELD": [
                lambda: self.get(f'1,2,"{uuid.uuid4()}"'),
                lambda: self.get("1,2"),
                lambda: self.get("1,2,3000000000"),
            ],
            "MISSING_FIELD": [lambda: self.get("")],
            "UNKNOWN_FIELD": [lambda: self.line("voxel.get", '"xyz":[1,2,3],"coulors":true')],
            "REVISION_MISMATCH": [lambda: self.set(1, write=mismatch)],
            "REVISION_UNKNOWN": [
                lambda: self.line("voxel.get", '"xyz":[1,2,3],"revision":99999999')
            ],
            "REVISION_DROPPED": [lambda: self.line("voxel.get", '"xyz":[1,2,3],"revision":1')],
            "METHOD_NOT_FOUND": [lambda: self.line("voxel." + uuid.uuid4().hex, '"xyz":[1,2,3]')],
            "MALFORMED_MESSAGE": [lambda: b'{"jsonrpc":"2.0","id":1,"method":"admin.ping",}\n'],
        }
        return {
            f"{reason} {n}": (make, f'"reason":"{reason}"'.encode())
            for reason, makes in requests.items()
            for n, make in enumerate(makes)
        }


class RespDoor:
    def __init__(self):
        self.edits = Edits()

    def command(self, *words):
        parts = [f"*{len(words)}\r\n"]
        for word in map(str, words):
            parts.append(f"${len(word)}\r\n{word}\r\n")
        return "".join(parts).encode()

    def set(self, spread=False, layer=NAME):
        places, colors = self.edits.voxels(1, spread)
        return self.command("VOXEL.SET", NAME, layer, *places[0], colors[0])

    def mset(self, color=None, layer=NAME):
        places, colors = self.edits.voxels(8, False)
        words = ((*place, color or number) for place, number in zip(places, colors))
        return self.command("VOXEL.MSET", NAME, layer, *itertools.chain(*words))

    def mset_of_one_color(self):
        return self.mset(self.edits.one_color())

    def call(self, method, params, project=NAME):
        return self.command("CALL", method, f'{{"project":"{project}","layer":"{NAME}",{params}}}')

    def successes(self):
        return {
            "ping": (lambda: self.command("PING"), b"+PONG\r\n"),
            "get": (lambda: self.command("VOXEL.GET", NAME, NAME, 9, 9, 9), b"#0a141eff\r\n"),
            "get of air": (lambda: self.command("VOXEL.GET", NAME, NAME, 9, 9, 99), b"$-1\r\n"),
            "set": (self.set, b"+OK\r\n"),
            "set of many bricks": (lambda: self.set(spread=True), b"+OK\r\n"),
            "mset": (self.mset, b":8\r\n"),
            "mset of one colour": (self.mset_of_one_color, b":8\r\n"),
            "call": (lambda: self.call("voxel.get", '"xyz":[9,9,9]'), b'"rgba"'),
            "echo": (lambda: self.command("ECHO", "hello"), b"hello\r\n"),
        }

    def failures(self):
        get, many = "VOXEL.GET", "9" * 30
        return {
            "project": (
                lambda: self.command(get, no_name(), NAME, 1, 2, 3),
                b"-PROJECT_NOT_FOUND ",
            ),
            "layer": (lambda: self.command(get, NAME, no_name(), 1, 2, 3), b"-LAYER_NOT_FOUND "),
            "layer of a set": (lambda: self.set(layer=no_name()), b"-LAYER_NOT_FOUND "),
            "position": (lambda: self.command(get, NAME, NAME, 1, 2, many), b"-INVALID_FIELD "),
            "outside": (
                lambda: self.command("VOXEL.SET", NAME, NAME, 1, 2, 2**30, 255),
                b"-OUT_OF_WORLD ",
            ),
            "colour": (
                lambda: self.command("VOXEL.SET", NAME, NAME, 1, 2, 3, "#12"),
                b"-INVALID_COLOR ",
            ),
            "layer of an mset": (lambda: self.mset(layer=no_name()), b"-LAYER_NOT_FOUND "),
            "colour of an mset": (lambda: self.mset("#12"), b"-INVALID_COLOR "),
            "position of an mset": (
                lambda: self.command("VOXEL.MSET", NAME, NAME, 1, 2, 3, 255, 1, 2, many, 255),
                b"-INVALID_FIELD ",
            ),
            "outside in an mset": (
                lambda: self.command("VOXEL.MSET", NAME, NAME, 1, 2, 3, 255, 1, 2, 2**30, 255),
                b"-OUT_OF_WORLD ",
            ),
            "arguments of an mset": (
                lambda: self.command("VOXEL.MSET", NAME, NAME, 1, 2, 3, 255, 1),
                b"-ERR wrong number",
            ),
            "command": (lambda: self.command(uuid.uuid4().hex), b"-ERR unknown command"),
            "arguments": (lambda: self.command(get, NAME), b"-ERR wrong number"),
            "call": (
                lambda: self.call("voxel.get", '"xyz":[1,2,3]', project=no_name()),
                b"-PROJECT_NOT_FOUND ",
            ),
            "field": (lambda: self.call("voxel.get", '"xyz":[1,2,"x"]'), b"-INVALID_FIELD "),
            "method": (lambda: self.command("CALL", "no.such", "{}"), b"-METHOD_NOT_FOUND "),
        }


class HttpDoor:
    def __init__(self):
        self.json = JsonDoor()

    def post(self, line):
        """What a line of JSON-RPC asks, as a POST of its parameters."""
        body = line[line.index(b'"params":') + len(b'"params":') : -2]
        method = line.split(b'"method":"voxel.')[1].split(b'"')[0].capitalize()
        return (
            b"POST /voxeld.v1.VoxelService/%b HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        ) % (method, len(body), body)

    def successes(self):
        done = b"HTTP/1.1 200 OK\r\n"
        return {
            name: (lambda make=make: self.post(make()), done)
            for name, (make, _) in self.json.successes().items()
            if name != "ping"
        }

    def failures(self):
        return {
            name: (lambda make=make: self.post(make()), answered)
            for name, (make, answered) in self.json.failures().items()
            if not name.startswith(("METHOD_", "MALFORMED_"))
        }


DOORS = {"JSON-RPC": JsonDoor, "RESP2": RespDoor, "HTTP": HttpDoor}


class CountedDaemon:
    """A daemon with a project and a layer of NAME, and with the counter and `libraries` loaded."""

    def __init__(self, *libraries):
        self._dir = tempfile.TemporaryDirectory()
        path = pathlib.Path(self._dir.name) / "heap"
        self.heap = Heap(path)
        self.daemon = Daemon(
            f"--retained-revisions={RETAINED}",
            env={"LD_PRELOAD": ":".join([str(LIBRARY), *libraries]), "HEAP_CALLS": str(path)},
        )
        self.rpc = self.daemon.connect()
        self.rpc.call("project.create", {"project": NAME, "ephemeral": True})
        self.rpc.call("layer.create", {"project": NAME, "layer": {"layer": NAME}})
        voxel = {"xyz": [9, 9, 9], "rgba": [0x0A141EFF]}
        for _ in range(RETAINED + 2):  # so that the first revision is dropped
            self.rpc.call("voxel.set", {"project": NAME, "layer": NAME, "voxels": voxel})
            voxel["rgba"][0] ^= 0x100
        voxel["rgba"][0] = 0x0A141EFF
        self.rpc.call("voxel.set", {"project": NAME, "layer": NAME, "voxels": voxel})

    def close(self):
        self.rpc.close()
        self.daemon.close()
        self._dir.cleanup()

    def _ask(self, sockets, count, makes):
        """Sends `count` requests, some at a time over each connection, and looks at every answer."""
        kinds = itertools.cycle(makes)
        for _ in range(0, count, IN_FLIGHT * len(sockets)):
            asked = []
            for socket in sockets:
                batch = list(itertools.islice(kinds, IN_FLIGHT))
                socket.sendall(b"".join(make() for make, _ in batch))
                asked.append((socket, collections.Counter(answered for _, answered in batch)))
            for socket, expected in asked:
                self._answered(socket, expected)

    def _answered(self, socket, expected):
        text = b""
        while any(text.count(answer) < times for answer, times in expected.items()):
            try:
                part = socket.recv(1 << 16)
            except TimeoutError:
                part = b""
            if not part:
                raise AssertionError(f"not answered as expected: {text[:4000]}")
            text += part
        assert all(text.count(answer) == times for answer, times in expected.items()), text[:4000]

    def calls(self, *makes, connections=1):
        """The heap calls of COUNTED requests, of these kinds in turn, in the steady state, over so many connections.
        Pools grow when a thread that gives things back was held up for longer than ever before, as happens on a busy
        machine: then it is the next so many that count, and a count of none has to be had twice running.
        """
        with contextlib.ExitStack() as stack:
            sockets = [stack.enter_context(self.daemon.raw()) for _ in range(connections)]
            # Commands of many connections may be one revision.
            self._ask(sockets, WARM_UP * connections, makes)
            self.heap.show(int(os.environ.get("HEAP_SHOW", "0")))
            counts = []
            for _ in range(ROUNDS):
                before = self.heap.calls()
                assert before > 0, "nothing is counted"
                self._ask(sockets, COUNTED, makes)
                counts.append(self.heap.calls() - before)
                if counts[-2:] == [0, 0]:
                    break
            self.heap.show(0)
        return max(counts[-2:])
