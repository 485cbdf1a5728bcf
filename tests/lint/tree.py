"""What every lint shares: the files under version control, and one way to print findings."""

import pathlib
import re
import subprocess
import sys

Finding = tuple[str, int, str]  # path relative to the root, line (1 = first), message


class Tree:
    """The files of a checkout: those git tracks or would, or every file where there is no git (toy
    trees).
    """

    def __init__(self, root: pathlib.Path):
        self.root = root
        self.paths = sorted(p for p in self._list() if (root / p).is_file())

    def _list(self) -> list[str]:
        # safe.directory: the checkout may belong to somebody else (root in a container).
        command = [
            "git",
            "-c",
            "safe.directory=*",
            "-C",
            str(self.root),
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]
        if (self.root / ".git").exists():
            listed = subprocess.run(command, capture_output=True, check=True)
            return [p for p in listed.stdout.decode().split("\0") if p]
        return [p.relative_to(self.root).as_posix() for p in self.root.rglob("*")]

    def files(self, *patterns: str) -> list[str]:
        """Paths that fully match one of the regular expressions."""
        return [p for p in self.paths if any(re.fullmatch(x, p) for x in patterns)]

    def text(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def lines(self, path: str) -> list[str]:
        return self.text(path).splitlines()


def main(name: str, check) -> None:
    """Runs check(Tree) over the root named on the command line (default: this checkout); exits 1
    on findings.
    """
    default = pathlib.Path(__file__).resolve().parents[2]
    root = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else default
    findings = check(Tree(root))
    for path, line, message in findings:
        print(f"{path}:{line}: {message}")
    print(f"{name}: {len(findings)} findings" if findings else f"{name}: ok")
    sys.exit(1 if findings else 0)
