"""Four kinds of shift between units, four kinds of noise in the labels: which estimates hold what they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kpi_research.preventability import preventable_share
from tests.preventability.share.worlds import SCENARIOS, draw_world

UNITS, RUNS = 100, 100
ERRORS = ((0.05, 0.05), (0.10, 0.10), (0.20, 0.20), (0.10, 0.02))
METHODS = ("labels", "design", "shrunk", "ppi_py", "model", "shift")
MEANING = {"shift": "shift (EMQ)", "ppi_py": "ppi_py's formula, unit by unit"}
TABLE = "Shares per unit: 100 units × 300 cases × 30 labels (nominal 95 %)"


def powered_by_unit(label: np.ndarray, p: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, ...]:
    """Return the prediction-powered mean of each row by the formula of ppi_py 0.2.3 (variances divided by n)."""
    known = ~np.isnan(label)
    y, f, rest = (part.reshape(len(p), -1) for part in (label[known], p[known], p[~known]))
    n, others = y.shape[1], rest.shape[1]
    together = ((y - y.mean(1, keepdims=True)) * (f - f.mean(1, keepdims=True))).mean(1)
    power = np.clip(together / ((1 + n / others) * p.var(1, ddof=1)), 0, 1)
    left = y - power[:, None] * f
    estimate = power * rest.mean(1) + left.mean(1)
    half = stats.norm.isf((1 - level) / 2) * np.sqrt(left.var(1) / n + power**2 * rest.var(1) / others)
    return estimate, estimate - half, estimate + half


def one_run(scenario: str, error: tuple[float, float], seed: list[int]) -> np.ndarray:
    """Return for each method and unit the deviation from the true share, whether it was covered, and the width."""
    world = draw_world(np.random.default_rng(seed), scenario, units=UNITS, error=error)
    truth = world["truth"].to_numpy().reshape(UNITS, -1).mean(1)
    shares = preventable_share(world, unit="unit", probability="p", label="label", error=error)
    found = {name: part[["estimate", "low", "high"]].to_numpy().T for name, part in shares.methods.groupby("method")}
    square = (world[name].to_numpy().reshape(UNITS, -1) for name in ("label", "p"))
    found["ppi_py"] = np.stack(powered_by_unit(*square))
    return np.stack(
        [
            [found[name][0] - truth, (found[name][1] <= truth) & (truth <= found[name][2]), np.diff(found[name][1:], axis=0)[0]]
            for name in METHODS
        ]
    )  # fmt: skip


def within(covered: int, runs: int, low: float, high: float) -> bool:
    """Whether a coverage from low to high is compatible with what was seen (exact, 1 in 100,000)."""
    seen = stats.binomtest(covered, runs).proportion_ci(0.99999)
    return bool(seen.high >= low and seen.low <= high)


@pytest.mark.validation
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_intervals_of_shares_cover(dossier, scenario: str) -> None:  # type: ignore[no-untyped-def]
    for error in ERRORS:
        seeds = [[7, SCENARIOS.index(scenario), ERRORS.index(error), run] for run in range(RUNS)]
        runs = np.stack([one_run(scenario, error, seed) for seed in seeds])
        third = UNITS // 3
        for place, method in enumerate(METHODS):
            off, hit, width = runs[:, place, 0], runs[:, place, 1], runs[:, place, 2]
            each = hit.mean(axis=0)
            dossier(
                "preventability", TABLE,
                shift=scenario, noise=f"e01 {error[0]:g}, e10 {error[1]:g}", method=MEANING.get(method, method),
                bias=off.mean(), bias_lowest_third=off[:, :third].mean(), bias_highest_third=off[:, -third:].mean(),
                rmse=np.sqrt((off**2).mean()), coverage=hit.mean(), least_of_a_unit=each.min(), width=width.mean(),
            )  # fmt: skip
        design, shrunk = (runs[:, METHODS.index(name)] for name in ("design", "shrunk"))
        assert 0.93 <= design[:, 1].mean() <= 0.97
        assert all(within(int(covered), RUNS, 0.93, 0.97) for covered in design[:, 1].sum(axis=0)), "every unit"
        assert abs(design[:, 0].mean()) < 0.005
        assert shrunk[:, 1].mean() >= 0.93
        if scenario in ("concept", "mixed") and error != (0.20, 0.20):
            assert shrunk[:, 1].mean() <= 0.97, "above only where the model explains nearly all, see the page"
        rmse = {name: np.sqrt((runs[:, place, 0] ** 2).mean()) for place, name in enumerate(METHODS)}
        assert rmse["shrunk"] < min(rmse["labels"], rmse["design"], rmse["ppi_py"])
        assert rmse["design"] < rmse["labels"]


@pytest.mark.validation
def test_unequal_inclusion_is_made_up_for(dossier) -> None:  # type: ignore[no-untyped-def]
    """Cases that look risky are drawn 2.2 times as often per standard deviation of risk."""
    rows: dict[str, list[np.ndarray]] = {"weighted": [], "unweighted": []}
    for run in range(RUNS):
        rng = np.random.default_rng([8, run])
        world = draw_world(rng, "mixed", units=UNITS, labels=300, error=(0.05, 0.05))
        risk = np.log(world["p"].clip(0.01, 0.99) / (1 - world["p"].clip(0.01, 0.99)))
        size = np.exp(0.8 * (risk - risk.mean()) / risk.std())
        chance = np.minimum(30 * size / size.groupby(world["unit"]).transform("sum"), 1.0)
        world["inclusion"] = chance
        world["label"] = world["label"].where(rng.random(len(world)) < chance)
        truth = world.groupby("unit")["truth"].mean().to_numpy()
        for name, inclusion in (("weighted", "inclusion"), ("unweighted", None)):
            options = {"inclusion": inclusion, "error": (0.05, 0.05)}
            shares = preventable_share(world, unit="unit", probability="p", label="label", **options)
            part = [shares.of(method) for method in ("labels", "design", "shrunk")]
            rows[name].append(
                np.stack([[g["estimate"] - truth, (g["low"] <= truth) & (truth <= g["high"])] for g in part])
            )
    for name, runs in rows.items():
        seen = np.stack(runs)
        for place, method in enumerate(("labels", "design", "shrunk")):
            off, hit = seen[:, place, 0], seen[:, place, 1]
            dossier(
                "preventability", "Informative choice of the labelled cases (mixed shift, 5 % noise)",
                weights=name, method=method, bias=off.mean(), rmse=np.sqrt((off**2).mean()), coverage=hit.mean(),
            )  # fmt: skip
    weighted, plain = np.stack(rows["weighted"]), np.stack(rows["unweighted"])
    assert abs(weighted[:, 1, 0].mean()) < 0.01
    assert plain[:, 0, 0].mean() > 0.1, "labels alone are far off without weights"
    assert 0.93 <= weighted[:, 1, 1].mean() <= 0.975
    assert weighted[:, 2, 1].mean() >= 0.93
