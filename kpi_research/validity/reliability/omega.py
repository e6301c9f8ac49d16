"""McDonald's omega, total and hierarchical."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.one_factor import minres, oblimin
from kpi_research.study.results import Result
from kpi_research.validity.reliability.items import read_items

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Omega(Result):
    """Reliability of a scale's total from a factor model.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per item: ``item``, ``general`` (loading on the general factor), ``uniqueness``, and with several
        factors ``group_1``, ``group_2`` ... (loadings of the Schmid-Leiman solution).
    estimate, low, high : float
        Omega total with its bootstrap interval.
    hierarchical : float
        Omega hierarchical, the share of the total's variance that one general factor explains; equal to a one-factor
        omega where ``factors`` is 1; NaN with two factors, where the general factor is not identified without a choice.
    n : int
        Persons with an answer; the interval rests on those who answered every item.
    level : float
        Coverage of the interval.
    """

    estimate: float
    low: float
    high: float
    hierarchical: float
    n: int
    level: float


def omega(
    items: pd.DataFrame,
    factors: int = 1,
    *,
    reverse: Sequence[str] = (),
    level: float = 0.95,
    draws: int = 500,
    seed: int = 0,
) -> Omega:
    r"""Return McDonald's omega of a scale.

    Parameters
    ----------
    items : pandas.DataFrame
        One row per person, one numeric column per item; each pair of items uses the persons who answered both.
    factors : int
        Number of group factors: 1, or 3 and more for a general and group factors; fewer than items.
    reverse : sequence of str
        Items that run against the others.
    level : float
        Coverage of the interval, above 0 and below 1.
    draws : int
        Bootstrap draws of persons, at least 100; 0 leaves the interval out.
    seed : int
        Seed of the draws.

    Returns
    -------
    Omega

    Raises
    ------
    ValueError
        If there are too few items or persons for the factors, or an argument lies outside its range.

    Notes
    -----
    :math:`\omega_t = 1 - \sum_i u_i^2 / 1'R1` from the minimum-residual solution of the correlations ``R``, as psych
    computes it, items that load negatively on the general factor turned around; :math:`\omega_h = (\sum_i \lambda_{gi})^2 / 1'R1` from the Schmid-Leiman transformation of an oblimin
    solution (McDonald 1999; Zinbarg, Revelle, Yovel & Li 2005, doi:10.1007/s11336-003-0974-7). Percentile bootstrap
    over persons.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> ability = rng.standard_normal(400)
    >>> answers = pd.DataFrame({name: ability + rng.standard_normal(400) for name in "abcd"})
    >>> round(omega(answers, draws=0).estimate, 2)
    0.76
    """
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    clean = read_items(items, reverse, least=3)
    if not 1 <= factors < clean.shape[1] / 2 + 0.5 or len(clean) <= clean.shape[1]:
        raise ValueError(
            f"factors is {factors} for {clean.shape[1]} items and {len(clean)} persons who answered all of them; "
            "needed are fewer factors than half of the items and more persons than items"
        )
    if draws and draws < 100:
        raise ValueError(f"draws is {draws}; it must be 0 or at least 100")
    general, groups, uniqueness, correlation = _solve(clean.corr().to_numpy(), factors)
    total = _total(uniqueness, correlation)
    hierarchical = float(general.sum() ** 2 / correlation.sum()) if factors != 2 else float("nan")
    low, high = _interval(clean.dropna().to_numpy(float), factors, level, draws, seed)
    table = pd.DataFrame({"item": [str(name) for name in clean.columns], "general": general, "uniqueness": uniqueness})
    for number in range(groups.shape[1]):
        table[f"group_{number + 1}"] = groups[:, number]
    return Omega(table, (), total, low, high, hierarchical, len(clean), level)


def _solve(correlation: Array, factors: int) -> tuple[Array, Array, Array, Array]:
    loadings, uniqueness = minres(correlation, factors)
    if factors == 1:
        return loadings[:, 0], np.zeros((len(loadings), 0)), uniqueness, correlation
    pattern, between = oblimin(loadings)
    signs = np.where(pattern.sum(axis=0) < 0, -1.0, 1.0)
    pattern, between = pattern * signs, between * np.outer(signs, signs)
    second = minres(between, 1)[0][:, 0] if factors > 2 else np.sqrt(np.full(2, abs(between[0, 1])))
    general = pattern @ second
    turned = np.where(general < 0, -1.0, 1.0)
    groups = pattern * np.sqrt(np.maximum(1.0 - second**2, 0.0)) * turned[:, np.newaxis]
    return general * turned, groups, uniqueness, correlation * np.outer(turned, turned)


def _total(uniqueness: Array, correlation: Array) -> float:
    return float(1.0 - uniqueness.sum() / correlation.sum())


def _interval(data: Array, factors: int, level: float, draws: int, seed: int) -> tuple[float, float]:
    if not draws:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        sample = data[rng.integers(0, len(data), len(data))]
        if (sample.std(axis=0) > 0).all():
            _, _, uniqueness, correlation = _solve(np.asarray(np.corrcoef(sample, rowvar=False)), factors)
            found.append(_total(uniqueness, correlation))
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
