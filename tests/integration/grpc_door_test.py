"""What gRPC's own tools ask, and the pitfalls of gRPC 1.51, each closed."""

import pathlib
import signal
import threading
import time
import unittest

import grpc
from daemon import SANITIZED, Daemon, wait_until
from google.protobuf import descriptor_pb2

SERVING, NOT_SERVING, UNKNOWN = b"\x08\x01", b"\x08\x02", b"\x08\x03"


def text(field, value):
    """A text or message field of a protobuf message."""
    data = value if isinstance(value, bytes) else value.encode()
    assert len(data) < 128
    return bytes([field << 3 | 2, len(data)]) + data


def fields(data):
    """The fields of a message as (number, value) pairs."""
    at, found = 0, []

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = varint()
        if tag & 7 == 0:
            found.append((tag >> 3, varint()))
        else:
            assert tag & 7 == 2, tag
            size = varint()
            found.append((tag >> 3, data[at : at + size]))
            at += size
    return found


class HealthTest(unittest.TestCase):
    def check(self, channel, service=""):
        call = channel.unary_unary("/grpc.health.v1.Health/Check")
        return call(text(1, service) if service else b"", timeout=30)

    def test_the_daemon_and_its_services_serve(self):
        with Daemon() as daemon:
            channel = daemon.channel()
            self.assertEqual(self.check(channel), SERVING)
            self.assertEqual(self.check(channel, "voxeld.v1.VoxelService"), SERVING)
            with self.assertRaises(grpc.RpcError) as raised:
                self.check(channel, "voxeld.v1.Nothing")
            self.assertEqual(raised.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_what_is_no_request_is_refused(self):
        with Daemon() as daemon:
            call = daemon.channel().unary_unary("/grpc.health.v1.Health/Check")
            for request in (b"\x0a", b"\x0a\x05ab", b"\xff" * 10):
                with self.subTest(request), self.assertRaises(grpc.RpcError) as raised:
                    call(request, timeout=30)
                self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            with self.assertRaises(grpc.RpcError) as raised:
                call(b"x" * 5000, timeout=30)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)

    def test_a_watch_hears_that_the_daemon_stops(self):
        with Daemon() as daemon:
            channel = daemon.channel()
            watch = channel.unary_stream("/grpc.health.v1.Health/Watch")(b"")
            self.assertEqual(next(watch), SERVING)
            unknown = channel.unary_stream("/grpc.health.v1.Health/Watch")(text(1, "nothing"))
            self.assertEqual(next(unknown), UNKNOWN)
            begin = time.monotonic()
            self.assertEqual(daemon.stop(), 0)
            self.assertLess(time.monotonic() - begin, 2)
            self.assertEqual(list(watch), [NOT_SERVING])

    def test_watchers_that_leave_leave_nothing(self):
        with Daemon() as daemon:
            channel = daemon.channel()
            for _ in range(50):
                watch = channel.unary_stream("/grpc.health.v1.Health/Watch")(b"")
                next(watch)
                watch.cancel()
            self.assertEqual(self.check(channel), SERVING)
            self.assertEqual(daemon.stop(), 0)


