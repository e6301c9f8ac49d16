"""Breaks at limits and spot checks: controls, relations, tables, error rates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_research.validity.gaming.acceptance import acceptance_sample, exact_interval
from kpi_research.validity.gaming.bunching import bunching, bunching_by


def delays(rng: np.random.Generator, n: int = 6000, moved: float = 0.0) -> np.ndarray:
    """Return minutes until entry; some of those due in the 12 hours after the deadline are dated back below it."""
    minutes = rng.lognormal(np.log(900), 0.6, n)
    back = (minutes > 1440) & (minutes < 2160) & (rng.random(n) < moved)
    return np.where(back, 1440 - rng.uniform(0, 60, n), minutes)


def test_the_positive_control_of_restaurant_scores(reference) -> None:
    # 5,000 rows of inspections that led to a grade: 595 at 13 points, 33 at 14, where the grade A ends.
    scores = pd.read_csv(reference("integrity/nyc_graded_sample_scores.csv"))["score"]
    found = bunching(scores, cutoff=13, side="below", bin_width=1)
    assert found.p < 0.01
    assert found.ratio > 0.5
    assert found.low > 0


def test_the_senate_margin_has_no_break(reference) -> None:
    # rddensity finds none either (T = -0.875, p = .381, Cattaneo, Jansson & Ma).
    margin = pd.read_csv(reference("integrity/rddensity_senate.csv"))["margin"].dropna()
    found = bunching(margin, cutoff=0.0, side="above", bin_width=2)
    assert found.p > 0.05
    assert found.low < 0 < found.high
    assert (found.placebo["p"] > 0.001).all()


def test_planted_moves_are_found_and_their_size_is_right() -> None:
    rng = np.random.default_rng(1)
    minutes = rng.lognormal(np.log(900), 0.6, 20000)
    back = (minutes > 1440) & (minutes < 1560) & (rng.random(20000) < 0.5)
    found = bunching(np.where(back, 1440 - rng.uniform(0, 60, 20000), minutes), cutoff=1440, side="below", bin_width=60)
    assert found.p < 1e-4
    assert found.excess == pytest.approx(back.sum(), rel=0.25)
    assert (found.placebo["p"] > 0.001).mean() > 0.8


def test_round_numbers_alone_are_no_break_once_controlled() -> None:
    rng = np.random.default_rng(2)
    minutes = rng.gamma(6, 20, 40000)
    rounded = np.where(rng.random(40000) < 0.6, np.round(minutes / 30) * 30, np.round(minutes))
    plain = bunching(rounded, cutoff=120, side="above", bin_width=5)
    controlled = bunching(rounded, cutoff=120, side="above", bin_width=5, round_numbers=(30,))
    assert plain.ratio > 0.5
    assert controlled.ratio < plain.ratio


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.integers(0, 10**6), st.floats(0.1, 50.0), st.floats(-100.0, 100.0))
def test_scale_and_origin_do_not_matter(seed: int, factor: float, shift: float) -> None:
    values = delays(np.random.default_rng(seed), 800, 0.3) / 60
    first = bunching(values, cutoff=24, side="below", bin_width=1)
    second = bunching(values * factor + shift, cutoff=24 * factor + shift, side="below", bin_width=factor)
    assert second.ratio == pytest.approx(first.ratio, rel=1e-6, abs=1e-9)
    mirrored = bunching(-values, cutoff=-24, side="above", bin_width=1)
    assert mirrored.p == pytest.approx(first.p, rel=1e-6, abs=1e-12)


def test_units_that_move_values_are_told_apart() -> None:
    rng = np.random.default_rng(3)
    frame = pd.concat(
        [pd.DataFrame({"unit": unit, "v": delays(rng, 1500, 0.6 if unit < 4 else 0.0)}) for unit in range(20)]
    )
    found = bunching_by(frame, value="v", unit="unit", cutoff=1440, width=120, side="below")
    assert set(found.loc[found["flagged"], "unit"]) == {"0", "1", "2", "3"}


def test_few_values_are_not_judged_and_the_figure_is_drawn() -> None:
    found = bunching(np.arange(30.0), cutoff=15)
    assert np.isnan(found.p)
    assert found.findings[0].code == "bunching-few-values"
    whole = bunching(delays(np.random.default_rng(4)), cutoff=1440, side="below")
    for lang in ("en", "zh"):
        assert len(whole.plot(lang).axes) == 1


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([], {}, "no number"),
        ([1.0], {"side": "left"}, "side is 'left'"),
        ([1.0], {"bin_width": 0}, "bin_width is 0"),
        ([1.0], {"level": 1}, "level is 1"),
    ],
)
def test_bunching_refusals(values: list, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bunching(values, cutoff=1, **options)
    with pytest.raises(ValueError, match="width is -1"):
        bunching_by(pd.DataFrame({"u": ["a"], "v": [1.0]}), value="v", unit="u", cutoff=1, width=-1)


def test_plans_equal_those_of_acceptancesampling() -> None:
    # R AcceptanceSampling, find.plan(PRP = c(.05, .95), CRP = c(.15, .075)): n = 80, c = 7.
    plan = acceptance_sample(good=0.95, bad=0.85, consumer_risk=0.075)
    assert (plan.n, plan.c) == (80, 7)
    assert plan.producer_risk <= 0.05
    assert plan.consumer_risk <= 0.075


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.floats(0.6, 0.95), st.integers(50, 2000))
def test_a_plan_keeps_both_risks_and_no_smaller_one_does(required: float, population: int) -> None:
    for size in (None, population):
        try:
            plan = acceptance_sample(required=required, population=size)
        except ValueError:
            assert size is not None  # too few records to tell the two apart
            continue
        assert plan.producer_risk <= 0.05 + 1e-12
        assert plan.consumer_risk <= 0.10 + 1e-12
        assert plan.table["accepted"].is_monotonic_increasing


def test_twenty_records_cannot_carry_the_rule_of_85_percent() -> None:
    # 16 of 20 right are below 85 %, yet officers with 92.5 % right fail this rule one time in five.
    found = acceptance_sample(checked=20, right=16)
    assert found.verdict == "cannot_tell"
    assert found.naive_producer_risk == pytest.approx(stats.binom.sf(3, 20, 0.075))
    assert acceptance_sample(checked=200, right=140).verdict == "fail"
    assert acceptance_sample(checked=200, right=195).verdict == "pass"


def test_exact_intervals() -> None:
    low, high = exact_interval(48, 50, 0.95)
    assert low == pytest.approx(stats.binomtest(48, 50).proportion_ci(0.95).low)
    assert high == pytest.approx(stats.binomtest(48, 50).proportion_ci(0.95).high)
    assert exact_interval(30, 30, 0.95, population=30) == (1.0, 1.0)
    narrow = exact_interval(48, 50, 0.95, population=60)
    assert low < narrow[0] < narrow[1] <= high


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"required": 1.2}, "required is 1.2"),
        ({"checked": 10}, "both checked and right"),
        ({"checked": 10, "right": 11}, "right is 11"),
        ({"checked": 10, "right": 9, "population": 5}, "population is 5"),
        ({"good": 0.86, "bad": 0.8599}, "no plan"),
    ],
)
def test_acceptance_refusals(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        acceptance_sample(**options)


TITLE = "Gaming: false alarms on null ledgers (24 units; nominal 5 %)"


@pytest.mark.validation
@pytest.mark.parametrize(("name", "draw", "cutoff"), [
    ("lognormal delays", lambda rng: rng.lognormal(np.log(900), 0.6, 4000), 1440.0),
    ("gamma delays", lambda rng: rng.gamma(2, 700, 4000), 1440.0),
    ("shares of spot checks", lambda rng: 100 * rng.beta(30, 4, 1500), 85.0),
])  # fmt: skip
def test_false_alarms_and_coverage_of_bunching(name: str, draw, cutoff: float, dossier) -> None:
    runs, alarms, covered = 1000, [], []
    side = "above" if cutoff == 85 else "below"
    for run in range(runs):
        found = bunching(
            draw(np.random.default_rng([run, 5])), cutoff=cutoff, side=side, bin_width=60 if cutoff > 1000 else 1
        )
        alarms.append(found.p < 0.05)
        covered.append(found.low <= 0 <= found.high)
    rate, coverage = float(np.mean(alarms)), float(np.mean(covered))
    dossier("validity", TITLE, test=f"bunching, {name}", runs=runs, one_unit=rate, any_unit_flagged="")
    dossier(
        "validity",
        "Gaming: coverage of the excess at a limit (nominal 95 %)",
        setting=name,
        runs=runs,
        coverage=coverage,
    )
    assert 0.02 <= rate <= 0.07  # the test is a little conservative where the curve leaves some lumpiness
    assert 0.93 <= coverage <= 0.975


@pytest.mark.validation
def test_false_alarms_of_bunching_by(dossier) -> None:
    runs, single, any_flag = 500, [], []
    for run in range(runs):
        rng = np.random.default_rng([run, 6])
        frame = pd.DataFrame({"unit": np.repeat(np.arange(24), 700), "v": rng.lognormal(np.log(900), 0.6, 24 * 700)})
        found = bunching_by(frame, value="v", unit="unit", cutoff=1440, width=120, side="below")
        single.append((found["p"] < 0.05).mean())
        any_flag.append(found["flagged"].any())
    dossier(
        "validity",
        TITLE,
        test="bunching_by",
        runs=runs,
        one_unit=float(np.mean(single)),
        any_unit_flagged=float(np.mean(any_flag)),
    )
    assert 0.03 <= np.mean(single) <= 0.065
    assert np.mean(any_flag) <= stats.binom.ppf(0.9995, runs, 0.05) / runs


@pytest.mark.validation
@pytest.mark.parametrize("moved", [0.1, 0.2, 0.4, 0.6])
def test_power_of_bunching(moved: float, dossier) -> None:
    runs, whole, single = 100, [], []
    for run in range(runs):
        rng = np.random.default_rng([run, 7])
        parts = [pd.DataFrame({"unit": unit, "v": delays(rng, 700, moved if unit < 5 else 0.0)}) for unit in range(24)]
        frame = pd.concat(parts)
        whole.append(bunching(frame["v"], cutoff=1440, side="below", bin_width=60).p < 0.05)
        table = bunching_by(frame, value="v", unit="unit", cutoff=1440, width=120, side="below")
        single.append(table.loc[table["unit"].astype(int) < 5, "flagged"].mean())
    dossier("validity", "Gaming: power of bunching (5 of 24 units move late entries back below 24 hours, 700 records a unit)",
            moved_share=moved, runs=runs, pooled=float(np.mean(whole)), unit_flagged=float(np.mean(single)))  # fmt: skip
    assert np.mean(single) >= {0.1: 0.0, 0.2: 0.1, 0.4: 0.7, 0.6: 0.95}[moved]


@pytest.mark.validation
def test_exact_interval_covers(dossier) -> None:
    runs = 2000
    for share in (0.8, 0.85, 0.95):
        right = np.random.default_rng(8).binomial(40, share, runs)
        bounds = np.array([exact_interval(int(k), 40, 0.95) for k in range(41)])[right]
        coverage = float(((bounds[:, 0] <= share) & (share <= bounds[:, 1])).mean())
        dossier(
            "validity",
            "Gaming: coverage of spot-check intervals (exact, at least 95 %)",
            share=share,
            checked=40,
            runs=runs,
            coverage=coverage,
        )
        assert coverage >= 0.94


@pytest.mark.parametrize("moved", [0.0, 0.5])
def test_a_negative_control_parts_habits_from_the_rule(moved: float) -> None:
    rng = np.random.default_rng(11)

    def draw(share: float) -> np.ndarray:
        hours = rng.gamma(4, 6, 20_000)
        habit = (hours > 24) & (hours < 26) & (rng.random(hours.size) < 0.3)
        late = (hours > 24) & (hours < 26) & (rng.random(hours.size) < share)
        return np.where(habit | late, 24 - 2 * rng.random(hours.size), hours)

    found = bunching(draw(moved), cutoff=24, side="below", bin_width=1, control=draw(0.0))
    assert found.p < 1e-6
    assert found.control["p"].iloc[0] < 1e-6
    assert (found.control["p_difference"].iloc[0] < 0.01) == (moved > 0)


def test_a_control_of_few_values_says_nothing() -> None:
    found = bunching(np.random.default_rng(1).gamma(4, 6, 2000), cutoff=24, control=[20.0, 25.0])
    assert found.control.isna().all(axis=None)
