"""Checks recorded histories: check.py [--any-number] [--folding] FILE...; exits with 1 if one is not linearizable.

--any-number: revision numbers may have gaps anywhere, as with a store whose commits fail.
--folding: few revisions were retained, as record.py --folding has it.
"""

import pathlib
import sys
import time

from history import Operation, by_project, load
from model import Model, new_project
from record import CLIENTS, RETAINED, VOXELS
from search import check


def check_entries(entries, any_number=False, folding=False):
    """The verdict of each project, by its name."""
    start = new_project(VOXELS)
    model = Model(any_number, RETAINED, CLIENTS) if folding else Model(any_number)
    return {name: check(model, start, epochs) for name, epochs in by_project(entries).items()}


def describe(entries):
    operations = [e for e in entries if isinstance(e, Operation)]
    silent = sum(o.result is None for o in operations)
    errors = sum(bool(o.result and "error" in o.result) for o in operations)
    replayed = sum(bool(o.result and o.result.get("replayed")) for o in operations)
    at_once = overlaps(operations)
    return (
        f"{len(operations)} operations ({errors} refused, {replayed} replayed, {silent} without an answer), "
        f"{len(entries) - len(operations)} restarts of a project, {at_once:.1f} at once"
    )


def overlaps(operations):
    """How many operations of a project are under way at a time, on average, while any is."""
    busy = total = 0
    for project in {o.project for o in operations}:
        spans = sorted((o.call, o.back) for o in operations if o.project == project and o.back)
        total += sum(back - call for call, back in spans)
        end = 0
        for call, back in spans:
            busy += max(0, back - max(call, end))
            end = max(end, back)
    return total / max(busy, 1)


def main():
    files = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if not files:
        sys.exit(__doc__)
    failed = False
    for file in files:
        entries = load(pathlib.Path(file))
        begin = time.monotonic()
        verdicts = check_entries(entries, "--any-number" in sys.argv, "--folding" in sys.argv)
        tried = sum(verdict.tried for verdict in verdicts.values())
        print(f"{file}: {describe(entries)}; {tried} steps, {time.monotonic() - begin:.1f} s")
        for project, verdict in verdicts.items():
            if not verdict.ok:
                failed = True
                print(f"{file}: {project} is NOT linearizable: {verdict.problem}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