class ReflectionTest(unittest.TestCase):
    PATHS = [
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
        for version in ("v1", "v1alpha")
    ]

    def ask(self, channel, *questions, path=PATHS[0]):
        """The answers, each as a dictionary from field numbers."""
        call = channel.stream_stream(path)
        answers = list(call(iter(questions), timeout=30))
        self.assertEqual(len(answers), len(questions))
        return [dict(fields(answer)) for answer in answers]

    def test_services_are_listed_in_both_versions(self):
        with Daemon() as daemon:
            channel = daemon.channel()
            for path in self.PATHS:
                with self.subTest(path):
                    question = text(1, "me") + text(7, "*")
                    (answer,) = self.ask(channel, question, path=path)
                    self.assertEqual((answer[1], answer[2]), (b"me", question))
                    names = [dict(fields(each))[1].decode() for _, each in fields(answer[6])]
                    self.assertIn("voxeld.v1.VoxelService", names)
                    self.assertIn("voxeld.v1.AdminService", names)

    def test_files_come_with_what_they_import(self):
        with Daemon() as daemon:
            channel = daemon.channel()
            by_symbol, by_name = self.ask(
                channel, text(4, "voxeld.v1.VoxelService"), text(3, "voxeld/v1/voxel.proto")
            )
            files = [
                descriptor_pb2.FileDescriptorProto.FromString(each)
                for _, each in fields(by_symbol[4])
            ]
            names = [file.name for file in files]
            self.assertEqual(names[0], "voxeld/v1/voxel.proto")
            for file in files:
                for needed in file.dependency:
                    self.assertIn(needed, names)
            self.assertEqual(by_symbol[4], by_name[4])
            (method,) = self.ask(channel, text(4, "voxeld.v1.VoxelService.ApplyEdits"))
            self.assertEqual(method[4], by_symbol[4])

    def test_what_is_not_there_is_an_answer_and_the_stream_goes_on(self):
        with Daemon() as daemon:
            extension = text(1, "voxeld.v1.Box") + b"\x10\x05"
            questions = (
                text(3, "no.proto"),
                text(4, "no.symbol"),
                text(5, extension),
                text(6, "no.type"),
                text(1, "host"),
                text(7, ""),
            )
            answers = self.ask(daemon.channel(), *questions)
            codes = [dict(fields(answer[7]))[1] for answer in answers[:5]]
            self.assertEqual(codes, [5, 5, 5, 5, 3])
            self.assertIn(6, answers[5])
            (numbers,) = self.ask(daemon.channel(), text(6, "voxeld.v1.Box"))
            self.assertEqual(dict(fields(numbers[5])), {1: b"voxeld.v1.Box"})

    def test_an_idle_stream_does_not_hold_the_daemon(self):
        with Daemon() as daemon:
            ended = threading.Event()

            def questions():
                yield text(7, "*")
                ended.wait(30)

            call = daemon.channel().stream_stream(self.PATHS[0])(questions())
            next(call)
            begin = time.monotonic()
            self.assertEqual(daemon.stop(signal.SIGTERM), 0)
            self.assertLess(time.monotonic() - begin, 2)
            ended.set()


