"""Every option is named by a test: one that is parsed and ignored is a defect that nothing else shows.

A test names an option as a flag (--max-batch), as a key in the text of a settings file (max-batch =) or as
a variable (VOXELD_MAX_BATCH).
"""

import re

from tree import Finding, Tree, main

TABLE = "daemon/config/option_table.inc"
ROW = re.compile(r"^VOXELD_(?:COUNT|BYTES|TIME|TEXT|LIST|CHOICE)\(\w+, (\w+),", re.MULTILINE)
TESTS = r"tests/(?!lint/).*\.(py|cc|json)"
FLAG = re.compile(r"(?<![\w-])--([a-z][a-z0-9]*(?:-[a-z0-9]+)*)")
KEY = re.compile(r"(?:^|\n|\\n|\")([a-z][a-z0-9]*(?:-[a-z0-9]+)*) = ")
VARIABLE = re.compile(r"\bVOXELD_([A-Z0-9_]+)\b")


def names_in(text: str) -> set[str]:
    variables = {name.lower().replace("_", "-") for name in VARIABLE.findall(text)}
    return {*FLAG.findall(text), *KEY.findall(text), *variables}


def check(tree: Tree) -> list[Finding]:
    if TABLE not in tree.paths:
        return []
    named: set[str] = set()
    for path in tree.files(TESTS):
        named |= names_in(tree.text(path))
    text = tree.text(TABLE)
    found: list[Finding] = []
    for row in ROW.finditer(text):
        name = row[1].replace("_", "-")
        if name not in named:
            line = text.count("\n", 0, row.start()) + 1
            found.append((TABLE, line, f"no test names --{name}"))
    return found


if __name__ == "__main__":
    main("options", check)
