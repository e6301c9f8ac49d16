"""How many respondents it takes: against statsmodels, against estimates, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

from kpi_research.scorecard.evaluators import respondents_needed, survey_estimate


@pytest.mark.parametrize(("share", "difference"), [(0.9, 0.05), (0.8, 0.1), (0.5, 0.2), (0.96, 0.04)])
@pytest.mark.parametrize("power", [0.8, 0.9])
def test_shares_take_what_statsmodels_says(share: float, difference: float, power: float) -> None:
    expected = samplesize_proportions_2indep_onetail(
        difference, share - difference / 2, power, alpha=0.05, alternative="two-sided"
    )
    found = respondents_needed(difference=difference, share=share, power=power).table["answers"].iloc[0]
    assert found == np.ceil(expected)


@pytest.mark.parametrize(("difference", "sd"), [(0.5, 2.0), (1.0, 2.5), (3.0, 2.0), (0.05, 2.0)])
def test_means_take_what_the_t_test_of_statsmodels_says(difference: float, sd: float) -> None:
    expected = TTestIndPower().solve_power(difference / sd, power=0.8, alpha=0.05)
    assert respondents_needed(difference=difference, sd=sd).table["answers"].iloc[0] == np.ceil(expected)


def test_design_and_silence_raise_the_number_to_approach() -> None:
    row = respondents_needed(difference=0.05, share=0.9, design_effect=1.5, response=0.35).table.iloc[0]
    assert (row["answers"], row["approached"]) == (846, 2418)


def test_many_comparisons_take_more() -> None:
    needed = [
        respondents_needed(difference=0.05, share=0.9, units=units).table["answers"].iloc[0] for units in (2, 10, 40)
    ]
    assert needed[0] < needed[1] < needed[2]


def test_the_number_for_a_reliability_makes_estimates_that_reliable() -> None:
    between, mean, units = 0.1, 0.7, 800
    needed = int(respondents_needed(reliability=0.8, share=mean, between_sd=between).table["answers"].iloc[0])
    rng = np.random.default_rng(1)
    levels = np.clip(rng.normal(mean, between, units), 0, 1)
    good = rng.binomial(needed, levels)
    assert np.corrcoef(good / needed, levels)[0, 1] ** 2 == pytest.approx(0.8, abs=0.03)


def test_the_estimate_of_a_survey_says_what_the_next_one_takes() -> None:
    rng = np.random.default_rng(2)
    good = rng.binomial(1, np.repeat(rng.normal(0.7, 0.1, 60).clip(0, 1), 50))
    frame = pd.DataFrame({"unit": np.repeat(np.arange(60), 50), "item": "x", "answer": np.where(good, 10.0, 0.0)})
    item = survey_estimate(frame, target="unit", item="item").items.iloc[0]
    assert item["between_sd"] == pytest.approx(0.1, abs=0.03)
    found = (
        respondents_needed(reliability=0.8, sd=item["within_sd"], between_sd=item["between_sd"])
        .table["answers"]
        .iloc[0]
    )
    assert 50 < found < 150


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "give difference"),
        ({"difference": 0.1}, "needs share"),
        ({"difference": -0.1, "share": 0.5}, "difference is -0.1"),
        ({"difference": 0.3, "share": 0.9}, "at most 0.2 fits"),
        ({"difference": 0.1, "share": 1.0}, "share is 1.0; allowed: above 0 and below 1"),
        ({"difference": 0.1, "share": 0.5, "sd": 2.0}, "not both"),
        ({"difference": 0.1, "share": 0.5, "power": 1.0}, "power is 1.0"),
        ({"difference": 0.1, "share": 0.5, "level": 0.0}, "level is 0.0"),
        ({"difference": 0.1, "share": 0.5, "response": 0.0}, "response is 0.0"),
        ({"difference": 0.1, "share": 0.5, "units": 1}, "units is 1"),
        ({"difference": float("nan"), "share": 0.5}, "difference is nan"),
        ({"reliability": 0.8, "share": 0.5}, "needs between_sd"),
        ({"reliability": 1.0, "share": 0.5, "between_sd": 0.1}, "reliability is 1.0"),
        ({"reliability": 0.8, "share": 0.5, "between_sd": 0.6}, "cannot differ that much"),
    ],
)
def test_impossible_aims_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        respondents_needed(**options)
