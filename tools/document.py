"""Writes a document that is made from the sources, or with --check says whether it is up to date."""

import pathlib
import sys
from collections.abc import Callable


def write_or_check(path: pathlib.Path, shown: str, make: Callable[[], str]) -> int:
    """The exit status. `shown` is the path as findings name it."""
    text = make()
    if "--check" not in sys.argv[1:]:
        path.write_text(text)
        return 0
    if path.is_file() and path.read_text() == text:
        return 0
    print(f"{shown}:1: out of date; run ./dev fmt")
    return 1
