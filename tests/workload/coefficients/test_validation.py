"""Simulations: coverage of measured, shrunk and capped coefficients, with thin levels and a dozen units."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import kpi_research.study.synthetic as synthetic
from kpi_research.numerics.balanced_limits import balanced_limits
from kpi_research.workload.coefficients.coefficients import workload_coefficients
from tests.workload.coefficients.simulated import NAMES, Bureau, draw, truth

pytestmark = pytest.mark.validation
RUNS = 1000
PREVIOUS = {"post": {"0": 1.05, "1": 1.05, "2": 1.0, "3": 0.95, "4": 1.0}}
BUREAUS = {"12 units": Bureau(), "30 units": Bureau(units=30, officers=8)}


def hits(rows: pd.DataFrame, true: np.ndarray, kind: str) -> dict[str, np.ndarray]:
    low, high = ("low", "high") if kind == "coefficient" else (f"{kind}_low", f"{kind}_high")
    inside = (rows[low].to_numpy() <= true + 1e-9) & (true - 1e-9 <= rows[high].to_numpy())
    return {"inside": inside, "level": rows["level"].to_numpy()}


def note_and_check(
    rows: pd.DataFrame, dossier: Callable[..., None], units: str, kind: str, runs: int, tolerance: float = 0.0
) -> None:
    """Note coverage per factor; over all levels it must lie in 93 to 97 %, in each level within Monte-Carlo error of that."""
    for factor, part in rows.groupby("factor"):
        by_level = part.groupby("level")["inside"].agg(["mean", "size"])
        dossier(
            "workload", "Coverage of coefficients (nominal 95 %)", coefficients=kind, factor=factor, units=units, runs=runs,
            coverage=round(part["inside"].mean(), 4), lowest_level=round(by_level["mean"].min(), 3),
            highest_level=round(by_level["mean"].max(), 3),
        )  # fmt: skip
        assert 0.93 <= part["inside"].mean() <= 0.97
        for _, (coverage, size) in by_level.iterrows():
            error = stats.norm.isf(0.0005) * np.sqrt(0.93 * 0.07 / size)
            assert 0.93 - error <= coverage <= 0.97 + error + tolerance


@pytest.mark.parametrize("units", BUREAUS)
def test_coverage_of_measured_and_shrunk_coefficients(units: str, dossier: Callable[..., None]) -> None:
    rng = np.random.default_rng(20261)
    found: dict[str, list[pd.DataFrame]] = {"raw": [], "shrunk": []}
    for _ in range(RUNS):
        table = workload_coefficients(draw(rng, BUREAUS[units]), **NAMES).table
        for kind, kept in found.items():
            for factor, rows in table.groupby("factor"):
                kept.append(pd.DataFrame({"factor": factor, **hits(rows, truth(rows), kind)}))
    for kind, kept in found.items():
        name = {"raw": "measured, mean one", "shrunk": "shrunk"}[kind]
        note_and_check(pd.concat(kept), dossier, units, name, RUNS)


def test_coverage_of_capped_coefficients(dossier: Callable[..., None]) -> None:
    # The truth is what the cap makes of the true coefficients. Where the cap surely binds, coefficient and truth are the
    # limit itself; coverage is asked for where the truth lies inside the limits.
    rng = np.random.default_rng(20262)
    inside, bound = [], []
    for _ in range(RUNS):
        table = workload_coefficients(draw(rng, Bureau()), **NAMES, previous=PREVIOUS, cap=0.1).table
        rows = table[table["factor"] == "post"]
        before = rows["previous"].to_numpy()
        true, _ = balanced_limits(truth(rows), rows["share"].to_numpy(), before * 0.9, before * 1.1)
        free = (true > before * 0.9 + 1e-9) & (true < before * 1.1 - 1e-9)
        frame = pd.DataFrame({"factor": "post", **hits(rows, true, "coefficient")})
        inside.append(frame[free])
        bound.append(frame[~free])
    at_limit = pd.concat(bound)["inside"].mean()
    dossier(
        "workload",
        "Capped coefficients whose truth is the limit",
        units="12 units",
        runs=RUNS,
        coverage=round(at_limit, 4),
    )
    assert at_limit > 0.93
    note_and_check(pd.concat(inside), dossier, "12 units", "capped at ±10 %", RUNS, tolerance=0.02)


def test_coverage_without_correction_for_few_clusters_is_too_low(dossier: Callable[..., None]) -> None:
    rng = np.random.default_rng(20263)
    found = []
    for _ in range(RUNS // 2):
        table = workload_coefficients(draw(rng, Bureau()), **NAMES, errors="CR0", shrink=False).table
        found += [hits(rows, truth(rows), "raw")["inside"].mean() for _, rows in table.groupby("factor")]
    coverage = float(np.mean(found))
    dossier(
        "workload", "The plain sandwich with 12 units", errors="CR0, t with 11 degrees of freedom", runs=RUNS // 2,
        coverage=round(coverage, 4),
    )  # fmt: skip
    assert coverage < 0.94


def test_coefficients_of_simulated_bureaus_are_recovered(dossier: Callable[..., None]) -> None:
    # Whole minutes, heaping in a fifth of the stations, officers of different ability: what the synthetic bureau does.
    bias, inside = [], []
    for seed in range(20):
        bureau = synthetic.draw_bureau(stations=16, months=6, officers_per_station=20, seed=100 + seed)
        officers = bureau.tables["officers"][["officer", "post", "rank"]]
        log = bureau.tables["worklog"].merge(officers, on="officer")
        table = workload_coefficients(log, **NAMES, rank="rank").table
        for factor, name, column in (
            ("task", "tasks", "minutes"),
            ("post", "posts", "factor"),
            ("rank", "ranks", "factor"),
        ):
            rows = table[table["factor"] == factor]
            known = bureau.truth[name].set_index(factor)[column]
            true = known[rows["level"]].to_numpy(float)
            true = true / (rows["share"].to_numpy() @ true)
            bias.append(pd.Series(np.log(rows["coefficient"].to_numpy() / true), index=factor + " " + rows["level"]))
            inside.append(hits(rows, true, "shrunk")["inside"])
    gaps = pd.concat(bias).groupby(level=0).agg(["mean", "sem"])
    coverage = float(np.concatenate(inside).mean())
    dossier(
        "workload", "Coefficients of simulated bureaus", bureaus=20, levels=len(gaps), coverage=round(coverage, 4),
        largest_mean_error_percent=round(100 * gaps["mean"].abs().max(), 2),
        median_mean_error_percent=round(100 * gaps["mean"].abs().median(), 2),
    )  # fmt: skip
    assert (gaps["mean"].abs() < 0.01 + 4 * gaps["sem"]).all()
    assert coverage > 0.91
