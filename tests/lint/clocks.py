"""Nobody waits by the system's clock, which can be set: fails on Abseil's timed waits (20220623), which do.

daemon/runtime/steady_cond_var.h waits by the steady one, and so do Timers and Poller::After.
"""

import re

from tree import Finding, Tree, main

WAIT = re.compile(
    r"\b(?:(?:Reader)?(?:LockWhen|Await)|Wait|WaitForNotification)With(?:Timeout|Deadline)\b"
    r"|\bsystem_clock\b|\bCLOCK_REALTIME\b"
)
COMMENT = re.compile(r"//.*")


def check(tree: Tree) -> list[Finding]:
    findings: list[Finding] = []
    for path in tree.files(r"(voxel|daemon)/.*\.(cc|h)"):
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            if wait := WAIT.search(COMMENT.sub("", line)):
                problem = f"{wait[0]} goes by the system's clock, which can be set"
                findings.append((path, number, problem))
    return findings


if __name__ == "__main__":
    main("clocks", check)
