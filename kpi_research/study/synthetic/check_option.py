"""The check of one option of the simulated bureau."""

from __future__ import annotations

import re
from dataclasses import Field
from numbers import Integral, Real
from typing import Any

from kpi_research.study.suggest import did_you_mean

CHOICES = {"work_noise": ("gamma", "lognormal")}
"""Options that are words, with the words allowed."""

_MONTH = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])")


def check_option(item: Field[Any], value: Any) -> Any:
    """Return the value of an option as its type, or refuse it.

    Parameters
    ----------
    item : dataclasses.Field
        The option; its metadata hold ``low`` and ``high``.
    value : object
        The value given.

    Returns
    -------
    int, float or str

    Raises
    ------
    TypeError
        If the value is of the wrong type.
    ValueError
        If it is outside the range, or a word that is not allowed.
    """
    if isinstance(item.default, str):
        return _word(item.name, value)
    whole = isinstance(item.default, int)
    fits = isinstance(value, Integral if whole else Real) and not isinstance(value, bool)
    if not fits:
        wanted = "a whole number" if whole else "a number"
        raise TypeError(f"{item.name} must be {wanted}, not {value!r}")
    low, high = item.metadata["low"], item.metadata["high"]
    if not low <= value <= high:
        raise ValueError(f"{item.name} = {value!r} is outside {low:g} to {high:g}")
    return int(value) if whole else float(value)


def _word(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text, not {value!r}")
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(f"{name} = {value!r} is not allowed.{did_you_mean(value, CHOICES[name])['en']}")
    if name == "start" and not _MONTH.fullmatch(value):
        raise ValueError(f"start = {value!r} is not a month such as '2024-01'")
    return value
