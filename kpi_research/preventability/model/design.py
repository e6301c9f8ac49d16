"""From recorded features of cases to the matrices of the two learners; what is missing or unknown is a level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
KNOTS = (0.05, 0.35, 0.65, 0.95)
"""Quantiles of the knots of restricted cubic splines (Harrell 2015, table 2.3)."""
FEW_VALUES = 10
"""Distinct numbers from which a numeric feature gets a spline; below it enters linearly."""
RARE = 10
"""Cases below which a level is taken together with the other rare ones."""
MOST_LEVELS = 60
"""Levels of one feature that are told apart at the most."""
MISSING = "unknown"
OTHER = "\u2026"


@dataclass(frozen=True, eq=False)
class Levels:
    """A categorical feature: the levels that are told apart; all others are one."""

    name: str
    levels: tuple[str, ...]

    def codes(self, values: pd.Series) -> NDArray[np.intp]:
        """Return the position of each value among the levels; their number where it is none of them."""
        found = pd.Index(self.levels).get_indexer(pd.Index(as_text(values)))
        return np.where(found < 0, len(self.levels), found)


@dataclass(frozen=True, eq=False)
class Scale:
    """How a numeric feature becomes columns.

    Attributes
    ----------
    name : str
        The feature.
    median : float
        What stands for a missing value.
    center, spread : float
        Mean and standard deviation.
    knots : tuple of float
        Knots of its spline, standardized.
    """

    name: str
    median: float
    center: float
    spread: float
    knots: tuple[float, ...]

    def columns(self, values: Floats) -> Floats:
        """Return the standardized value, the spline terms and whether the value is missing."""
        gone = np.isnan(values)
        x = (np.where(gone, self.median, values) - self.center) / self.spread
        return np.column_stack([x, *_spline(x, self.knots), gone.astype(float)])


def _spline(x: Floats, knots: tuple[float, ...]) -> list[Floats]:
    """Return the nonlinear terms of a restricted cubic spline, linear beyond the outer knots (Harrell 2015, ch. 2)."""
    if len(knots) < 3:
        return []
    last, before = knots[-1], knots[-2]
    size = (last - knots[0]) ** 2
    cube = [np.maximum(x - knot, 0.0) ** 3 for knot in knots]
    gap = last - before
    return [
        (cube[j] - cube[-2] * (last - knots[j]) / gap + cube[-1] * (before - knots[j]) / gap) / size
        for j in range(len(knots) - 2)
    ]


@dataclass(frozen=True, eq=False)
class Design:
    """How the features of a frame become numbers.

    Attributes
    ----------
    parts : tuple of Levels or Scale
        One for each feature, in the order of the columns.
    """

    parts: tuple[Levels | Scale, ...]

    def linear(self, frame: pd.DataFrame) -> Floats:
        """Return the matrix of the logistic model: indicators of levels, splines of numbers.

        Parameters
        ----------
        frame : pandas.DataFrame
            Features in the order in which the design was made.

        Returns
        -------
        numpy.ndarray, shape (cases, terms)
        """
        blocks = []
        for position, part in enumerate(self.parts):
            values = frame.iloc[:, position]
            if isinstance(part, Levels):
                blocks.append(np.eye(len(part.levels) + 1)[part.codes(values)])
            else:
                blocks.append(part.columns(as_numbers(values)))
        return np.column_stack(blocks)

    def trees(self, frame: pd.DataFrame) -> Floats:
        """Return the matrix of the boosted trees: codes of levels, numbers as they are, NaN where missing.

        Parameters
        ----------
        frame : pandas.DataFrame
            Features in the order in which the design was made.

        Returns
        -------
        numpy.ndarray, shape (cases, features)
        """
        columns = [
            part.codes(frame.iloc[:, position]).astype(float)
            if isinstance(part, Levels)
            else as_numbers(frame.iloc[:, position])
            for position, part in enumerate(self.parts)
        ]
        return np.column_stack(columns)

    @property
    def categorical(self) -> NDArray[np.bool_]:
        """Which features are categorical."""
        return np.array([isinstance(part, Levels) for part in self.parts])


def make_design(frame: pd.DataFrame) -> Design:
    """Learn levels, scales and knots from the features of labelled cases.

    Texts, booleans and categories become levels, with missing values as the level ``unknown``; levels of fewer than 10
    cases are taken together. Times become the hour of the day. Numbers keep their scale.

    Parameters
    ----------
    frame : pandas.DataFrame
        One column per feature.

    Returns
    -------
    Design
    """
    return Design(tuple(_part(str(name), frame.iloc[:, place]) for place, name in enumerate(frame.columns)))


def _part(name: str, values: pd.Series) -> Levels | Scale:
    if is_categorical(values):
        counts = as_text(values).value_counts()
        common = counts[counts >= min(RARE, max(len(values) // 20, 1))].index[:MOST_LEVELS]
        return Levels(name, tuple(sorted(common)))
    numbers = as_numbers(values)
    known = numbers[~np.isnan(numbers)]
    if not known.size:
        return Scale(name, 0.0, 0.0, 1.0, ())
    center, spread = float(known.mean()), float(known.std()) or 1.0
    many = len(np.unique(known)) >= FEW_VALUES
    knots = np.unique((np.quantile(known, KNOTS) - center) / spread) if many else np.empty(0)
    wide = len(knots) == len(KNOTS) and bool((np.diff(knots) > 1e-6).all())
    return Scale(name, float(np.median(known)), center, spread, tuple(map(float, knots)) if wide else ())


def is_categorical(values: pd.Series) -> bool:
    """Return whether a feature is made of levels.

    Parameters
    ----------
    values : pandas.Series
        The feature.

    Returns
    -------
    bool
        True for texts, booleans and categories; False for numbers and times.
    """
    if pd.api.types.is_bool_dtype(values.dtype) or isinstance(values.dtype, pd.CategoricalDtype):
        return True
    return not (pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype))


def as_text(values: pd.Series) -> pd.Series:
    """Return levels as text, ``unknown`` where missing or empty.

    Parameters
    ----------
    values : pandas.Series
        A categorical feature.

    Returns
    -------
    pandas.Series of str
    """
    codes, levels = pd.factorize(values)
    names = [str(level).strip() or MISSING for level in levels] + [MISSING]
    return pd.Series(np.array(names, dtype=object)[codes], index=values.index, dtype="str")


def as_numbers(values: pd.Series) -> Floats:
    """Return numbers as they are and times as the hour of the day.

    Parameters
    ----------
    values : pandas.Series
        A numeric feature or times.

    Returns
    -------
    numpy.ndarray of float
        NaN where missing.

    Raises
    ------
    ValueError
        If a number is infinite.
    """
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return (values.dt.hour + values.dt.minute / 60).to_numpy(dtype=float, na_value=np.nan)
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(numbers).any():
        raise ValueError(f"feature '{values.name}' holds infinity; numbers must be finite or missing")
    return numbers
