"""Checks of records: the London survey, textbook indices, and false alarms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpi_research.numerics.false_discovery import q_values
from kpi_research.numerics.heaping import bachi, myers, whipple
from kpi_research.validity.integrity.authenticity import authenticity
from kpi_research.validity.integrity.duplicates import duplicates
from kpi_research.validity.integrity.frozen import frozen
from kpi_research.validity.integrity.last_digit import last_digit
from kpi_research.validity.integrity.repeated import repeated_values
from kpi_research.validity.integrity.rounding import rounding
from kpi_research.validity.integrity.slips import tenfold_slips
from kpi_research.validity.integrity.time_order import time_order
from kpi_research.validity.integrity.topped_out import topped_out


def panel(rng: np.random.Generator, units: int = 24, months: int = 18, mean: float = 120.0) -> pd.DataFrame:
    """Return honest counts of units and months, overdispersed, with units of unlike size."""
    unit = np.repeat(np.arange(units), months)
    level = mean * rng.lognormal(0, 0.4, units)[unit] * rng.lognormal(0, 0.1, units * months)
    return pd.DataFrame({"unit": unit, "month": np.tile(np.arange(months), units), "n": rng.poisson(level)})


KEYS = {"unit": "unit", "period": "month"}


def test_the_faulty_london_survey_fails_and_the_right_one_does_not(reference) -> None:
    faulty, right = (pd.read_csv(reference(f"integrity/police_pas_boroughs{name}.csv")) for name in ("", "_correct"))
    caught = authenticity(faulty, unit="Borough", period="Date", columns=list(faulty.columns[2:]))
    assert caught.failed == tuple(faulty.columns[2:])
    slips = caught.table[caught.table["check"] == "tenfold-slips"]["flagged"].sum()
    assert 550 <= slips <= 674  # 674 cells lost a factor of ten; those of a very unsteady column cannot be told
    assert (caught.units.loc[caught.units["check"] == "tenfold-slips", "statistic"] < 10).all()
    honest = authenticity(right, unit="Borough", period="Date", columns=list(right.columns[2:]))
    assert honest.failed == ()
    assert (honest.table.loc[honest.table["check"] == "tenfold-slips", "flagged"] == 0).all()


def test_digits_of_the_whole_london_file(reference) -> None:
    # Over all cells: the faulty file's digits are off beyond chance, those of the right file are not.
    p = []
    for name in ("", "_correct"):
        frame = pd.read_csv(reference(f"integrity/police_pas_boroughs{name}.csv"))
        p.append(last_digit(frame.melt(frame.columns[:2]).dropna(), value="value").p)
    assert p[0] < 1e-100
    assert p[1] > 0.05


def test_heaping_indices_equal_those_of_demotools_and_fmsb(reference) -> None:
    # DemoTools 01.13.87 (myers 20-69; bachi ranges of three tens from 25) and fmsb::WhipplesIndex, ages of men.
    found = pd.read_csv(reference("integrity/heaping_indices.csv")).set_index("pop")
    files = {"India2011_M": ("fmsb_India2011.csv", "Males"), "Japan2000_M": ("fmsb_Jpop2000.csv", "M2000")}
    for name, (file, column) in files.items():
        counts = pd.read_csv(reference(f"integrity/{file}"))[column].to_numpy(float)
        assert whipple(counts) == pytest.approx(found.loc[name, "WI"], rel=1e-12)
        assert myers(counts, 20, 69) == pytest.approx(found.loc[name, "check_heaping_myers"], rel=1e-12)
        assert bachi(counts, 25, 3) == pytest.approx(found.loc[name, "check_heaping_bachi"], rel=1e-12)


def test_indices_at_their_limits() -> None:
    tens, even = np.tile([100.0, *[0.0] * 9], 10), np.ones(100)
    assert (whipple(tens), round(myers(tens, 20, 69), 9), round(bachi(tens), 9)) == (500.0, 90.0, 90.0)
    assert (whipple(even), myers(even, 20, 69), round(bachi(even), 9)) == (100.0, pytest.approx(0.0), 0.0)


def test_planted_slips_are_found_with_unit_and_month() -> None:
    frame = panel(np.random.default_rng(1))
    frame.loc[[7, 100], "n"] *= 10
    frame.loc[200, "n"] = frame.loc[200, "n"] // 10
    found = tenfold_slips(frame, **KEYS, value="n")
    assert sorted(zip(found["unit"], found["period"], found["power"], strict=True)) == sorted(
        [("0", 7, 1), ("5", 10, 1), ("11", 2, -1)]
    )


def test_a_frozen_unit_is_found_and_limits_are_not_frozen() -> None:
    frame = panel(np.random.default_rng(2))
    frame.loc[frame["unit"] == 3, "n"] = 97
    found = frozen(frame, **KEYS, value="n")
    assert found[["unit", "rows", "value"]].values.tolist() == [["3", 18, 97.0]]
    shares = panel(np.random.default_rng(3)).assign(n=1.0)
    shares.loc[shares["month"] == 0, "n"] = np.linspace(0.8, 0.99, 24)
    assert frozen(shares, **KEYS, value="n").empty


def test_heaped_minutes_are_found_and_their_share_is_right() -> None:
    rng = np.random.default_rng(4)
    minutes = rng.gamma(4, 30, 4000).round() + 1
    who = np.repeat(np.arange(20), 200)
    heaped = np.where((who == 6) & (rng.random(4000) < 0.5), np.maximum(np.round(minutes / 10) * 10, 10), minutes)
    found = rounding(pd.DataFrame({"unit": who, "m": heaped}), value="m", unit="unit").table
    assert found.loc[found["flagged"], "unit"].tolist() == ["6"]
    assert found.loc[found["unit"] == "6", "rounded"].iloc[0] == pytest.approx(0.5, abs=0.12)


def test_invented_numbers_repeat() -> None:
    rng = np.random.default_rng(5)
    honest = pd.DataFrame({"v": rng.integers(100, 1000, 300).astype(float)})
    assert repeated_values(honest, value="v").p > 0.01
    favorites = honest.assign(v=np.where(rng.random(300) < 0.2, rng.choice([250.0, 333.0, 777.0], 300), honest["v"]))
    assert repeated_values(favorites, value="v").p < 0.01


def test_orders_of_time_and_duplicates_by_hand() -> None:
    base = pd.Timestamp("2024-03-01 08:00", tz="Asia/Shanghai")
    calls = pd.DataFrame({"unit": ["A"] * 40 + ["B"] * 40, "dispatched_at": base})
    calls["arrived_at"] = base + pd.to_timedelta([-5] * 6 + [9] * 74, unit="min")
    found = time_order(calls, unit="unit").set_index("unit")
    assert found["wrong"].to_dict() == {"A": 6, "B": 0}
    assert found["flagged"].to_dict() == {"A": True, "B": False}
    again = duplicates(calls.assign(officer=range(80)), unit="unit", keys=["officer"])
    assert again["duplicates"].tolist() == [0, 0]
    assert duplicates(calls, unit="unit", keys=["dispatched_at"])["duplicates"].tolist() == [39, 39]


def test_only_near_the_limit_without_spread_is_topped_out() -> None:
    rng = np.random.default_rng(6)
    unit = np.repeat(np.arange(30), 12)
    full = pd.DataFrame({"unit": unit, "v": 1 - rng.beta(1, 60, 360)})
    assert topped_out(full, unit="unit", value="v").topped_out
    assert not topped_out(full.assign(v=full["v"] - 0.4), unit="unit", value="v").topped_out
    spread = full.assign(v=np.clip(full["v"] - 0.3 * rng.random(30)[unit], 0, 1))
    assert not topped_out(spread, unit="unit", value="v").topped_out
    assert topped_out(full.assign(v=1 - full["v"]), unit="unit", value="v", direction="lower").topped_out


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda frame: last_digit(frame, value="m"), "no column 'm'"),
        (lambda frame: tenfold_slips(pd.concat([frame, frame]), **KEYS, value="n"), "share their unit and month"),
        (lambda frame: rounding(frame.assign(n=1.5), value="n"), "not whole"),
        (lambda frame: rounding(frame, value="n", bases=[1]), "bases has 1"),
        (lambda frame: repeated_values(frame, value="n", draws=5), "draws is 5"),
        (lambda frame: time_order(frame, unit="unit"), "fewer than two"),
        (lambda frame: topped_out(frame, unit="unit", value="n", best=0), "best is 0"),
        (lambda frame: duplicates(frame, unit="unit", keys=[]), "keys is empty"),
        (lambda frame: last_digit(frame.assign(n="x"), value="n"), "must hold numbers"),
    ],
)
def test_refusals(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(panel(np.random.default_rng(7)))


def test_narrow_numbers_are_not_judged_by_their_digits() -> None:
    frame = pd.DataFrame({"v": np.random.default_rng(8).normal(50, 1, 200).round()})
    found = last_digit(frame, value="v")
    assert np.isnan(found.p)
    assert found.findings[0].code == "last-digit-not-applicable"


def test_q_values_equal_those_of_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(9).random(40) ** 2
    np.testing.assert_allclose(q_values(p), multipletests(p, method="fdr_bh")[1], rtol=1e-12)
    np.testing.assert_allclose(q_values(p, dependent=True), multipletests(p, method="fdr_by")[1], rtol=1e-12)


RUNS = 1000
TITLE = "Authenticity: false alarms of each test on {runs} null panels (24 units × 18 months; nominal 5 %)"


def _alarms(frame: pd.DataFrame, rng: np.random.Generator) -> dict[str, bool]:
    minutes = pd.DataFrame(
        {"m": rng.gamma(4, 25 * rng.lognormal(0, 0.3, 24)[np.repeat(np.arange(24), 40)]).round() + 1}
    )
    minutes["unit"] = np.repeat(np.arange(24), 40)
    digits = last_digit(frame, value="n", unit="unit")
    return {
        "last digit, all numbers": digits.p < 0.05,
        "last digit, any unit flagged": bool(digits.table["flagged"].any()),
        "tenfold slips, any value flagged": not tenfold_slips(frame, **KEYS, value="n").empty,
        "frozen, any unit flagged": not frozen(frame, **KEYS, value="n").empty,
        "rounding of minutes, any unit flagged": bool(rounding(minutes, value="m", unit="unit").table["flagged"].any()),
        "rounding of minutes, one unit": bool(rounding(minutes, value="m", unit="unit").table["p"].iloc[0] < 0.05),
    }


@pytest.mark.validation
@pytest.mark.parametrize("mean", [15.0, 120.0, 1500.0])
def test_false_alarms(mean: float, dossier) -> None:
    counts: dict[str, int] = {}
    for run in range(RUNS):
        rng = np.random.default_rng([run, int(mean)])
        for name, alarm in _alarms(panel(rng, mean=mean), rng).items():
            counts[name] = counts.get(name, 0) + bool(alarm)
    high = stats.binom.ppf(0.9995, RUNS, 0.05) / RUNS
    for name, count in counts.items():
        rate = count / RUNS
        kind = "conservative" if rate < 0.04 else "nominal"
        dossier("validity", TITLE.format(runs=RUNS), test=name, mean_count=mean, rate=rate, kind=kind)
        assert rate <= high, name


@pytest.mark.validation
def test_repeated_values_false_alarms(dossier) -> None:
    runs = 400
    p = [
        repeated_values(
            pd.DataFrame({"v": np.random.default_rng(run).integers(100, 900, 150).astype(float)}), value="v", draws=199
        ).p
        for run in range(runs)
    ]
    rate = float(np.mean(np.array(p) <= 0.05))
    dossier(
        "validity",
        TITLE.format(runs=RUNS),
        test="repeated values (400 runs)",
        mean_count=500.0,
        rate=rate,
        kind="nominal",
    )
    assert stats.binom.ppf(0.0005, runs, 0.05) / runs - 0.01 <= rate <= stats.binom.ppf(0.9995, runs, 0.05) / runs


@pytest.mark.validation
@pytest.mark.parametrize("share", [0.05, 0.1, 0.2, 0.4])
def test_power_of_rounding(share: float, dossier) -> None:
    found, runs = [], 200
    for run in range(runs):
        rng = np.random.default_rng([run, int(100 * share)])
        minutes = rng.gamma(4, 30, 4800).round() + 1
        who = np.repeat(np.arange(24), 200)
        rounded = (who < 5) & (rng.random(4800) < share)
        frame = pd.DataFrame(
            {"unit": who, "m": np.where(rounded, np.maximum(np.round(minutes / 10) * 10, 10), minutes)}
        )
        table = rounding(frame, value="m", unit="unit").table
        flagged = table["flagged"].to_numpy()
        right = table["unit"].astype(int).to_numpy() < 5
        found.append((flagged[right].mean(), flagged[~right].mean()))
    power, wrong = np.mean(found, axis=0)
    dossier("validity", "Authenticity: power of the rounding test (200 records a unit, 5 of 24 units round)",
            rounded_share=share, runs=runs, power=float(power), wrong_flags=float(wrong))  # fmt: skip
    assert wrong <= 0.03
    assert power >= {0.05: 0.05, 0.1: 0.3, 0.2: 0.9, 0.4: 0.99}[share]


@pytest.mark.validation
@pytest.mark.parametrize("fault", ["tenfold slips", "frozen series", "made-up numbers", "counts rounded to fives"])
@pytest.mark.parametrize("strength", [1, 2, 4])
def test_power_of_the_other_tests(fault: str, strength: int, dossier) -> None:
    runs, found = 200, []
    for run in range(runs):
        rng = np.random.default_rng([run, strength])
        found.append(_FAULTS[fault](rng, strength))
    step = {"frozen series": 3, "made-up numbers": 2, "counts rounded to fives": 5}.get(fault, 1)
    planted = _PLANTED[fault].format(strength * step)
    dossier("validity", "Authenticity: power at 5 % (24 units × 18 months, counts about 120)",
            test=fault, planted=planted, runs=runs, power=float(np.mean(found)))  # fmt: skip
    assert np.mean(found) >= {1: 0.0, 2: 0.05, 4: 0.5}[strength]


_PLANTED = {
    "tenfold slips": "{} values ten times too large",
    "frozen series": "one unit repeats a value for {} months",
    "made-up numbers": "{} % of numbers copied from a favorite list",
    "counts rounded to fives": "{} % of numbers rounded in all units",
}


def _slips_found(rng: np.random.Generator, strength: int) -> float:
    frame = panel(rng, mean=120.0)
    rows = rng.choice(len(frame), strength, replace=False)
    frame.loc[frame.index[rows], "n"] *= 10
    return float(len(tenfold_slips(frame, **KEYS, value="n")) / strength)


def _frozen_found(rng: np.random.Generator, strength: int) -> float:
    frame = panel(rng, mean=120.0)
    rows = frame.index[frame["unit"] == frame["unit"].iloc[0]][: 3 * strength]
    frame.loc[rows, "n"] = frame.loc[rows[0], "n"]
    return float(not frozen(frame, **KEYS, value="n").empty)


def _copies_found(rng: np.random.Generator, strength: int) -> float:
    values = rng.integers(100, 900, 300).astype(float)
    copied = rng.random(300) < 0.02 * strength
    values[copied] = rng.choice([228.0, 336.0, 517.0, 643.0], int(copied.sum()))
    return float(repeated_values(pd.DataFrame({"v": values}), value="v", draws=99).p <= 0.05)


def _fives_found(rng: np.random.Generator, strength: int) -> float:
    frame = panel(rng, mean=120.0)
    rounded = rng.random(len(frame)) < strength / 20
    frame["n"] = np.where(rounded, 5 * np.round(frame["n"] / 5), frame["n"])
    return float(last_digit(frame, value="n", unit="unit").p < 0.05)


_FAULTS = {
    "tenfold slips": _slips_found,
    "frozen series": _frozen_found,
    "made-up numbers": _copies_found,
    "counts rounded to fives": _fives_found,
}
