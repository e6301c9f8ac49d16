"""The level to expect: against statsmodels, and what no unit may do to its own standard."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from kpi_research.preventability import expected_counts


def draw(units: int = 40, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"unit": [f"u{number}" for number in range(units)], "人口": rng.uniform(1e4, 6e4, units)})
    frame["rent"], frame["night"] = rng.normal(size=units), rng.normal(size=units)
    frame["group"] = np.where(np.arange(units) % 2, "town", "country")
    rate = np.exp(-5.5 + 0.3 * frame["rent"] - 0.2 * frame["night"] + 0.4 * (frame["group"] == "town"))
    return frame.assign(cases=rng.poisson(frame["人口"] * rate))


OPTIONS = {"observed": "cases", "exposure": "人口", "covariates": ["rent", "night"], "within": ["group"]}


def test_each_unit_is_held_against_a_poisson_regression_on_the_others() -> None:
    frame = draw()
    found = expected_counts(frame, **OPTIONS)
    x = sm.add_constant(frame[["rent", "night"]].assign(town=(frame["group"] == "town").astype(float)))
    for row in (0, 17, 39):
        rest = frame.index != row
        fit = sm.GLM(frame["cases"][rest], x[rest], family=sm.families.Poisson(), exposure=frame["人口"][rest]).fit()
        theirs = float(frame["人口"][row] * np.exp(x.loc[row] @ fit.params))
        assert found.table["expected"][row] == pytest.approx(theirs, rel=1e-6)


def test_one_step_from_the_whole_fit_is_close_to_the_fits_without_each_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = draw()
    exact = expected_counts(frame, **OPTIONS).table
    monkeypatch.setattr("kpi_research.preventability.expected.standardize.REFITS", 0)
    quick = expected_counts(frame, **OPTIONS).table
    assert quick["expected"].to_numpy() == pytest.approx(exact["expected"].to_numpy(), rel=0.02)


def test_a_unit_does_not_set_its_own_standard() -> None:
    frame = draw()
    more = frame.assign(cases=frame["cases"] * np.where(frame.index == 5, 10, 1))
    first, second = expected_counts(frame, **OPTIONS).table, expected_counts(more, **OPTIONS).table
    assert second["expected"][5] == pytest.approx(first["expected"][5], rel=1e-9)


def test_what_cannot_be_told_apart_is_left_out_and_said() -> None:
    frame = draw().assign(same=0.1, double=lambda f: 2 * f["rent"])
    found = expected_counts(frame, **{**OPTIONS, "covariates": ["rent", "same", "double"]})
    said = next(item for item in found.findings if item.code == "expected-terms-dropped")
    assert said.facts["terms"] == "same, double"
    small = expected_counts(draw(6), **OPTIONS)
    assert "expected-terms-dropped" in {item.code for item in small.findings}
    assert np.isfinite(small.table["expected"]).all()


def test_a_unit_without_like_is_named() -> None:
    frame = draw().assign(rent=lambda f: f["rent"].where(f.index != 3, 40.0))
    said = next(item for item in expected_counts(frame, **OPTIONS).findings if item.code == "expected-no-like")
    assert said.facts["units"] == "u3"


def test_coefficients_are_recovered() -> None:
    terms = expected_counts(draw(200), **OPTIONS).terms.set_index("term")
    assert terms.loc["group=town", "low"] < np.exp(0.4) < terms.loc["group=town", "high"]
    assert terms.loc["rent", "rate_ratio"] == pytest.approx(np.exp(0.3 * draw(200)["rent"].std(ddof=0)), abs=0.03)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cases": np.nan}, "column 'cases': 40 values are missing"),
        ({"cases": 0}, "holds no case at all"),
        ({"人口": 0.0}, "column '人口': 40 values are missing, infinite or too small"),
        ({"rent": "高"}, "column 'rent' holds .*; it must hold numbers"),
        ({"unit": "甲"}, "'甲' stands twice"),
    ],
)
def test_refusals(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        expected_counts(draw().assign(**change), **OPTIONS)  # type: ignore[arg-type]
