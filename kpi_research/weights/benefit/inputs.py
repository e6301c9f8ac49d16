"""What benefit of the doubt starts from: scores as an array, and limits on shares of contribution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.engine import solve_fresh
from kpi_research.weights.limits import Floats
from kpi_research.weights.model import LinearModel
from kpi_research.weights.solve import Status

Shares = tuple[float, float] | Mapping[str, tuple[float, float]]
Groups = Mapping[str, tuple[Sequence[str], float, float]]


@dataclass(frozen=True, eq=False)
class ShareLimits:
    """Limits on shares of contribution: ``sign * (forms @ share - bound) <= 0``.

    Attributes
    ----------
    forms : ndarray of shape (limits, indicators)
        1 for the indicators whose shares are summed.
    bound : ndarray of shape (limits,)
        Shares from 0 to 1.
    sign : ndarray of shape (limits,)
        +1 for a largest, -1 for a smallest share.
    """

    forms: Floats
    bound: Floats
    sign: Floats


def score_matrix(scores: pd.DataFrame) -> Floats:
    """Check scores and return them as an array.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (units, indicators)
        Finite, 0 or more, higher is better; no unit or indicator twice, no indicator that is 0 everywhere.

    Returns
    -------
    ndarray of shape (units, indicators)

    Raises
    ------
    TypeError
        If it is no frame.
    ValueError
        If it is empty or a value cannot be used.
    """
    if not isinstance(scores, pd.DataFrame):
        raise TypeError(f"scores must be a pandas DataFrame (units in its index), found {type(scores).__name__}")
    if scores.empty:
        raise ValueError(
            f"scores has {len(scores)} units and {scores.shape[1]} indicators; at least one of each is needed"
        )
    for what, names in (("unit", scores.index), ("indicator", scores.columns)):
        if names.has_duplicates:
            raise ValueError(f"scores: the {what} '{names[names.duplicated()][0]}' stands twice")
    try:
        values = scores.to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"scores must hold numbers: {error}") from error
    wrong = ~np.isfinite(values) | (values < 0)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"scores: unit '{scores.index[row]}' has {values[row, column]} in '{scores.columns[column]}'; allowed are "
            "finite numbers of 0 or more (fill gaps, or put the indicator on a scale from 0 to 100, first)"
        )
    if (values.max(axis=0) == 0).any():
        name = scores.columns[int((values.max(axis=0) == 0).argmax())]
        raise ValueError(f"scores: '{name}' is 0 for every unit and cannot be weighted; leave it out")
    return values


def share_limits(names: Sequence[str], shares: Shares | None, groups: Groups | None) -> ShareLimits:
    """Write limits on shares as arrays.

    Parameters
    ----------
    names : sequence of str
        Indicators in the order of the columns.
    shares : pair or mapping of indicator to pair, optional
        Smallest and largest share of each indicator, 0 to 1; a pair holds for every indicator.
    groups : mapping of name to (indicators, smallest, largest), optional
        Smallest and largest joint share of some indicators.

    Returns
    -------
    ShareLimits
        Without limits that say nothing.

    Raises
    ------
    TypeError
        If a limit is not a pair of numbers.
    ValueError
        If an indicator is unknown, a limit is out of range, or no shares satisfy all limits.
    """
    rows: list[tuple[Floats, float, float]] = []
    for name, pair in _singles(names, shares).items():
        low, high = _pair(f"shares['{name}']", pair)
        rows += _sides(_form(names, [name], "shares"), low, high)
    for group, (members, *pair) in (groups or {}).items():
        low, high = _pair(f"groups['{group}']", pair)
        rows += _sides(_form(names, members, f"groups['{group}']"), low, high)
    forms = np.array([row[0] for row in rows]).reshape(-1, len(names))
    limits = ShareLimits(forms, np.array([row[1] for row in rows]), np.array([row[2] for row in rows]))
    _refuse_contradiction(limits)
    return limits


def _singles(names: Sequence[str], shares: Shares | None) -> Mapping[str, object]:
    if shares is None:
        return {}
    return shares if isinstance(shares, Mapping) else dict.fromkeys(names, shares)


def _pair(argument: str, pair: object) -> tuple[float, float]:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise TypeError(f"{argument} is {pair!r}; it must be a pair: smallest and largest share, 0 to 1")
    low, high = pair
    for value in pair:
        if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
            raise TypeError(f"{argument} holds {value!r}; it must be a number")
    if not 0 <= low <= high <= 1:
        raise ValueError(f"{argument} is ({low}, {high}); allowed is 0 <= smallest <= largest <= 1")
    return float(low), float(high)


def _form(names: Sequence[str], members: Iterable[str], argument: str) -> Floats:
    chosen = list(members)
    for name in chosen:
        if name not in names:
            raise ValueError(f"{argument}: there is no indicator '{name}'.{did_you_mean(name, names)['en']}")
    return np.isin(np.array(names, dtype=object), chosen).astype(float)


def _sides(form: Floats, low: float, high: float) -> list[tuple[Floats, float, float]]:
    sides = [(form, low, -1.0)] if low > 0 else []
    return [*sides, (form, high, 1.0)] if high < 1 else sides


def _refuse_contradiction(limits: ShareLimits) -> None:
    if not len(limits.bound):
        return
    size, count = limits.forms.shape[1], len(limits.bound)
    rows = np.vstack([np.ones(size), limits.sign[:, None] * limits.forms])
    lower, upper = np.append(1.0, np.full(count, -np.inf)), np.append(1.0, limits.sign * limits.bound)
    model = LinearModel(np.zeros(size), sparse.csr_array(rows), lower, upper, np.zeros(size), np.ones(size))
    if solve_fresh(model).status is Status.INFEASIBLE:
        raise ValueError(
            "shares and groups contradict each other: no shares of contribution that add up to 1 obey them all"
        )
