"""How the report writes numbers: three significant digits, thousands commas, a true minus, en dashes in ranges."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

MINUS, EN_DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
NOTHING = EN_DASH
"""Shown where a value is missing."""


def real(value: Any) -> float:
    """Return a cell as a float; None and every kind of missing value become NaN.

    Examples
    --------
    >>> real(None), real(pd.NA), real(3)
    (nan, nan, 3.0)
    """
    return math.nan if value is None or pd.isna(value) else float(value)


def number(value: float, digits: int = 3) -> str:
    """Write a number with ``digits`` significant digits, without ever dropping digits before the point.

    Parameters
    ----------
    value : float
        Any number; NaN is shown as an en dash.
    digits : int, default 3
        Significant digits, at least 1.

    Returns
    -------
    str

    Examples
    --------
    >>> [number(value) for value in (0.35483, -12.345, 2177.068, 0.0, 3.2e-7, float("nan"))]
    ['0.355', '−12.3', '2,177', '0', '3.20e−7', '–']
    """
    if math.isnan(value):
        return NOTHING
    if math.isinf(value) or value == 0:
        return "0" if value == 0 else _minus(f"{value:+}".replace("inf", "∞"))
    exponent = math.floor(math.log10(abs(float(f"{value:.{digits - 1}e}"))))
    if not -5 <= exponent < 12:
        mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
        return _minus(f"{mantissa}e{int(power)}")
    return fixed(value, max(0, digits - 1 - exponent))


def given(value: float) -> str:
    """Write a number that someone set, such as a limit or a rank, with no more digits than it has (at most six).

    Examples
    --------
    >>> given(40.0), given(0.3), given(12.5), given(-1500)
    ('40', '0.3', '12.5', '−1,500')
    """
    return NOTHING if math.isnan(value) else _minus(f"{value:,.6g}")


def fixed(value: float, decimals: int) -> str:
    """Write a number with a fixed number of decimals, for columns whose points must stand below each other.

    Examples
    --------
    >>> fixed(-1234.5678, 2), fixed(-0.0001, 2), fixed(float("nan"), 2)
    ('−1,234.57', '0.00', '–')
    """
    if math.isnan(value):
        return NOTHING
    text = f"{value:,.{decimals}f}"
    return _minus(text if text.strip("-0.,") else text.lstrip("-"))


def signed(value: float, decimals: int) -> str:
    """Write a number with its sign and a fixed number of decimals; zero has no sign.

    Examples
    --------
    >>> signed(0.46, 2), signed(-3, 1), signed(0.001, 2)
    ('+0.46', '−3.0', '0.00')
    """
    text = fixed(value, decimals)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def count(value: float) -> str:
    """Write a whole number with thousands commas.

    Examples
    --------
    >>> count(28834), count(float("nan"))
    ('28,834', '–')
    """
    return fixed(value, 0)


def percent(share: float, decimals: int = 1) -> str:
    """Write a share as a percentage.

    Examples
    --------
    >>> percent(0.9595)
    '96.0%'
    """
    return NOTHING if math.isnan(share) else f"{fixed(100 * share, decimals)}%"


def between(low: str, high: str, word: str) -> str:
    """Join two written numbers: with an en dash, or with a word where one of them has a minus sign.

    Parameters
    ----------
    low, high : str
        Written numbers.
    word : str
        ``"to"`` in English, ``"至"`` in Chinese.

    Returns
    -------
    str

    Examples
    --------
    >>> between("0.865", "0.989", "to"), between("−0.42", "0.10", "to"), between("–", "–", "to")
    ('0.865–0.989', '−0.42 to 0.10', '–')
    """
    if NOTHING in (low, high):
        return NOTHING
    if MINUS in low + high:
        return f"{low} {word} {high}"
    return low + EN_DASH + high


def ratio(value: float) -> str:
    """Write how many times a value is its reference, below one as a part.

    Examples
    --------
    >>> ratio(27.16), ratio(1 / 104), ratio(-2.0)
    ('27.2', '1/104', '−2.00')
    """
    return f"1/{number(1 / value)}" if 0 < value < 1 else number(value)


def probability(value: float) -> str:
    """Write a p-value with three decimals, or as below 0.001.

    Examples
    --------
    >>> probability(0.04), probability(1e-9), probability(float("nan"))
    ('0.040', '<0.001', '–')
    """
    if math.isnan(value):
        return NOTHING
    return "<0.001" if value < 0.0005 else fixed(value, 3)


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
