"""The factor model equals row-level fits: statsmodels for estimates and errors, dense matrices for CR2."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import linalg

from kpi_research.workload.coefficients.cells import cells_of_rows
from kpi_research.workload.coefficients.coefficients import coefficients_from_cells, workload_coefficients
from kpi_research.workload.coefficients.levels import levels_of
from kpi_research.workload.coefficients.model import Model, fit_model
from kpi_research.workload.coefficients.options import read_options

FACTORS = {"task": "task", "post": "post", "unit": "unit", "period": "period"}
PLAIN = {
    "level": 0.95, "shrink": False, "bounds": None, "normalize": "mean_one", "balance": "count", "ordered": None,
    "previous": None, "cap": None, "digits": 2, "errors": "CR2", "unidentified": "error",
    "seed": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = 1500
    frame = pd.DataFrame(
        {
            "task": rng.choice(list("abcde"), rows, p=[0.4, 0.3, 0.2, 0.08, 0.02]),
            "post": rng.choice(["p1", "p2", "p3"], rows),
            "unit": rng.choice([f"u{i:02d}" for i in range(9)], rows),
            "period": rng.choice([f"2024-0{i}" for i in range(1, 5)], rows),
            "count": rng.integers(1, 6, rows),
        }
    )
    speed = frame["unit"].map(dict(zip(sorted(set(frame["unit"])), rng.normal(0, 0.2, 9), strict=True)))
    mean = frame["count"] * frame["task"].map(dict(zip("abcde", [20, 40, 15, 200, 90], strict=True))) * np.exp(speed)
    frame["minutes"] = np.round(mean * rng.gamma(4, 0.25, rows))
    return frame


def model_of(log: pd.DataFrame, errors: str, factors: dict[str, str] = FACTORS) -> Model:
    return fit_model(cells_of_rows(log, factors, "minutes", "count"), errors, "error")


def dense(log: pd.DataFrame, columns: tuple[str, ...] = ("task", "post", "unit", "period")) -> pd.DataFrame:
    return sm.add_constant(pd.get_dummies(log[list(columns)], drop_first=True, dtype=float))


@pytest.fixture(scope="module")
def rows(log: pd.DataFrame) -> sm.GLM:
    return sm.GLM(log["minutes"], dense(log), sm.families.Poisson(), offset=np.log(log["count"]))


def contrasts(model: Model, role: str) -> tuple[np.ndarray, np.ndarray]:
    """Return effects against the first level and their covariance."""
    place = model.design.columns(model.roles.index(role))
    effects, covariance = model.fit.coefficients[place], model.covariance[place, place]
    turn = np.eye(len(effects))[1:] - np.eye(len(effects))[0]
    return turn @ effects, turn @ covariance @ turn.T


@pytest.mark.parametrize(
    ("errors", "correction"), [("CR1S", {"use_correction": True}), ("CR0", {"use_correction": False})]
)
def test_estimates_and_clustered_errors_are_those_of_statsmodels(
    log: pd.DataFrame, rows: sm.GLM, errors: str, correction: dict[str, bool]
) -> None:
    # GLM(...).fit(cov_type="cluster"): G / (G - 1) x (N - 1) / (N - K), or no correction.
    groups = {"groups": pd.factorize(log["unit"])[0], **correction}
    whole = rows.fit(tol=1e-14, maxiter=100, cov_type="cluster", cov_kwds=groups)
    model = model_of(log, errors)
    for role in ("task", "post"):
        names = [name for name in whole.params.index if name.startswith(f"{role}_")]
        effects, covariance = contrasts(model, role)
        np.testing.assert_allclose(effects, whole.params[names], atol=1e-9)
        np.testing.assert_allclose(covariance, whole.cov_params().loc[names, names], rtol=1e-7, atol=1e-13)
        np.testing.assert_allclose(np.sqrt(np.diag(covariance)), whole.bse[names], rtol=1e-8)


def test_errors_of_records_and_of_the_dispersion_are_those_of_statsmodels(log: pd.DataFrame) -> None:
    design = dense(log, ("task", "post"))
    glm = sm.GLM(log["minutes"], design, sm.families.Poisson(), offset=np.log(log["count"]))
    factors = {"task": "task", "post": "post"}
    # The HC1 of statsmodels' GLM carries no factor; ours is N / (N - K).
    factor = np.sqrt(len(log) / (len(log) - design.shape[1]))
    for errors, whole, by in (
        ("HC1", glm.fit(tol=1e-14, cov_type="HC1"), factor),
        ("model", glm.fit(tol=1e-14, scale="X2"), 1.0),
    ):
        model = model_of(log, "CR2" if errors == "HC1" else "model", factors)
        assert model.errors == errors
        names = [name for name in whole.params.index if name.startswith("task_")]
        np.testing.assert_allclose(np.sqrt(np.diag(contrasts(model, "task")[1])), by * whole.bse[names], rtol=1e-8)


def reduced_bias_by_rows(log: pd.DataFrame, fit: object) -> tuple[np.ndarray, np.ndarray]:
    """Return covariance and the function parts of CR2 from the definition, with matrices of all rows."""
    x, mu = dense(log).to_numpy(), fit.mu  # type: ignore[attr-defined]
    z, r = x * np.sqrt(mu)[:, None], (log["minutes"].to_numpy() - mu) / np.sqrt(mu)
    bread = np.linalg.pinv(z.T @ z)
    moved, half = [], []
    for unit in sorted(set(log["unit"])):
        here = (log["unit"] == unit).to_numpy()
        values, vectors = linalg.eigh(np.eye(here.sum()) - z[here] @ bread @ z[here].T)
        inverse = np.where(values > 1e-8, 1 / np.sqrt(np.where(values > 1e-8, values, 1.0)), 0.0)
        adjust = (vectors * inverse) @ vectors.T
        moved.append(bread @ z[here].T @ adjust @ r[here])
        part = np.zeros((len(log), x.shape[1]))
        part[here] = adjust @ z[here] @ bread
        half.append(part)
    hat = np.eye(len(log)) - z @ bread @ z.T
    return np.array(moved).T @ np.array(moved), np.array([hat @ part for part in half])


def test_bias_reduced_errors_are_those_of_the_definition(log: pd.DataFrame) -> None:
    some = log.head(500)
    fit = sm.GLM(some["minutes"], dense(some), sm.families.Poisson(), offset=np.log(some["count"])).fit(tol=1e-14)
    covariance, half = reduced_bias_by_rows(some, fit)
    model = model_of(some, "CR2")
    names = list(dense(some).columns)
    task = [names.index(name) for name in names if name.startswith("task_")]
    np.testing.assert_allclose(contrasts(model, "task")[1], covariance[np.ix_(task, task)], rtol=1e-6, atol=1e-12)
    levels = levels_of(model, "task", read_options(["task"], **PLAIN))
    shares = levels.shares * levels.coefficients
    for number in range(len(levels.names)):
        contrast = np.zeros(len(names))
        contrast[task] = (np.eye(len(shares))[number] - shares)[1:]
        p = half @ contrast
        omega = p @ p.T
        assert levels.freedom[number] == pytest.approx(np.trace(omega) ** 2 / np.trace(omega @ omega), rel=1e-6)
        assert levels.log_errors[number] == pytest.approx(np.sqrt(contrast @ covariance @ contrast), rel=1e-7)


def test_cells_give_the_estimates_and_errors_of_rows(log: pd.DataFrame) -> None:
    rate = log["minutes"] / log["count"]
    keys = list(FACTORS)
    parts = log.assign(total=log["minutes"], weight=log["count"]).groupby(keys, as_index=False)
    cells = parts.agg(n=("total", "size"), total=("total", "sum"), weight=("weight", "sum"))
    mean = log[keys].merge(cells.assign(mean=cells["total"] / cells["weight"]), on=keys)["mean"]
    deviation = log["count"] * (rate - mean.to_numpy()) ** 2
    cells["squares"] = deviation.groupby([log[key] for key in keys]).sum().to_numpy()
    names = {"unit": "unit", "period": "period", "post": "post", "task": "task"}
    by_rows = workload_coefficients(log, minutes="minutes", count="count", **names)
    by_cells = coefficients_from_cells(cells, **names)
    numbers = [name for name in by_rows.table.columns if by_rows.table[name].dtype.kind in "fi"]
    np.testing.assert_allclose(by_cells.table[numbers], by_rows.table[numbers], rtol=1e-8)
    assert by_cells.fit.variance == pytest.approx(by_rows.fit.variance, rel=1e-9)


def test_other_models_are_those_of_statsmodels(log: pd.DataFrame) -> None:
    found = workload_coefficients(
        log[log["minutes"] > 0], minutes="minutes", count="count", **FACTORS, shrink=False, normalize={"task": "a"}
    ).checks
    some = log[log["minutes"] > 0]
    rate = some["minutes"] / some["count"]
    names = [f"task_{name}" for name in "bcde"]
    gamma = sm.GLM(rate, dense(some), sm.families.Gamma(sm.families.links.Log())).fit(tol=1e-14, maxiter=200)
    logs = sm.OLS(np.log(rate), dense(some)).fit()
    rows = found[found["factor"] == "task"]
    np.testing.assert_allclose(rows["gamma"].iloc[1:], np.exp(gamma.params[names]), rtol=1e-7)
    np.testing.assert_allclose(rows["log_ols"].iloc[1:], np.exp(logs.params[names]), rtol=1e-9)
