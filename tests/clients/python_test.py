"""The Python package against a real daemon: the blocking client and the asyncio one."""

import asyncio
import pathlib
import re
import tempfile
import threading
import unittest

import numpy as np
from case import DaemonCase
from daemon import ROOT, Daemon

import voxeld
from voxeld import errors
from voxeld.v1 import common_pb2, edit_pb2, scene_pb2

RED, GREEN = 0xCC3333FF, 0x33CC33FF


class ClientTest(DaemonCase):
    def setUp(self):
        super().setUp()
        self.client = voxeld.Client(str(self.daemon.socket), actor="tests")
        self.addCleanup(self.client.close)
        self.client.create_project(self.project)

    def test_a_batch_is_one_revision(self):
        with self.client.edit(self.project, comment="two shapes") as edit:
            edit.box((0, 0, 0), (4, 4, 4), "#cc3333")
            edit.box((2, 0, 0), (6, 4, 4), "#33cc33")
        self.assertEqual(edit.response.change.revision, 2)
        self.assertEqual(edit.response.change.voxels_changed, 96)
        self.assertEqual([count.changed for count in edit.response.change.edits], [64, 64])

    def test_a_batch_that_raises_sends_nothing(self):
        with self.assertRaises(ZeroDivisionError):
            with self.client.edit(self.project) as edit:
                edit.box((0, 0, 0), (4, 4, 4), "#cc3333")
                raise ZeroDivisionError
        self.assertEqual(self.client.get_project(self.project).revision, 1)

    def test_one_bad_edit_refuses_the_whole_batch(self):
        with self.assertRaises(errors.InvalidColor) as caught:
            with self.client.edit(self.project) as edit:
                edit.box((0, 0, 0), (4, 4, 4), "#cc3333")
                edit.box((0, 0, 0), (4, 4, 4), "reddish")
        self.assertEqual(caught.exception.field, "edits[1].box.color")
        self.assertEqual(self.client.summarize(self.project).voxels, 0)

    def test_a_mask_and_a_pattern_go_with_an_edit(self):
        with self.client.edit(self.project, mask="air") as edit:
            edit.box((0, 0, 0), (4, 4, 4), "50%#cc3333,50%#33cc33")
            edit.box((0, 0, 0), (4, 4, 8), "#0000ff")
            edit.box((0, 0, 0), (4, 4, 8), "#ffffff", mask="exposed(up)")
        self.assertEqual([count.changed for count in edit.response.change.edits], [64, 64, 16])

    def test_operations_between_layers(self):
        for layer in ("other", "rest"):
            self.client.create_layer(self.project, layer)
        with self.client.edit(self.project, layer="main") as batch:
            batch.box([0, 0, 0], [2, 2, 2], "#c33")
            batch.stack([0, 0, 0], [2, 2, 2], [1, 0, 0], count=2)
            batch.paste(
                [0, 0, 0],
                [1, 1, 1],
                to=[9, 0, 0],
                flip="xy",
                quarter_turns=1,
                layer="other",
                from_layer="main",
            )
            batch.cut([4, 0, 0], [6, 2, 2], "rest")
            batch.combine("union", "other")
            batch.recentre([0, 0, 0], anchor="min", layer="rest")
            batch.repaint("#333", layer="rest")
            batch.add(edit_pb2.Outline(color="#000"), layer="rest")
        counts = [edit.changed for edit in batch.response.change.edits]
        self.assertEqual(counts[:5], [8, 16, 1, 16, 1])
        flat = self.client.flatten_layers(self.project, "flat")
        self.assertEqual(flat.layer, "flat")
        with self.assertRaisesRegex(TypeError, "Box is no operation"):
            batch.add(common_pb2.Box())

    def test_a_selection_limits_edits_and_reads(self):
        with self.client.edit(self.project) as edit:
            edit.box((0, 0, 0), (4, 4, 4), "#ff0000")
        top = self.client.select(
            self.project, "top", {"mask": {"mask": {"text": "exposed(up)"}}}, comment="a lid"
        )
        self.assertEqual((top.voxels, top.inverted), (16, False))
        with self.client.edit(self.project, mask="selection(top)") as edit:
            edit.box((0, 0, 0), (4, 4, 4), "#33cc33")
        self.assertEqual(edit.response.change.voxels_changed, 16)
        self.assertEqual(self.client.summarize(self.project, selection="top").voxels, 16)
        read = self.client.read(self.project, ((0, 0, 2), (1, 1, 4)), selection="top")
        self.assertEqual(read.ravel().tolist(), [0, GREEN])
        got = self.client.get_voxels(self.project, [[0, 0, 0], [0, 0, 3]], selection="top")
        self.assertEqual(got.tolist(), [0, GREEN])
        self.client.export_file(self.project, self.folder / "top.vox", selection="top")
        imported = self.client.import_file(self.project + "-top", self.folder / "top.vox")
        self.assertEqual(imported.change.voxels_changed, 16)
        listed = self.client.list_selections(self.project)
        self.assertEqual([selection.selection for selection in listed], ["top"])
        self.client.delete_selection(self.project, "top")
        self.assertEqual(len(self.client.list_selections(self.project)), 0)

    def test_numpy_regions_come_back_as_written(self):
        rng = np.random.default_rng(5)
        written = rng.choice(
            np.array([0, RED, GREEN, 0x01020304], dtype=np.uint32), size=(70, 66, 130)
        )
        self.client.write(self.project, (-3, -65, 60), written)
        box = ((-4, -66, 59), (128, 2, 131))
        read = self.client.read(self.project, box)
        self.assertEqual(read.shape, (72, 68, 132))
        np.testing.assert_array_equal(read[1:-1, 1:-1, 1:-1], written)
        self.assertEqual(np.count_nonzero(read), np.count_nonzero(written))

    def test_regions_of_many_colours_come_back_as_written(self):
        written = (np.arange(40**3, dtype=np.uint32).reshape(40, 40, 40) << 8) | 0xFF
        self.client.write(self.project, (0, 0, 0), written)
        np.testing.assert_array_equal(
            self.client.read(self.project, ((0, 0, 0), (40, 40, 40))), written
        )

    def test_voxels_are_set_and_got_in_the_order_of_the_arrays(self):
        positions = np.array([(0, 0, 0), (-100, 5, 7), (1000, -1000, 3)])
        change = self.client.set_voxels(self.project, positions, [RED, GREEN, 0x0000FF80])
        self.assertEqual(change.voxels_changed, 3)
        np.testing.assert_array_equal(
            self.client.get_voxels(
                self.project, [(1000, -1000, 3), (0, 0, 0), (9, 9, 9), (-100, 5, 7)]
            ),
            np.array([0x0000FF80, RED, 0, GREEN], dtype=np.uint32),
        )

    def test_arrays_of_a_wrong_shape_are_refused_before_they_are_sent(self):
        with self.assertRaisesRegex(ValueError, r"\(n, 3\)"):
            self.client.set_voxels(self.project, np.zeros((3, 2), dtype=int), "#fff")
        with self.assertRaisesRegex(ValueError, "integers"):
            self.client.set_voxels(self.project, np.zeros((3, 3)), "#fff")
        with self.assertRaisesRegex(ValueError, r"\[z, y, x\]"):
            self.client.write(self.project, (0, 0, 0), np.zeros((3, 3), dtype=np.uint32))

    def test_every_reason_of_the_api_is_a_class(self):
        table = (ROOT / "voxel/base/reason_table.inc").read_text()
        reasons = re.findall(r"^VOXEL_REASON\((\w+)", table, re.MULTILINE)
        self.assertGreater(len(reasons), 50)
        self.assertEqual(list(errors.REASONS), reasons)
        for reason in reasons:
            made = getattr(errors, "".join(word.capitalize() for word in reason.split("_")))
            self.assertTrue(issubclass(made, voxeld.VoxeldError))

    def test_errors_are_classes_with_reason_field_and_message(self):
        with self.assertRaises(errors.ProjectNotFound) as caught:
            self.client.get_project("nowhere")
        self.assertEqual(
            (caught.exception.reason, caught.exception.field), ("PROJECT_NOT_FOUND", "project")
        )
        self.assertIn("nowhere", str(caught.exception))
        with self.assertRaises(errors.RevisionMismatch):
            self.client.create_layer(self.project, "late", expected_revision=77)

    def test_a_daemon_that_is_not_there_is_unreachable(self):
        with voxeld.Client("/tmp/no-such-voxeld.sock", timeout=2) as nobody:
            with self.assertRaises(errors.Unreachable):
                nobody.ping()

    def test_undo_of_an_actor_leaves_the_others_alone(self):
        self.client.set_voxels(self.project, [(0, 0, 0)], "#cc3333", actor="ada")
        self.client.set_voxels(self.project, [(1, 0, 0)], "#33cc33", actor="bob")
        undone = self.client.undo(self.project, actor_only=True, actor="ada")
        self.assertEqual((undone.done, undone.conflicts), (1, 0))
        self.assertEqual(
            list(self.client.get_voxels(self.project, [(0, 0, 0), (1, 0, 0)])), [0, GREEN]
        )
        self.client.redo(self.project, actor_only=True, actor="ada")
        self.assertEqual(list(self.client.get_voxels(self.project, [(0, 0, 0)])), [RED])

    def test_a_branch_is_merged_back(self):
        branch = f"{self.project}-b"
        self.client.clone_project(self.project, branch)
        self.client.set_voxels(branch, [(1, 0, 0)], "#c33")
        self.client.set_voxels(self.project, [(1, 0, 0)], "#3c3")
        with self.assertRaises(errors.VoxeldError) as raised:
            self.client.merge_project(self.project, branch)
        self.assertEqual(raised.exception.reason, "MERGE_CONFLICT")
        merged = self.client.merge_project(self.project, branch, policy="theirs")
        self.assertEqual((merged.conflicts, merged.taken), (1, 0))
        self.assertEqual(self.client.get_voxels(self.project, [(1, 0, 0)])[0], 0xCC3333FF)

    def test_colours_are_named_and_a_camera_is_kept(self):
        self.client.name_colors(self.project, {"stone": "#888"})
        self.assertEqual(self.client.get_palette(self.project).entries[0].name, "stone")
        self.client.set_voxels(self.project, [(0, 0, 0)], "stone")
        self.assertEqual(self.client.get_voxels(self.project, [(0, 0, 0)])[0], 0x888888FF)
        self.client.set_camera(self.project, scene_pb2.Camera(name="door", azimuth=30, distance=9))
        self.assertEqual(self.client.get_scene(self.project).cameras[0].azimuth, 30)
        picture = self.client.render(self.project, ["camera:door"], width=16, height=16)
        self.assertEqual(picture[:4], b"\x89PNG")

    def test_an_old_revision_stays_readable(self):
        self.client.set_voxels(self.project, [(0, 0, 0)], "#cc3333")
        self.client.set_voxels(self.project, [(0, 0, 0)], "#33cc33")
        self.assertEqual(list(self.client.get_voxels(self.project, [(0, 0, 0)], revision=2)), [RED])

    def test_a_watch_sees_every_revision_in_order(self):
        seen = []

        def follow():
            with voxeld.Client(str(self.daemon.socket)) as other:
                for item in other.watch(self.project, after=1):
                    seen.append(item.revision)
                    if item.revision == 6:
                        return

        follower = threading.Thread(target=follow)
        follower.start()
        for x in range(5):
            self.client.set_voxels(self.project, [(x, 0, 0)], "#fff")
        follower.join(timeout=30)
        self.assertEqual(seen, [2, 3, 4, 5, 6])

    def test_files_go_out_and_come_back(self):
        with self.client.edit(self.project) as edit:
            edit.box((0, 0, 0), (3, 4, 5), "#cc3333")
        path = self.folder / "box.vox"
        self.assertEqual(self.client.export_file(self.project, path), [str(path)])
        imported = self.client.import_file(self.project + "-2", path)
        self.assertEqual(imported.change.voxels_changed, 60)
        written = self.client.export_file(self.project, self.folder / "house.obj")
        self.assertEqual([pathlib.Path(name).name for name in written], ["house.obj", "house.mtl"])
        self.assertIn("mtllib house.mtl\n", (self.folder / "house.obj").read_text())
        self.assertEqual([p.name for p in self.folder.iterdir() if ".part" in p.name], [])

    def test_a_file_that_is_not_there_is_the_callers_error(self):
        with self.assertRaises(FileNotFoundError):
            self.client.import_file("never-made", "/no/such/file.vox")

    def test_render_gives_a_png_of_the_size_asked_for(self):
        self.client.set_voxels(self.project, [(0, 0, 0)], "#cc3333")
        png = self.client.render(self.project, views=["front"], width=64, height=48)
        self.assertEqual(png[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(
            (int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")), (64, 48)
        )

    def test_a_repeated_request_id_is_applied_once(self):
        first = self.client.set_voxels(self.project, [(0, 0, 0)], "#cc3333", request_id="once")
        again = self.client.set_voxels(self.project, [(0, 0, 0)], "#cc3333", request_id="once")
        self.assertFalse(first.replayed)
        self.assertTrue(again.replayed)
        self.assertEqual(again.revision, first.revision)

    def test_questions_about_the_content(self):
        with self.client.edit(self.project, layer="main") as edit:
            edit.box((0, 0, 0), (4, 4, 3), "#998877", wall=1)
            edit.box((1, 1, 5), (2, 2, 6), "#cc3333")
        plane = self.client.slice(self.project, 1)
        self.assertEqual(plane.text, "####\n#..#\n#..#\n####\n")
        self.assertEqual([(e.symbol, e.color) for e in plane.legend], [("#", "#998877ff")])
        self.assertEqual(self.client.slice(self.project, 1, "y", rulers=True).rows, 6)
        first = self.client.histogram(self.project, page_size=1, buckets=2)
        self.assertEqual([list(p.voxels) for p in first.profiles][2], [44, 1])
        second = self.client.histogram(self.project, page_token=first.next_page_token)
        self.assertEqual([c.color for c in second.colors], ["#cc3333ff"])
        found = self.client.find_color(self.project, "#cc3034", tolerance=3)
        self.assertEqual(list(found.xyz), [1, 1, 5])
        checked = self.client.check_structure(self.project, ["floating", "cavities"])
        self.assertEqual((checked.floating.total, checked.cavities.voxels), (1, 4))
        self.assertFalse(checked.HasField("symmetry"))
        self.client.clone_project(self.project, self.project + "-plan")
        alike = self.client.compare(self.project, self.project + "-plan")
        self.assertEqual((alike.score, alike.matched), (1, 45))
        moved = self.client.compare(self.project, self.project + "-plan", offset=(100, 0, 0))
        self.assertEqual((moved.score, moved.missing), (0, 45))
        picked = self.client.pick(self.project, 32, 32, views=["top"], width=64, height=64,
                                  focus=voxeld.batch.to_box(((1, 1, 0), (2, 2, 1))))  # fmt: skip
        self.assertEqual(list(picked.position), [1, 1, 5])

    def test_list_projects_finds_the_project(self):
        self.assertEqual(
            [p.project for p in self.client.list_projects(prefix=self.project)], [self.project]
        )
        self.client.delete_project(self.project)
        self.assertEqual(list(self.client.list_projects(prefix=self.project)), [])


class BackupTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.daemon = Daemon(f"--data-dir={self.folder}/data")
        self.addCleanup(self.daemon.close)
        self.client = voxeld.Client(str(self.daemon.socket))
        self.addCleanup(self.client.close)
        for project in ("castle", "tower"):
            self.client.create_project(project)
            self.client.set_voxels(project, [(1, 2, 3)], "#cc3333")

    def color(self, project):
        return list(self.client.get_voxels(project, [(1, 2, 3)]))

    def test_a_backup_comes_back_over_what_was_done_since(self):
        backup = self.client.backup(self.folder / "kept")
        self.assertEqual(len(backup.files), 2)
        self.assertEqual(backup.warnings, [])
        self.assertEqual(
            len(list((self.folder / "kept" / "projects").iterdir())), 2
        )  # and nothing half written
        one = self.client.backup(self.folder / "one", project="castle")
        self.assertEqual([name.split("/")[-1].split(".")[0] for name in one.files], ["castle"])
        self.client.set_voxels("castle", [(1, 2, 3)], "#33cc33")
        with self.assertRaises(errors.ProjectExists):
            self.client.restore("castle", one.files[0])
        restored = self.client.restore("castle", one.files[0], overwrite=True)
        self.assertEqual((restored.project, restored.revision), ("castle", 2))
        self.assertEqual(self.color("castle"), [RED])
        self.client.restore("copy", one.files[0])
        self.assertEqual(self.color("copy"), [RED])

    def test_a_check_tells_of_each_project(self):
        checked = {item.project: item for item in self.client.verify() if item.last_part}
        self.assertEqual(
            {name: item.sound for name, item in checked.items()}, {"castle": True, "tower": True}
        )
        self.assertEqual([item.project for item in self.client.verify("tower")], ["tower"])
        with self.assertRaises(errors.ProjectNotFound):
            list(self.client.verify("keep"))

    def test_asyncio_has_the_same(self):
        async def run():
            async with voxeld.AsyncClient(str(self.daemon.socket)) as client:
                backup = await client.backup(self.folder / "kept", project="castle")
                await client.restore("again", backup.files[0])
                return [item.sound async for item in client.verify("again") if item.last_part]

        self.assertEqual(asyncio.run(run()), [True])


class AsyncClientTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.addClassCleanup(cls.daemon.close)

    async def test_the_whole_surface_once(self):
        async with voxeld.AsyncClient(str(self.daemon.socket), actor="async") as client:
            await client.create_project("async")
            async with client.edit("async", layer="main") as edit:
                edit.box((0, 0, 0), (2, 2, 2), "#cc3333")
            self.assertEqual(edit.response.change.voxels_changed, 8)
            region = await client.read("async", ((0, 0, 0), (3, 3, 3)))
            self.assertEqual(np.count_nonzero(region == RED), 8)
            await client.write("async", (0, 0, 10), region)
            self.assertEqual((await client.summarize("async")).voxels, 16)
            box = {"box": {"min": [0, 0, 0], "max": [2, 2, 1]}}
            self.assertEqual((await client.select("async", "low", box)).voxels, 4)
            self.assertEqual((await client.undo("async", count=2)).done, 2)
            self.assertEqual([p.project async for p in client.list_projects("async")], ["async"])
            with self.assertRaises(errors.LayerNotFound):
                await client.read("async", ((0, 0, 0), (1, 1, 1)), layer="none")

    async def test_calls_overlap_and_a_watch_sees_them_all(self):
        async with voxeld.AsyncClient(str(self.daemon.socket)) as client:
            await client.create_project("many")

            async def follow():
                seen = []
                async for item in client.watch("many", after=1):
                    seen.append(item.revision)
                    if len(seen) == 20:
                        return seen

            follower = asyncio.create_task(follow())
            changes = await asyncio.gather(
                *(client.set_voxels("many", [(x, 0, 0)], "#fff") for x in range(20))
            )
            self.assertEqual(sorted(change.revision for change in changes), list(range(2, 22)))
            self.assertEqual(await asyncio.wait_for(follower, 30), list(range(2, 22)))


if __name__ == "__main__":
    unittest.main()
