"""Shares of preventable cases for 1,000 units and two million cases: seconds of each part.

    python benchmarks/preventability.py --units 1000 --cases 2000000 --labels 30 --out reports/validation/preventability_speed.md

Labels and probabilities are given. Beside it, in the same run, stands what an analyst writes by hand: the prediction-powered
mean (Angelopoulos, Duchi & Zrnic 2023, PPI++) of one unit after the other in a pandas group-by, without shrinkage, correction
for errors of labels or diagnostics.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from kpi_research.preventability import funnel, powered_mean, preventable_share
from kpi_research.preventability.share.data import UnitData, unit_data
from kpi_research.preventability.share.design import by_design, by_labels
from kpi_research.preventability.share.diagnostic import by_model, by_shift
from kpi_research.preventability.share.shrink import by_shrinkage

COLUMNS = {"unit": "unit", "probability": "p", "label": "label"}
ERROR = (0.08, 0.12)
LIMIT = 30.0
"""Wall seconds on two cores that must suffice."""


def simulated_cases(units: int, cases: int, labels: int, seed: int = 1) -> pd.DataFrame:
    """Return cases of units of unequal size, some labelled with errors, with a probability for each."""
    rng = np.random.default_rng(seed)
    size = rng.multinomial(cases - (labels + 1) * units, rng.dirichlet(np.full(units, 3.0))) + labels + 1
    unit = np.repeat(np.arange(units), size)
    score = rng.normal(-0.6, 0.8, units)[unit] + rng.normal(0, 1.2, cases)
    p = 1 / (1 + np.exp(-score))
    truth = rng.random(cases) < 1 / (1 + np.exp(-(score + rng.normal(0, 0.4, units)[unit])))
    said = rng.random(cases) < np.where(truth, 1 - ERROR[1], ERROR[0])
    place = rng.random(cases)
    rank = pd.Series(place).groupby(unit).rank().to_numpy()
    names = pd.Categorical.from_codes(unit, [f"U{number:04d}" for number in range(units)])
    return pd.DataFrame({"unit": names.astype(str), "p": p, "label": np.where(rank <= labels, said, np.nan)})


def timed(marks: list[dict[str, object]], part: str, work: Callable[[], object]) -> object:
    """Run a part and note its CPU and wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    made = work()
    marks.append(
        {"part": part, "cpu_s": round(time.process_time() - cpu, 2), "wall_s": round(time.perf_counter() - wall, 2)}
    )
    return made


def seconds_by_part(cases: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Return CPU and wall seconds of each part, and the wall seconds of the public function from frame to shares."""
    marks: list[dict[str, object]] = []
    data = timed(marks, "checks and sums per unit", lambda: unit_data(cases, **COLUMNS, inclusion=None, error=ERROR))
    if not isinstance(data, UnitData):
        raise TypeError
    timed(marks, "labels alone", lambda: by_labels(data, 0.95))
    timed(marks, "design and shrunk", lambda: by_shrinkage(data, by_design(data, 0.95), 0.95))
    timed(marks, "model", lambda: by_model(data, 0.95))
    timed(marks, "shift (EMQ)", lambda: by_shift(data, 0.95))
    begin = time.perf_counter()
    shares = preventable_share(cases, **COLUMNS, error=ERROR)
    whole = time.perf_counter() - begin
    table = shares.table
    observed = table["n"] * table["estimate"]
    expected = table["n"] * float(observed.sum() / table["n"].sum())
    variance = (table["n"] * table["se"]) ** 2
    timed(marks, "funnel", lambda: funnel(observed, expected, unit=table["unit"], observed_variance=variance))
    return pd.DataFrame(marks), whole


def by_hand(cases: pd.DataFrame) -> float:
    """Return wall seconds of a prediction-powered mean per unit in a group-by."""
    begin = time.perf_counter()
    rows = []
    for name, group in cases.groupby("unit"):
        known = group["label"].notna()
        found = powered_mean(group.loc[known, "label"], group.loc[known, "p"], group.loc[~known, "p"])
        rows.append((name, found.estimate, found.low, found.high))
    return time.perf_counter() - begin


def main() -> None:
    """Run and print; ``--out`` also writes the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    for name, default in (("units", 1000), ("cases", 2_000_000), ("labels", 30)):
        asked.add_argument(f"--{name}", type=int, default=default)
    asked.add_argument("--out", type=Path)
    given = asked.parse_args()
    cases = simulated_cases(given.units, given.cases, given.labels)
    table, whole = seconds_by_part(cases)
    hand = by_hand(cases)
    print(table.to_string(index=False))
    claim = (
        f"{given.units:,} units, {given.cases:,} cases, {given.labels} labels per unit: `preventable_share` with five "
        f"methods and intervals takes {whole:.1f} s ({LIMIT:g} s allowed on two cores)"
    )
    beside = f"the prediction-powered mean unit by unit in a pandas group-by takes {hand:.1f} s"
    ratio = f"{hand / whole:.2f} times the time of all five methods together"
    print(f"{claim}; {beside}, {ratio}")
    if given.out:
        lines = ["| part | CPU s | wall s |", "|---|---|---|"]
        lines += [f"| {row['part']} | {row['cpu_s']} | {row['wall_s']} |" for row in table.to_dict("records")]
        where = f"Python {platform.python_version()}, numpy {np.__version__}, pandas {pd.__version__}"
        head = "# Shares of preventable cases: speed\n\nMade by `benchmarks/preventability.py --out <this file>`."
        given.out.write_text(
            f"{head}\n\n{claim}.\n\n" + "\n".join(lines) + f"\n\nBeside it: {beside}, {ratio}.\n\n{where}.\n"
        )


if __name__ == "__main__":
    main()
