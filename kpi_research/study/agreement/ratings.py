"""Ratings of cases by raters, as codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.numerics.krippendorff import Pairable, pairable
from kpi_research.study.frame_checks import require_columns, require_filled

Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Ratings:
    """One row per rating that has a value.

    Attributes
    ----------
    case, rater, value : numpy.ndarray of int, shape (ratings,)
        Codes into ``cases``, ``raters`` and ``values``.
    cases, raters : pandas.Index
        Names in sorted order.
    values : pandas.Index
        The values in their order.
    missing : int
        Rows without a value, which were left out.
    """

    case: Ints
    rater: Ints
    value: Ints
    cases: pd.Index
    raters: pd.Index
    values: pd.Index
    missing: int

    def counts(self) -> NDArray[np.float64]:
        """Return how many raters gave each value to each case.

        Returns
        -------
        numpy.ndarray, shape (cases, values)
        """
        table = np.zeros((len(self.cases), len(self.values)))
        np.add.at(table, (self.case, self.value), 1.0)
        return table

    def pairable(self) -> Pairable:
        """Return the cases with two raters or more.

        Returns
        -------
        Pairable
        """
        numeric = pd.api.types.is_numeric_dtype(self.values.dtype) and not isinstance(self.values, pd.CategoricalIndex)
        scores = self.values.to_numpy(dtype=float) if numeric else np.arange(len(self.values), dtype=float)
        return pairable(self.counts(), scores)

    def of_cases(self, chosen: NDArray[np.bool_]) -> Ratings:
        """Return the ratings of some cases; raters and values keep their codes.

        Parameters
        ----------
        chosen : numpy.ndarray of bool, shape (cases,)
            Which cases.

        Returns
        -------
        Ratings
        """
        kept = chosen[self.case]
        code = np.cumsum(chosen) - 1
        return Ratings(
            code[self.case[kept]],
            self.rater[kept],
            self.value[kept],
            self.cases[chosen],
            self.raters,
            self.values,
            self.missing,
        )


def read_ratings(frame: pd.DataFrame, *, case: str, rater: str, rating: str, level: str = "nominal") -> Ratings:
    """Check a frame of ratings and turn it into codes.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per case and rater.
    case, rater, rating : str
        Its columns.
    level : {"nominal", "ordinal", "interval"}
        ``ordinal`` needs numbers or ordered categories, ``interval`` numbers.

    Returns
    -------
    Ratings

    Raises
    ------
    ValueError
        If a column or a name is missing, a rater has rated a case twice, nothing is rated, or the values do not have
        the level.
    """
    require_columns(frame, "ratings", {"case": case, "rater": rater, "rating": rating})
    if len({case, rater, rating}) < 3:
        raise ValueError(f"case, rater and rating must be three columns, found '{case}', '{rater}', '{rating}'")
    for column in (case, rater):
        require_filled(frame, "ratings", column)
    _require_once(frame, case, rater)
    rated = frame[frame[rating].notna()]
    if rated.empty:
        raise ValueError(f"rating: column '{rating}' has no values")
    values, labels = _value_codes(rated[rating], level)
    case_codes, cases = pd.factorize(rated[case], sort=True)
    rater_codes, raters = pd.factorize(rated[rater], sort=True)
    return Ratings(case_codes, rater_codes, values, pd.Index(cases), pd.Index(raters), labels, len(frame) - len(rated))


def _require_once(frame: pd.DataFrame, case: str, rater: str) -> None:
    double = frame.duplicated([case, rater])
    if double.any():
        first = frame.loc[double, [case, rater]].iloc[0]
        raise ValueError(
            f"ratings: {int(double.sum())} rows repeat a case and rater, first case '{first[case]}' by rater "
            f"'{first[rater]}'; one rating per case and rater is allowed"
        )


def _value_codes(values: pd.Series, level: str) -> tuple[Ints, pd.Index]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        if level == "interval" or (level == "ordinal" and not values.cat.ordered):
            raise ValueError(f"rating: categories have no {'distances' if level == 'interval' else 'order'}")
        used = values.cat.remove_unused_categories()
        return np.asarray(used.cat.codes, dtype=np.intp), pd.Index(used.cat.categories)
    numeric = pd.api.types.is_numeric_dtype(values.dtype)
    if level != "nominal" and not numeric:
        raise ValueError(f"rating: level '{level}' needs numbers, the column holds {values.dtype}")
    if numeric and not np.isfinite(values.to_numpy(dtype=float)).all():
        raise ValueError("rating: the column holds infinite values")
    codes, labels = pd.factorize(values if numeric else values.astype(str), sort=True)
    return np.asarray(codes, dtype=np.intp), pd.Index(labels)
