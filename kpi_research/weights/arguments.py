"""Checks of the plain arguments of `optimize`."""

from __future__ import annotations

import math

from kpi_research.study.suggest import did_you_mean

OBJECTIVES = ("validity", "closest")


def check_choices(
    objective: str,
    scores: object,
    outcome: object,
    tether: float | None,
    scenarios: object,
    grid: object,
    level: float,
    seed: int,
    draws: int,
) -> None:
    """Raise unless the plain arguments of `kpi_research.weights.optimize` are sound.

    Parameters
    ----------
    objective : str
        ``"validity"`` or ``"closest"``.
    scores, outcome : object
        Both needed for ``"validity"``.
    tether : float or None
        At least 0.
    scenarios, grid : object
        None.
    level : float
        Between 0 and 1.
    seed, draws : int
        At least 0.

    Raises
    ------
    TypeError
        If a number is of another type.
    ValueError
        If a value is not allowed.
    """
    if objective not in OBJECTIVES:
        raise ValueError(f"objective is {objective!r}.{did_you_mean(str(objective), OBJECTIVES)['en']}")
    for name, given in (("scenarios", scenarios), ("grid", grid)):
        if given is not None:
            raise ValueError(f"{name} is not available yet; leave it None")
    for name, given in (("scores", scores), ("outcome", outcome)):
        if given is None and objective == "validity":
            raise ValueError(
                f"{name} is missing; the objective 'validity' needs scores and outcome (or choose 'closest')"
            )
    if tether is not None:
        _check_number("tether", tether, 0.0, math.inf)
    _check_number("level", level, 0.0, 1.0)
    if level in (0, 1):
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    for name, count in (("seed", seed), ("draws", draws)):
        if isinstance(count, bool) or not isinstance(count, int):
            raise TypeError(f"{name} is {count!r}; it must be a whole number")
        if count < 0:
            raise ValueError(f"{name} is {count}; it must be 0 or more")


def _check_number(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is {value!r}; it must be a number")
    if not low <= value <= high:
        raise ValueError(f"{name} is {value}; allowed is {low:g} to {high:g}")
