"""Panel models against published numbers and other implementations, on crime in North Carolina."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.panel import BetweenOLS, PanelOLS

from kpi_research.validity import PanelEffect, panel_effect
from tests.validity.panels import CRIME, DETERRENCE, OTHERS, PLACES

IV = {"prbarr": "taxpc", "polpc": "mix"}
# Baltagi (2006), doi:10.1002/jae.861, tables 1 and 2; Wooldridge, Introductory Econometrics, example 13.9.
PUBLISHED = {
    "two_way": {"prbarr": -0.35483, "prbconv": -0.28157, "prbpris": -0.17310, "avgsen": -0.00245, "polpc": 0.41316},
    "between": {"prbarr": -0.64751, "prbconv": -0.52820, "prbpris": 0.29651, "avgsen": -0.23589, "polpc": 0.36422},
    "iv_two_way": {"prbarr": -0.57551, "prbconv": -0.42314, "prbpris": -0.25026, "avgsen": 0.00910, "polpc": 0.65753},
}
ERRORS = {
    "two_way": {"prbarr": 0.03220, "polpc": 0.02662},
    "between": {"prbarr": 0.08777, "polpc": 0.06009},
    "iv_two_way": {"prbarr": 0.80218, "polpc": 0.84687},
}
PLM = {"two_way": "within_2way", "between": "between", "iv_two_way": "FE2SLS", "first_difference": "FD_W13.9"}


def estimate(crime4: pd.DataFrame, model: Any) -> PanelEffect:
    controls = {"between": OTHERS + PLACES, "first_difference": []}.get(model, OTHERS)
    return panel_effect(
        crime4, **CRIME, model=model, controls=controls, instruments=IV if model == "iv_two_way" else None
    )


@pytest.mark.parametrize("model", sorted(PUBLISHED))
def test_published_estimates(crime4: pd.DataFrame, model: str) -> None:
    found = estimate(crime4, model).table.set_index("term")
    for term, value in PUBLISHED[model].items():
        assert found.loc[term, "estimate"] == pytest.approx(value, abs=5e-5)
    for term, value in ERRORS[model].items():
        assert found.loc[term, "se"] == pytest.approx(value, abs=5e-5)


def test_published_first_differences(crime4: pd.DataFrame) -> None:
    found = estimate(crime4, "first_difference")
    expected = [-0.3275, -0.2381, -0.1650, -0.0218, 0.3984, 0.0077, -0.0999, -0.0479, -0.0046, 0.0275, 0.0408]
    assert found.table["estimate"].to_numpy() == pytest.approx(np.array(expected), abs=5.1e-5)
    errors = found.table["se"].to_numpy()[:6]
    assert errors == pytest.approx(np.array([0.0300, 0.0182, 0.0260, 0.0221, 0.0269, 0.0171]), abs=5.1e-5)
    assert list(found.table["term"]) == [*DETERRENCE, "const", *(f"year={year}" for year in range(83, 88))]
    assert (found.n, found.dof, found.r2) == (540, 529, pytest.approx(0.4325, abs=5e-5))


def test_published_shares_of_variance_and_rows(crime4: pd.DataFrame) -> None:
    two_way, between = estimate(crime4, "two_way"), estimate(crime4, "between")
    assert (two_way.n, two_way.dof, two_way.r2) == (630, 630 - 96 - 16, pytest.approx(0.40121, abs=5e-5))
    assert (between.n, between.dof, between.r2) == (90, 69, pytest.approx(0.88046, abs=5e-5))


@pytest.mark.parametrize("model", sorted(PLM))
def test_every_slope_and_error_of_plm(crime4: pd.DataFrame, reference: Callable[[str], Path], model: str) -> None:
    plm = pd.read_csv(reference("panel/ref_plm_crime.csv"))
    plm = plm[plm["model"] == PLM[model]].set_index("term")
    found = estimate(crime4, model).table.set_index("term")
    other_names = {"pctmin80": "lpctmin", "west": "regionwest", "central": "regioncentral", "urban": "smsayes"}
    terms = [term for term in found.index if term != "const" and "=" not in term]
    rows = plm.loc[[other_names.get(term, f"l{term}") for term in terms]]
    # The two packages ship the panel in single and in double precision; the weak instruments magnify that 100-fold.
    tolerance = 5e-5 if model == "iv_two_way" else 1e-5
    assert found.loc[terms, "estimate"].to_numpy() == pytest.approx(rows["coef"].to_numpy(), abs=tolerance)
    assert found.loc[terms, "se"].to_numpy() == pytest.approx(rows["se"].to_numpy(), abs=tolerance)


def test_two_way_equals_least_squares_on_dummies(crime4: pd.DataFrame) -> None:
    some = crime4.drop(index=crime4.index[[3, 50, 51, 400]])
    logs = some[["crmrte", *DETERRENCE]].apply(np.log)
    dummies = pd.get_dummies(some[["county", "year"]].astype(str), drop_first=True, dtype=float)
    direct = sm.OLS(logs["crmrte"], sm.add_constant(logs[DETERRENCE].join(dummies))).fit()
    found = panel_effect(some, **CRIME).table.set_index("term")
    assert found["estimate"].to_numpy() == pytest.approx(direct.params[DETERRENCE].to_numpy(), abs=1e-10)
    assert found["se"].to_numpy() == pytest.approx(direct.bse[DETERRENCE].to_numpy(), abs=1e-10)
    interval = direct.conf_int().loc[DETERRENCE].to_numpy()
    assert found[["low", "high"]].to_numpy() == pytest.approx(interval, abs=1e-9)
    assert found["p"].to_numpy() == pytest.approx(direct.pvalues[DETERRENCE].to_numpy(), abs=1e-9)


def test_panel_and_between_models_of_linearmodels(crime4: pd.DataFrame) -> None:
    logs = crime4.set_index(["county", "year"])[["crmrte", *DETERRENCE]].apply(np.log)
    two_way = PanelOLS(logs["crmrte"], logs[DETERRENCE], entity_effects=True, time_effects=True).fit()
    found = panel_effect(crime4, **CRIME)
    assert found.table["estimate"].to_numpy() == pytest.approx(two_way.params.to_numpy(), abs=1e-10)
    assert found.table["se"].to_numpy() == pytest.approx(two_way.std_errors.to_numpy(), abs=1e-10)
    assert found.r2 == pytest.approx(two_way.rsquared, abs=1e-10)
    between = BetweenOLS(logs["crmrte"], logs[DETERRENCE].assign(const=1.0)).fit()
    other = panel_effect(crime4, **CRIME, model="between")
    assert other.table["estimate"].to_numpy() == pytest.approx(between.params.to_numpy(), abs=1e-10)
    assert other.table["se"].to_numpy() == pytest.approx(between.std_errors.to_numpy(), abs=1e-10)


def test_clustered_errors_of_differences_equal_statsmodels(crime4: pd.DataFrame) -> None:
    """Statsmodels divides by n - k and multiplies by (n - 1) G / (G - 1), the CR1 correction; .1029 for police."""
    ordered = crime4.sort_values(["county", "year"])
    logs = ordered[["crmrte", *DETERRENCE]].apply(np.log)
    change = logs.groupby(ordered["county"]).diff().dropna()
    years = pd.get_dummies(ordered.loc[change.index, "year"], drop_first=True, dtype=float)
    design = sm.add_constant(change[DETERRENCE].join(years))
    design.columns = design.columns.astype(str)
    groups = ordered.loc[change.index, "county"]
    direct = sm.OLS(change["crmrte"], design).fit(cov_type="cluster", cov_kwds={"groups": groups})
    found = panel_effect(crime4, **CRIME, model="first_difference", cluster="unit")
    errors = found.table.set_index("term")["se"]
    assert errors[DETERRENCE].to_numpy() == pytest.approx(direct.bse[DETERRENCE].to_numpy(), rel=1e-8)
    assert errors["polpc"] == pytest.approx(0.1029, abs=5e-5)
    assert found.dof == 89


def test_weak_instruments_are_called_weak(crime4: pd.DataFrame) -> None:
    found = estimate(crime4, "iv_two_way")
    assert [item.code for item in found.findings] == ["weak-instruments"]
