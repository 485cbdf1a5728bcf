"""clang-tidy over the sources of the shipped programs, with the checks that .clang-tidy gives
reasons for.

    tidy.py BUILD_DIR [ROOT] [--jobs N]

Most of what clang-tidy costs is the headers, so the files of a folder are looked at together, as one
unit of up to BATCH files. Such a unit can only prove that all is well: where it finds something, or
does not compile, its files are looked at one by one. (misc-unused-using-decls looks at main files
only and sees nothing in a unit: usings.py stands in for it.)

A file whose text, project headers, flags and checks are those of its last clean run is skipped;
BUILD_DIR/tidy-cache holds a mark for each. Third-party headers come from packages and do not count.
"""

import argparse
import concurrent.futures
import hashlib
import json
import math
import os
import pathlib
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass

from tree import Tree

CLANG_TIDY = "clang-tidy-14"
BATCH = 12  # as cmake/VoxeldTargets.cmake
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
# gcc decides about warnings, but for the one that only clang has.
EXTRA = ["--extra-arg=-Wno-everything", "--extra-arg=-Wthread-safety"]


class Fingerprints:
    """A hash of all that a clean run of a file depends on."""

    def __init__(self, tree: Tree, build: pathlib.Path):
        self.tree = tree
        self.roots = [tree.root, build / "proto"]
        self.config = tree.text(".clang-tidy")
        self.texts: dict[pathlib.Path, str] = {}

    def of(self, source: pathlib.Path, command: str) -> str:
        seen: set[pathlib.Path] = set()
        self._visit(source, seen)
        digest = hashlib.sha256((self.config + command).encode())
        for path in sorted(seen):
            digest.update(f"{path}\n{self.texts[path]}".encode())
        return digest.hexdigest()

    def _visit(self, path: pathlib.Path, seen: set[pathlib.Path]) -> None:
        if path in seen:
            return
        seen.add(path)
        if path not in self.texts:
            self.texts[path] = path.read_text(encoding="utf-8", errors="replace")
        for name in INCLUDE.findall(self.texts[path]):
            for root in self.roots:
                if (root / name).is_file():
                    self._visit(root / name, seen)
                    break


@dataclass(frozen=True)
class Work:
    """A source that has no mark yet."""

    source: pathlib.Path
    entry: dict  # of compile_commands.json
    flags: str
    fingerprint: str
    mark: pathlib.Path


class Tidy:
    """clang-tidy, with the units it needs under BUILD_DIR/tidy-units."""

    def __init__(self, root: pathlib.Path, build: pathlib.Path):
        self.root, self.build = root, build
        self.units = build / "tidy-units"

    def report(self, work: Work) -> str:
        """What it finds in one file; empty if nothing."""
        done = self._run(self.build, work.source)
        places = re.findall(r"^/?\S+:\d+:\d+: (?:warning|error): .*$", done.stdout, re.MULTILINE)
        if done.returncode != 0 and not places:
            name = work.source.relative_to(self.root)
            return f"{name}:1: clang-tidy failed: {done.stderr.strip()[-500:]}"
        return "\n".join(p.replace(f"{self.root}/", "") for p in places)

    def clean_together(self, batch: list[Work]) -> bool:
        name = batch[0].source.relative_to(self.root).as_posix().replace("/", "+")
        place = self.units / name
        place.mkdir(parents=True, exist_ok=True)
        unit = place / "unit.cc"
        unit.write_text("".join(f'#include "{work.source}"\n' for work in batch))
        entry = dict(batch[0].entry, file=str(unit))
        entry["command"] = entry["command"].replace(str(batch[0].source), str(unit))
        (place / "compile_commands.json").write_text(json.dumps([entry]))
        # What a unit includes counts as a header there.
        return (
            self._run(place, unit, f"--header-filter=^{re.escape(str(self.root))}/").returncode == 0
        )

    def _run(self, database: pathlib.Path, source: pathlib.Path, *more: str):
        command = [CLANG_TIDY, "-p", str(database), "--quiet", *EXTRA, *more, str(source)]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)


def work_list(tree: Tree, build: pathlib.Path) -> list[Work]:
    prints, todo = Fingerprints(tree, build), []
    marks = build / "tidy-cache"
    marks.mkdir(exist_ok=True)
    wanted = {tree.root / p for p in tree.files(r"(voxel|daemon|clients)/.*\.cc")}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        if source not in wanted:
            continue
        words = shlex.split(entry["command"])
        flags = " ".join(w for w in words if w.startswith(("-I", "-D", "-std", "-isystem")))
        fingerprint = prints.of(source, flags)
        mark = marks / source.relative_to(tree.root).as_posix().replace("/", "+")
        if not mark.is_file() or mark.read_text() != fingerprint:
            todo.append(Work(source, entry, flags, fingerprint, mark))
    return todo


def batches(todo: list[Work]) -> list[list[Work]]:
    """The files of the same unit of a build with VOXELD_UNITY, whose names are known to go together.
    Programs (main.cc) are in none.
    """
    units: dict[tuple, list[Work]] = {}
    for work in sorted(todo, key=lambda w: w.source):
        folder, name = work.source.parent, work.source.name
        files = sorted(p.name for p in folder.glob("*.cc") if p.name != "main.cc")
        key = (folder, files.index(name) // BATCH if name in files else name, work.flags)
        units.setdefault(key, []).append(work)
    return sorted(units.values(), key=len, reverse=True)


def look_at(tidy: Tidy, batch: list[Work]) -> list[str]:
    """The reports of the batch's files that have findings; marks the others."""
    reports = []
    together = len(batch) > 1 and tidy.clean_together(batch)
    for work in batch:
        report = "" if together else tidy.report(work)
        if report:
            reports.append(report)
        else:
            work.mark.write_text(work.fingerprint)
    return reports


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument(
        "root", type=pathlib.Path, nargs="?", default=pathlib.Path(__file__).resolve().parents[2]
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    root, build = args.root.resolve(), args.build.resolve()
    todo = work_list(Tree(root), build)
    tidy, failed = Tidy(root, build), 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for reports in pool.map(lambda batch: look_at(tidy, batch), batches(todo)):
            failed += len(reports)
            for report in reports:
                print(report, flush=True)
    print(
        f"tidy: {failed} of {len(todo)} files with findings"
        if failed
        else f"tidy: ok, {len(todo)} files looked at"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
