"""Measures of fit against scikit-learn and statsmodels, and calibration tables against counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit
from sklearn import metrics

from kpi_research.preventability import calibration_table, measure_fit
from kpi_research.preventability.model.measures import auc, brier, calibration_line, log_loss


def draw(n: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    p = np.round(rng.uniform(0.05, 0.95, n), 2)
    return (rng.random(n) < p).astype(float), p, rng.uniform(0.5, 3, n)


def test_losses_and_auc_equal_those_of_scikit_learn() -> None:
    y, p, w = draw()
    assert log_loss(y, p, w) == pytest.approx(metrics.log_loss(y, p, sample_weight=w), rel=1e-9)
    assert brier(y, p, w) == pytest.approx(metrics.brier_score_loss(y, p, sample_weight=w), rel=1e-9)
    assert auc(y, p, w) == pytest.approx(metrics.roc_auc_score(y, p, sample_weight=w), rel=1e-9)


def test_the_calibration_line_is_the_logistic_regression_on_the_logit() -> None:
    y, p, _ = draw()
    fit = sm.Logit(y, sm.add_constant(logit(p))).fit(disp=0)
    assert calibration_line(y, p, np.ones(len(y))) == pytest.approx((fit.params[1], fit.params[0]), abs=1e-6)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 10_000))
def test_weights_are_copies_and_order_does_not_matter(seed: int) -> None:
    y, p, _ = draw(60, seed)
    copies = np.random.default_rng(seed).integers(1, 4, 60)
    for measure in (log_loss, brier, auc):
        repeated = measure(np.repeat(y, copies), np.repeat(p, copies), np.ones(copies.sum()))
        assert measure(y, p, copies.astype(float)) == pytest.approx(repeated, rel=1e-9)
        assert measure(y[::-1], p[::-1], copies[::-1].astype(float)) == pytest.approx(repeated, rel=1e-9)


def test_constant_probabilities_have_no_line() -> None:
    y, _, _ = draw()
    table = measure_fit(y, np.full(len(y), 0.4), np.arange(len(y)) % 10).set_index("measure")
    assert np.isnan(table.loc["slope", "estimate"])
    assert table.loc["auc", "estimate"] == pytest.approx(0.5)


def test_many_units_are_put_into_groups() -> None:
    y, p, w = draw(3000)
    table = measure_fit(y, p, np.arange(3000) // 2, weight=w)
    assert (table["low"] < table["estimate"]).all()
    assert (table["estimate"] < table["high"]).all()


def test_bins_hold_all_cases_and_observed_shares() -> None:
    y, p, w = draw(400)
    table = calibration_table(y, p, group=pd.Series(["urban", "rural"] * 200), weight=w)
    whole = table[table["group"] == ""]
    assert whole["n"].sum() == 400
    assert table.loc[table["group"] == "rural", "n"].sum() == 200
    assert float(whole["predicted"].is_monotonic_increasing)
    assert ((table["low"] <= table["observed"]) & (table["observed"] <= table["high"])).all()
    assert np.average(y, weights=w) == pytest.approx(
        sum(
            np.average(y[part], weights=w[part]) * w[part].sum()
            for part in np.array_split(np.argsort(p, kind="stable"), 8)
        )
        / w.sum()
    )


def test_observed_shares_are_corrected_for_errors_of_labels() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.1, 0.9, 6000)
    truth = rng.random(6000) < p
    said = rng.random(6000) < np.where(truth, 0.8, 0.1)
    table = calibration_table(said.astype(float), p, error=(0.1, 0.2))
    assert np.abs(table["observed"] - table["predicted"]).max() < 0.06
