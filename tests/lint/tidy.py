"""clang-tidy over the sources of the shipped programs, with the checks that .clang-tidy gives
reasons for.

    tidy.py BUILD_DIR [ROOT] [--jobs N]

clang-tidy costs seconds a file, so a file whose text, project headers, flags and checks are those
of its last clean run is skipped; BUILD_DIR/tidy-cache holds a mark for each. Third-party headers
come from packages and do not count.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

from tree import Tree

CLANG_TIDY = "clang-tidy-14"
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


def tidy(source: pathlib.Path, root: pathlib.Path, build: pathlib.Path) -> tuple[bool, str]:
    command = [CLANG_TIDY, "-p", str(build), "--quiet", *EXTRA, str(source)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    places = re.findall(r"^/?\S+:\d+:\d+: (?:warning|error): .*$", done.stdout, re.MULTILINE)
    report = "\n".join(p.replace(f"{root}/", "") for p in places)
    if done.returncode != 0 and not places:
        report = f"{source.relative_to(root)}:1: clang-tidy failed: {done.stderr.strip()[-500:]}"
    return done.returncode == 0 and not places, report


def work_list(tree: Tree, build: pathlib.Path) -> list[tuple[pathlib.Path, str, pathlib.Path]]:
    """(source, fingerprint, mark) of each source of the programs that has no mark yet."""
    prints, todo = Fingerprints(tree, build), []
    marks = build / "tidy-cache"
    marks.mkdir(exist_ok=True)
    wanted = {tree.root / p for p in tree.files(r"(voxel|daemon|clients)/.*\.cc")}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        if source not in wanted:
            continue
        flags = [
            w
            for w in shlex.split(entry["command"])
            if w.startswith(("-I", "-D", "-std", "-isystem"))
        ]
        fingerprint = prints.of(source, " ".join(flags))
        mark = marks / source.relative_to(tree.root).as_posix().replace("/", "+")
        if not mark.is_file() or mark.read_text() != fingerprint:
            todo.append((source, fingerprint, mark))
    return todo


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
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        runs = {
            pool.submit(tidy, source, root, build): (fingerprint, mark)
            for source, fingerprint, mark in todo
        }
        for run in concurrent.futures.as_completed(runs):
            clean, report = run.result()
            fingerprint, mark = runs[run]
            if clean:
                mark.write_text(fingerprint)
            else:
                failed += 1
                print(report, flush=True)
    print(
        f"tidy: {failed} of {len(todo)} files with findings"
        if failed
        else f"tidy: ok, {len(todo)} files looked at"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
