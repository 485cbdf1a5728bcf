"""Each lint on toy trees: silent on the good one, loud at the right place on the bad one."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import caps
import codec
import docs
import format as formatting
import layers
import methods
import operations
import options
import protos
import shell
import tidy
import usings
from tree import Tree

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROTO = """syntax = "proto3";
package voxeld.v1;

// Edits voxels.
service VoxelService {
  // Sets voxels.
  // Errors: LAYER_NOT_FOUND,
  //   OUT_OF_WORLD.
  rpc SetAll(SetAllRequest) returns (SetAllRequest);
}

// Asks for it.
message SetAllRequest {
  string project = 1;  // the project
}
"""
REASONS = 'VOXEL_REASON(LAYER_NOT_FOUND, kNotFound, "")\nVOXEL_REASON(OUT_OF_WORLD, kInvalidArgument, "")\n'
CASES = [
    {"method": "voxel.set_all", "params": {}, "result": {}},
    {"steps": [{"method": "voxel.set_all", "error": {"reason": "LAYER_NOT_FOUND"}}]},
    {"method": "voxel.set_all", "error": {"reason": "OUT_OF_WORLD"}},
]
# What only clang's thread-safety analysis finds.
UNGUARDED = """struct __attribute__((capability("mutex"))) Mutex {};
Mutex mu;
int x __attribute__((guarded_by(mu))) = 0;
int Read() { return x; }
"""


class LintTest(unittest.TestCase):
    """A small language: `found(lint, files)` is what the lint prints about a tree of those files."""

    def found(self, lint, files: dict[str, str]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return [f"{p}:{n}: {m}" for p, n, m in lint.check(Tree(pathlib.Path(folder)))]

    def assert_one(self, found: list[str], *parts: str) -> None:
        self.assertEqual(len(found), 1, found)
        for part in parts:
            self.assertIn(part, found[0])


class LayersTest(LintTest):
    def test_downward_includes_pass(self):
        self.assertEqual(
            self.found(
                layers,
                {
                    "voxel/ops/fill.cc": '#include "voxel/ops/fill.h"\n#include "voxel/grid/box.h"\n#include <vector>\n',
                    "voxel/ops/fill.h": '#include "voxel/base/check.h"\n',
                    "daemon/wire/json.h": '#include "voxeld/v1/voxel.pb.h"\n',
                    "daemon/server.cc": '#include "daemon/net/listener.h"\n',
                },
            ),
            [],
        )

    def test_upward_include_fails(self):
        found = self.found(
            layers, {"voxel/grid/box.h": '#pragma once\n#include "voxel/ops/fill.h"\n'}
        )
        self.assert_one(found, "voxel/grid/box.h:2:", "voxel/grid may not include voxel/ops")

    def test_sideways_include_fails(self):
        found = self.found(
            layers, {"daemon/wire/json.h": '#include "daemon/service/dispatcher.h"\n'}
        )
        self.assert_one(found, "daemon/wire may not include daemon/service")

    def test_gRPC_in_the_core_fails(self):
        found = self.found(layers, {"daemon/store/project.h": "#include <grpcpp/grpcpp.h>\n"})
        self.assert_one(found, "daemon/store/project.h:1:", "without gRPC")

    def test_generated_code_in_the_engine_fails(self):
        found = self.found(layers, {"voxel/grid/box.h": '#include "voxeld/v1/common.pb.h"\n'})
        self.assert_one(found, "voxel/grid may not include proto")

    def test_the_daemon_hosts_one_library_of_the_clients(self):
        self.assertEqual(
            self.found(layers, {"daemon/net/a.cc": '#include "clients/mcp/server.h"\n'}), []
        )
        for path, included in (
            ("daemon/net/a.cc", "clients/cli/files.h"),
            ("daemon/service/a.cc", "clients/mcp/server.h"),
            ("clients/mcp/a.cc", "clients/cli/files.h"),
            ("clients/mcp/a.cc", "daemon/net/poller.h"),
            ("clients/api/a.cc", "sys/socket.h"),
        ):
            found = self.found(layers, {path: f'#include "{included}"\n'})
            self.assert_one(found, f"{path}:1:", "may not include")

    def test_unknown_folder_fails(self):
        found = self.found(layers, {"daemon/extra/x.h": "#include <vector>\n"})
        self.assert_one(found, "daemon/extra is not in the table")

    def test_own_header_must_come_first(self):
        found = self.found(
            layers,
            {
                "voxel/grid/box.h": "",
                "voxel/grid/box.cc": '#include <vector>\n#include "voxel/grid/box.h"\n',
            },
        )
        self.assert_one(found, "voxel/grid/box.cc:1:", 'first include must be "voxel/grid/box.h"')

    def test_library_that_links_upward_fails(self):
        found = self.found(
            layers,
            {
                "voxel/base/CMakeLists.txt": "# why\nvoxeld_library(voxel_base DEPS absl::status\n  voxel_grid)\n"
            },
        )
        self.assert_one(found, "voxel/base/CMakeLists.txt:2:", "voxel_base may not link voxel_grid")


class CapsTest(LintTest):
    BODY = "  x();\n" * 90

    def test_short_functions_and_long_classes_pass(self):
        members = "  int f() const { return 1; }\n" * 100
        text = f"namespace a {{\nclass B : public C {{\n{members}}};\nconst int kTable[] = {{\n{'1,' * 9}\n}};\n}}\n"
        self.assertEqual(self.found(caps, {"a.h": text}), [])

    def test_long_function_fails_at_its_first_line(self):
        text = f'namespace a {{\n// }} "\nabsl::Status B::Run(int x) const {{\n  if (x) {{\n{self.BODY}  }}\n}}\n}}\n'
        self.assert_one(self.found(caps, {"a.cc": text}), "a.cc:3:", "B::Run has 94 lines, cap 80")

    def test_braces_in_literals_do_not_count(self):
        text = 'void f() {\n  g("{", \'{\', R"(})");\n}\n' + "int x;\n" * 90
        self.assertEqual(self.found(caps, {"a.cc": text}), [])

    def test_long_test_body_fails(self):
        self.assert_one(
            self.found(caps, {"a.cc": f"TEST(A, B) {{\n{self.BODY}}}\n"}), "has 92 lines"
        )

    def test_long_files_fail(self):
        found = self.found(caps, {"a.h": "int x;\n" * 301, "b.cc": "int x;\n" * 600})
        self.assert_one(found, "a.h:301:", "301 lines, cap 300")

    def test_long_python_function_fails(self):
        self.assert_one(
            self.found(caps, {"a.py": "def f():\n" + "    x = 1\n" * 80}),
            "a.py:1:",
            "f has 81 lines",
        )


class FormatTest(LintTest):
    def test_formatted_code_passes(self):
        self.assertEqual(
            self.found(
                formatting, {".clang-format": "BasedOnStyle: Google\n", "a.cc": "int f();\n"}
            ),
            [],
        )

    def test_odd_spacing_and_long_lines_fail(self):
        found = self.found(
            formatting,
            {
                ".clang-format": "BasedOnStyle: Google\n",
                "a.cc": "int   f( );\n",
                "b.h": "// " + "x" * 106 + "\n",
                "c.py": "x  =  1\n",
            },
        )
        self.assertTrue(any(f.startswith("a.cc:1:") for f in found), found)
        self.assertTrue(any(f.startswith("b.h:1: 109 columns") for f in found), found)
        self.assertIn("c.py:1: not formatted; run ./dev fmt", found)


class ShellTest(LintTest):
    def test_script_without_suffix_is_seen(self):
        found = self.found(
            shell, {"dev": "#!/usr/bin/env bash\nrm $1/*\ncd /x\n", "notes": "rm $1\n"}
        )
        self.assertTrue(found and all(f.startswith("dev:") for f in found), found)


class ProtosTest(LintTest):
    def with_change(self, old: str, new: str) -> list[str]:
        self.assertIn(old, PROTO)
        return self.found(protos, {"proto/voxeld/v1/voxel.proto": PROTO.replace(old, new)})

    def test_good_file_passes(self):
        self.assertEqual(self.found(protos, {"proto/voxeld/v1/voxel.proto": PROTO}), [])

    def test_field_without_comment_fails(self):
        self.assert_one(
            self.with_change("  // the project", ""),
            "voxel.proto:14:",
            "field project has no comment",
        )

    def test_comment_behind_an_empty_line_is_no_documentation(self):
        self.assert_one(
            self.with_change("// Asks for it.\n", "// Asks.\n\n"),
            "message SetAllRequest has no comment",
        )

    def test_camel_case_field_fails(self):
        self.assert_one(
            self.with_change("string project", "string projectId"), "must be lower_snake_case"
        )

    def test_service_in_a_file_of_another_group_fails(self):
        found = self.found(protos, {"proto/voxeld/v1/layer.proto": PROTO})
        self.assert_one(found, "layer.proto:5:", "file of its group")

    def test_enum_values_carry_the_name_of_their_enum(self):
        enum = "// A.\nenum DoorKind {\n  // a\n  DOOR_KIND_NONE = 0;\n  // b\n  OPEN = 1;\n}\n"
        found = self.found(protos, {"proto/voxeld/v1/voxel.proto": PROTO + enum})
        self.assertEqual(len(found), 2, found)
        self.assertIn("must be DOOR_KIND_UNSPECIFIED", "".join(found))
        self.assertIn("OPEN must start with DOOR_KIND_", "".join(found))


class MethodsTest(LintTest):
    def tree(
        self, table="VOXELD_METHOD(Voxel, SetAll, kWrite)\n", cases=None, proto=PROTO
    ) -> list[str]:
        return self.found(
            methods,
            {
                "proto/voxeld/v1/voxel.proto": proto,
                "voxel/base/reason_table.inc": REASONS,
                "daemon/service/method_table.inc": table,
                "tests/conformance/cases/voxel.json": json.dumps(CASES if cases is None else cases),
            },
        )

    def test_complete_method_passes(self):
        self.assertEqual(self.tree(), [])

    def test_missing_table_line_fails(self):
        self.assert_one(
            self.tree(table="// nothing\n"), "voxel.proto:9:", "voxel.set_all has no line in"
        )

    def test_table_line_without_rpc_fails(self):
        found = self.tree(table="M(Voxel, SetAll, x)\nM(Voxel, Gone, x)\n")
        self.assert_one(found, "method_table.inc:2:", "Voxel, Gone: no such rpc")

    def test_method_without_any_case_fails(self):
        self.assertIn("has no conformance case", "".join(self.tree(cases=[])))

    def test_promised_reason_without_case_fails(self):
        self.assert_one(
            self.tree(cases=CASES[:2]), "promises OUT_OF_WORLD, and no conformance case sees it"
        )

    def test_reason_that_nobody_promised_fails(self):
        extra = CASES + [{"method": "voxel.set_all", "error": {"reason": "LAYER_LOCKED"}}]
        self.assert_one(self.tree(cases=extra), "answers LAYER_LOCKED in a case")

    def test_unknown_reason_fails(self):
        found = self.tree(proto=PROTO.replace("OUT_OF_WORLD", "OUT_OF_LUCK"), cases=CASES[:2])
        self.assert_one(
            found, "promises OUT_OF_LUCK, which voxel/base/reason_table.inc does not list"
        )

    def test_comment_without_errors_fails(self):
        found = self.tree(proto=PROTO.replace("Errors:", "Fails with"), cases=CASES[:1])
        self.assert_one(found, 'has no "Errors: A, B." in its comment')

    SHARING = PROTO.replace("  //   OUT_OF_WORLD.", "  //   and those of Write.")
    WRITE = "\n// How.\n// Errors: OUT_OF_WORLD,\n// LAYER_NOT_FOUND.\nmessage Write {}\n"

    def test_reasons_of_a_message_count_for_the_method(self):
        proto = self.SHARING + self.WRITE
        self.assertEqual(self.tree(proto=proto), [])
        self.assert_one(
            self.tree(proto=proto, cases=CASES[:2]),
            "voxel.set_all promises OUT_OF_WORLD, and no conformance case sees it",
        )

    def test_reasons_of_a_message_that_lists_none_fail(self):
        bare = self.WRITE.replace("Errors:", "Fails with")
        self.assert_one(
            self.tree(proto=self.SHARING + bare, cases=CASES[:2]),
            "promises those of Write, which has no",
        )


class DocsTest(LintTest):
    FILES = {
        "voxel/grid/volume.h": "class Volume { int Get(); };\nint ParseColor();\n",
        ".ci/run": "./dev test\n",
        "dev": "case $x in\n  test | lint) ;;\nesac\n",
        "proto/voxeld/v1/voxel.proto": PROTO,
    }

    def doc(self, text: str) -> list[str]:
        return self.found(docs, {**self.FILES, "docs/guide.md": text})

    def test_true_names_pass(self):
        self.assertEqual(
            self.doc(
                "`voxel/grid/volume.h` `volume.h` `voxel/grid/` `Volume::Get` `ParseColor()` "
                "`voxel.set_all` `./dev lint` `std::map` `out/demo/x.md` [v](../voxel/grid/volume.h)"
            ),
            [],
        )

    def test_each_name_that_does_not_exist_fails(self):
        for name, message in {
            "voxel/grid/gone.h": "no file",
            "gone.cc": "no file",
            "voxel/gone/": "no file",
            "Volume::Gone": "no symbol",
            "ParseGone()": "no symbol",
            "voxel.gone": "no method",
            "./dev gone": "./dev has no gone",
        }.items():
            self.assert_one(self.doc(f"one\n`{name}`\n"), "docs/guide.md:2:", message)

    def test_broken_link_fails(self):
        self.assert_one(self.doc("[gone](gone.md)"), "broken link to gone.md")

    def test_shell_block_that_nothing_runs_fails(self):
        self.assert_one(
            self.doc("```sh\nvoxctl list\n```\n"), "docs/guide.md:1:", "must say what runs it"
        )

    def test_shell_block_in_the_hands_of_ci_must_stand_there(self):
        self.assertEqual(
            self.doc(
                "```sh ci\n./dev test\n```\n```sh run\nvoxctl list\n```\n```json mcp\n{}\n```\n"
            ),
            [],
        )
        self.assert_one(self.doc("```sh ci\n./dev lint\n```\n"), ".ci/run does not run: ./dev lint")

    def test_block_of_another_language_that_nothing_runs_fails(self):
        self.assert_one(self.doc("one\n```go\nf()\n```\n"), "docs/guide.md:2:", "nothing runs a")


class WrapCommentsTest(unittest.TestCase):
    """What ./dev fmt does to comments past the edge."""

    def wrapped(self, text: str, name: str = "a.h") -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, name)
            path.write_text(text)
            subprocess.run([ROOT / "tools/wrap_comments.py", path], check=True)
            return path.read_text()

    def test_overflow_joins_the_next_line_of_the_paragraph(self):
        words = "word " * 19
        self.assertEqual(
            self.wrapped(f"// {words}more than fits\n// and on.\n// Label: x\n"),
            f"// {words.strip()}\n// more than fits and on.\n// Label: x\n",
        )

    def test_overflow_keeps_the_hanging_indent(self):
        words = "word " * 16
        self.assertEqual(
            self.wrapped(f"  // Threading:  {words}more\nint x;\n"),
            f"  // Threading:  {words.strip()}\n  //             more\nint x;\n",
        )

    def test_comment_behind_code_goes_above_it(self):
        words = ("word " * 18).strip()
        self.assertEqual(self.wrapped(f'  f("//");  // {words}\n'), f'  // {words}\n  f("//");\n')

    def test_only_the_marks_of_the_language_are_comments(self):
        division = f"x = {'a + ' * 22} b  // c  + ddddddddd\n"
        self.assertEqual(self.wrapped(division, "a.py"), division)
        include = f'#include "{"a" * 60} {"b" * 60}"\n'
        self.assertEqual(self.wrapped(include), include)
        comment = f"# {'word ' * 19}more than fits\n"
        self.assertEqual(self.wrapped(comment, "a.py").count("\n# "), 1)

    def test_what_fits_or_cannot_be_broken_stays(self):
        text = f"// short\n// https://{'x' * 120}\nint y;  // z\n"
        self.assertEqual(self.wrapped(text), text)


class TidyTest(unittest.TestCase):
    def test_fingerprint_follows_headers_flags_and_checks(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "voxel").mkdir()
            for name, text in {
                ".clang-tidy": "a",
                "voxel/a.cc": '#include "voxel/a.h"\n',
                "voxel/a.h": "int x;\n",
                "voxel/other.h": "",
            }.items():
                (root / name).write_text(text)

            def print_of(command="-O1"):
                return tidy.Fingerprints(Tree(root), root / "build").of(
                    root / "voxel/a.cc", command
                )

            first = print_of()
            (root / "voxel/other.h").write_text("int y;\n")
            self.assertEqual(first, print_of())
            self.assertNotEqual(first, print_of("-O2"))
            (root / "voxel/a.h").write_text("int z;\n")
            self.assertNotEqual(first, print_of())
            (root / "voxel/a.h").write_text("int x;\n")
            (root / ".clang-tidy").write_text("b")
            self.assertNotEqual(first, print_of())

    def run_over(self, files: dict[str, str]):
        """Puts the files into one folder and answers with tidy.py's exit code and output."""
        root, build = self.root, self.root / "build"
        (root / "voxel").mkdir(parents=True, exist_ok=True)
        build.mkdir(exist_ok=True)
        (root / ".clang-tidy").write_text(
            "Checks: '-*,modernize-use-nullptr,clang-diagnostic-thread-safety-*'\nWarningsAsErrors: '*'\n"
        )
        entries = []
        for name, text in files.items():
            source = root / "voxel" / name
            source.write_text(text)
            command = f"c++ -std=c++20 -c {source}"
            entries.append({"directory": str(root), "file": str(source), "command": command})
        (build / "compile_commands.json").write_text(json.dumps(entries))
        command = ["/usr/bin/python3", tidy.__file__, str(build), str(root)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def test_finding_fails_and_a_clean_file_is_not_looked_at_twice(self):
        code, output = self.run_over({"a.cc": "\nint* p = 0;\n"})
        self.assertEqual(code, 1, output)
        self.assertIn("voxel/a.cc:2:", output)
        code, output = self.run_over({"a.cc": UNGUARDED})
        self.assertEqual(code, 1, output)
        self.assertIn("requires holding mutex 'mu'", output)
        clean = {"a.cc": "int* p = nullptr;\n"}
        self.assertEqual(self.run_over(clean), (0, "tidy: ok, 1 files looked at\n"))
        self.assertEqual(self.run_over(clean), (0, "tidy: ok, 0 files looked at\n"))

    def test_finding_in_a_unit_is_that_of_its_file(self):
        files = {"a.cc": "int* p = nullptr;\n", "b.cc": "int* q = 0;\n", "c.cc": "int r;\n"}
        code, output = self.run_over(files)
        self.assertEqual(code, 1, output)
        self.assertIn("voxel/b.cc:1:", output)
        self.assertIn("tidy: 1 of 3 files with findings", output)
        files["b.cc"] = "int* q = nullptr;\n"
        self.assertEqual(self.run_over(files), (0, "tidy: ok, 1 files looked at\n"))

    def test_files_that_are_no_unit_are_looked_at_alone(self):
        same = "namespace {\nint* p = nullptr;\n}\nint* Get%s() { return p; }\n"
        files = {"a.cc": same % "A", "b.cc": same % "B"}
        self.assertEqual(self.run_over(files), (0, "tidy: ok, 2 files looked at\n"))

    def test_thread_safety_is_seen_in_units(self):
        code, output = self.run_over({"a.cc": "int r;\n", "b.cc": UNGUARDED})
        self.assertEqual(code, 1, output)
        self.assertIn("voxel/b.cc:4:", output)


class UsingsTest(LintTest):
    def test_used_names_pass(self):
        text = "using a::B;\nusing a::C;  // C\nB x;\nconst auto y = C(1);\n"
        self.assertEqual(self.found(usings, {"voxel/a.cc": text}), [])

    def test_name_that_only_a_comment_says_fails(self):
        text = "using a::B;\n\n  using b::C;\n// C\nB x;\n"
        self.assert_one(self.found(usings, {"voxel/a.cc": text}), "voxel/a.cc:3: C is not used")


class OperationsTest(LintTest):
    COMPLETE = {
        "voxel/ops/operation_table.inc": 'VOXEL_OPERATION(crop, Crop, CropBox, kShapes, false,\n  "Cuts.", "//crop", "", "", "")\n',
        "proto/voxeld/v1/edit.proto": "message Edit {\n  oneof op {\n    CropBox crop = 1;  // cuts\n  }\n}\n",
        "tests/voxel/ops/edit_model.cc": "void operator()(const CropBox& op);\n",
        "tests/voxel/ops/random_edits.cc": "return CropBox{};\n",
        "clients/cli/edit_commands.cc": 'OtherEdit("crop", "Cut", {{"min", EDIT("crop.box.min")}}),\n',
        "docs/images/operations/crop.png": "",
        "tests/conformance/cases/a.json": json.dumps(
            [{"method": "voxel.apply_edits", "request": {"edits": [{"crop": {}}]}, "response": {}}]
        ),
    }

    def test_complete_operation_passes(self):
        self.assertEqual(self.found(operations, self.COMPLETE), [])

    def test_each_missing_piece_is_named(self):
        for path, message in {
            "tests/voxel/ops/edit_model.cc": "the edit model does not know CropBox",
            "tests/voxel/ops/random_edits.cc": "the random edits does not know CropBox",
            "clients/cli/edit_commands.cc": "no short command",
            "tests/conformance/cases/a.json": "no conformance case",
            "docs/images/operations/crop.png": "no picture",
            "proto/voxeld/v1/edit.proto": "no field in the Edit",
        }.items():
            files = {name: text for name, text in self.COMPLETE.items() if name != path}
            self.assert_one(self.found(operations, files), "operation_table.inc:1:", message)

    def test_case_that_fails_does_not_count(self):
        case = json.dumps(
            [{"method": "voxel.apply_edits", "request": {"edits": [{"crop": {}}]}, "error": {}}]
        )
        files = {**self.COMPLETE, "tests/conformance/cases/a.json": case}
        self.assert_one(self.found(operations, files), "no conformance case")

    def test_message_without_a_line_is_named(self):
        files = {**self.COMPLETE, "voxel/ops/operation_table.inc": "// nothing\n"}
        self.assert_one(self.found(operations, files), "edit.proto:3:", "crop has no line")


class OptionsTest(LintTest):
    TABLE = """// VOXELD_COUNT(section, field, fallback)
VOXELD_COUNT(json, max_batch, 1024, 1, 1000000, kLimit, "Requests")
VOXELD_TEXT(store, data_dir, "", "DIR", kPlain, "Where; see --max-batch")
"""

    def tree(self, **tests: str) -> list[str]:
        files = {f"tests/integration/{name}_test.py": text for name, text in tests.items()}
        return self.found(options, {"daemon/config/option_table.inc": self.TABLE, **files})

    def test_flags_keys_and_variables_name_an_option(self):
        directory = 'Daemon(f"--data-dir={self.dir}")\n'
        for named in (
            '"--max-batch=10"',
            r'"[json]\nmax-batch = 5\n"',
            '{"VOXELD_MAX_BATCH": "6"}',
        ):
            self.assertEqual(self.tree(a=directory, b=named), [], named)

    def test_option_that_no_test_names_is_told(self):
        found = self.tree(a='Daemon("--data-dir=/x")')
        self.assert_one(found, "option_table.inc:2:", "no test names --max-batch")

    def test_longer_names_do_not_count(self):
        longer = (
            '"--data-dir=/x" "--max-batch-bytes=5" "max-batch-bytes = 5" VOXELD_MAX_BATCH_BYTES'
        )
        self.assert_one(self.tree(a=longer + ' "--no--max-batch" max-batch'), "--max-batch")

    def test_what_is_no_test_does_not_count(self):
        files = {"tests/lint/a.py": "--max-batch --data-dir", "docs/a.py": "--max-batch"}
        table = {"daemon/config/option_table.inc": self.TABLE}
        self.assertEqual(len(self.found(options, {**table, **files})), 2)


class CodecTest(LintTest):
    LAYER = "struct Layer : RefCounted<Layer> {\n  // what\n  std::string id;  // x\n  int n = 0;\n  Box Bounds() const;\n};\n"

    def test_kept_members_pass_and_forgotten_ones_are_named(self):
        files = {
            "voxel/grid/layer.h": self.LAYER,
            "daemon/codec/a.h": "io.Text(layer.id); io.Int(layer->n);",
        }
        self.assertEqual(self.found(codec, files), [])
        files["daemon/codec/a.h"] = "io.Text(layer.id); io.Int(other.n);"
        self.assert_one(self.found(codec, files), "layer.h:4:", "Layer::n is not kept on disk")

    def test_lost_struct_is_named(self):
        files = {"voxel/grid/layer.h": "class Sheet {};\n"}
        self.assert_one(self.found(codec, files), "does not find struct Layer")


if __name__ == "__main__":
    unittest.main()
