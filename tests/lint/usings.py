"""A using-declaration is used: fails on those whose name the file does not say again.

clang-tidy's misc-unused-using-decls knows overloads and templates better, but sees main files only,
and tidy.py shows it most files as parts of a unit.
"""

import re

from tree import Finding, Tree, main

USING = re.compile(r"^[ \t]*using\s+[\w:]*::(\w+)\s*;", re.MULTILINE)
# Literals and comments name things without using them.
SKIP = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def check(tree: Tree) -> list[Finding]:
    findings: list[Finding] = []
    for path in tree.files(r"(voxel|daemon|clients|tests|bench)/.*\.cc"):
        text = SKIP.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), tree.text(path))
        rest = USING.sub("", text)
        for using in USING.finditer(text):
            if not re.search(rf"\b{using[1]}\b", rest):
                line = text.count("\n", 0, using.start(1)) + 1
                findings.append((path, line, f"{using[1]} is not used"))
    return findings


if __name__ == "__main__":
    main("usings", check)
