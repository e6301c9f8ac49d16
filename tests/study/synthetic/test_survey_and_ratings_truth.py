"""Nonresponse, mode effects, severity, leniency and self-inflation are recovered from answers and ratings."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpi_research.study.synthetic import Bureau

Draw = Callable[..., Bureau]

SEEDS = (1, 2)


def answered(bureau: Bureau, item: str = "satisfaction") -> pd.DataFrame:
    frame = bureau.tables["survey"].merge(bureau.truth["respondents"].drop(columns=["unit", "period"]), on="respondent")
    return frame[(frame["item"] == item) & (frame["status"] == "answered")]


@pytest.mark.parametrize("seed", SEEDS)
def test_weighting_by_response_removes_the_bias_of_nonresponse(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed, mode_effect=0.0, nonresponse_bias=1.0)
    people = answered(drawn)
    means = drawn.truth["survey_means"].query("item == 'satisfaction'")
    population = drawn.tables["units"].set_index("unit")["population"]
    truth = np.average(means["share_satisfied"], weights=population[means["unit"]].astype(float))
    high = (people["answer"] >= 8).to_numpy(float)
    results = {}
    for name, weight in (("naive", people["weight"]), ("corrected", people["weight"] / people["response_probability"])):
        mean = np.average(high, weights=weight)
        error = np.sqrt((weight**2 * (high - mean) ** 2).sum()) / weight.sum()
        results[name] = (mean - truth) / error
    assert abs(results["corrected"]) < 3.5
    assert results["naive"] > 6


@pytest.mark.parametrize("seed", SEEDS)
def test_the_telephone_adds_what_is_planted(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed, nonresponse_bias=0.0, context_spread=0.0, weak_share=0.0, quality_spread=0.0, quality_drift=0.0,
                   irrelevant_variation=0.0)  # fmt: skip
    people = answered(drawn)
    latent = (people["answer"] >= 8).groupby(people["mode"]).agg(["mean", "count"])
    z = stats.norm.ppf(latent["mean"])
    error = np.sqrt((latent["mean"] * (1 - latent["mean"]) / latent["count"] / stats.norm.pdf(z) ** 2).sum())
    assert abs((z[1] - z[0]) - 0.4) < 4 * error + 0.02
    assert latent.index.tolist() == ["face", "phone"]


@pytest.mark.parametrize("seed", SEEDS)
def test_design_weights_add_up_to_the_adult_residents(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed)
    frame = drawn.tables["survey"].query("item == 'satisfaction'")
    total = frame.groupby("period")["weight"].sum()
    adults = 0.8 * drawn.tables["units"]["population"].sum()
    np.testing.assert_allclose(total, adults, rtol=0.05)
    units = drawn.tables["units"].dropna(subset=["population"])
    np.testing.assert_allclose(units[["share_18_39", "share_40_59", "share_60_plus"]].sum(axis=1), 1, atol=2e-4)


def test_response_comes_as_often_as_planted_and_more_from_the_satisfied(bureau: Draw) -> None:
    drawn = bureau()
    people = drawn.tables["survey"].query("item == 'satisfaction'").merge(drawn.truth["respondents"], on="respondent")
    responded = people["status"].isin(["answered", "dont_know"])
    p = people["response_probability"]
    assert abs((responded - p).sum()) < 4 * np.sqrt((p * (1 - p)).sum())
    assert people.loc[responded, "attitude"].mean() > people["attitude"].mean() + 0.1
    assert set(people["answer"].dropna()) == {0.0, 2.0, 5.0, 8.0, 10.0}


@pytest.mark.parametrize("seed", SEEDS)
def test_severity_of_raters_who_rate_everybody_is_recovered(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed)
    ratings = drawn.tables["ratings"].query("kind == 'third_party'")
    severity = drawn.truth["severity"].query("kind == 'third_party'").set_index("rater")["severity"]
    found = -ratings.groupby("rater")["rating"].mean()
    np.testing.assert_allclose(found - found.mean(), severity - severity.mean(), atol=0.12)


@pytest.mark.parametrize("seed", SEEDS)
def test_severity_of_superiors_shows_within_their_unit(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed)
    ratings = drawn.tables["ratings"].query("kind == 'superior'")
    severity = drawn.truth["severity"].query("kind == 'superior'").set_index("rater")["severity"]
    found = ratings.groupby(["unit", "rater"])["rating"].mean().unstack("unit")
    gaps = found.apply(lambda pair: pair.dropna().iloc[0] - pair.dropna().iloc[1])
    true = found.apply(lambda pair: severity[pair.dropna().index[1]] - severity[pair.dropna().index[0]])
    assert np.corrcoef(gaps, true)[0, 1] > 0.97
    assert np.polyfit(true, gaps, 1)[0] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("seed", SEEDS)
def test_self_inflation_and_leniency_of_peers_are_recovered(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed, rater_severity=0.0)
    means = drawn.tables["ratings"].groupby("kind")["rating"].mean()
    assert means["self"] - means["superior"] == pytest.approx(1.2, abs=0.06)
    assert means["peer"] - means["superior"] == pytest.approx(0.4, abs=0.06)


@pytest.mark.parametrize("seed", SEEDS)
def test_ability_shows_in_ratings_by_superiors(bureau: Draw, seed: int) -> None:
    drawn = bureau(seed, rater_severity=0.0)
    scores = drawn.tables["ratings"].query("kind == 'superior'").groupby("target")["rating"].mean()
    people = drawn.truth["people"].set_index("officer")["ability"]
    slope, _, r, _, _ = stats.linregress(people, scores[people.index])
    assert slope == pytest.approx(0.9, abs=0.03)
    assert r > 0.95
