"""The validity stage on 200 indicators, 500 units and 60 periods: seconds of each part.

    python benchmarks/validity.py --indicators 200 --units 500 --periods 60 --out reports/validation/validity_speed.md

The simulated panel has counts, shares of counts and measured values of several reliabilities, some with tenfold slips,
frozen units or a twin, and an outcome that some of them go with. Beside it, in the same run, stands what an analyst
writes by hand for one number only: the ICC(1) of every indicator by statsmodels' mixed model, on a few indicators and
scaled up.
"""

from __future__ import annotations

import argparse
import itertools
import platform
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

import kpi_research as kr
from kpi_research.study.load import study_from_frames
from kpi_research.study.model import Study
from kpi_research.validity.assess import assess_validity

SPEC = """[study]
id = "bench"
title.en = "bench"
seed = 1
period = "month"

[tables.panel]
source = "panel"

[tables.outcomes]
source = "outcomes"

[validity]
outcome = "outcomes.safety"
"""
KINDS = ("quantity", "quality", "preventive", "process", "outcome")


def simulated_study(indicators: int, units: int, periods: int, seed: int = 1) -> Study:
    """Return a study of that size."""
    rng = np.random.default_rng(seed)
    rows = units * periods
    unit = np.repeat(np.arange(units), periods)
    quality = rng.standard_normal(units)
    frame: dict[str, object] = {
        "unit": [f"U{number:04d}" for number in unit],
        "period": [f"{2020 + month // 12}-{month % 12 + 1:02d}" for month in np.tile(np.arange(periods), units)],
    }
    catalogue = []
    for number in range(indicators):
        name = f"i{number:03d}"
        noise = rng.uniform(0.5, 3)
        latent = 0.6 * quality[unit] + rng.standard_normal(units)[unit] + noise * rng.standard_normal(rows)
        columns, formula = _values(name, number % 3, latent, rng)
        frame |= columns
        catalogue.append({"id": name, "label_en": name, "direction": "higher", "table": "panel"} | formula)
        catalogue[-1] |= {"kind": KINDS[number % 5], "module": "business", "current_weight": 100 / indicators}
    outcome = pd.DataFrame({"unit": frame["unit"], "period": frame["period"]})
    outcome["safety"] = 80 + 2 * quality[unit] + rng.standard_normal(rows)
    return study_from_frames(SPEC, pd.DataFrame(catalogue), {"panel": pd.DataFrame(frame), "outcomes": outcome})


def _values(name: str, kind: int, latent: np.ndarray, rng: np.random.Generator) -> tuple[dict, Mapping[str, str]]:
    if kind == 0:
        counts = rng.poisson(np.exp(3.5 + 0.3 * latent))
        counts[rng.random(len(counts)) < 0.001] *= 10
        return {name: counts}, {"value": name, "unit": "count"}
    if kind == 1:
        cases = rng.poisson(60, len(latent)) + 5
        good = rng.binomial(cases, 1 / (1 + np.exp(-1.5 - 0.3 * latent)))
        return {f"{name}_n": cases, f"{name}_k": good}, {
            "numerator": f"{name}_k",
            "denominator": f"{name}_n",
            "unit": "share",
        }
    return {name: np.round(50 + 5 * latent, 2)}, {"value": name, "unit": "points"}


def seconds_by_part(study: Study) -> tuple[pd.DataFrame, float]:
    """Return CPU and wall seconds of each part, and the wall seconds of the whole."""
    marks: list[tuple[str, float, float]] = []
    begin = time.perf_counter()
    assess_validity(study, lambda name, _step, _total: marks.append((name, time.process_time(), time.perf_counter())))
    marks.append(("end", time.process_time(), time.perf_counter()))
    rows = [
        {"part": name, "cpu_s": round(after[1] - cpu, 2), "wall_s": round(after[2] - wall, 2)}
        for (name, cpu, wall), after in itertools.pairwise(marks)
    ]
    table = pd.DataFrame(rows)
    return table.assign(share=(table["wall_s"] / table["wall_s"].sum()).round(3)), time.perf_counter() - begin


def by_hand(study: Study, few: int = 3) -> float:
    """Return CPU seconds that statsmodels' mixed model takes for the ICC of all indicators, from a few of them."""
    names = list(study.indicators["id"])
    begin = time.process_time()
    for name in names[:few]:
        smf.mixedlm(f"{name} ~ 1", study.values.dropna(subset=[name]), groups="unit").fit()
    return (time.process_time() - begin) / few * len(names)


def main() -> None:
    """Run and print; ``--out`` also writes the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    for name, default in (("indicators", 200), ("units", 500), ("periods", 60)):
        asked.add_argument(f"--{name}", type=int, default=default)
    asked.add_argument("--out", type=Path)
    given = asked.parse_args()
    study = simulated_study(given.indicators, given.units, given.periods)
    table, wall = seconds_by_part(study)
    begin = time.perf_counter()
    assess_validity(study, jobs=2)
    two = time.perf_counter() - begin
    cpu = float(table["cpu_s"].sum())
    hand = by_hand(study)
    size = f"{given.indicators} indicators × {given.units} units × {given.periods} periods"
    body = "\n".join(
        [
            f"# The validity stage: {size}",
            "",
            f"Made by `python benchmarks/validity.py`. Whole stage: {two:.1f} s wall in two processes (`jobs=2`), {wall:.1f} s in",
            f"one ({cpu:.1f} s CPU, its parts below). In the same run the ICC(1)",
            f"alone by statsmodels' mixed model would take {hand:.0f} s CPU: {hand / cpu:.1f} times the whole stage.",
            f"Machine: {platform.system()}, {platform.machine()}; Python {platform.python_version()}; kpi_research {kr.__version__}.",
            "",
            "| part | cpu_s | wall_s | share |",
            "|---|---|---|---|",
            *(f"| {row.part} | {row.cpu_s} | {row.wall_s} | {row.share} |" for row in table.itertuples()),
        ]
    )
    print(body)
    if given.out:
        given.out.write_text(body + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
