"""Levels that raters gave, checked and turned into points."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kpi_research.study.frame_checks import require_columns, require_filled
from kpi_research.study.rubric import Rubric, RubricError, make_rubric, read_rubric
from kpi_research.study.suggest import did_you_mean

ALL = ""
"""Item of ratings that name none."""


def rubric_of(given: str | Mapping[str, float] | Rubric) -> Rubric:
    """Return a rubric that was given in one of three forms.

    Parameters
    ----------
    given : str, mapping of str to float or Rubric
        Text as in the catalogue, points by level in order, or a rubric.

    Returns
    -------
    Rubric

    Raises
    ------
    TypeError
        If it is of none of these types, or points are no numbers.
    ValueError
        If the rubric cannot be used.
    """
    if isinstance(given, Rubric):
        return given
    try:
        if isinstance(given, str):
            return read_rubric(given)
        if isinstance(given, Mapping):
            return make_rubric([str(level) for level in given], [float(points) for points in given.values()])
    except RubricError as error:
        raise ValueError(f"rubric: {error}") from error
    raise TypeError(f"rubric must be a text, a mapping of level to points or a Rubric, found {type(given).__name__}")


def read_levels(
    ratings: pd.DataFrame, rubric: Rubric, *, target: str, rater: str, level: str, item: str | None
) -> tuple[pd.DataFrame, int]:
    """Check a frame of levels and give each its points.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row per target, rater and item.
    rubric : Rubric
        The rubric.
    target, rater, level : str
        Its columns.
    item : str or None
        Its column of items.

    Returns
    -------
    frame : pandas.DataFrame
        ``target``, ``item`` (empty where not named), ``rater``, ``level``, ``points``; rows without a level left out.
    dropped : int
        Rows left out.

    Raises
    ------
    TypeError
        If ``ratings`` is no frame.
    ValueError
        If a column or a name is missing, a rater has judged a target twice, no level is given, or one is unknown.
    """
    require_columns(ratings, "ratings", {"target": target, "rater": rater, "level": level, "item": item})
    names = {"target": target, "rater": rater, "level": level} | ({"item": item} if item is not None else {})
    if len(set(names.values())) < len(names):
        raise ValueError(f"{', '.join(names)} must be different columns, found {', '.join(names.values())}")
    for name, column in names.items():
        if name != "level":
            require_filled(ratings, "ratings", column)
    frame = pd.DataFrame({name: ratings[column].astype("str") for name, column in names.items() if name != "level"})
    frame["level"] = ratings[level].astype("object").where(ratings[level].notna())
    frame["item"] = frame["item"] if item is not None else ALL
    kept = frame[frame["level"].notna()].reset_index(drop=True)
    if kept.empty:
        raise ValueError(f"level: column '{level}' has no values")
    kept["level"] = kept["level"].astype("str").str.strip()
    _check_levels(kept["level"], rubric, level)
    _check_once(kept)
    kept["points"] = kept["level"].map(dict(zip(rubric.levels, rubric.points, strict=True))).astype("float64")
    return kept, len(frame) - len(kept)


def _check_levels(found: pd.Series, rubric: Rubric, column: str) -> None:
    unknown = sorted(set(found) - set(rubric.levels))
    if unknown:
        named = "; ".join(f"'{name}'.{did_you_mean(name, rubric.levels)['en']}" for name in unknown[:5])
        raise ValueError(f"level: column '{column}' has {len(unknown)} levels that the rubric does not have: {named}")


def _check_once(frame: pd.DataFrame) -> None:
    double = frame.duplicated(["target", "item", "rater"])
    if double.any():
        first = frame[double].iloc[0]
        raise ValueError(
            f"ratings: {int(double.sum())} rows repeat a target and rater (first: target '{first['target']}', rater "
            f"'{first['rater']}'); one level per target, item and rater is allowed; name the item, or one round"
        )
