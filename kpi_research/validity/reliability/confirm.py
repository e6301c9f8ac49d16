"""Whether items measure the scales they are said to: confirmatory factors, convergence and discrimination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from kpi_research.numerics.confirmatory import FactorModel, fit_factors
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.reliability.items import read_items

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FactorFit(Result):
    """Fit of a confirmatory factor model.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per item: ``item``, ``scale``, ``loading`` (factor variance 1), ``standardized`` (loading of the
        standardized item), ``uniqueness``.
    fit : pandas.Series
        ``chi2``, ``df``, ``p``, ``cfi``, ``tli``, ``rmsea``, ``rmsea_low``, ``rmsea_high`` (90 percent), ``srmr``, ``aic``,
        ``bic`` (of the normal likelihood with free means).
    factor_correlations : pandas.DataFrame
        Correlations of the scales' factors.
    explained : pandas.DataFrame
        Per scale: ``scale``, ``omega`` (composite reliability), ``variance_extracted`` (average, of raw items).
    n : int
        Persons who answered every item.
    """

    fit: pd.Series
    factor_correlations: pd.DataFrame
    explained: pd.DataFrame
    n: int


def factor_fit(items: pd.DataFrame, *, scales: Mapping[str, Sequence[str]]) -> FactorFit:
    """Fit the model in which each item measures one scale.

    Parameters
    ----------
    items : pandas.DataFrame
        One row per person, one numeric column per item; persons who left an item out are not used.
    scales : mapping of str to sequence of str
        Items of each scale, three or more each, no item twice.

    Returns
    -------
    FactorFit

    Raises
    ------
    ValueError
        If an item is unknown or stands twice, a scale is too short, or the model does not converge.

    Notes
    -----
    Normal maximum likelihood with covariances divided by ``n`` (Joreskog 1969, doi:10.1007/BF02289343), indices as
    lavaan computes them: CFI (Bentler 1990), TLI, RMSEA with ``n`` (Steiger 1990), SRMR (Bentler 1995).
    """
    names = _names(items, scales)
    data = read_items(items[names], least=3).dropna().to_numpy(float)
    pattern = np.array([[name in members for members in scales.values()] for name in names])
    centered = data - data.mean(axis=0)
    covariance = centered.T @ centered / len(data)
    model = fit_factors(covariance, pattern)
    labels = list(scales)
    table = pd.DataFrame({"item": names, "scale": [labels[int(row.argmax())] for row in pattern]})
    loading = model.loadings.sum(axis=1)
    table = table.assign(
        loading=loading, standardized=loading / np.sqrt(np.diag(model.implied)), uniqueness=model.uniqueness
    )
    between = pd.DataFrame(model.correlation, index=labels, columns=labels)
    return FactorFit(table, (), _indices(covariance, model, pattern, len(data)), between, _explained(table), len(data))


def _names(items: pd.DataFrame, scales: Mapping[str, Sequence[str]]) -> list[str]:
    names = [str(name) for members in scales.values() for name in members]
    known = [str(name) for name in items.columns]
    for name in names:
        if name not in known:
            raise ValueError(f"scales: there is no item '{name}'.{did_you_mean(name, known)['en']}")
        if names.count(name) > 1:
            raise ValueError(f"scales: item '{name}' stands in two scales; it may measure one")
    return names


def _indices(covariance: Array, model: FactorModel, pattern: NDArray[np.bool_], n: int) -> pd.Series:
    k, factors = pattern.shape
    free = int(pattern.sum()) + factors * (factors - 1) // 2 + k
    df, base_df = k * (k + 1) // 2 - free, k * (k - 1) // 2
    chi2 = n * model.discrepancy
    base = n * float(np.log(np.diag(covariance)).sum() - np.linalg.slogdet(covariance)[1])
    excess, base_excess = max(chi2 - df, 0.0), max(base - base_df, chi2 - df, 0.0)
    low, high = _rmsea_interval(chi2, df, n)
    scale = np.sqrt(np.diag(covariance))
    residual = (covariance - model.implied) / np.outer(scale, scale)
    srmr = float(np.sqrt((residual[np.tril_indices(k)] ** 2).mean()))
    likelihood = -n / 2 * (k * np.log(2 * np.pi) + np.linalg.slogdet(covariance)[1] + k + model.discrepancy)
    found = {
        "chi2": chi2,
        "df": df,
        "p": float(stats.chi2.sf(chi2, df)),
        "cfi": 1 - excess / base_excess if base_excess else 1.0,
    }
    found |= {"tli": (base / base_df - chi2 / df) / (base / base_df - 1), "rmsea": float(np.sqrt(excess / df / n))}
    found |= {"rmsea_low": low, "rmsea_high": high, "srmr": srmr}
    # lavaan counts no free means here, because the model has no mean structure.
    return pd.Series(found | {"aic": 2 * free - 2 * likelihood, "bic": np.log(n) * free - 2 * likelihood})


def _rmsea_interval(chi2: float, df: int, n: int, level: float = 0.90) -> tuple[float, float]:
    def shift(target: float) -> float:
        if stats.chi2.cdf(chi2, df) < target:
            return 0.0
        top = chi2 * 4 + 100
        return float(optimize.brentq(lambda value: stats.ncx2.cdf(chi2, df, value) - target, 0.0, top))

    low, high = shift((1 + level) / 2), shift((1 - level) / 2)
    return float(np.sqrt(low / df / n)), float(np.sqrt(high / df / n))


def _explained(table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for scale, part in table.groupby("scale", sort=False):
        own, noise = float(part["loading"].sum() ** 2), float(part["uniqueness"].sum())
        squares = float((part["loading"] ** 2).sum())
        rows.append({"scale": scale, "omega": own / (own + noise), "variance_extracted": squares / (squares + noise)})
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Htmt(Result):
    """Heterotrait-monotrait ratios of scales.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per pair: ``first``, ``second``; ``htmt`` (arithmetic means of correlations), ``htmt2`` (geometric means)
        with ``low``, ``high`` (bootstrap interval of HTMT2). Above .85 to .90 two scales are hardly two.
    level : float
        Coverage of the interval.
    """

    level: float


def htmt(
    items: pd.DataFrame,
    *,
    scales: Mapping[str, Sequence[str]],
    level: float = 0.95,
    draws: int = 500,
    seed: int = 0,
) -> Htmt:
    """Return how far scales can be told from each other.

    Parameters
    ----------
    items : pandas.DataFrame
        One row per person, one numeric column per item; persons who left an item out are not used.
    scales : mapping of str to sequence of str
        Items of each scale, two or more each.
    level : float
        Coverage of the interval, above 0 and below 1.
    draws : int
        Bootstrap draws of persons; 0 leaves the interval out.
    seed : int
        Seed of the draws.

    Returns
    -------
    Htmt
        Both ratios take correlations without their sign; an item that goes against its scale is seen in `alpha`.

    Raises
    ------
    ValueError
        If an item is unknown or stands twice, or a scale has fewer than two items.

    Notes
    -----
    Henseler, Ringle & Sarstedt 2015 (doi:10.1007/s11747-014-0403-8); HTMT2: Roemer, Schuberth & Henseler 2021
    (doi:10.1108/IMDS-02-2021-0082).
    """
    names = _names(items, scales)
    if short := [name for name, members in scales.items() if len(members) < 2]:
        raise ValueError(f"scale '{short[0]}' has fewer than two items; its own correlations do not exist")
    data = read_items(items[names]).dropna().to_numpy(float)
    places, start = {}, 0
    for name, members in scales.items():
        places[name] = np.arange(start, start + len(members))
        start += len(members)
    pairs = list(combinations(scales, 2))
    plain, geometric = _ratios(np.corrcoef(data, rowvar=False), places, pairs)
    low = high = np.full(len(pairs), np.nan)
    if draws:
        rng = np.random.default_rng(seed)
        found = np.array(
            [
                _ratios(np.corrcoef(data[rng.integers(0, len(data), len(data))], rowvar=False), places, pairs)[1]
                for _ in range(draws)
            ]
        )
        low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2], axis=0)
    table = pd.DataFrame(pairs, columns=["first", "second"]).assign(htmt=plain, htmt2=geometric, low=low, high=high)
    return Htmt(table, (), level)


def _ratios(
    correlation: Array, places: Mapping[str, NDArray[np.int64]], pairs: list[tuple[str, str]]
) -> tuple[Array, Array]:
    within = {}
    for name, at in places.items():
        block = correlation[np.ix_(at, at)][np.triu_indices(len(at), 1)]
        within[name] = (float(np.abs(block).mean()), _geometric(block))
    plain, geometric = [], []
    for first, second in pairs:
        block = correlation[np.ix_(places[first], places[second])].ravel()
        plain.append(np.abs(block).mean() / np.sqrt(within[first][0] * within[second][0]))
        geometric.append(_geometric(block) / np.sqrt(within[first][1] * within[second][1]))
    return np.array(plain), np.array(geometric)


def _geometric(values: Array) -> float:
    return float(np.exp(np.log(np.abs(values)).mean())) if (values != 0).all() else 0.0
