"""voxctl: short commands, methods, output, exit codes, files."""

import json
import subprocess
import unittest

from case import VOXCTL, DaemonCase


class VoxctlTest(DaemonCase):
    def voxctl(self, *arguments, code=0, stdin=""):
        done = subprocess.run(
            [VOXCTL, "--socket", self.daemon.socket, *arguments],
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        return done

    def json(self, *arguments):
        return json.loads(self.voxctl(*arguments, "-o", "json").stdout)

    def test_mcp_refuses_options_that_it_would_not_obey(self):
        for option in ("--dry-run", "--wait=3", "--timeout=3", "--comment=x", "--request-id=a"):
            said = self.voxctl(option, "mcp", code=2)
            self.assertIn(option.split("=")[0], said.stderr)

    def test_shapes_are_built_counted_undone_and_redone(self):
        self.voxctl("new", self.project)
        self.voxctl("box", self.project, "-2,-2,0", "2,2,4", "--color", "#c33", "--wall", "1")
        shown = self.json("show", self.project)
        self.assertEqual(int(shown["voxels"]), 56)
        self.assertEqual(shown["bounds"], {"min": [-2, -2, 0], "max": [2, 2, 4]})
        self.voxctl("undo", self.project)
        self.assertNotIn("voxels", self.json("show", self.project))
        self.voxctl("redo", self.project)
        self.assertEqual(int(self.json("show", self.project)["voxels"]), 56)
        self.assertEqual(len(self.json("log", self.project)["revisions"]), 4)

    def test_each_shape_draws_something(self):
        self.voxctl("new", self.project)
        box = ("0,0,0", "9,9,9", "--color", "#c33")
        for shape in (
            ("ball", self.project, *box),
            ("cylinder", self.project, *box, "--axis", "x"),
            ("cone", self.project, *box, "--flipped"),
            ("torus", self.project, "0,0,50", "--major", "8", "--minor", "2", "--color", "#c33"),
            ("line", self.project, "0,0,90,5,5,99", "--radius", "1", "--color", "#c33"),
            ("set", self.project, "200,0,0", "--color", "#c33"),
            ("pyramid", self.project, "0,50,0", "9,59,9", "--color", "#c33", "--axis", "y"),
            ("capsule", self.project, "0,80,0", "9,80,9", "--radius", "2", "--color", "#c33"),
            ("prism", self.project, "100,0,0,109,0,0,100,9,0", "--length", "4", "--color", "#c33"),
            ("walls", self.project, "120,0,0", "129,9,9", "--color", "#c33", "--thickness", "2"),
            ("faces", self.project, "140,0,0", "149,9,9", "--color", "#c33"),
            ("runs", self.project, "1,150,3,10", "--color", "#c33"),
        ):
            change = self.json(*shape)["change"]
            self.assertGreater(int(change["voxels_changed"]), 0, shape)

    def test_a_branch_is_cloned_compared_and_merged(self):
        branch = f"{self.project}-b"
        self.voxctl("new", self.project)
        self.voxctl("clone", self.project, branch)
        self.voxctl("set", branch, "1,2,3", "--color", "#c33")
        self.voxctl("set", self.project, "1,2,3", "--color", "#3c3")
        compared = self.json("diff", self.project, "0", "--with", branch)
        self.assertEqual(compared["recolored"], 1)
        refused = self.voxctl("merge", self.project, branch, code=4)
        self.assertIn("MERGE_CONFLICT", refused.stderr)
        dry = self.json("merge", self.project, branch, "--policy", "theirs", "--dry-run")
        self.assertEqual((dry["conflicts"], dry["change"]["revision"]), (1, 2))
        merged = self.json("merge", self.project, branch, "--policy", "theirs")
        self.assertEqual(merged["change"]["revision"], 3)
        self.assertEqual(self.json("get", self.project, "1,2,3")["colors"], ["#cc3333ff"])

    def test_palette_and_scene_are_listed(self):
        self.voxctl("new", self.project)
        entry = {"name": "stone", "color": "#888", "material": {"roughness": 0.5}}
        self.voxctl(
            "palette.update", "--json", json.dumps({"project": self.project, "set": [entry]})
        )
        self.voxctl("set", self.project, "1,2,3", "--color", "stone")
        self.assertEqual(self.json("get", self.project, "1,2,3")["colors"], ["#888888ff"])
        self.assertIn("stone", self.voxctl("palette", self.project, "--named").stdout)
        camera = {"name": "door", "distance": 9}
        self.voxctl(
            "scene.update",
            "--json",
            json.dumps({"project": self.project, "set_cameras": [camera], "light": {}}),
        )
        shown = self.voxctl("scene", self.project).stdout
        self.assertIn("door", shown)
        self.assertIn("ambient", shown)

    def test_a_mask_limits_an_edit(self):
        self.voxctl("new", self.project)
        self.voxctl("box", self.project, "0,0,0", "4,4,4", "--color", "30%#c33,70%#3c3")
        top = ("0,0,0", "4,4,4", "--color", "#fff", "--mask", "exposed(up)")
        self.assertEqual(int(self.json("box", self.project, *top)["change"]["voxels_changed"]), 16)
        wrong = self.voxctl("box", self.project, *top[:-1], "exposed(left)", code=2)
        self.assertIn("column 9: expected a side", wrong.stderr)

    def test_each_edit_of_what_is_there_changes_something(self):
        self.voxctl("new", self.project)
        self.voxctl("box", self.project, "0,0,0", "9,9,9", "--color", "#c33")
        for edit in (
            ("hollow", "--thickness", "1"),
            ("fill-voids", "--color", "#3c3"),
            ("scale", "0,0,0", "2,2,2", "--factor", "2"),
            ("outline", "--color", "#33c", "--neighbours", "corners"),
            ("remap", "#33c,#3c3", "#111,#242"),
            ("adjust", "--hue", "30"),
            ("quantise", "2"),
            ("merge-colors", "--tolerance", "255"),
            ("extrude", "0,0,0", "9,9,9", "--length", "-5", "--axis", "x"),
            ("crop", "0,0,0", "9,9,5"),
            ("drain", "0,0,0"),
        ):
            change = self.json(edit[0], self.project, *edit[1:])["change"]
            self.assertGreater(int(change["voxels_changed"]), 0, edit)

    def test_voxels_are_read_as_colours(self):
        self.voxctl("new", self.project)
        self.voxctl("set", self.project, "1,2,3", "--color", "#123456")
        self.assertEqual(self.json("get", self.project, "1,2,3")["colors"], ["#123456ff"])

    def test_every_method_is_there_under_its_own_name(self):
        self.voxctl("project.create", "--project", self.project)
        request = {"project": self.project, "edits": [{"set": {"xyz": [0, 0, 0], "color": "#fff"}}]}
        reply = self.voxctl(
            "voxel.apply_edits", "--json", "-", "-o", "json", stdin=json.dumps(request)
        )
        self.assertEqual(json.loads(reply.stdout)["change"]["revision"], 2)

    def test_files_go_out_and_come_back(self):
        self.voxctl("new", self.project)
        self.voxctl("box", self.project, "0,0,0", "3,4,5", "--color", "#c33")
        self.voxctl("export", self.project, "out.vox")
        self.voxctl("export", self.project, "out.obj")
        self.assertEqual({p.name for p in self.folder.iterdir()}, {"out.vox", "out.obj", "out.mtl"})
        self.assertIn("mtllib out.mtl\n", (self.folder / "out.obj").read_text())
        self.voxctl("import", self.project + "-2", "out.vox")
        self.assertEqual(int(self.json("show", self.project + "-2")["voxels"]), 60)
        self.voxctl(
            "render", self.project, "out.png", "--views", "front,orbit:30/20", "--size", "64"
        )
        self.assertEqual((self.folder / "out.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")

    def test_a_slice_is_a_picture_of_characters_with_a_legend(self):
        self.voxctl("new", self.project)
        self.voxctl("box", self.project, "-1,0,0", "11,3,2", "--color", "#998877", "--wall", "1")
        self.voxctl("box", self.project, "0,1,0", "2,2,1", "--color", "#cc3333")
        shown = self.voxctl("slice", self.project, "--z", "0").stdout
        self.assertEqual(
            shown.splitlines(),
            [
                "z = 0; x to the right, y upwards",
                "  -1        9",
                "  |         |",
                "2 ############",
                "1 #AA#########",
                "0 ############",
                "#  #998877ff  34",
                "A  #cc3333ff  2",
            ],
        )
        cut = self.voxctl("slice", self.project, "--x", "0", "--max-size", "2").stdout
        self.assertIn("There is more beyond [1,2,2]", cut)
        self.assertIn("nothing there", self.voxctl("slice", self.project, "--z", "0", "--layer",
                                                   "main", "--revision", "1").stdout)  # fmt: skip
        self.assertIn("which plane?", self.voxctl("slice", self.project, code=2).stderr)
        both = self.voxctl("slice", self.project, "--x", "1", "--z", "1", code=2)
        self.assertIn("one of --x, --y, --z", both.stderr)
        text = self.json("slice", self.project, "--y", "1")["text"]
        self.assertEqual(text, "############\n#AA#########\n")

    def test_check_says_what_failed_and_fails_if_asked_to(self):
        self.voxctl("new", self.project)
        self.voxctl("box", self.project, "0,0,0", "3,3,3", "--color", "#998877")
        self.voxctl("box", self.project, "0,0,5", "1,1,6", "--color", "#998877")
        command = ["check", self.project, "--checks", "floating,cavities"]
        told = self.voxctl(*command).stdout
        self.assertRegex(told, r"floating:\n +verdict: failed\n")
        self.assertRegex(told, r"cavities:\n +verdict: passed\n")
        self.voxctl(*command, "--strict", code=1)
        self.voxctl(*command, "--strict", "--ground", "5")
        self.voxctl("clone", self.project, self.project + "-plan")
        self.assertEqual(self.json("compare", self.project, self.project + "-plan")["score"], 1)
        picked = self.json("pick", self.project, "256", "256", "--views", "orbit:0/90")
        self.assertEqual(picked["normal"], [0, 0, 1])

    def test_files_are_not_overwritten_unless_asked(self):
        self.voxctl("new", self.project)
        (self.folder / "mine.png").write_text("precious")
        self.assertIn("mine.png", self.voxctl("render", self.project, "mine.png", code=1).stderr)
        self.assertEqual((self.folder / "mine.png").read_text(), "precious")
        self.voxctl("render", self.project, "mine.png", "--size", "64", "--force")
        self.assertNotEqual((self.folder / "mine.png").read_bytes()[:4], b"prec")

    def test_a_picture_is_not_written_under_a_name_of_another_kind(self):
        self.voxctl("new", self.project)
        refused = self.voxctl("render", self.project, "mine.jpg", code=2).stderr
        self.assertIn("mine.jpg: a picture is a PNG file; name it .png", refused)
        self.assertFalse((self.folder / "mine.jpg").exists())
        for name in ("mine.PNG", "mine"):
            self.voxctl("render", self.project, name, "--size", "64")
            self.assertEqual((self.folder / name).read_bytes()[:4], b"\x89PNG")

    def title(self):
        got = self.json("project.get", "--project", self.project)["project"]
        return got.get("title", "")

    def test_an_empty_value_is_a_value(self):
        self.voxctl("new", self.project, "--title", "Castle")
        self.assertEqual(self.title(), "Castle")
        self.voxctl("project.update", "--project", self.project, "--title", "")
        self.assertEqual(self.title(), "")
        bad = self.voxctl("show", self.project, "--box", "", code=2).stderr
        self.assertIn("box", bad)

    def test_exit_codes_and_messages_tell_what_went_wrong(self):
        self.assertIn("PROJECT_NOT_FOUND", self.voxctl("show", "nowhere", code=3).stderr)
        self.voxctl("new", self.project)
        self.voxctl("box", self.project, "0,0,0", code=2)
        self.voxctl("no-such-command", code=2)
        bad = self.voxctl("box", self.project, "0,0,0", "a,b,c", "--color", "#c33", code=2)
        self.assertIn("max", bad.stderr)
        colour = self.voxctl("box", self.project, "0,0,0", "2,2,2", "--color", "reddish", code=2)
        self.assertIn("INVALID_COLOR", colour.stderr)
        self.assertEqual(colour.stdout, "")

    def test_errors_are_json_where_output_is(self):
        done = self.voxctl("show", "nowhere", "-o", "json", code=3)
        error = json.loads(done.stderr)["error"]
        self.assertEqual((error["reason"], error["field"]), ("PROJECT_NOT_FOUND", "project"))

    def test_output_that_cannot_be_written_is_a_failure(self):
        for arguments in (("ls",), ("ls", "-o", "json"), ("--help",), ("completion", "bash")):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run(
                    [VOXCTL, "--socket", self.daemon.socket, *arguments],
                    stdout=full,
                    stderr=subprocess.PIPE,
                    text=True,
                    timeout=60,
                    check=False,
                )
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn("standard output", done.stderr)

    def test_a_directory_is_not_imported(self):
        refused = self.voxctl("import", self.project, self.folder, code=2)
        self.assertIn(f"{self.folder} is a directory", refused.stderr)
        self.voxctl("show", self.project, code=3)

    def test_numbers_that_do_not_fit_are_named_with_what_fits(self):
        self.voxctl("new", self.project)
        range32 = "it takes integers from -2147483648 to 2147483647"
        box = ("box", self.project, "0,0,0")
        bad = self.voxctl(*box, "2,2,99999999999", "--color", "#c33", code=2).stderr
        self.assertIn('max is "99999999999" in its list; ' + range32, bad)
        bad = self.voxctl(*box, "2,2,2", "--color", "#c33", "--wall", "-1", code=2).stderr
        self.assertIn('wall is "-1"; it takes integers from 0 to 4294967295', bad)
        bad = self.voxctl("undo", self.project, "--count", "1.5", code=2).stderr
        self.assertIn('count is "1.5"; it takes integers from 0 to 4294967295', bad)
        request = {"edits": [{"box": {"box": {"min": [0, 0, 99999999999]}}}]}
        bad = self.voxctl("voxel.apply_edits", "--json", json.dumps(request), code=2).stderr
        self.assertIn("edits[0].box.box.min[2] is 99999999999; " + range32, bad)

    def test_files_that_are_written_are_json_where_output_is(self):
        self.voxctl("new", self.project)
        self.voxctl("box", self.project, "0,0,0", "3,4,5", "--color", "#c33")
        for command, file in (("render", "a.png"), ("export", "a.vox")):
            told = self.json(command, self.project, file)
            self.assertEqual(told, {"file": file, "bytes": (self.folder / file).stat().st_size})

    def test_a_request_that_is_no_json_is_shown(self):
        bad = self.voxctl("voxel.get", "--json", '{"project" "a"}', code=2).stderr
        self.assertIn('--json is \'{"project" "a"}\'; it takes a JSON object', bad)

    def test_the_angles_of_a_view_may_have_commas(self):
        self.voxctl("new", self.project)
        self.voxctl("box", self.project, "0,0,0", "3,4,5", "--color", "#c33")
        pictures = []
        for views in ("orbit:30,-20.5,1.5,front", "orbit:30/-20.5/1.5,front", "front,orbit:31,-20"):
            self.voxctl(
                "render", self.project, "v.png", "--views", views, "--size", "64", "--force"
            )
            pictures.append((self.folder / "v.png").read_bytes())
        self.assertEqual(pictures[0], pictures[1])
        self.assertNotEqual(pictures[0], pictures[2])
        bad = self.voxctl("render", self.project, "w.png", "--views", "orbit:30", code=2).stderr
        self.assertIn('"orbit:30" is not a view', bad)

    def test_lists_are_whole_however_many_pages_they_have(self):
        with self.daemon.connect() as rpc:
            rpc.call("project.create", {"project": self.project})
            for x in range(1100):
                voxels = {"xyz": [x, 0, 0], "color": "#c33"}
                rpc.call("voxel.set", {"project": self.project, "voxels": voxels})
        listed = self.json("log", self.project)
        self.assertEqual([r["revision"] for r in listed["revisions"]], list(range(1101, 0, -1)))
        self.assertNotIn("next_page_token", listed)
        self.assertEqual(len(self.voxctl("log", self.project).stdout.splitlines()), 1102)

    def test_json_has_numbers_that_are_numbers(self):
        self.voxctl("new", self.project)
        change = self.json("set", self.project, "1,2,3", "--color", "#123456")["change"]
        self.assertEqual((change["revision"], change["voxels_changed"]), (2, 1))
        listed = self.json("log", self.project)["revisions"]
        self.assertEqual([revision["revision"] for revision in listed], [2, 1])

    def test_the_version_is_the_daemons(self):
        info = self.json("info")
        self.assertEqual(self.voxctl("--version").stdout, f"voxctl {info['version']}\n")

    def test_a_dry_run_changes_nothing(self):
        self.voxctl("new", self.project)
        self.voxctl("box", self.project, "0,0,0", "2,2,2", "--color", "#c33", "--dry-run")
        self.assertEqual(len(self.json("log", self.project)["revisions"]), 1)

    def test_a_daemon_that_is_not_there_is_named(self):
        done = subprocess.run(
            [VOXCTL, "--socket", self.folder / "nobody", "--timeout", "5", "ping"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(done.returncode, 5, done.stderr)

    def test_what_is_no_command_is_named_with_what_was_meant(self):
        self.assertIn("no command bix, perhaps box;", self.voxctl("bix", code=2).stderr)
        self.assertIn("no command frobnicate; see", self.voxctl("frobnicate", code=2).stderr)
        self.assertIn("no option --colour", self.voxctl("--colour", code=2).stderr)
        # Before what is missing, which may be the same.
        box = ("box", "a", "0,0,0", "1,1,1")
        bad = self.voxctl(*box, "--colour", "#c33", code=2).stderr
        self.assertEqual(
            bad, "voxctl box: no option --colour, perhaps --color; see: voxctl box --help\n"
        )
        bad = self.voxctl(*box, "--color", "#c33", "--comet=x", code=2).stderr
        self.assertIn("voxctl box: no option --comet, perhaps --comment;", bad)
        bad = self.voxctl("voxel.get", "--projct", "a", code=2).stderr
        self.assertIn("voxctl voxel.get: no option --projct, perhaps --project;", bad)
        self.assertIn("voxctl box: max is required", self.voxctl("box", "a", "1", code=2).stderr)

    def test_tables_are_for_people(self):
        self.voxctl("new", self.project)
        box = ("box", self.project, "0,0,0", "2,2,4", "--color", "#c33")
        self.assertEqual(
            self.voxctl(*box).stdout,
            "revision: 2\nvoxels_changed: 16\nbounds: [0, 0, 0]..[2, 2, 4]\nedits: changed 16\n",
        )
        layers = self.voxctl("layers", self.project).stdout.splitlines()
        self.assertRegex(layers[0], "^layer +visible +opacity +mode ")
        self.assertRegex(layers[1], "^main +true +1 +over ")
        first = self.voxctl("log", self.project).stdout.splitlines()[-1]
        self.assertRegex(first, r"^1 +uid:\d+ +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$")
        self.assertEqual(self.voxctl("ping").stdout, "ok\n")

    def test_help_has_examples_and_tells_what_an_argument_takes(self):
        self.assertIn("voxctl box castle", self.voxctl("--help").stdout)
        shown = self.voxctl("box", "--help").stdout
        self.assertRegex(shown, r"min x,y,z REQUIRED")
        self.assertRegex(shown, r"--mode over\|sub\|")
        self.assertIn("source <(voxctl completion bash)", self.voxctl("completion", "-h").stdout)


if __name__ == "__main__":
    unittest.main()
