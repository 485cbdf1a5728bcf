"""RESP2 on the daemon's socket: Redis' own programs and its Python client, raw bytes, broken clients."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

import redis
from daemon import Daemon


def command(*words):
    """A command as client libraries send it."""
    encoded = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in encoded)


class RespTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon("--max-message-bytes=1MiB")
        cls.addClassCleanup(cls.daemon.close)
        with cls.daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})

    def setUp(self):
        self.socket = self.daemon.raw()
        self.file = self.socket.makefile("rb")
        self.addCleanup(self.socket.close)
        self.addCleanup(self.file.close)
        self.redis = redis.Redis(unix_socket_path=str(self.daemon.socket))
        self.addCleanup(self.redis.close)

    def ask(self, *words):
        """The first line of the reply to a command."""
        self.socket.sendall(command(*words))
        return self.file.readline()

    def revision(self, project="p"):
        with self.daemon.connect() as rpc:
            return rpc.call("project.get", {"project": project})["project"]["revision"]

    def project(self, name):
        with self.daemon.connect() as rpc:
            rpc.call("project.create", {"project": name})
        return name

    # What any client asks.

    def test_what_clients_ask_of_any_server(self):
        for words, reply in (
            (["PING"], b"+PONG\r\n"),
            (["ping"], b"+PONG\r\n"),
            (["SELECT", "0"], b"+OK\r\n"),
            (["SELECT", "1"], b"-ERR DB index is out of range: there is only 0\r\n"),
            (["CLIENT", "SETINFO", "LIB-NAME", "x"], b"+OK\r\n"),
            (["CLIENT", "GETNAME"], b"$-1\r\n"),
            (["CLIENT", "SETNAME", "me"], b"+OK\r\n"),
            (["COMMAND"], b"*0\r\n"),
            (["COMMAND", "DOCS", "get"], b"*0\r\n"),
            (["COMMAND", "COUNT"], b":0\r\n"),
            (["CONFIG", "GET", "maxmemory"], b"*0\r\n"),
            (["HELLO", "3"], b"-NOPROTO unsupported protocol version; 2 is spoken here\r\n"),
            (["ECHO"], b"-ERR wrong number of arguments for 'echo' command\r\n"),
        ):
            self.assertEqual(self.ask(*words), reply, words)
        self.assertRegex(self.ask("AUTH", "secret"), b"^-ERR no password is set")
        self.assertRegex(self.ask("FLUSHALL"), b"^-ERR unknown command 'FLUSHALL'; there are PING")
        self.assertEqual(self.ask("QUIT"), b"+OK\r\n")
        self.assertEqual(self.file.read(), b"")

    def test_hello_says_who_we_are(self):
        self.socket.sendall(command("HELLO", "2", "SETNAME", "me"))
        hello = b"".join(self.file.readline() for _ in range(26))
        self.assertIn(b"$6\r\nserver\r\n$6\r\nvoxeld\r\n", hello)
        self.assertIn(b"$5\r\nproto\r\n:2\r\n", hello)
        self.assertEqual(self.ask("CLIENT", "GETNAME"), b"$2\r\n")

    # The methods.

    def test_set_and_get(self):
        r = self.redis
        self.assertEqual(r.execute_command("VOXEL.SET", "p", "", 1, -2, 3, "#c33"), b"OK")
        self.assertEqual(r.execute_command("VOXEL.GET", "p", "", 1, -2, 3), b"#cc3333ff")
        self.assertEqual(
            r.execute_command("voxel.set", "p", "main", "0001", -2, 3, 0x01020304), b"OK"
        )
        self.assertEqual(
            r.execute_command("VOXEL.GET", "p", "main", "000000000001", -2, 3), b"#01020304"
        )
        self.assertEqual(
            r.execute_command("VOXEL.GET", "p", "main", "01", "-0002", 3), b"#01020304"
        )
        for wrong in ("0-2", "00-2", "0x1", "00 1", "+1", "000000000004294967296"):
            with self.assertRaisesRegex(redis.ResponseError, "INVALID_FIELD"):
                r.execute_command("VOXEL.GET", "p", "main", 1, wrong, 3)
        name = self.project("zeros")
        self.assertEqual(r.execute_command("VOXEL.SET", name, "", "0", "00", "000", "0255"), b"OK")
        self.assertEqual(r.execute_command("VOXEL.GET", name, "", 0, 0, 0), b"#000000ff")
        self.assertEqual(r.execute_command("VOXEL.SET", "p", "", 1, -2, 3, "air"), b"OK")
        self.assertIsNone(r.execute_command("VOXEL.GET", "p", "", 1, -2, 3))

    def test_many_at_once_are_one_revision(self):
        name = self.project("many")
        changed = self.redis.execute_command(
            "VOXEL.MSET",
            name,
            "",
            0,
            0,
            0,
            "#fff",
            1,
            0,
            0,
            "#fff",
            2,
            0,
            0,
            0xFF00FFFF,
            3,
            0,
            0,
            "#000",
        )
        self.assertEqual((changed, self.revision(name)), (4, 2))
        with self.assertRaisesRegex(redis.ResponseError, "INVALID_COLOR"):
            self.redis.execute_command(
                "VOXEL.MSET", name, "", 9, 0, 0, "#fff", 9, 1, 0, "no colour"
            )
        self.assertIsNone(self.redis.execute_command("VOXEL.GET", name, "", 9, 0, 0))
        with self.assertRaisesRegex(redis.ResponseError, "wrong number of arguments"):
            self.redis.execute_command("VOXEL.MSET", name, "", 9, 0, 0, "#fff", 9)

    def test_many_at_once_are_the_same_whatever_their_colours(self):
        numbers = [0x010203FF, 0x0A0B0CFF, 0x010203FF, 0]
        for n, (colors, seen) in enumerate(
            (
                (numbers, [b"#010203ff", b"#0a0b0cff", b"#010203ff", None]),
                (["#c33"] * 4, [b"#cc3333ff"] * 4),
                (["#c33", "#3c3", "air", "#c33"], [b"#cc3333ff", b"#33cc33ff", None, b"#cc3333ff"]),
                (
                    ["#c33", 255, 255, "#3c3"],
                    [b"#cc3333ff", b"#000000ff", b"#000000ff", b"#33cc33ff"],
                ),
            )
        ):
            name = self.project(f"colours{n}")
            words = [word for x, color in enumerate(colors) for word in (x, 0, 0, color)]
            # The last place once more: later ones win, and each counts once.
            words += words[-4:]
            changed = self.redis.execute_command("VOXEL.MSET", name, "", *words)
            self.assertEqual((changed, self.revision(name)), (4 - seen.count(None), 2))
            got = [self.redis.execute_command("VOXEL.GET", name, "", x, 0, 0) for x in range(4)]
            self.assertEqual(got, seen)

    def test_many_at_once_fail_as_one_does(self):
        name = self.project("failing")
        good, wrong = (5, 0, 0, 255), (6, 0, 0, 255)
        for head, places, reason in (
            (("nobody", ""), (good, good), "PROJECT_NOT_FOUND"),
            ((name, "nowhere"), (good, good), "LAYER_NOT_FOUND"),
            ((name, ""), (good, (1 << 30, 0, 0, 255)), "OUT_OF_WORLD"),
            ((name, ""), (good, ("x", 0, 0, 255)), "INVALID_FIELD"),
            ((name, ""), ((5, 0, 0, "#12"), (6, 0, 0, "#12")), "INVALID_COLOR"),
            ((name, ""), (good, wrong[:3] + ("#12",)), "INVALID_COLOR"),
            ((name, ""), (wrong[:3] + ("#12",), ("x", 0, 0, 255)), "INVALID_FIELD"),
        ):
            words = [word for place in places for word in place]
            with self.assertRaisesRegex(redis.ResponseError, f"^{reason} "):
                self.redis.execute_command("VOXEL.MSET", *head, *words)
        self.assertEqual(self.revision(name), 1)

    def test_sets_that_come_together_are_one_revision(self):
        name = self.project("together")
        self.socket.sendall(
            b"".join(command("VOXEL.SET", name, "", x, 0, 0, x * 256 + 255) for x in range(100))
            + command("VOXEL.GET", name, "", 99, 0, 0)
        )
        self.assertEqual([self.file.readline() for _ in range(100)], [b"+OK\r\n"] * 100)
        self.assertEqual(self.file.readline() + self.file.readline(), b"$9\r\n#000063ff\r\n")
        self.assertLess(self.revision(name), 6)  # one, unless the kernel cut them

    @contextlib.contextmanager
    def one_round(self):
        """What is sent meanwhile comes to the daemon at once."""
        os.kill(self.daemon.pid, signal.SIGSTOP)
        os.waitpid(self.daemon.pid, os.WUNTRACED)  # it has stopped, all of it
        try:
            yield
        finally:
            os.kill(self.daemon.pid, signal.SIGCONT)

    def connections(self, count):
        with contextlib.ExitStack() as stack:
            made = [stack.enter_context(self.daemon.raw()) for _ in range(count)]
            files = [stack.enter_context(each.makefile("rb")) for each in made]
            self.addCleanup(stack.pop_all().close)
        for each, file in zip(made, files):
            each.sendall(b"PING\r\n")  # it is known for what it is
            self.assertEqual(file.readline(), b"+PONG\r\n")
        return list(zip(made, files))

    def test_sets_of_several_connections_in_one_round_are_one_revision(self):
        name = self.project("shared")
        many = self.connections(9)
        asks, replies = many.pop()
        with self.one_round():
            for x, (connection, _) in enumerate(many):
                sets = (command("VOXEL.SET", name, "", x, y, 0, x * 256 + 255) for y in range(5))
                connection.sendall(b"".join(sets))
                if x == 3:
                    asks.sendall(b"PING\r\n")  # is answered at once, and begins nothing for others
        self.assertEqual(replies.readline(), b"+PONG\r\n")
        for _, file in many:
            self.assertEqual([file.readline() for _ in range(5)], [b"+OK\r\n"] * 5)
        self.assertEqual(self.revision(name), 2)
        with self.one_round():
            for x, (connection, _) in enumerate(many):
                gets = (command("VOXEL.GET", name, "", x, y, 0) for y in (4, 5, 0))
                connection.sendall(b"".join(gets))
        for x, (_, file) in enumerate(many):
            found = b"$9\r\n#0000%02xff\r\n" % x
            self.assertEqual(file.read(2 * len(found) + 5), found + b"$-1\r\n" + found)

    def test_statistics_count_commands(self):
        def calls():
            with self.daemon.connect() as rpc:
                methods = rpc.call("admin.stats")["methods"]
            return {
                m["method"]: m["calls"] for m in methods if m["door"] == "resp" and "method" in m
            }

        name = self.project("counted")
        many = self.connections(8)
        for lines, word, *color in ((1, "VOXEL.SET", "#fff"), (2, "VOXEL.GET")):
            before = calls().get(word.lower(), 0)
            with self.one_round():
                for connection, _ in many:
                    connection.sendall(command(word, name, "", 1, 2, 3, *color) * 10)
            for _, file in many:
                self.assertNotIn(b"", [file.readline() for _ in range(10 * lines)])
            self.assertEqual(calls()[word.lower()] - before, 80)

    def test_a_read_that_fails_takes_no_others_with_it(self):
        name = self.project("reads")
        self.redis.execute_command("VOXEL.SET", name, "", 1, 2, 3, "#123456")
        many = self.connections(3)
        with self.one_round():
            for connection, _ in many:
                connection.sendall(
                    command("VOXEL.GET", name, "", 1, 2, 3)
                    + command("VOXEL.GET", name, "", 1, 2, 1 << 30)
                    + command("VOXEL.GET", name, "nowhere", 1, 2, 3)
                    + command("VOXEL.GET", "nobody", "", 1, 2, 3)
                    + command("VOXEL.GET", name, "", 1, "two", 3)
                    + command("VOXEL.GET", name, "", 1, 2, 3)
                )
        found = [rb"\$9", b"#123456ff"]
        errors = [b"-OUT_OF_WORLD", b"-LAYER_NOT_FOUND", b"-PROJECT_NOT_FOUND", b"-INVALID_FIELD"]
        for _, file in many:
            for want in [*found, *errors, *found]:
                self.assertRegex(file.readline(), b"^" + want)

    def test_sets_of_other_layers_and_projects_stay_apart(self):
        name, other = self.project("here"), self.project("there")
        with self.daemon.connect() as rpc:
            rpc.call("layer.create", {"project": name, "layer": {"layer": "more"}})
        many = self.connections(3)
        places = [(name, "main"), (other, "main"), (name, "more")]
        with self.one_round():
            for (connection, _), place in zip(many, places):
                connection.sendall(command("VOXEL.SET", *place, 1, 1, 1, "#fff") * 3)
        for _, file in many:
            self.assertEqual([file.readline() for _ in range(3)], [b"+OK\r\n"] * 3)
        self.assertEqual((self.revision(name), self.revision(other)), (4, 2))
        for (connection, file), place in zip(many, places):
            connection.sendall(command("VOXEL.GET", *place, 1, 1, 1))
            self.assertEqual(file.readline() + file.readline(), b"$9\r\n#ffffffff\r\n")

    def test_whoever_shares_a_revision_has_replies_in_order(self):
        name = self.project("mixed")
        many = self.connections(6)
        with self.one_round():
            for x, (connection, _) in enumerate(many):
                color = x * 256 + 255
                connection.sendall(
                    command("VOXEL.SET", name, "", x, 0, 0, color)
                    + b"PING\r\n"
                    + command("VOXEL.SET", name, "", x, "y", 0, color)
                    + command("VOXEL.SET", name, "", x, 1, 0, color)
                    + command("VOXEL.SET", name, "", x, 1 << 30, 0, color)
                    + command("VOXEL.SET", name, "", x, 2, 0, color)
                    + command("VOXEL.GET", name, "", x, 2, 0)
                )
        for x, (_, file) in enumerate(many):
            replies = [file.readline() for _ in range(8)]
            wants = [
                rb"\+OK",
                rb"\+PONG",
                b"-INVALID_FIELD",
                rb"\+OK",
                b"-OUT_OF_WORLD",
                rb"\+OK",
                rb"\$9",
                b"#0000%02xff" % x,
            ]
            for reply, want in zip(replies, wants):
                self.assertRegex(reply, b"^" + want)

    def test_one_that_is_gone_takes_no_others_with_it(self):
        name = self.project("gone")
        many = self.connections(4)
        with self.one_round():
            for x, (connection, _) in enumerate(many):
                connection.sendall(command("VOXEL.SET", name, "", x, 0, 0, "#fff"))
            many[0][0].shutdown(socket.SHUT_RDWR)
            many[2][0].close()
            many[2][1].close()
        for _, file in (many[1], many[3]):
            self.assertEqual(file.readline(), b"+OK\r\n")
        for x in (1, 3):  # what those who are gone had sent was perhaps not taken
            self.assertEqual(
                self.redis.execute_command("VOXEL.GET", name, "", x, 0, 0), b"#ffffffff", x
            )

    def test_no_colour_is_not_that_of_another(self):
        name = self.project("colourless")
        empty, good = (
            command("VOXEL.SET", name, "", 1, 0, 0, ""),
            command("VOXEL.SET", name, "", 2, 0, 0, 255),
        )
        self.socket.sendall(empty + good + good)
        self.assertRegex(self.file.readline(), b"^-MISSING_FIELD")
        self.assertEqual([self.file.readline() for _ in range(2)], [b"+OK\r\n"] * 2)
        many = self.connections(3)
        with self.one_round():
            for (connection, _), sent in zip(many, (empty, good, good)):
                connection.sendall(sent)
        self.assertRegex(many[0][1].readline(), b"^-MISSING_FIELD")
        self.assertEqual([file.readline() for _, file in many[1:]], [b"+OK\r\n"] * 2)
        with self.assertRaisesRegex(redis.ResponseError, "MISSING_FIELD"):
            self.redis.execute_command("VOXEL.MSET", name, "", 3, 0, 0, "", 4, 0, 0, 255)
        self.assertIsNone(self.redis.execute_command("VOXEL.GET", name, "", 4, 0, 0))

    def test_one_that_is_wrong_does_not_take_others_with_it(self):
        name = self.project("apart")
        self.socket.sendall(
            command("VOXEL.SET", name, "", 0, 0, 0, "#fff")
            + command("VOXEL.SET", name, "", 1 << 30, 0, 0, "#fff")
            + command("VOXEL.SET", name, "", 1, 0, 0, "no colour")
            + command("VOXEL.SET", name, "", "x", 0, 0, "#fff")
            + command("VOXEL.SET", name, "nowhere", 1, 0, 0, "#fff")
            + command("VOXEL.SET", name, "", 2, 0, 0, "#fff")
        )
        replies = [self.file.readline() for _ in range(6)]
        self.assertEqual((replies[0], replies[5]), (b"+OK\r\n", b"+OK\r\n"))
        reasons = [re.match(rb"-([A-Z_]+) ", reply)[1] for reply in replies[1:5]]
        self.assertEqual(
            reasons, [b"OUT_OF_WORLD", b"INVALID_COLOR", b"INVALID_FIELD", b"LAYER_NOT_FOUND"]
        )
        self.assertIn(b'x is "x"; it takes a whole number', replies[3])

    def test_any_method(self):
        got = json.loads(
            self.redis.execute_command("CALL", "project.get", json.dumps({"project": "p"}))
        )
        self.assertEqual(got["project"]["project"], "p")
        self.assertEqual(json.loads(self.redis.execute_command("CALL", "admin.ping")), {})
        for words, error in (
            (["project.gett"], 'METHOD_NOT_FOUND no method "project.gett"'),
            (["history.watch", "{}"], "METHOD_NOT_FOUND history.watch answers a stream"),
            (["transfer.import", "{}"], "METHOD_NOT_FOUND transfer.import takes a stream"),
            (["project.get", "{"], "MALFORMED_MESSAGE"),
            (["project.get", '{"projct":"p"}'], "UNKNOWN_FIELD"),
            (["project.get", '{"project":"nobody"}'], "PROJECT_NOT_FOUND"),
        ):
            with self.assertRaisesRegex(redis.ResponseError, error):
                self.redis.execute_command("CALL", *words)

    def test_the_answers_are_those_of_the_other_doors(self):
        self.redis.execute_command("VOXEL.SET", "p", "", 7, 7, 7, "#123456")
        with self.daemon.connect() as rpc:
            request = {"project": "p", "xyz": [7, 7, 7], "colors": True}
            same = rpc.call("voxel.get", request)
            revisions = rpc.call("history.list_revisions", {"project": "p"})["revisions"]
        self.assertEqual(
            json.loads(self.redis.execute_command("CALL", "voxel.get", json.dumps(request))), same
        )
        self.assertRegex(revisions[0]["actor"], "^uid:")

    # Framing.

    def test_commands_may_be_split_at_any_byte(self):
        text = command("ECHO", b"a\r\n$3\r\n") + b"ECHO 'b c'\r\n" + command("CALL", "admin.ping")
        want = b"$7\r\na\r\n$3\r\n\r\n$3\r\nb c\r\n$2\r\n{}\r\n"
        for at in range(1, len(text)):
            self.socket.sendall(text[:at])
            if (
                at % 16 == 0
            ):  # another connection's answer proves that the first part was seen alone
                with self.daemon.connect() as other:
                    other.call("admin.ping")
            self.socket.sendall(text[at:])
            self.assertEqual(self.file.read(len(want)), want)

    def test_replies_come_in_order_whatever_runs_where(self):
        summary = command("CALL", "inspect.summarize", '{"project":"p"}')
        text = b"".join(
            summary if i % 3 == 0 else command("ECHO", i) if i % 3 == 1 else b"PING\r\n"
            for i in range(300)
        )
        writer = threading.Thread(target=self.socket.sendall, args=[text])
        writer.start()
        for i in range(300):
            line = self.file.readline()
            if i % 3 == 2:
                self.assertEqual(line, b"+PONG\r\n")
                continue
            body = self.file.read(int(line[1:]) + 2)
            if i % 3 == 0:
                self.assertIn(b'"voxels"', body)
            else:
                self.assertEqual(body, b"%d\r\n" % i)
        writer.join()

    def test_a_read_sees_the_writes_before_it(self):
        name = self.project("order")
        for n in range(200):
            self.socket.sendall(
                command("VOXEL.SET", name, "", n % 5, 0, 0, n * 256 + 255)
                + command("VOXEL.GET", name, "", n % 5, 0, 0)
            )
            self.assertEqual(self.file.readline(), b"+OK\r\n")
            self.assertEqual(self.file.readline(), b"$9\r\n")
            self.assertEqual(self.file.readline(), b"#%08x\r\n" % (n * 256 + 255))

    def test_ten_thousand_on_one_connection(self):
        text = command("VOXEL.GET", "p", "", 1000, 0, 0) * 10_000
        writer = threading.Thread(target=self.socket.sendall, args=[text])
        writer.start()
        self.assertEqual(self.file.read(5 * 10_000), b"$-1\r\n" * 10_000)
        writer.join()

    def test_what_is_malformed_ends_the_connection(self):
        for text, error in (
            (b"*1\r\n:1\r\n", b"-ERR Protocol error: expected '$'\r\n"),
            (b"*x\r\n", b"-ERR Protocol error: invalid multibulk length\r\n"),
            (
                b"*1\r\n$2000000\r\n",
                b"-ERR Protocol error: invalid bulk length: the command is too big\r\n",
            ),
            (
                b"*1\r\n$2\r\nabc\r\n",
                b"-ERR Protocol error: a bulk string is longer than its length says\r\n",
            ),
            (b"a" * 70_000, b"-ERR Protocol error: too big inline request\r\n"),
            (b'ECHO "\r\n', b"-ERR Protocol error: unbalanced quotes in request\r\n"),
        ):
            with self.daemon.raw() as connection, connection.makefile("rb") as file:
                connection.sendall(b"PING\r\n" + text)
                self.assertEqual(file.read(), b"+PONG\r\n" + error)

    def test_a_browser_that_was_led_here_is_dropped(self):
        with self.daemon.raw() as connection, connection.makefile("rb") as file:
            connection.sendall(b"PING\r\nHost: localhost\r\n\r\nVOXEL.SET p main 0 0 0 #fff\r\n")
            self.assertEqual(file.read(), b"+PONG\r\n")

    # Redis' own programs.

    def run_program(self, *arguments, **options):
        program, *rest = arguments
        return subprocess.run(
            [program, "-s", self.daemon.socket, *rest],
            capture_output=True,
            text=True,
            timeout=100,
            check=True,
            **options,
        ).stdout

    def test_redis_cli(self):
        self.assertEqual(self.run_program("redis-cli", "PING"), "PONG\n")
        lines = "VOXEL.SET p main 5 5 5 '#00ff00'\nVOXEL.GET p main 5 5 5\nCALL admin.ping\n"
        self.assertEqual(self.run_program("redis-cli", input=lines), "OK\n#00ff00ff\n{}\n")
        self.assertIn("voxeld", self.run_program("redis-cli", "HELLO", "2"))

    def test_redis_benchmark(self):
        bench = ["redis-benchmark", "-q", "-n", "2000", "-c", "5"]
        for more in (["-P", "1"], ["-P", "16"]):
            self.assertRegex(
                self.run_program(*bench, *more, "-t", "ping"), "PING_MBULK: .* requests"
            )
        rand = ["__rand_int__"] * 3
        name = self.project("bench")
        shown = self.run_program(
            *bench, "-r", "50", "-P", "16", "VOXEL.SET", name, "", *rand, "__rand_int__"
        )
        self.assertRegex(shown, "VOXEL.SET bench .* requests per second")
        self.run_program(*bench, "-r", "50", "VOXEL.GET", name, "", *rand)
        self.assertGreater(self.revision(name), 2)

    def test_pythons_client_with_a_pipeline(self):
        name = self.project("pipeline")
        with self.redis.pipeline(transaction=False) as pipe:
            for x in range(50):
                pipe.execute_command("VOXEL.SET", name, "", x, 0, 0, "#abcdef")
            pipe.execute_command("VOXEL.GET", name, "", 49, 0, 0)
            self.assertEqual(pipe.execute(), [b"OK"] * 50 + [b"#abcdefff"])
        self.assertEqual(self.redis.echo("hi"), b"hi")
        self.assertTrue(self.redis.ping())
        info = self.redis.info()
        self.assertEqual((info["server_name"], info["loading"]), ("voxeld", 0))


class RespLifeTest(unittest.TestCase):
    def test_a_limit_that_holds_for_one_call_does_not_refuse_many_commands(self):
        limits = ("--max-voxels=2", "--max-read-voxels=2", "--max-batch-bytes=1MiB")
        with Daemon(*limits) as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            with daemon.raw() as connection, connection.makefile("rb") as file:
                places = [(16 * n, 0, 0) for n in range(200)]
                connection.sendall(
                    b"".join(command("VOXEL.SET", "p", "", *place, "#fff") for place in places)
                )
                self.assertEqual([file.readline() for _ in places], [b"+OK\r\n"] * 200)
                connection.sendall(
                    b"".join(command("VOXEL.GET", "p", "", *place) for place in places)
                )
                found = b"$9\r\n#ffffffff\r\n"
                self.assertEqual(file.read(200 * len(found)), found * 200)

    def test_a_command_that_does_not_end_is_given_up(self):
        with Daemon("--command-timeout=300ms") as daemon, daemon.raw() as slow:
            slow.sendall(b"PING\r\n*2\r\n$4\r\nEC")
            with slow.makefile("rb") as file:
                self.assertEqual(
                    file.read(), b"+PONG\r\n-ERR a command was not complete after 300ms\r\n"
                )

    def test_commands_that_go_on_are_not_slow(self):
        # For longer than one command may take, and never without the begin of another.
        text = command("ECHO", "hello")
        with Daemon("--command-timeout=1s") as daemon, daemon.raw() as busy:
            with busy.makefile("rb") as file:
                busy.sendall(text[:9])
                end = time.monotonic() + 3
                while time.monotonic() < end:
                    busy.sendall(text[9:] + text[:9])
                    self.assertEqual(file.read(11), b"$5\r\nhello\r\n")

    def test_a_reader_that_does_not_read_is_bounded(self):
        with Daemon() as daemon, daemon.raw() as connection:
            before = daemon.rss_kb()
            connection.settimeout(0.5)
            with self.assertRaises(TimeoutError):
                while True:
                    connection.sendall(command("ECHO", b"x" * 50_000) * 10)
            self.assertLess(daemon.rss_kb() - before, 20_000)
            with daemon.connect() as rpc:
                rpc.call("admin.ping")

    def test_what_waits_behind_a_long_call_is_bounded(self):
        with Daemon("--test-commit=delay_ms=3000") as daemon, daemon.raw() as connection:
            before = daemon.rss_kb()
            connection.settimeout(0.5)
            with self.assertRaises(TimeoutError):
                connection.sendall(command("CALL", "project.create", '{"project":"p"}'))
                while True:
                    connection.sendall(command("ECHO", b"x" * 50_000) * 10)
            self.assertLess(daemon.rss_kb() - before, 20_000)

    def test_a_client_that_is_killed_leaves_nothing(self):
        with Daemon("--test-commit=delay_ms=50") as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            for n in range(50):
                with daemon.raw() as connection:
                    connection.sendall(command("VOXEL.SET", "p", "", n, 0, 0, "#fff") + b"*3\r\n$4")
            end = time.monotonic() + 20
            while time.monotonic() < end:
                doors = {d["door"]: d.get("open", 0) for d in rpc.call("admin.stats")["doors"]}
                if doors["resp"] == 0:
                    break
                time.sleep(0.01)
            self.assertEqual(doors["resp"], 0)
            self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
