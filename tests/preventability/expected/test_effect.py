"""Whether prevention works: planted effects are found, common causes cancel, and early moves are pointed out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from kpi_research.preventability import PreventionEffect, prevention_effect

NAMES = {"unit": "unit", "period": "month", "preventable": "yes", "other": "no", "programme": "on"}


def draw(
    rng: np.random.Generator, units: int = 24, months: int = 18, starts: int = 8, effect: float = -0.3,
    spread: float = 0.1, wave: bool = False, lead: float = 0.0,
) -> pd.DataFrame:  # fmt: skip
    """Return counts; the first units start their programme in month 9 and then have exp(effect) times the cases."""
    unit, month = np.repeat(np.arange(units), months), np.tile(np.arange(months), units)
    begins = np.where(unit < starts, 9, months + 5)
    on = (month >= begins).astype(int)
    level = rng.normal(2.5, 0.5, units)[unit] + 0.03 * month + rng.normal(0, spread, units * months)
    both = rng.normal(0, 0.3, units * months) if wave else np.zeros(units * months)
    early = lead * ((month >= begins - 3) & (month < begins))
    yes = rng.poisson(np.exp(level + both + effect * on + early + rng.normal(0, 0.3, units)[unit] - 0.02 * month))
    no = rng.poisson(np.exp(level + both + 0.5))
    return pd.DataFrame({"unit": unit, "month": [f"m{number:02}" for number in month], "yes": yes, "no": no, "on": on})


def estimate(frame: pd.DataFrame, **options: float) -> PreventionEffect:
    return prevention_effect(frame, **NAMES, **options)  # type: ignore[arg-type]


def test_it_is_the_logit_with_levels_of_units_and_months() -> None:
    frame = draw(np.random.default_rng(0))
    frame = frame[frame["yes"] + frame["no"] > 0]
    dummies = pd.get_dummies(frame[["unit", "month"]].astype(str), drop_first=True, dtype=float)
    before = frame["month"].between("m06", "m08") & (frame["unit"] < 8)
    x = sm.add_constant(dummies.assign(on=frame["on"], before=before.astype(float)))
    theirs = sm.GLM(frame[["yes", "no"]], x, family=sm.families.Binomial()).fit()
    found = estimate(frame).table.set_index("term")["log_ratio"]
    assert found["programme"] == pytest.approx(theirs.params["on"], abs=1e-6)
    assert found["before"] == pytest.approx(theirs.params["before"], abs=1e-6)


def test_a_fall_of_both_kinds_of_cases_is_no_effect_of_prevention() -> None:
    frame = draw(np.random.default_rng(1), effect=0.0)
    fewer = frame.assign(yes=frame["yes"] * 10, no=frame["no"] * 10)
    recorded = fewer.copy()
    fallen = recorded["on"] == 1
    recorded.loc[fallen, ["yes", "no"]] = recorded.loc[fallen, ["yes", "no"]] // 2
    assert estimate(recorded).ratio == pytest.approx(estimate(fewer).ratio, abs=0.02)


def test_what_moved_before_the_start_is_pointed_out() -> None:
    codes = {item.code for item in estimate(draw(np.random.default_rng(2), units=60, starts=30, lead=-0.5)).findings}
    assert "prevention-moved-before" in codes
    few = estimate(draw(np.random.default_rng(2), starts=2))
    assert "prevention-few-units" in {item.code for item in few.findings}
    assert few.changed == 2


def test_months_without_cases_and_order_of_rows_do_not_matter() -> None:
    frame = draw(np.random.default_rng(3))
    empty = pd.concat([frame, pd.DataFrame([{"unit": 0, "month": "m99", "yes": 0, "no": 0, "on": 1}])])
    turned = empty.sample(frac=1, random_state=0)
    assert estimate(turned).ratio == pytest.approx(estimate(frame).ratio, rel=1e-8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.assign(on=0), "changes in no unit"),
        (lambda f: pd.concat([f, f.head(1)]), "a unit and period stand twice"),
        (lambda f: f.assign(yes=-1), "missing, infinite or negative"),
        (lambda f: f.assign(no="三"), "column 'no' holds .*; it must hold numbers"),
        (lambda f: f.drop(columns="on"), "no column 'on'"),
        (lambda f: f.assign(on=f["on"].astype(float).where(f["unit"] > 0)), "18 rows have no 'on'"),
    ],
)
def test_refusals(change, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        estimate(change(draw(np.random.default_rng(4))))


@pytest.mark.validation
@pytest.mark.parametrize(
    ("units", "starts", "effect", "wave"),
    [(24, 8, -0.3, False), (24, 8, 0.0, True), (40, 20, -0.3, True), (12, 5, -0.2, False)],
)
def test_intervals_of_the_effect_cover(dossier, units: int, starts: int, effect: float, wave: bool) -> None:  # type: ignore[no-untyped-def]
    runs, found = 600, []
    for run in range(runs):
        frame = draw(np.random.default_rng([9, units, run]), units, starts=starts, effect=effect, wave=wave)
        one = estimate(frame)
        found.append((np.log(one.ratio) - effect, one.low <= np.exp(effect) <= one.high, one.p < 0.05))
    off, hit, said = np.array(found, dtype=float).T
    dossier(
        "preventability", "Effect of a programme, against other cases of the same units (nominal 95 %)",
        units=units, started=starts, log_effect=effect, common_shocks=str(wave), runs=runs, bias=off.mean(),
        coverage=hit.mean(), significant=said.mean(),
    )  # fmt: skip
    assert stats.binomtest(int(hit.sum()), runs, 0.95).proportion_ci(0.999).high >= 0.95
    assert hit.mean() >= 0.92
    assert abs(off.mean()) < 0.02
