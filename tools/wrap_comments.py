#!/usr/bin/python3
"""Wraps comments (// and #) at 100 columns. clang-format is told to leave them alone, because it
would re-wrap the tables in contracts, too.

    wrap_comments.py FILE...

Words that stand past the edge go to the front of the next line of the same paragraph, or to a new
line under the text's hanging indent. A // comment behind code goes above it.
"""

import pathlib
import re
import sys

COLUMNS = 100
COMMENT = re.compile(r"^(\s*)(//+|#+)( *)(.*)$")
SLASHES = (".h", ".cc", ".inc", ".proto")  # whose comments are //; those of all others are #
BEHIND_CODE = re.compile(
    r"""^(\s*)((?:[^"'/]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|/(?!/))*?)\s*(// .*)$"""
)
# What starts something of its own: a list item, a `Label:  text`, a table row, a word to a tool.
STARTS = re.compile(r"([-*] |\d+\. |[A-Z]\w*( \w+)?: |\S+( \S+)*  |NOLINT|clang-format)")


def hanging(text: str) -> int:
    """How far the further lines of a paragraph that starts like `text` are indented."""
    if match := re.match(r"([-*] |\d+\. )", text):
        return len(match[0])
    if match := re.match(r"(\S+(?: \S+)*?:?  +)\S", text):
        return min(len(match[1]), 30)
    return 0


def split_code(line: str) -> list[str]:
    """`code  // comment` past the edge as the comment above the code."""
    match = BEHIND_CODE.match(line)
    if not match or not match[2].strip() or "NOLINT" in match[3] or match[2].strip() in ("}", "};"):
        return [line]
    return [match[1] + match[3], match[1] + match[2].rstrip()]


def take_overflow(line: str) -> tuple[str, str]:
    """The line cut at the edge, and the words behind the cut."""
    cut = line.rfind(" ", 0, COLUMNS + 1)
    text_starts = COMMENT.match(line).start(4)
    if cut <= text_starts:
        return line, ""
    return line[:cut].rstrip(), line[cut + 1 :]


def continues(text_line: str, next_line: str) -> bool:
    """Whether next_line is of the same paragraph: a comment under its text that starts nothing."""
    ours, theirs = COMMENT.match(text_line), COMMENT.match(next_line)
    if not theirs or not theirs[4] or theirs[1] != ours[1] or STARTS.match(theirs[4]):
        return False
    deeper = len(theirs[3]) - len(ours[3])
    return deeper == hanging(ours[4]) or (deeper > 0 and hanging(ours[4]) == 0)


def wrap(text: str, mark: str) -> str:
    queue, done = text.split("\n"), []
    while queue:
        line = queue.pop(0)
        if len(line) <= COLUMNS or "://" in line or line.startswith("#!"):
            done.append(line)
            continue
        match = COMMENT.match(line)
        if match and not match[2].startswith(mark):
            done.append(line)  # #include, or a division in Python
            continue
        if not match:
            parts = split_code(line) if mark == "//" else [line]
            done += parts if len(parts) == 1 else []
            queue[:0] = parts if len(parts) > 1 else []
            continue
        head, rest = take_overflow(line)
        done.append(head)
        if rest and queue and continues(line, queue[0]):
            following = COMMENT.match(queue[0])
            queue[0] = queue[0][: following.start(4)] + rest + " " + following[4]
        elif rest:
            queue.insert(0, match[1] + match[2] + match[3] + " " * hanging(match[4]) + rest)
    return "\n".join(done)


def main(names: list[str]) -> None:
    for name in names:
        path = pathlib.Path(name)
        before = path.read_text()
        after = wrap(before, "//" if path.suffix in SLASHES else "#")
        if after != before:
            path.write_text(after)


if __name__ == "__main__":
    main(sys.argv[1:])
