"""What the tables of the benchmarks share: a figure beside its bound, and the CSV that keeps them."""

import csv
import os
import pathlib
from dataclasses import dataclass

MET, MISSED, SHORT = "met", "MISSED", "short"

# A run that only shows that the scripts run, for a test: little is measured, nothing judged or
# kept.
SMALL = bool(os.environ.get("VOXELD_BENCH_SMALL"))


def amount(whole, small):
    """How much is done of something: of the whole run, and of a small one."""
    return small if SMALL else whole


def verdict(value, bound, least=False):
    """Whether a figure keeps to its bound, which is the most that it may be, or the least."""
    return MET if (value >= bound if least else value <= bound) else MISSED


def write(name, heading, rows):
    """Writes bench/results/HOST/NAME.csv."""
    folder = pathlib.Path(__file__).resolve().parent / "results" / os.uname().nodename
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([heading, *rows])


@dataclass(frozen=True)
class Figure:
    """One measured line; `beside` is what stands next to it for comparison. A bound is promised, or where
    `aim` is set a goal beyond what is promised, which is shown like it but fails no run."""

    name: str
    value: float
    unit: str
    bound: float | None = None  # None: no promise
    least: bool = False
    beside: str = ""
    aim: bool = False

    @property
    def word(self):
        if self.bound is None:
            return ""
        word = verdict(self.value, self.bound, self.least)
        return SHORT if self.aim and word == MISSED else word

    @property
    def limit(self):
        if self.bound is None:
            return ""
        aim, side = "aim " if self.aim else "", "at least" if self.least else "at most"
        return f"{aim}{side} {self.bound:g}"


def shown(value):
    return f"{value:.3f}" if abs(value) < 10_000 else f"{value:.0f}"


def report(name, figures):
    """Prints each figure as it comes, writes all into NAME.csv, and returns the exit status: 1 if one is
    missed."""
    rows = []
    for figure in figures:
        value, word = shown(figure.value), "" if SMALL else figure.word
        print(
            f"{figure.name:<58} {value:>10} {figure.unit:<8} {figure.limit:<17} {word:<6}"
            f" {figure.beside}".rstrip(),
            flush=True,
        )
        rows.append([figure.name, value, figure.unit, figure.limit, word, figure.beside])
    if SMALL:
        return 0
    write(name, ["measure", "value", "unit", "bound", "met", "beside it"], rows)
    return 1 if any(row[4] == MISSED for row in rows) else 0
