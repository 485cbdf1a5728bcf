"""Streams, deadlines and cancellation over both doors, at once and with clients that leave."""

import json
import threading
import time
import unittest

import grpc

from daemon import Daemon, RpcError, wait_until


class StreamsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.addClassCleanup(cls.daemon.close)
        with cls.daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})

    def setUp(self):
        self.rpc = self.daemon.connect()
        self.addCleanup(self.rpc.close)

    def set_voxel(self, rpc, x):
        return rpc.call(
            "voxel.set", {"project": "p", "voxels": {"xyz": [x, 0, 0], "color": f"#{x % 1000:06d}"}}
        )

    def test_watch_items_follow_the_answer_and_other_calls_go_on(self):
        subscription = self.rpc.call("history.watch", {"project": "p"})["subscription"]
        revision = self.set_voxel(self.rpc, 101)["change"]["revision"]
        item = self.rpc.notification()
        self.assertEqual(
            (item["method"], item["params"]["subscription"]), ("rpc.item", subscription)
        )
        self.assertEqual(item["params"]["item"]["revision"], revision)
        self.assertEqual(
            self.rpc.call("rpc.cancel", {"subscription": subscription}), {"cancelled": True}
        )
        end = self.rpc.notification()
        self.assertEqual(
            (end["method"], end["params"]["error"]["data"]["reason"]), ("rpc.end", "CALL_CANCELLED")
        )
        self.assertEqual(
            self.rpc.call("rpc.cancel", {"subscription": subscription}), {"cancelled": False}
        )

    def test_cancelling_names_what_is_wrong(self):
        for params, reason in (
            ({"subscription": 99}, "SUBSCRIPTION_NOT_FOUND"),
            ({}, "MISSING_FIELD"),
            ({"subscription": "x"}, "INVALID_FIELD"),
            ({"other": 1}, "UNKNOWN_FIELD"),
            ([], "MALFORMED_MESSAGE"),
        ):
            with self.assertRaises(RpcError) as raised:
                self.rpc.call("rpc.cancel", params)
            self.assertEqual(raised.exception.reason, reason)
        self.assertEqual(self.rpc.call("rpc.cancel", {"id": 12345}), {"cancelled": False})

    def test_both_doors_see_the_same_revisions(self):
        history = self.daemon.pb("history")
        watch = self.daemon.stub("HistoryService").Watch(
            history.WatchRequest(project="p", after_revision=1)
        )
        subscription = self.rpc.call("history.watch", {"project": "p", "after_revision": 1})[
            "subscription"
        ]
        writers = [threading.Thread(target=self.write_some, args=(i,)) for i in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        last = self.rpc.call("project.get", {"project": "p"})["project"]["revision"]
        over_json, over_grpc = [], []
        while not over_json or over_json[-1] < last:
            note = self.rpc.notification()
            self.assertEqual(note["params"]["subscription"], subscription)
            if not note["params"]["item"].get("progress"):
                over_json.append(note["params"]["item"]["revision"])
        for item in watch:
            if not item.progress:
                over_grpc.append(item.revision)
            if over_grpc and over_grpc[-1] >= last:
                break
        watch.cancel()
        self.assertEqual(over_json, list(range(2, last + 1)))
        self.assertEqual(over_grpc, over_json)

    def write_some(self, seed):
        voxel, edit = self.daemon.pb("voxel"), self.daemon.pb("edit")
        stub = self.daemon.stub("VoxelService")
        with self.daemon.connect() as rpc:
            for i in range(50):
                self.set_voxel(rpc, 1000 + seed * 100 + i)
                stub.Set(
                    voxel.SetVoxelsRequest(
                        project="p",
                        voxels=edit.SetVoxels(xyz=[i, seed, 7], color=f"#{seed:02d}{i:04d}"),
                    )
                )

    def test_a_stream_of_many_parts_arrives_whole(self):
        self.rpc.call("project.create", {"project": "region"})
        box = {"min": [0, 0, 0], "max": [200, 200, 200]}
        self.rpc.call(
            "voxel.apply_edits",
            {"project": "region", "edits": [{"box": {"box": box, "color": "#808080"}}]},
        )
        blocks = list(self.rpc.stream("voxel.read_region", {"project": "region", "box": box}))
        voxels = 0
        for block in blocks:
            low, high = block["block"]["box"]["min"], block["block"]["box"]["max"]
            voxels += (high[0] - low[0]) * (high[1] - low[1]) * (high[2] - low[2])
        self.assertEqual(voxels, 200**3)

    def test_a_deadline_in_the_past_of_a_watch_ends_it(self):
        begin = time.monotonic()
        with self.assertRaises(RpcError) as raised:
            list(self.rpc.stream("history.watch", {"project": "p"}, deadline_ms=200))
        self.assertEqual(raised.exception.reason, "DEADLINE_PASSED")
        self.assertGreater(time.monotonic() - begin, 0.15)
        history = self.daemon.pb("history")
        with self.assertRaises(grpc.RpcError) as over_grpc:
            list(
                self.daemon.stub("HistoryService").Watch(
                    history.WatchRequest(project="p"), timeout=0.2
                )
            )
        self.assertEqual(over_grpc.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)

    def test_grpc_errors_carry_reason_field_and_info(self):
        project = self.daemon.pb("project")
        with self.assertRaises(grpc.RpcError) as raised:
            self.daemon.stub("ProjectService").Get(project.GetProjectRequest(project="nobody"))
        trailing = dict(raised.exception.trailing_metadata())
        self.assertEqual(raised.exception.code(), grpc.StatusCode.NOT_FOUND)
        self.assertEqual(trailing["voxeld-reason"], "PROJECT_NOT_FOUND")
        info = self.daemon.pb("error").ErrorInfo.FromString(trailing["voxeld-error-bin"])
        self.assertEqual((info.reason, info.grpc_code), ("PROJECT_NOT_FOUND", "NOT_FOUND"))
        self.assertIn(b"voxeld.v1.ErrorInfo", trailing["grpc-status-details-bin"])
        with self.assertRaises(RpcError) as over_json:
            self.rpc.call("project.get", {"project": "nobody"})
        self.assertEqual(over_json.exception.message, raised.exception.details())

    def test_failed_calls_are_logged_with_their_place(self):
        with self.assertRaises(RpcError):
            self.rpc.call("project.get", {"project": "not-there"})
        self.assertRegex(
            self.daemon.log(),
            r"call failed method=project.get peer=uid:\d+ reason=PROJECT_NOT_FOUND place=\S*daemon/\S+:\d+",
        )

    def test_unknown_grpc_methods_and_bytes_are_refused(self):
        channel = self.daemon.channel()
        for path, data, reason in (
            ("/voxeld.v1.VoxelService/Nothing", b"", "METHOD_NOT_FOUND"),
            ("/voxeld.v1.VoxelService/Set", b"\xff\xff\xff", "MALFORMED_MESSAGE"),
        ):
            call = channel.unary_unary(path, request_serializer=None, response_deserializer=None)
            with self.assertRaises(grpc.RpcError) as raised:
                call(data)
            self.assertEqual(dict(raised.exception.trailing_metadata())["voxeld-reason"], reason)

    def test_grpc_fields_that_do_not_exist_are_refused_with_their_place(self):
        edit, voxel = self.daemon.pb("edit"), self.daemon.pb("voxel")
        before = self.rpc.call("project.get", {"project": "p"})["project"]["revision"]
        box = edit.FillBox.FromString(b"\x12\x04#fff" + b"\x98\x06\x01")  # color, field 99
        box.box.min.extend([0, 0, 0])
        box.box.max.extend([1, 1, 1])
        good = edit.Edit(box=edit.FillBox(box=box.box, color="#fff"))
        request = voxel.ApplyEditsRequest(project="p", edits=[good, edit.Edit(box=box)])
        with self.assertRaises(grpc.RpcError) as raised:
            self.daemon.stub("VoxelService").ApplyEdits(request)
        trailing = dict(raised.exception.trailing_metadata())
        info = self.daemon.pb("error").ErrorInfo.FromString(trailing["voxeld-error-bin"])
        self.assertEqual((info.reason, info.field), ("UNKNOWN_FIELD", "edits[1].box"))
        self.assertIn("unknown field number 99; FillBox has box = 1", raised.exception.details())
        after = self.rpc.call("project.get", {"project": "p"})["project"]["revision"]
        self.assertEqual(after, before)

    def test_an_upload_that_ends_early_changes_nothing(self):
        voxel = self.daemon.pb("voxel")
        header = voxel.WriteRegionRequest(header=voxel.WriteRegionHeader(project="p"))
        with self.assertRaises(grpc.RpcError) as raised:
            self.daemon.stub("VoxelService").WriteRegion(iter([header]))
        self.assertEqual(
            dict(raised.exception.trailing_metadata())["voxeld-reason"], "UPLOAD_INCOMPLETE"
        )

    def test_a_thousand_watches_end_with_their_connection(self):
        for _ in range(20):
            with self.daemon.connect() as other:
                for _ in range(50):
                    other.call("history.watch", {"project": "p"})
        self.set_voxel(self.rpc, 77)
        self.assertEqual(self.rpc.call("admin.ping"), {})

    def test_too_many_streams_on_one_connection_are_refused(self):
        for _ in range(256):
            self.rpc.call("history.watch", {"project": "p"})
        with self.assertRaises(RpcError) as raised:
            self.rpc.call("history.watch", {"project": "p"})
        self.assertEqual(raised.exception.reason, "LIMIT_STREAMS")


class StreamLimitsTest(unittest.TestCase):
    def test_open_streams_of_a_connection_are_bounded(self):
        with Daemon("--max-subscriptions=2") as daemon, daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            opened = [rpc.call("history.watch", {"project": "p"}) for _ in range(2)]
            with self.assertRaises(RpcError) as raised:
                rpc.call("history.watch", {"project": "p"})
            self.assertEqual(raised.exception.reason, "LIMIT_STREAMS")
            self.assertIn("this connection has 2 streams open", raised.exception.message)
            with daemon.connect() as other:  # which has a bound of its own
                other.call("history.watch", {"project": "p"})
            self.assertEqual(rpc.call("rpc.cancel", opened[0]), {"cancelled": True})
            rpc.call("history.watch", {"project": "p"})

    def test_streams_go_on_up_to_so_much_unsent_output(self):
        bounds = ("--soft-output-bytes=128MiB", "--hard-output-bytes=256MiB")
        with Daemon("--stream-output-bytes=64MiB", *bounds) as daemon, daemon.connect() as deaf:
            self.open_region(deaf)
            self.assertTrue(wait_until(lambda: self.taken(daemon) > 16 << 20))

    def test_streams_pause_above_so_much_unsent_output(self):
        with Daemon("--stream-output-bytes=1KiB") as daemon, daemon.connect() as late:
            self.open_region(late)
            read = 0
            while (note := late.notification())["method"] == "rpc.item":
                # What was read, a block that is in the connection's buffers, and perhaps another.
                read += len(json.dumps(note))
                self.assertLess(self.taken(daemon) - read, 4 << 20)
            self.assertGreater(read, 32 << 20)

    @staticmethod
    def open_region(rpc):
        """Opens a stream of 32 blocks of a MiB each, a third more in JSON."""
        rpc.call("project.create", {"project": "p"})
        corners = [64 * c for n in range(32) for c in (n % 4, n // 4 % 4, n // 16)]
        rpc.call("voxel.set", {"project": "p", "voxels": {"xyz": corners, "color": "#c33"}})
        box = {"min": [0, 0, 0], "max": [256, 256, 128]}
        rpc.call("voxel.read_region", {"project": "p", "box": box})

    @staticmethod
    def taken(daemon):
        """Bytes that were taken from the stream so far."""
        with daemon.connect() as rpc:
            methods = rpc.call("admin.stats")["methods"]
        (region,) = (m for m in methods if m["method"] == "voxel.read_region")
        return int(region.get("bytes_out", 0))


class LongCallTest(unittest.TestCase):
    """A flood fill of tens of millions of voxels takes long enough to be met in the middle."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon("--threads=1")
        cls.addClassCleanup(cls.daemon.close)
        with cls.daemon.connect() as rpc:
            rpc.call("project.create", {"project": "p"})
            rpc.call("voxel.apply_edits", {"project": "p", "edits": cls.checkered()})
            cls.revision = rpc.call("project.get", {"project": "p"})["project"]["revision"]

    @staticmethod
    def checkered():
        return [{"box": {"box": {"min": [0, 0, 0], "max": [400, 400, 400]}, "color": "#808080"}}]

    # Many recolourings of a large ball: each touches its surface, all together take seconds.
    LONG = {
        "project": "p",
        "edits": [
            {
                "ellipsoid": {
                    "box": {"min": [i % 7, 0, 0], "max": [390 + i % 5, 395, 399]},
                    "color": f"#{i % 999999:06d}",
                }
            }
            for i in range(3000)
        ],
    }

    def setUp(self):
        self.rpc = self.daemon.connect()
        self.addCleanup(self.rpc.close)

    def assert_nothing_changed(self):
        with self.daemon.connect() as other:
            self.assertEqual(
                other.call("project.get", {"project": "p"})["project"]["revision"], self.revision
            )

    def test_one_long_edit_reports_its_progress(self):
        with self.daemon.connect(timeout=60) as rpc:
            ball = {"box": {"min": [0, 0, 0], "max": [3000, 3000, 3000]}, "color": "#123"}
            request = {"project": "p", "edits": [{"ellipsoid": ball}]}
            rpc.call(
                "voxel.apply_edits", {**request, "write": {"validate_only": True}}, progress=True
            )
            fractions = [note["params"]["fraction"] for note in rpc.notifications]
            # At least the first is told at once; how many follow is a matter of time.
            self.assertTrue(any(0 < fraction < 1 for fraction in fractions), fractions)
            self.assertEqual(fractions, sorted(fractions))

    def test_what_opens_a_stream_tells_how_far_it_is_until_it_is_open(self):
        dots = [
            xyz
            for i in range(20000)
            for xyz in (16 * (i % 40), 16 * (i // 40 % 40), 16 * (i // 1600))
        ]
        with self.daemon.connect(timeout=60) as rpc:
            rpc.call("project.create", {"project": "dots"})
            rpc.call("voxel.set", {"project": "dots", "voxels": {"xyz": dots, "color": "#c33"}})
            for method, params in (
                ("transfer.export", {"project": "dots", "format": "obj"}),
                ("history.diff", {"project": "dots", "from_revision": 1}),
            ):
                with self.subTest(method):
                    rpc.notifications.clear()
                    sent = rpc.call(method, params, progress=True)
                    told = [note["params"] for note in rpc.notifications]
                    fractions = [note["fraction"] for note in told if "fraction" in note]
                    # The first is told at once.
                    self.assertTrue(0 < fractions[0] < 0.1, fractions)
                    self.assertEqual(fractions, sorted(fractions))
                    while rpc.notification()["method"] != "rpc.end":
                        pass
                    self.assertIn("subscription", sent)

    def test_a_deadline_stops_it_and_leaves_the_old_revision(self):
        begin = time.monotonic()
        with self.assertRaises(RpcError) as raised:
            self.rpc.call("voxel.apply_edits", self.LONG, deadline_ms=100)
        self.assertEqual(raised.exception.reason, "DEADLINE_PASSED")
        self.assertLess(time.monotonic() - begin, 3)
        self.assert_nothing_changed()

    def test_rpc_cancel_stops_it(self):
        sent = self.rpc.send("voxel.apply_edits", self.LONG, progress=True)
        self.assertEqual(self.rpc.notification()["method"], "rpc.progress")  # it runs
        cancel = self.rpc.send("rpc.cancel", {"id": sent})
        reply = self.rpc.reply()
        self.assertEqual((reply["id"], reply["error"]["data"]["reason"]), (sent, "CALL_CANCELLED"))
        self.assertEqual(
            self.rpc.reply(), {"jsonrpc": "2.0", "id": cancel, "result": {"cancelled": True}}
        )
        self.assert_nothing_changed()

    def test_a_client_that_leaves_stops_it(self):
        with self.daemon.connect() as other:
            other.send("voxel.apply_edits", self.LONG, progress=True)
            self.assertEqual(other.notification()["method"], "rpc.progress")
        # The strand is free again long before the batch could have ended.
        begin = time.monotonic()
        self.rpc.call(
            "voxel.set", {"project": "p", "voxels": {"xyz": [1, 1, 1], "color": "#808080"}}
        )
        self.assertLess(time.monotonic() - begin, 3)
        self.assert_nothing_changed()

    def test_grpc_deadline_and_cancellation_stop_it(self):
        from google.protobuf import json_format

        request = json_format.ParseDict(self.LONG, self.daemon.pb("voxel").ApplyEditsRequest())
        stub = self.daemon.stub("VoxelService")
        with self.assertRaises(grpc.RpcError) as raised:
            stub.ApplyEdits(request, timeout=0.2)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        call = stub.ApplyEdits.future(request)
        with self.daemon.connect() as other:
            other.call("admin.ping")
        call.cancel()
        begin = time.monotonic()
        self.rpc.call(
            "voxel.set", {"project": "p", "voxels": {"xyz": [1, 1, 1], "color": "#808080"}}
        )
        self.assertLess(time.monotonic() - begin, 3)
        self.assert_nothing_changed()

    def test_others_are_served_meanwhile(self):
        self.rpc.send("voxel.apply_edits", self.LONG, deadline_ms=1500, progress=True)
        self.assertEqual(self.rpc.notification()["method"], "rpc.progress")
        with self.daemon.connect() as other:
            worst = 0.0
            for _ in range(100):
                begin = time.monotonic()
                other.call("project.get", {"project": "p"})
                worst = max(worst, time.monotonic() - begin)
        self.assertLess(worst, 0.5)


if __name__ == "__main__":
    unittest.main()
