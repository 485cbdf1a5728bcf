"""Files and functions stay small enough to be read: fails on those that outgrow their cap.

Near a cap, pull out the noun that has its own invariant; do not split by line count.
"""

import ast
import re

from tree import Finding, Tree, main

FILE_CAPS = {".cc": 600, ".h": 300, ".py": 600}
FUNCTION_CAP = 80

# Path (or path:function) -> why it may be longer.
EXEMPT: dict[str, str] = {}

SKIP = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'""",
    re.DOTALL,
)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")


def blank(match: re.Match) -> str:
    """Spaces of the same shape, so that line numbers stay."""
    return re.sub(r"[^\n]", " ", match[0])


def is_function(head: str) -> bool:
    """Whether `head {`, at namespace or class scope, starts a function: it has parameters and is
    no type.
    """
    head = re.sub(r"template\s*<[^{}]*?>\s*(?=\w)", " ", head)
    head = re.sub(r"\bABSL_\w+\([^()]*\)", " ", head)
    if "(" not in head or head.count("(") != head.count(")") or re.search(r"=\s*$", head):
        return False  # a type, a call that is still open, an initialiser
    first = SCOPE.search(head)
    return not (first and "(" not in head[: first.start()] and "(" not in head[first.start() :])


def cpp_functions(text: str) -> list[tuple[str, int, int]]:
    """(name, first line, lines) of every function with a body."""
    text = DIRECTIVE.sub(blank, SKIP.sub(blank, text))
    functions, scopes, start = (
        [],
        [],
        0,
    )  # scopes: None for a scope, else (head, first line) of a function or its inside
    for match in re.finditer(r"[{};]", text):
        if match[0] == "{":
            head = text[start : match.start()]
            inside = bool(scopes) and scopes[-1] is not None
            opens = not inside and is_function(head)
            line = text.count("\n", 0, start + len(head) - len(head.lstrip())) + 1
            scopes.append((head, line) if opens else ("", 0) if inside else None)
        elif match[0] == "}" and scopes:
            entry = scopes.pop()
            if entry and entry[0]:
                names = re.findall(r"[\w:~]+(?=\s*\()", entry[0])
                last = text.count("\n", 0, match.start()) + 1
                functions.append((names[0] if names else "?", entry[1], last - entry[1] + 1))
        start = match.end()
    return functions


def python_functions(text: str) -> list[tuple[str, int, int]]:
    return [
        (node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def check(tree: Tree) -> list[Finding]:
    found: list[Finding] = []
    for path in tree.files(r".*\.(cc|h|py)"):
        text, cap = tree.text(path), FILE_CAPS["." + path.rsplit(".", 1)[1]]
        lines = text.count("\n")
        if lines > cap and path not in EXEMPT:
            found.append((path, cap + 1, f"{lines} lines, cap {cap}"))
        functions = python_functions(text) if path.endswith(".py") else cpp_functions(text)
        for name, line, length in functions:
            if length > FUNCTION_CAP and f"{path}:{name}" not in EXEMPT:
                found.append((path, line, f"{name} has {length} lines, cap {FUNCTION_CAP}"))
    return found


if __name__ == "__main__":
    main("caps", check)