class PitfallTest(unittest.TestCase):
    @unittest.skipIf(SANITIZED, "sanitizers need larger stacks")
    def test_no_thread_has_more_than_256_kib_of_stack(self):
        with Daemon("--grpc-tcp=127.0.0.1:0") as daemon:
            daemon.stub("AdminService").Ping(daemon.pb("admin").PingRequest(), timeout=30)
            with daemon.connect() as rpc:
                rpc.call("project.create", {"project": "p"})
                rpc.call("render.view", {"project": "p"})
            maps = pathlib.Path(f"/proc/{daemon.pid}/maps").read_text().splitlines()
            threads = len(list(pathlib.Path(f"/proc/{daemon.pid}/task").iterdir()))
        # A stack lies behind a guard of one page that nobody may touch.
        stacks, guard = [], False
        for line in maps:
            area, mode, *_ = line.split()
            begin, end = (int(part, 16) for part in area.split("-"))
            if guard and mode == "rw-p":
                stacks.append(end - begin)
            guard = mode == "---p" and end - begin == 4096
        self.assertGreaterEqual(len(stacks), threads - 1)  # the first thread's is the process's
        self.assertLessEqual(max(stacks), 256 << 10)

    def test_compressed_requests_are_refused_before_they_are_inflated(self):
        with Daemon() as daemon:
            channel = daemon.channel()
            ping = channel.unary_unary("/voxeld.v1.AdminService/Ping")
            ping(b"", timeout=30)
            before = daemon.rss_kb()
            bomb = b"\x0a" + b"\x80\x80\x80\x10" + bytes(32 << 20)  # a field of 32 MiB of zeros
            for kind in (grpc.Compression.Gzip, grpc.Compression.Deflate):
                with self.subTest(kind), self.assertRaises(grpc.RpcError) as raised:
                    ping(bomb, timeout=60, compression=kind)
                self.assertEqual(raised.exception.code(), grpc.StatusCode.UNIMPLEMENTED)
            if not SANITIZED:
                self.assertLess(daemon.rss_kb() - before, 8 << 10)
            ping(b"", timeout=30)

    def test_an_upload_without_its_last_part_changes_nothing(self):
        with Daemon() as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            voxel = daemon.pb("voxel")
            header = voxel.WriteRegionRequest()
            header.header.project = "p"
            block = voxel.WriteRegionRequest()
            block.block.box.min.extend([0, 0, 0])
            block.block.box.max.extend([2, 2, 2])
            block.block.uniform, block.block.value = True, 0xFF0000FF
            stub = daemon.stub("VoxelService")
            with self.assertRaises(grpc.RpcError) as raised:
                stub.WriteRegion(iter([header, block]), timeout=30)
            self.assertEqual(
                dict(raised.exception.trailing_metadata())["voxeld-reason"], "UPLOAD_INCOMPLETE"
            )
            self.assertTrue(wait_until(lambda: self.uploads(rpc)[0] == 1))
            taken = self.uploads(rpc)[1]
            # A client that dies in the middle looks the same to gRPC.
            hold = threading.Event()

            def parts():
                yield header
                yield block
                hold.wait(30)

            channel = daemon.channel()
            future = daemon.stub("VoxelService", channel).WriteRegion.future(parts())
            # It dies once the daemon has all that the other one had, and not before.
            self.assertTrue(wait_until(lambda: self.uploads(rpc) == (1, 2 * taken)))
            future.cancel()
            channel.close()
            hold.set()
            # What is asked for sooner may be as it was only because it is not there yet.
            self.assertTrue(wait_until(lambda: self.uploads(rpc)[0] == 2))
            self.assertEqual(rpc.call("project.get", {"project": "p"})["project"]["revision"], 1)

    @staticmethod
    def uploads(rpc):
        """How many have ended, and what was taken of all, in bytes."""
        methods = rpc.call("admin.stats")["methods"]
        found = [method for method in methods if method["method"] == "voxel.write_region"]
        return sum(m.get("calls", 0) for m in found), sum(m.get("bytes_in", 0) for m in found)

    def test_calls_of_a_connection_above_the_limit_wait_for_their_turn(self):
        with Daemon("--grpc-max-streams=2") as daemon:
            history, admin = daemon.pb("history"), daemon.pb("admin")
            with daemon.connect() as rpc:
                rpc.call("project.create", {"project": "p"})
            channel = daemon.channel()
            stub = daemon.stub("AdminService", channel)
            stub.Ping(admin.PingRequest(), timeout=30)  # the client has heard of the limit
            watcher = daemon.stub("HistoryService", channel)
            request = history.WatchRequest(project="p", progress_ms=60000)
            watches = [watcher.Watch(request, timeout=120) for _ in range(2)]
            for watch in watches:
                self.addCleanup(watch.cancel)
                next(watch)  # it is open
            with self.assertRaises(grpc.RpcError) as raised:
                stub.Ping(admin.PingRequest(), timeout=2)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
            # Another connection has calls of its own.
            daemon.stub("AdminService").Ping(admin.PingRequest(), timeout=30)
            watches[0].cancel()
            stub.Ping(admin.PingRequest(), timeout=30)

    def test_ten_thousand_requests_on_one_connection(self):
        with Daemon() as daemon, daemon.connect() as rpc:
            ping = daemon.channel().unary_unary("/voxeld.v1.AdminService/Ping")
            for _ in range(100):
                calls = [ping.future(b"\x0a\x02hi", timeout=60) for _ in range(100)]
                self.assertEqual({call.result() for call in calls}, {b"\x0a\x02hi"})
            doors = {door["door"]: door["accepted"] for door in rpc.call("admin.stats")["doors"] if "accepted" in door}  # fmt: skip
            self.assertEqual(doors["grpc"], 1)

    def test_large_errors_keep_their_status(self):
        with Daemon() as daemon:
            edits = daemon.pb("voxel").SetVoxelsRequest(project="p" * 30000)
            with self.assertRaises(grpc.RpcError) as raised:
                daemon.stub("VoxelService").Set(edits, timeout=30)
            trailing = dict(raised.exception.trailing_metadata())
            self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            self.assertEqual(trailing["voxeld-reason"], "INVALID_ID")
            self.assertLess(len(trailing["grpc-status-details-bin"]), 4096)


if __name__ == "__main__":
    unittest.main()
