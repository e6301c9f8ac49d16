"""What can be asked of workload coefficients, checked in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kpi_research.study.suggest import did_you_mean

ROLES = ("task", "post", "rank")
"""Factors that get coefficients: difficulty of the task, allowance of the post, allowance of the person's rank."""
ERRORS = ("CR2", "CR1S", "CR1", "CR0", "model")
BALANCES = ("count", "minutes", "records")
UNIDENTIFIED = ("error", "set_aside")

Bounds = Mapping[str, tuple[float, float]]
Previous = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Options:
    """Checked options.

    Attributes
    ----------
    level : float
        Coverage of the intervals.
    shrink : bool
        Whether thin levels are pulled toward the mean of their factor.
    bounds : mapping of str to (float, float)
        Lowest and highest coefficient of a factor.
    base : mapping of str to str
        Level with the coefficient 1 of factors that are not normalized to the mean 1.
    ordered : mapping of str to tuple of tuples of str
        Levels from lowest to highest, per factor.
    previous : mapping of str to mapping of str to float
        Coefficients of the last period.
    cap : float or None
        Largest relative change of a coefficient.
    digits : int
        Decimals of the published coefficient.
    errors : {"CR2", "CR1S", "CR1", "CR0", "model"}
        Kind of standard error.
    balance : {"count", "minutes", "records"}
        Weights of the mean of the coefficients.
    unidentified : {"error", "set_aside"}
        What to do with levels that the data cannot place.
    seed : int
        Seed of the draws for intervals under limits.
    """

    level: float
    shrink: bool
    bounds: Bounds
    base: Mapping[str, str]
    ordered: Mapping[str, tuple[tuple[str, ...], ...]]
    previous: Previous
    cap: float | None
    digits: int
    errors: str
    balance: str
    unidentified: str
    seed: int


def read_options(roles: Sequence[str], **given: Any) -> Options:
    """Check the options of `workload_coefficients`.

    Parameters
    ----------
    roles : sequence of str
        Factors of the model.
    **given
        Options as the user gave them.

    Returns
    -------
    Options

    Raises
    ------
    ValueError
        If an option is not allowed.
    TypeError
        If an option is of the wrong kind.
    """
    if not 0 < given["level"] < 1:
        raise ValueError(f"level is {given['level']}; it must lie between 0 and 1")
    for name, allowed in (("errors", ERRORS), ("balance", BALANCES), ("unidentified", UNIDENTIFIED)):
        if given[name] not in allowed:
            raise ValueError(f"{name} is {given[name]!r}.{did_you_mean(str(given[name]), allowed)['en']}")
    cap = given["cap"]
    if cap is not None and not 0 < cap < 1:
        raise ValueError(f"cap is {cap}; it must lie between 0 and 1, e.g. 0.1 for a change of 10 % at the most")
    previous = _previous(given["previous"], roles)
    if cap is not None and not previous:
        raise ValueError("cap: the largest change needs the coefficients of the last period in 'previous'")
    if not 0 <= given["digits"] <= 12:
        raise ValueError(f"digits is {given['digits']}; it must lie between 0 and 12")
    return Options(
        level=given["level"], shrink=bool(given["shrink"]), bounds=_bounds(given["bounds"], roles),
        base=_base(given["normalize"], roles), ordered=_ordered(given["ordered"], roles), previous=previous, cap=cap,
        digits=int(given["digits"]), errors=given["errors"], balance=given["balance"],
        unidentified=given["unidentified"], seed=int(given["seed"]),
    )  # fmt: skip


def _known(name: str, factor: object, roles: Sequence[str]) -> str:
    if factor not in roles:
        raise ValueError(f"{name} names the factor {factor!r}.{did_you_mean(str(factor), roles)['en']}")
    return str(factor)


def _bounds(bounds: Any, roles: Sequence[str]) -> Bounds:
    if bounds is None:
        return {}
    by_factor = bounds if isinstance(bounds, Mapping) else dict.fromkeys(roles, bounds)
    checked = {}
    for factor, pair in by_factor.items():
        low, high = (float(part) for part in pair)
        if not 0 <= low < high or not low <= 1 <= high:
            raise ValueError(f"bounds of '{factor}' are {low:g} to {high:g}; they must enclose 1 and not be negative")
        checked[_known("bounds", factor, roles)] = (low, high)
    return checked


def _base(normalize: Any, roles: Sequence[str]) -> Mapping[str, str]:
    if normalize == "mean_one":
        return {}
    if isinstance(normalize, Mapping):
        return {_known("normalize", factor, roles): str(level) for factor, level in normalize.items()}
    raise ValueError(f"normalize is {normalize!r}; allowed are 'mean_one' and a mapping from factors to base levels")


def _ordered(ordered: Any, roles: Sequence[str]) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    chains: dict[str, tuple[tuple[str, ...], ...]] = {}
    for factor, levels in (ordered or {}).items():
        if isinstance(levels, str):
            raise TypeError(f"ordered of '{factor}' is a text; a sequence of levels from lowest to highest is needed")
        several = levels if levels and not isinstance(levels[0], str) else [levels]
        chains[_known("ordered", factor, roles)] = tuple(tuple(map(str, chain)) for chain in several)
    return chains


def _previous(previous: Any, roles: Sequence[str]) -> Previous:
    if previous is None:
        return {}
    if isinstance(previous, pd.DataFrame):
        column = "published" if "published" in previous.columns else "coefficient"
        needed = {"factor", "level", column}
        if missing := needed - set(previous.columns):
            raise ValueError(f"previous lacks the column(s) {', '.join(sorted(missing))}")
        rows = previous[previous["factor"].isin(roles)]
        previous = {
            str(factor): dict(zip(part["level"], part[column], strict=True)) for factor, part in rows.groupby("factor")
        }
    checked: dict[str, dict[str, float]] = {}
    for factor, levels in previous.items():
        values = {str(name): float(value) for name, value in levels.items() if not pd.isna(value)}
        wrong = [name for name, value in values.items() if not (np.isfinite(value) and value > 0)]
        if wrong:
            raise ValueError(f"previous coefficient of '{wrong[0]}' is {values[wrong[0]]:g}; it must be above 0")
        checked[_known("previous", factor, roles)] = values
    return checked
