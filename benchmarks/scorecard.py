"""The scorecard stage: confidence sets of ranks of 2,000 units, against limits and against a plain numpy version.

    python benchmarks/scorecard.py --out reports/validation/scorecard_speed.md

Each line runs in a process of its own. "Plain numpy" keeps the differences of all pairs in all draws in one array, as
one writes it first (and as R csranks 1.2.3 does, which asks for 29.8 GB at 2,000 units); it is compared where it fits.
Memory is the peak of the whole process; beside it, what the imports alone take.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from kpi_research.scorecard import rank_sets

LIMITS = {("simultaneous", 2000): "5 s, 500 MB", ("marginal", 2000): "8 s, 500 MB"}
PLAIN_UNITS = 200


def problem(units: int) -> tuple[np.ndarray, np.ndarray]:
    """Return estimates and standard errors."""
    rng = np.random.default_rng(42)
    return rng.normal(size=units), rng.uniform(0.1, 0.5, units)


def ours(kind: str, units: int, draws: int) -> np.ndarray:
    """Return low and high of every unit."""
    estimate, se = problem(units)
    return rank_sets(estimate, se=se, kind=kind, draws=draws).table[["low", "high"]].to_numpy()  # type: ignore[arg-type]


def plain(kind: str, units: int, draws: int) -> np.ndarray:
    """Return the same from one array of units x units x draws."""
    estimate, se = problem(units)
    errors = np.random.default_rng(0).standard_normal((units, draws)) * se[:, None]
    spread = np.sqrt(np.add.outer(se**2, se**2))
    simulated = (errors[:, None] - errors[None]) / spread[:, :, None]
    statistic = np.subtract.outer(estimate, estimate) / spread
    if kind == "simultaneous":
        shown = plain_steps(statistic, simulated)
        return np.column_stack([1 + shown.sum(axis=0), units - shown.sum(axis=1)])
    rows = []
    for unit in range(units):
        own = np.stack([statistic[unit], -statistic[unit]])
        shown = plain_steps(own, np.stack([simulated[unit], -simulated[unit]]), skip=unit)
        rows.append((1 + shown[1].sum(), units - shown[0].sum()))
    return np.array(rows)


def plain_steps(statistic: np.ndarray, simulated: np.ndarray, skip: int | None = None) -> np.ndarray:
    """Return the rejected hypotheses of one family, step by step."""
    still = ~np.eye(len(statistic), dtype=bool) if skip is None else np.ones(statistic.shape, dtype=bool)
    if skip is not None:
        still[:, skip] = False
    shown = np.zeros_like(still)
    while still.any():
        critical = np.quantile(simulated[still].max(axis=0), 0.95, method="inverted_cdf")
        new = still & (statistic > critical)
        if not new.any():
            break
        shown |= new
        still &= ~new
    return shown


def one(name: str, kind: str, units: int, draws: int) -> None:
    """Run one line in this process and print what it used."""
    run = {"kpi_research": ours, "plain numpy": plain}[name]
    run(kind, 20, 100)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cpu, wall = time.process_time(), time.perf_counter()
    found = run(kind, units, draws)
    used = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(used | {"peak_MB": peak, "imports_MB": before, "bounds": int(found @ [1, 3] @ np.arange(units))}))


def table() -> pd.DataFrame:
    """Return all lines."""
    lines = [
        (name, kind, PLAIN_UNITS, 1000)
        for kind in ("simultaneous", "marginal")
        for name in ("kpi_research", "plain numpy")
    ]
    lines += [("kpi_research", kind, units, draws) for units, draws in ((500, 1000), (2000, 1000), (2000, 10_000))
              for kind in ("simultaneous", "marginal")]  # fmt: skip
    rows = []
    for line in lines:
        command = [sys.executable, __file__, "--one", *map(str, line)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        limit = LIMITS.get((line[1], line[2]), "") if line[3] == 1000 else ""
        found = json.loads(output.splitlines()[-1])
        rows.append(dict(zip(("version", "kind", "units", "draws"), line, strict=True)) | found | {"limit": limit})
        print(rows[-1], flush=True)
    return pd.DataFrame(rows)


def page(found: pd.DataFrame) -> str:
    """Return the page of the results."""
    small = found[(found["units"] == PLAIN_UNITS)].pivot_table(
        index="kind", columns="version", values=["cpu_s", "bounds"]
    )
    ratios = {
        kind: small.loc[kind, ("cpu_s", "plain numpy")] / small.loc[kind, ("cpu_s", "kpi_research")]
        for kind in small.index
    }
    same = all(
        small.loc[kind, ("bounds", "plain numpy")] == small.loc[kind, ("bounds", "kpi_research")]
        for kind in small.index
    )
    shown = found.drop(columns="bounds").round({"cpu_s": 2, "wall_s": 2, "peak_MB": 0, "imports_MB": 0})
    return "\n".join(
        [
            "# Rank sets: time and memory",
            "",
            "Made by `python benchmarks/scorecard.py`: estimates from a normal distribution, standard errors from .1 to .5.",
            f"At {PLAIN_UNITS} units and 1,000 draws the plain version takes " + " and ".join(
                f"{ratio:.1f} times the processor time ({kind})" for kind, ratio in ratios.items()) + ";",
            f"all bounds are {'equal' if same else 'NOT equal'}.",
            f"Machine: {platform.system()}, {platform.machine()}; Python {platform.python_version()}, numpy {np.__version__}.",
            "",
            "| " + " | ".join(shown.columns) + " |",
            "|---" * shown.shape[1] + "|",
            *("| " + " | ".join(map(str, row)) + " |" for row in shown.itertuples(index=False)),
        ]
    )  # fmt: skip


def main() -> None:
    """Run and print; ``--out`` also writes the page."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--out", type=Path)
    asked.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.one:
        name, kind, units, draws = given.one
        one(name, kind, int(units), int(draws))
        return
    text = page(table())
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
