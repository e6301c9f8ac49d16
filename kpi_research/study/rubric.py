"""Rubrics: the levels of a qualitative indicator and the points of each."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_WIDE = str.maketrans("；＝", ";=")


class RubricError(ValueError):
    """A rubric that cannot be used.

    Attributes
    ----------
    code : str
        What is wrong: ``rubric-unreadable``, ``rubric-level-twice``, ``rubric-too-short`` or ``rubric-disordered``, kinds
        of `kpi_research.study.findings.finding`.
    facts : mapping of str to object
        Values for the texts of that finding.
    """

    def __init__(self, code: str, text: str, **facts: object) -> None:
        super().__init__(text)
        self.code = code
        self.facts: Mapping[str, object] = facts


@dataclass(frozen=True, slots=True)
class Rubric:
    """Ordered levels of a judgment with the points of each.

    Attributes
    ----------
    levels : tuple of str
        Names of the levels in the order of the rubric; two or more, none twice.
    points : tuple of float
        Points of each level, all ascending or all descending.
    """

    levels: tuple[str, ...]
    points: tuple[float, ...]

    def nearest(self, points: float) -> str:
        """Return the level whose points are nearest, of two as near the one with fewer points.

        Parameters
        ----------
        points : float
            Points, such as a mean.

        Returns
        -------
        str

        Examples
        --------
        >>> read_rubric("none=0; partly=50; fully=100").nearest(70.0)
        'partly'
        """
        by_points = sorted(zip(self.points, self.levels, strict=True))
        return min(by_points, key=lambda pair: abs(pair[0] - points))[1]

    def mean_expression(self, value: str) -> str:
        """Return the expression of the mean points of rows, for an expression that gives one level per row.

        Parameters
        ----------
        value : str
            Expression of the level of a row; rows where it is missing do not count.

        Returns
        -------
        str
            An expression that `kpi_research.study.expressions.parse_expression` reads.

        Examples
        --------
        >>> read_rubric("no=0; yes=100").mean_expression("judged")
        "avg(CASE (judged) WHEN 'no' THEN 0.0 WHEN 'yes' THEN 100.0 END)"
        """
        pairs = zip(self.levels, self.points, strict=True)
        branches = " ".join(f"WHEN {_quoted(level)} THEN {_number(points)}" for level, points in pairs)
        return f"avg(CASE ({value}) {branches} END)"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _number(points: float) -> str:
    return f"{points:.12f}".rstrip("0").ljust(len(f"{points:.1f}"), "0")


def read_rubric(text: str) -> Rubric:
    """Read a rubric as the catalogue writes it.

    Parameters
    ----------
    text : str
        Levels with their points, ``none=0; partly=50; mostly=80; fully=100``; full-width ``；`` and ``＝`` are read alike,
        and so are lines in the place of semicolons.

    Returns
    -------
    Rubric

    Raises
    ------
    RubricError
        If the text cannot be read, has fewer than two levels or one twice, or its points neither rise nor fall throughout.

    Examples
    --------
    >>> read_rubric("未开展＝0；部分＝50；全部＝100").points
    (0.0, 50.0, 100.0)
    """
    parts = [part.strip() for part in re.split(r"[;\n]", text.translate(_WIDE))]
    pairs = [_pair(part) for part in parts if part]
    return make_rubric([level for level, _ in pairs], [points for _, points in pairs])


def _pair(part: str) -> tuple[str, float]:
    level, sign, number = (piece.strip() for piece in part.partition("="))
    try:
        points = float(number)
    except ValueError:
        points = math.nan
    if not level or not sign or not math.isfinite(points) or abs(points) > 1e9:
        raise RubricError("rubric-unreadable", f"'{part}' is not level=points, such as fully=100", part=part)
    return level, points


def make_rubric(levels: Sequence[str], points: Sequence[float]) -> Rubric:
    """Return a rubric of levels and points, checked.

    Parameters
    ----------
    levels : sequence of str
        Names of the levels.
    points : sequence of float
        Finite points of each.

    Returns
    -------
    Rubric

    Raises
    ------
    RubricError
        If there are fewer than two levels or one twice, or the points neither rise nor fall throughout.
    """
    for place, level in enumerate(levels):
        if level in levels[:place]:
            raise RubricError("rubric-level-twice", f"the level '{level}' stands twice", level=level)
    if len(levels) < 2:
        raise RubricError("rubric-too-short", f"{len(levels)} levels; two are needed", count=len(levels))
    steps = [after - before for before, after in pairwise(points)]
    if not (all(step > 0 for step in steps) or all(step < 0 for step in steps)):
        shown = ", ".join(f"{value:g}" for value in points)
        raise RubricError("rubric-disordered", f"the points {shown} neither rise nor fall throughout", points=shown)
    return Rubric(tuple(levels), tuple(float(value) for value in points))
