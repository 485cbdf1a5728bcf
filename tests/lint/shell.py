"""Shell scripts pass shellcheck: the scripts without a suffix too."""

import re
import subprocess

from tree import Finding, Tree, main


def is_shell(tree: Tree, path: str) -> bool:
    if path.endswith((".sh", ".bash")):
        return True
    name = path.rsplit("/", 1)[-1]
    return "." not in name and bool(re.match(r"#!.*\b(ba)?sh\b", tree.text(path)[:80]))


def check(tree: Tree) -> list[Finding]:
    paths = [p for p in tree.paths if is_shell(tree, p)]
    if not paths:
        return []
    command = ["shellcheck", "--format=gcc", "--severity=warning", "--external-sources"]
    done = subprocess.run(
        command + paths, cwd=tree.root, capture_output=True, text=True, check=False
    )
    places = re.findall(r"^(.+?):(\d+):\d+: \w+: (.*)$", done.stdout, re.MULTILINE)
    if done.returncode not in (0, 1):
        return [(paths[0], 1, f"shellcheck failed: {done.stderr.strip()}")]
    return [(path, int(line), text) for path, line, text in places]


if __name__ == "__main__":
    main("shell", check)
