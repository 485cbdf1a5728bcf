#!/usr/bin/python3
"""The engine beside its peers: runs engine_bench, prints each promise with its bound, and writes
bench/results/HOST/engine.csv.

    engine_table.py ENGINE_BENCH [CASE...]

Every case runs REPETITIONS times on every side, all of them shuffled, so that what else the machine
does hits all sides alike; the table shows medians. Work on one thread is told in processor time, work
on several in time on the clock. `x dense` compares with a plain array on small pages, the limit for
whoever stores every voxel; the peers stand beside it for comparison. Exits with 1 if a bound is
missed, and with 0 otherwise, also where something is not built yet and says so.
"""

import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import table  # noqa: E402

REPETITIONS = 5
SIDES = ("ours", "dense", "dense_huge", "openvdb", "tiles")
HEADINGS = {"dense_huge": "dense, 2 MiB", "openvdb": "OpenVDB", "tiles": "16^3 tiles"}
SCALE = {"ns": 1e9, "us": 1e6, "ms": 1e3}
NOT_BUILT = "not built"


@dataclass(frozen=True)
class Row:
    """One line of the table. `case` names it in engine_bench."""

    work: str
    case: str
    unit: str  # ns, us, ms; ns/voxel; or a counter of the case: bytes_per_voxel, mib
    bound: float | None = None  # in that unit, of ours
    ratio: float | None = None  # bound of ours over dense
    over: str | None = None  # a case that this one is to be faster than, by `speedup`
    speedup: float | None = None


ROWS = (
    Row("random set, 1 M in 256^3, raw bricks", "random_set_raw", "ns/voxel", ratio=2.7),
    Row("random set, 1 M in 256^3, 16 colours", "random_set_16", "ns/voxel", ratio=3.3),
    Row("random get, 1 M in the ball", "random_get", "ns/voxel", ratio=2.5),
    Row("random get, batched", "random_get_batched", "ns/voxel", ratio=1.7),
    Row("sequential set by rows, 128^3", "sequential_rows", "ns/voxel", ratio=1.1),
    Row("fill 512^3, aligned", "fill_512", "us", bound=5),
    Row("fill 512^3 at an odd offset", "fill_512_odd", "ms", bound=15),
    Row("fill 1000^3 at an odd offset", "fill_1000_odd", "ms", bound=50),
    Row("  its memory", "fill_1000_odd", "mib", bound=50),
    Row("ball of radius 500", "fill_ball_500", "ms", bound=50),
    Row("  its memory", "fill_ball_500", "mib", bound=50),
    Row("snapshot and drop", "snapshot", "ns", bound=30),
    Row("one-voxel transaction, 64 revisions live", "transaction", "us", bound=3),
    Row("project undo or redo, before counts", "undo_plan", "us", bound=5),
    Row("diff of 8.6 M voxels, one brick differs", "diff_brick", "us", bound=20),
    Row("union of two balls of 8.6 M", "union", "ms", bound=15),
    Row("subtract", "subtract", "ms", bound=15),
    Row("intersect", "intersect", "ms", bound=15),
    Row("replace a colour of 16 in 8.6 M voxels", "recolor", "ms", bound=2),
    Row("memory, dense 16-colour content", "memory_cube", "bytes_per_voxel", bound=0.56),
    Row("memory, ball of 16 colours", "memory_ball", "bytes_per_voxel", bound=1.1),
    Row("iterate the active voxels of that ball", "iterate", "ns/voxel", ratio=0.8),
    Row("flood fill, 1 M voxels of a sponge", "flood", "ms", bound=15),
    Row("flood fill, 1 M voxels of a ball", "flood_ball", "ms", bound=15),
    Row("connected components of 9.6 M", "components", "ms", bound=150),
    Row("picture of 256^3, 512x512, 2 threads", "picture_2_threads", "ms", bound=30),
    Row(
        "ball of radius 500, 2 threads over 1",
        "fill_ball_500_2_threads",
        "ms",
        over="fill_ball_500",
        speedup=1.7,
    ),
    Row("p99 of a commit while 500 MB are freed", "commit_beside_free", "us", bound=50),
    # For comparison, without a promise.
    Row("undo or redo of 8.6 M voxels, with counts", "undo_counted", "ms"),
    Row("random set into nothing", "random_set_empty", "ns/voxel"),
    Row("random set into nothing, and commit", "random_set_commit", "ns/voxel"),
    Row("sequential set by voxels, 128^3", "sequential_set", "ns/voxel"),
    Row("sequential set by rows of 16 colours", "sequential_rows_16", "ns/voxel"),
    Row("carve a ball of radius 100 out of the ball", "carve_ball", "ms"),
    Row("turn the ball by 90 degrees", "turn_ball", "ms"),
    Row("picture of 256^3, 1 thread", "picture", "ms"),
)


