#!/usr/bin/python3
"""Writes docs/configuration.md from daemon/config/option_table.inc.

`--check` only compares and exits with 1 where the file is out of date.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/lint"))
sys.dont_write_bytecode = True

from document import write_or_check  # noqa: E402

DOCUMENT = "docs/configuration.md"
TABLE = ROOT / "daemon/config/option_table.inc"
HEAD = """# Configuration

Made by `tools/make_configuration_doc.py` from `daemon/config/option_table.inc`; change those, then run `./dev fmt`.

Every option can be set in four places; the later one wins:

1. its default, as in the tables below,
2. the file that `--config=FILE` or `$VOXELD_CONFIG` names,
3. the environment: `max-batch` is `VOXELD_MAX_BATCH`; lists are separated by commas,
4. the command line: `--max-batch=100`; a list's flag is given once for each item.

```sh run
cat >voxeld.toml <<'END'
[json]
max-batch = 100

[limits]
max-message-bytes = "64 MiB"

[store]
retained-bytes = "128 MiB"
END
voxeld --config=voxeld.toml --check-config
VOXELD_MAX_BATCH=50 voxeld --config=voxeld.toml --print-config --max-layers=10 | grep -E '^(max-batch|max-layers|max-edits|retained-bytes) '
```

* The file is TOML: a section for each of those below, keys named as the flags. Names that do not exist are errors which
  say where they stand and which name is nearest; so are values of a wrong type or outside what is accepted.
* Sizes are `65536` or `"64 KiB"` (KiB, MiB, GiB, TiB); times are `"500 ms"`, `"5 s"`, `"2 m"`, `"1 h"`. The space may be
  left out.
* `--print-config` prints the settings in force, as such a file, with what each does and where it comes from: a default, a
  line of the file, a variable or a flag. `--check-config` ends with 0 if a daemon could start with them, else with 2 and
  what is wrong.
* A variable that looks like a mistyped option is an error. Others that begin with `VOXELD_` are named in the log and
  ignored: clients have some, and Kubernetes makes `VOXELD_SERVICE_HOST` for a service of that name. `VOXELD_SOCKET` is what
  clients read, too.
* SIGHUP reads everything again. What the tables mark follows at once; of the rest the log says that it takes effect at the
  next start. Settings that cannot be read change nothing.

What is not an option is not meant to be changed: sizes of buffers and slices that were measured, and bounds of formats.

## Processors

The default is right for most machines: the system puts threads where there is room. Two things are worth knowing.

* A request that wakes a thread on another processor costs some 35 us more than one that stays, so calls that take
  microseconds run on the thread that read them. `poller-cpus` keeps that thread and gRPC's on the processors that clients
  of this machine run on, or away from what is noisy there; `worker-cpus` keeps long operations off those. The shipped unit
  lets the daemon choose; `CPUAffinity=` in it would bind the whole process instead.
* On a machine with several memory nodes, let one daemon run on one node, with its memory there:
  `numactl --cpunodebind=0 --membind=0 voxeld ...`, in a unit `NUMAPolicy=bind`, `NUMAMask=0` and `CPUAffinity=numa`. Voxels
  are found through pointers, and each from the other node costs about twice as much. Two daemons, each on its node with
  projects of its own, serve more than one across both. `threads` and `workers-max` then count the processors of the node.

Which processors a thread may run on is in `/proc/PID/task/*/status` as `Cpus_allowed_list`.
"""
ROW = re.compile(
    r'^VOXELD_(COUNT|BYTES|TIME|TEXT|LIST|CHOICE)\((\w+), (\w+), (.*), (k\w+), "((?:[^"\\]|\\.)*)"\)$',
    re.MULTILINE,
)
UNITS = {"Hours": "h", "Minutes": "m", "Seconds": "s", "Milliseconds": "ms", "Microseconds": "us"}
SECTIONS = {
    "sockets": "Where clients come in",
    "tls": "TLS on TCP: docs/security.md",
    "access": "Tokens: docs/security.md",
    "json": "The JSON-RPC door",
    "http": "The HTTP door",
    "resp": "The RESP2 door",
    "grpc": "The gRPC door",
    "limits": "What requests may ask for, and projects hold",
    "store": "What is kept, and for how long",
    "threads": "Threads and processors",
    "process": "The process",
    "log": "The log",
}


def value(text: str) -> str:
    """A number, size or time of the table as the file takes it."""
    if match := re.fullmatch(r"(KiB|MiB|GiB|TiB)\((\d+)\)", text):
        return f"{match[2]} {match[1]}"
    if match := re.fullmatch(r"absl::(\w+)\(([\d *]+)\)", text):
        number = 1
        for factor in match[2].split("*"):
            number *= int(factor)
        return f"{number} {UNITS[match[1]]}"
    if text == "absl::ZeroDuration()":
        return "0 s"
    if match := re.fullmatch(r"int64_t\{(\d+)\} << (\d+)", text):
        return str(int(match[1]) << int(match[2]))
    assert re.fullmatch(r"-?\d+", text), text
    return text


def cells(kind: str, middle: str, trait: str) -> tuple[str, str]:
    """What stands under default and under accepted."""
    if kind == "LIST":
        return "", middle.strip('"') + ", any number of them"
    if kind in ("TEXT", "CHOICE"):
        fallback, accepts = [part.strip('"') for part in middle.split(", ")]
        return fallback, accepts.replace("|", " ")
    fallback, least, most = [value(part) for part in middle.split(", ")]
    return fallback, f"{least} to {most}"


def render() -> str:
    text = TABLE.read_text()
    rows = ROW.findall(text)
    assert len(rows) == len(re.findall(r"^VOXELD_", text, re.MULTILINE)), "a line cannot be read"
    out, section = [HEAD], None
    for kind, name, field, middle, trait, help_text in rows:
        if name != section:
            section = name
            out.append(f"\n## [{section}]\n\n{SECTIONS[section]}.\n\n")
            out.append("| option | default | accepted | |\n|---|---|---|---|\n")
        fallback, accepted = cells(kind, middle, trait)
        if "(default:" in help_text:
            fallback = ""
        note = " Follows SIGHUP." if trait == "kReload" else ""
        shown = help_text.replace('\\"', '"').replace("|", "\\|")
        out.append(f"| `{field.replace('_', '-')}` | {fallback} | {accepted} | {shown}.{note} |\n")
    return "".join(out)


if __name__ == "__main__":
    sys.exit(write_or_check(ROOT / DOCUMENT, DOCUMENT, render))
