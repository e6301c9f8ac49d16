"""Do predicted numbers of wrong rewards and sanctions match the truth?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_research.numerics.level_posterior import draw_levels
from kpi_research.scorecard.consequences.consequences import consequences
from kpi_research.scorecard.consequences.decide import decide
from kpi_research.scorecard.consequences.standing import Standing, read_standing
from kpi_research.scorecard.normalize import fit_normalization
from kpi_research.scorecard.score import weighted_scores
from kpi_research.study import synthetic
from kpi_research.study.simulate import simulate_bureau
from kpi_research.study.synthetic.options import make_options
from kpi_research.study.synthetic.parts import Parts
from tests.scorecard.consequences.rules import COURSE, MERIT, TALK, TWICE
from tests.scorecard.first_order import first_order_errors
from tests.scorecard.panels import noisy_autoregression, panel

pytestmark = pytest.mark.validation
UNITS = 24
INDICATORS = [
    "lawful_procedure", "clearance_quality", "mediation_success", "hazard_rectification", "fraud_dissuasion", "home_visits",
    "entry_24h",
]  # fmt: skip
TABLE = "Predicted and true numbers of wrong hits"


def levels(kind: str, rng: np.random.Generator) -> np.ndarray[Any, np.dtype[np.float64]]:
    if kind == "normal, mean and spread drawn anew":
        return rng.uniform(20, 80) + rng.uniform(0, 20) * rng.standard_normal(UNITS)
    if kind == "normal":
        return 50 + 6 * rng.standard_normal(UNITS)
    if kind == "long tails":
        return 50 + 6 * rng.standard_t(3, UNITS) / np.sqrt(3)
    return 50 + 2 * rng.standard_normal(UNITS) - 12.0 * (np.arange(UNITS) < 4)


def predicted_and_true(kind: str, runs: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    rng, rules = np.random.default_rng(7), (MERIT, TALK, COURSE)
    numbers = np.zeros((2, runs, len(rules)))
    for run in range(runs):
        se = rng.uniform(2.0, 7.0, UNITS)
        theta = levels(kind, rng)
        estimate = theta + se * rng.standard_normal(UNITS)
        drawn = draw_levels(estimate, np.diag(se**2), 300, run).levels
        for place, rule in enumerate(rules):
            hit = decide(rule, estimate) == 1
            numbers[0, run, place] = (decide(rule, drawn)[:, hit] == 0).sum(axis=1).mean()
            numbers[1, run, place] = (decide(rule, theta)[hit] == 0).sum()
    return numbers


@pytest.mark.parametrize("kind", ["normal, mean and spread drawn anew", "normal", "long tails", "four weak units"])
def test_numbers_of_wrong_hits_are_calibrated(kind: str, dossier: Callable[..., None]) -> None:
    runs = 1500
    predicted, true = predicted_and_true(kind, runs)
    for place, rule in enumerate((MERIT, TALK, COURSE)):
        mean = true[:, place].mean()
        gap = (predicted - true)[:, place].mean()
        error = (predicted - true)[:, place].std(ddof=1) / np.sqrt(runs)
        dossier(
            "scorecard", TABLE, setting=f"24 units, levels: {kind}", rule=rule.id, runs=runs, predicted=mean + gap,
            true=mean, standard_error=error,
        )  # fmt: skip
        if kind == "normal, mean and spread drawn anew":
            assert abs(gap) <= 3 * error
        elif kind == "normal":  # a spread that has to be guessed costs up to a twentieth, on the safe side
            assert -3 * error <= gap <= 0.05 * mean + 3 * error
        else:  # what the docstring says of levels that do not scatter normally: not calibrated, off by half at most
            assert 2 / 3 <= 1 + gap / mean <= 3 / 2


def test_probabilities_of_belonging_are_calibrated(dossier: Callable[..., None]) -> None:
    rng, runs = np.random.default_rng(8), 800
    chance, truth = [], []
    for run in range(runs):
        se = rng.uniform(2.0, 7.0, UNITS)
        theta = levels("normal", rng)
        drawn = draw_levels(theta + se * rng.standard_normal(UNITS), np.diag(se**2), 400, run).levels
        chance.append(decide(TALK, drawn).mean(axis=0))
        truth.append(decide(TALK, theta))
    probability, belongs = np.concatenate(chance), np.concatenate(truth)
    for low, high in ((0, 0.05), (0.05, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.95), (0.95, 1.01)):
        rows = (probability >= low) & (probability < high)
        mean, rate = probability[rows].mean(), belongs[rows].mean()
        error = np.sqrt(mean * (1 - mean) / rows.sum())
        dossier(
            "scorecard", "Probability of belonging to the bottom three, and how often it was so", lowest=low,
            units=int(rows.sum()), probability=mean, frequency=rate,
        )  # fmt: skip
        assert abs(mean - rate) <= 3.5 * error + 0.005  # 400 draws round a probability by 0.0025 on average


def period_scores(values: pd.DataFrame, scales: Any, weights: pd.Series) -> pd.DataFrame:
    points = weighted_scores(scales.apply(values[INDICATORS]), weights).score
    return pd.DataFrame({"unit": values["unit"], "period": values["period"], "score": points}).pivot_table(
        index="unit", columns="period", values="score"
    )


def bureau_scores(seed: int, drift: float) -> tuple[pd.DataFrame, pd.Series]:
    """Return scores of stations and months as recorded, and the long-run scores without chance."""
    spread = {"quality_spread": 1.0, "irrelevant_variation": 1.0, "weak_share": 0.3}
    options: dict[str, Any] = {
        **synthetic.null_options(), **spread, "stations": UNITS, "months": 12, "seed": seed, "officers_per_station": 10,
        "incidents_per_month": 15, "survey_calls": 2, "labels_per_year": 0,
    }  # fmt: skip
    study = simulate_bureau(**{**options, "quality_drift": drift})
    calm = Parts(make_options(**options)).expected
    stations = study.values[study.values["unit"].str.startswith("S")].reset_index(drop=True)
    weights = pd.Series(100 / len(INDICATORS), index=INDICATORS)
    scales = fit_normalization(stations.groupby("unit")[INDICATORS].mean(), study.indicators)
    wide = calm.pivot_table(index=["unit", "period"], columns="indicator", values="expected")
    truth = period_scores(wide.reset_index(), scales, weights).mean(axis=1)
    return period_scores(stations, scales, weights), truth


@pytest.mark.parametrize(("drift", "runs"), [(0.0, 50), (0.3, 70)])
def test_false_sanctions_match_the_truth_of_simulated_bureaus(
    drift: float, runs: int, dossier: Callable[..., None]
) -> None:
    rules = (MERIT, TALK, TWICE)
    gap, predicted, true = np.zeros((3, runs, len(rules)))
    for run in range(runs):
        periods, truth = bureau_scores(1000 + run, drift)
        found = consequences(periods.mean(axis=1), rules=rules, periods=periods, samples=600, seed=run)
        members = found.members.set_index(["rule", "unit"])["decision"]
        for place, rule in enumerate(rules):
            hit = members.loc[rule.id].reindex(truth.index) == "in"
            predicted[run, place] = found.table.set_index("rule").loc[rule.id, "wrong"]
            true[run, place] = (hit & (decide(rule, truth.to_numpy()) == 0)).sum()
    gap = predicted - true
    for place, rule in enumerate(rules):
        error = gap[:, place].std(ddof=1) / np.sqrt(runs)
        dossier(
            "scorecard", TABLE, setting=f"simulated bureaus, 24 stations, 12 months, drift {drift}", rule=rule.id,
            runs=runs, predicted=predicted[:, place].mean(), true=true[:, place].mean(), standard_error=error,
        )  # fmt: skip
        assert abs(gap[:, place].mean()) <= 3 * error


DRIFTS = {"no drift": (0.0, 0.0), "drift AR .8, 18 % of the variance": (0.8, 0.18), "drift AR .8, half": (0.8, 0.5)}
"""The second is what the drift 0.3 of simulated bureaus makes of the scores of a month; its standard deviation is 6."""


@pytest.mark.parametrize("months", [12, 24])
@pytest.mark.parametrize("drift", DRIFTS)
def test_slow_drift_hides_few_wrong_hits(drift: str, months: int, dossier: Callable[..., None]) -> None:
    runs, rules, (persistence, share) = 1500, (MERIT, TALK), DRIFTS[drift]
    rng, numbers = np.random.default_rng([9, months]), np.zeros((3, runs, 2))
    for run in range(runs):
        theta = levels("normal", rng)
        scores = theta[:, None] + 6 * noisy_autoregression(rng, UNITS, months, persistence, share)
        read = read_standing(Standing(panel(scores).mean(axis=1), periods=panel(scores)))
        before = first_order_errors(scores)
        drawn = (
            draw_levels(read.estimate, read.cov, 200, run, read.dof).levels,
            draw_levels(read.estimate, np.diag(before.se**2), 200, run, before.dof).levels,
        )
        for place, rule in enumerate(rules):
            hit = decide(rule, read.estimate) == 1
            numbers[:2, run, place] = [(decide(rule, part)[:, hit] == 0).sum(axis=1).mean() for part in drawn]
            numbers[2, run, place] = (decide(rule, theta)[hit] == 0).sum()
    for place, rule in enumerate(rules):
        predicted, old, true = numbers[:, :, place].mean(axis=1)
        error = (numbers[0] - numbers[2])[:, place].std(ddof=1) / np.sqrt(runs)
        dossier(
            "scorecard", "Wrong hits where quality drifts slowly under monthly noise (24 units)", drift=drift,
            months=months, rule=rule.id, runs=runs, predicted=predicted, true=true, standard_error=error,
            predicted_one_autoregression=old,
        )  # fmt: skip
        assert error <= 0.1 / 3 * true  # a gap of a tenth would be seen
        assert -0.1 * true - 3 * error <= predicted - true <= 0.15 * true + 3 * error
        if share:
            assert old < 0.9 * true
            assert abs(predicted - true) < abs(old - true)