def run(program: str, cases: list[str]) -> dict[tuple[str, str], list[dict]]:
    """(case, side) -> its repetitions, as Google Benchmark reports them."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.json"
        command = [
            program,
            "--benchmark_min_time=0.05",
            f"--benchmark_repetitions={REPETITIONS}",
            "--benchmark_enable_random_interleaving=true",
            f"--benchmark_out={out}",
            "--benchmark_out_format=json",
        ]
        if cases:
            command.append(f"--benchmark_filter=^({'|'.join(map(re.escape, cases))})/")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{program} ended with {done.returncode}:\n{done.stderr}")
        report = json.loads(out.read_text(encoding="utf-8"))
    results: dict[tuple[str, str], list[dict]] = {}
    for entry in report["benchmarks"]:
        if entry.get("run_type") != "iteration":
            continue
        if entry.get("error_occurred"):
            raise SystemExit(f"{entry['name']}: {entry['error_message']}")
        case, side = entry["name"].split("/")[:2]
        results.setdefault((case, side), []).append(entry)
    return results


def value(entry: dict, unit: str) -> float:
    """One repetition in the row's unit."""
    if unit in entry:
        return entry[unit]
    clock = "real_time" if re.search(r"/(real|manual)_time", entry["name"]) else "cpu_time"
    if unit == "ns/voxel":
        return 1e9 / entry["items_per_second"]
    return entry[clock] / SCALE[entry["time_unit"]] * SCALE[unit]


def measured(row: Row, results: dict) -> dict[str, float]:
    """Side -> median."""
    return {
        side: statistics.median(value(entry, row.unit) for entry in results[row.case, side])
        for side in SIDES
        if (row.case, side) in results
        and (row.unit in SCALE or row.unit == "ns/voxel" or row.unit in results[row.case, side][0])
    }


@dataclass(frozen=True)
class Verdict:
    """How ours compares: to dense, and to its bound."""

    ratio: float | None
    bound: str
    word: str


def judge(row: Row, values: dict[str, float], results: dict) -> Verdict:
    ours, dense = values.get("ours"), values.get("dense")
    ratio = ours / dense if ours is not None and dense else None
    judged, limit, bound = None, 0.0, ""
    if row.bound is not None:
        judged, limit, bound = ours, row.bound, f"{row.bound:g} {row.unit}"
    elif row.ratio is not None:
        judged, limit, bound = ratio, row.ratio, f"{row.ratio:g} x dense"
    elif row.speedup is not None and row.over is not None:
        single = measured(Row("", row.over, row.unit), results).get("ours")
        ratio = single / ours if single is not None and ours else None
        bound = f"{row.speedup:g} x faster"
        if ratio is not None:
            judged, limit = -ratio, -row.speedup
    if ours is None:
        return Verdict(None, bound, NOT_BUILT)
    if not bound:
        return Verdict(ratio, "", "")
    if judged is None:
        return Verdict(ratio, bound, "no dense")
    return Verdict(ratio, bound, table.verdict(judged, limit))


def number(figure: float | None) -> str:
    if figure is None:
        return "-"
    return f"{figure:.3g}" if abs(figure) < 1000 else f"{figure:.0f}"


def print_row(row: Row, values: dict[str, float], verdict: Verdict) -> None:
    unit = {"bytes_per_voxel": "B/voxel", "mib": "MiB"}.get(row.unit, row.unit)
    print(
        f"{row.work:<42} {number(values.get('ours')):>8} {unit:<8}"
        f" {number(verdict.ratio):>8} {verdict.bound.replace('bytes_per_voxel', 'B/voxel').replace('mib', 'MiB'):<12}"
        f" {verdict.word:<9}" + "".join(f" {number(values.get(side)):>12}" for side in SIDES[1:]),
        flush=True,
    )


def main() -> int:
    results = run(sys.argv[1], sys.argv[2:])
    if not sys.argv[2:] and not any(side == "openvdb" for _, side in results):
        print("OpenVDB: libopenvdb-dev was not there when engine_bench was built")
    heads = "".join(f" {HEADINGS.get(side, side):>12}" for side in SIDES[1:])
    print(f"{'':<42} {'ours':>8} {'':<8} {'x dense':>8} {'at most':<12} {'':<9}{heads}")
    lines = []
    for row in ROWS:
        if sys.argv[2:] and row.case not in sys.argv[2:]:
            continue
        values = measured(row, results)
        verdict = judge(row, values, results)
        print_row(row, values, verdict)
        lines.append(
            [row.work.strip(), row.unit]
            + [f"{values[side]:.4g}" if side in values else "" for side in SIDES]
            + [number(verdict.ratio), verdict.bound, verdict.word]
        )
    if sys.argv[2:]:
        return 0  # a part of the table is not the table
    table.write("engine", ["work", "unit", *SIDES, "ours over dense", "bound", "verdict"], lines)
    return 1 if any(line[-1] == table.MISSED for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
