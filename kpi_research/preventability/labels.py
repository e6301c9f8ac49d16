"""Decisions of raters as numbers: preventable 1, not 0, undecided missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.sources.booleans import FALSE, TRUE

YES = frozenset((*TRUE, "1.0", "preventable", "可防", "可防性", "可预防"))
NO = frozenset((*FALSE, "0.0", "not", "not preventable", "不可防", "非可防", "不可预防"))
OPEN = frozenset(("", "unsure", "unclear", "unknown", "nan", "none", "<na>", "不确定", "不清楚", "存疑", "未知"))
"""Texts that mean preventable, not preventable and undecided, compared without regard to case."""


def read_labels(values: pd.Series, argument: str = "label") -> NDArray[np.float64]:
    """Return decisions as 1, 0 and NaN.

    Parameters
    ----------
    values : pandas.Series
        Booleans, numbers 0 and 1, or texts such as yes and no, 是 and 否, 可防 and 不可防; missing or unsure where a
        rater did not decide.
    argument : str
        What the caller calls them.

    Returns
    -------
    numpy.ndarray of float
        1 preventable, 0 not, NaN undecided.

    Raises
    ------
    ValueError
        If a value is none of these; the message shows the first.

    Examples
    --------
    >>> read_labels(pd.Series(["是", "否", "unsure", None])).tolist()
    [1.0, 0.0, nan, nan]
    """
    if pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype):
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        wrong = ~np.isnan(numbers) & (numbers != 0) & (numbers != 1)
        _refuse(values, wrong, argument)
        return numbers
    codes, texts = pd.factorize(values.astype(object))
    meanings = [_meaning(text) for text in texts]
    wrong = np.array([meaning is None for meaning in meanings] + [False])[codes]
    _refuse(values, wrong, argument)
    return np.array([np.nan if meaning is None else meaning for meaning in meanings] + [np.nan])[codes]


def _meaning(text: object) -> float | None:
    plain = str(text).strip().casefold()
    if plain in YES:
        return 1.0
    if plain in NO:
        return 0.0
    return float("nan") if plain in OPEN else None


def _refuse(values: pd.Series, wrong: NDArray[np.bool_], argument: str) -> None:
    if wrong.any():
        raise ValueError(
            f"{argument}: {int(wrong.sum())} values of column '{values.name}' are no decision, the first is "
            f"{values[wrong].tolist()[0]!r}; allowed are 1 and 0, true and false, yes and no, 是 and 否, or empty"
        )
