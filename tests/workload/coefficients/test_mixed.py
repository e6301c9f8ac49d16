"""Mixed models and credibility against lme4, a direct computation of the Laplace integral, and a textbook example."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special

from kpi_research.numerics.credibility import credibility
from kpi_research.numerics.factor_design import FactorDesign
from kpi_research.numerics.mixed_laplace import mixed_laplace
from kpi_research.numerics.mixed_linear import MixedFit, RandomTerm, mixed_linear
from kpi_research.workload.coefficients.random import random_coefficients

Reference = Callable[[str], Path]


def lme4(reference: Reference, model: str) -> pd.Series:
    rows = pd.read_csv(reference("workload/ref_lme4.csv")).query("model == @model")
    return rows.assign(key=rows["what"] + " " + rows["term"].fillna("")).set_index("key")["value"]


def reml(x: np.ndarray, z: np.ndarray, y: np.ndarray, terms: list[RandomTerm]) -> MixedFit:
    columns, centered = np.hstack([x, z]), y - y.mean()
    return mixed_linear(columns.T @ columns, columns.T @ centered, centered @ centered, len(y), x.shape[1], terms)


def test_sleepstudy_with_random_slopes_is_that_of_lmer(reference: Reference) -> None:
    # lmer(Reaction ~ Days + (Days | Subject)), REML
    frame, known = pd.read_csv(reference("workload/sleepstudy.csv")), lme4(reference, "sleep_reml")
    subject = pd.factorize(frame["Subject"])[0]
    days = frame["Days"].to_numpy(float)
    z = np.zeros((len(frame), 36))
    z[np.arange(len(frame)), 2 * subject], z[np.arange(len(frame)), 2 * subject + 1] = 1.0, days
    fit = reml(np.column_stack([np.ones(len(frame)), days]), z, frame["Reaction"].to_numpy(), [RandomTerm(18, 2)])
    estimates = fit.coefficients + np.array([frame["Reaction"].mean(), 0])
    np.testing.assert_allclose(estimates, known[["coef (Intercept)", "coef Days"]], atol=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), known[["se (Intercept)", "se Days"]], atol=1e-4)
    deviations = np.sqrt(np.diag(fit.variances[0]))
    np.testing.assert_allclose(deviations, known[["sdcor Subject|(Intercept)|NA", "sdcor Subject|Days|NA"]], atol=1e-3)
    correlation = fit.variances[0][0, 1] / deviations.prod()
    assert correlation == pytest.approx(known["sdcor Subject|(Intercept)|Days"], abs=1e-4)
    assert np.sqrt(fit.residual) == pytest.approx(known["sdcor Residual|NA|NA"], abs=1e-4)
    assert fit.criterion == pytest.approx(known["REMLcrit "], abs=1e-6)


def test_penicillin_with_crossed_effects_is_that_of_lmer(reference: Reference) -> None:
    # lmer(diameter ~ 1 + (1 | plate) + (1 | sample)), REML
    frame, known = pd.read_csv(reference("workload/penicillin.csv")), lme4(reference, "penicillin_reml")
    z = np.hstack([np.eye(24)[pd.factorize(frame["plate"])[0]], np.eye(6)[pd.factorize(frame["sample"])[0]]])
    fit = reml(np.ones((144, 1)), z, frame["diameter"].to_numpy(float), [RandomTerm(24), RandomTerm(6)])
    assert fit.coefficients[0] + frame["diameter"].mean() == pytest.approx(known["coef (Intercept)"], abs=1e-6)
    assert np.sqrt(fit.covariance[0, 0]) == pytest.approx(known["se (Intercept)"], abs=1e-4)
    for part, name in zip(fit.variances, ("plate", "sample"), strict=True):
        assert np.sqrt(part[0, 0]) == pytest.approx(known[f"sdcor {name}|(Intercept)|NA"], abs=1e-3)
    assert np.sqrt(fit.residual) == pytest.approx(known["sdcor Residual|NA|NA"], abs=1e-4)
    assert fit.criterion == pytest.approx(known["REMLcrit "], abs=1e-6)


def laplace_by_hand(frame: pd.DataFrame, deviation: float, effects: np.ndarray) -> float:
    """Return the Laplace log-likelihood of the binomial model, herd by herd, from its definition."""
    total = 0.0
    for _, rows in frame.groupby("herd"):
        k, n = rows["incidence"].to_numpy(), rows["size"].to_numpy()
        eta = effects[rows["period"].astype(int) - 1]
        choose = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)

        def joint(u: float, k: np.ndarray = k, n: np.ndarray = n, eta: np.ndarray = eta) -> float:
            return float(k @ (eta + deviation * u) - n @ np.logaddexp(0, eta + deviation * u) - u * u / 2)

        mode = optimize.minimize_scalar(
            lambda u: -joint(u), bounds=(-8, 8), method="bounded", options={"xatol": 1e-11}
        ).x
        share = special.expit(eta + deviation * mode)
        total += joint(mode) + choose.sum() - np.log(1 + deviation**2 * (n * share * (1 - share)).sum()) / 2
    return total


def test_cbpp_maximizes_the_laplace_likelihood(reference: Reference) -> None:
    # glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), binomial): its estimates are not quite at the
    # maximum, which is flat; ours is higher, and both are within two thousandths of a standard error of each other.
    frame, known = pd.read_csv(reference("workload/cbpp.csv")), lme4(reference, "cbpp_laplace")
    factors = (pd.factorize(frame["period"])[0].astype(np.intp), pd.factorize(frame["herd"])[0].astype(np.intp))
    design = FactorDesign(np.zeros(len(frame), dtype=np.intp), factors)
    sizes = frame["incidence"].to_numpy(float), frame["size"].to_numpy(float)
    fit = mixed_laplace(design, *sizes, fixed=np.array([1, 2, 3]), terms=[1], family="binomial")
    ours = np.concatenate([[fit.constant], fit.coefficients[1:4]])
    names = ["(Intercept)", "period2", "period3", "period4"]
    theirs = known[[f"coef {name}" for name in names]].to_numpy()
    errors = known[[f"se {name}" for name in names]].to_numpy()
    np.testing.assert_array_less(np.abs(ours - theirs) / errors, 0.002)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), errors, rtol=0.015)
    assert fit.deviations[0] == pytest.approx(known["sdcor herd|(Intercept)|NA"], abs=1e-3)
    at_ours = laplace_by_hand(frame, fit.deviations[0], ours[0] + np.array([0, *ours[1:]]))
    at_theirs = laplace_by_hand(frame, known["sdcor herd|(Intercept)|NA"], theirs[0] + np.array([0, *theirs[1:]]))
    assert fit.log_likelihood == pytest.approx(at_ours, abs=1e-7)
    assert at_ours > at_theirs
    assert at_ours == pytest.approx(known["logLik "], abs=1e-3)


def test_hachemeister_by_credibility() -> None:
    # Hachemeister (1975): average claims of five states in twelve quarters. The variance within states is printed in the
    # vignette of R's actuar (139120026); the others follow from Buhlmann & Gisler (2005, section 4.8) by hand.
    ratios = """1738 1642 1794 2051 2079 2234 2032 2035 2115 2262 2267 2517 1364 1408 1597 1444 1342 1675 1470 1448 1464 1831
    1612 1471 1759 1685 1479 1763 1674 2103 1502 1622 1828 2155 2233 2059 1223 1146 1010 1257 1426 1532 1953 1123 1343
    1243 1762 1306 1456 1499 1609 1741 1482 1572 1606 1735 1607 1573 1613 1690"""
    claims = """7861 9251 8706 8575 7917 8263 9456 8003 7365 7832 7849 9077 1622 1742 1523 1515 1622 1602 1964 1515 1527 1748
    1654 1861 1147 1357 1329 1204 998 1077 1277 1218 896 1003 1108 1121 407 396 348 341 315 328 352 331 287 384 321 342
    2902 3172 3046 3068 2693 2910 3275 2697 2663 3017 3242 3425"""
    values, weights = (np.array(text.split(), dtype=float) for text in (ratios, claims))
    found = credibility(values, weights, np.repeat(np.arange(5), 12))
    assert round(found.within) == 139120026
    assert round(found.between) == 89639
    assert found.collective == pytest.approx(1683.713, abs=5e-4)
    np.testing.assert_allclose(found.factors, [0.9847404, 0.9276352, 0.8984754, 0.7279092, 0.9587911], atol=5e-8)
    np.testing.assert_allclose(found.estimates, [2055.165, 1523.706, 1793.444, 1442.967, 1603.285], atol=5e-4)


def test_credibility_refuses_what_has_no_variance() -> None:
    with pytest.raises(ValueError, match="two groups"):
        credibility(np.ones(3), np.ones(3), np.zeros(3, dtype=np.intp))
    with pytest.raises(ValueError, match="above 0"):
        credibility(np.ones(4), np.zeros(4), np.array([0, 0, 1, 1]))


def test_equal_groups_earn_no_credibility() -> None:
    found = credibility(np.array([1.0, 3.0, 1.0, 3.0]), np.ones(4), np.array([0, 0, 1, 1]))
    assert found.factors.tolist() == [0.0, 0.0]
    assert found.estimates.tolist() == [2.0, 2.0]


@pytest.mark.parametrize("method", ["laplace", "reml"])
def test_tiny_units_are_measured_with_random_effects(method: str) -> None:
    rng = np.random.default_rng(4)
    unit = np.repeat(np.arange(150), 4)
    log = pd.DataFrame({"unit": unit, "task": rng.choice(["a", "b", "c"], 600)})
    mean = log["task"].map({"a": 20.0, "b": 60.0, "c": 200.0}) * np.exp(rng.normal(0, 0.3, 150)[unit])
    log["minutes"] = mean * rng.lognormal(-0.08, 0.4, 600)
    found = random_coefficients(log, minutes="minutes", task="task", unit="unit", method=method)
    relative = found.table["coefficient"].to_numpy()
    np.testing.assert_allclose(relative / relative[0], [1, 3, 10], rtol=0.1)
    deviations = found.variances.set_index("effect")["deviation"]
    assert deviations["unit"] == pytest.approx(0.3, abs=0.06)
    assert deviations["record"] == pytest.approx(0.4, abs=0.08)


def test_random_effects_refuse_what_they_cannot_do() -> None:
    log = pd.DataFrame({"u": ["A", "B"] * 4, "t": ["a", "b"] * 4, "p": ["x", "y"] * 4, "m": 5.0})
    with pytest.raises(ValueError, match="cannot be told apart"):
        random_coefficients(log, minutes="m", task="t", post="p", unit="u")
    with pytest.raises(ValueError, match="method is 'vb'"):
        random_coefficients(log, minutes="m", task="t", unit="u", method="vb")
