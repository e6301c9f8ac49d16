"""Answers of a survey as a user gives them, checked and coded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.scorecard.evaluators.arguments import numbers
from kpi_research.study.frame_checks import require_columns

Array = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

SCALE = (10.0, 8.0, 5.0, 2.0, 0.0)
"""Points of the five answers from very satisfied to very dissatisfied, as telephone surveys of police work score them."""

ANSWERED, DONT_KNOW = "answered", "dont_know"
"""Words of the status column for persons who were reached; every other word means that nothing was learned."""


@dataclass(frozen=True, slots=True)
class SurveyDesign:
    """Columns that say how persons were drawn.

    Attributes
    ----------
    strata : str or None
        Groups within a target in which persons were drawn separately.
    cluster : str or None
        Groups drawn as a whole, such as households or calling lists; each belongs to one target.
    """

    strata: str | None = None
    cluster: str | None = None


@dataclass(frozen=True)
class Answers:
    """One row per person approached and item.

    Attributes
    ----------
    frame : pandas.DataFrame
        The user's rows, in their order.
    target, item : numpy.ndarray of int, shape (rows,)
        Codes.
    targets, items : pandas.Index
        Labels, sorted.
    points : numpy.ndarray, shape (rows,)
        Points of the answer; NaN where there is none.
    reached : numpy.ndarray of bool, shape (rows,)
        Whether the person answered or did not know.
    weight : numpy.ndarray, shape (rows,)
        Weight, above 0.
    scale : numpy.ndarray, shape (answers,)
        Points of the possible answers, ascending.
    """

    frame: pd.DataFrame
    target: IntArray
    item: IntArray
    targets: pd.Index
    items: pd.Index
    points: Array
    reached: BoolArray
    weight: Array
    scale: Array

    @property
    def answered(self) -> BoolArray:
        """Whether there are points."""
        return np.isfinite(self.points)

    @property
    def cell(self) -> IntArray:
        """Number of the target and item: ``target * items + item``."""
        return np.asarray(self.target * len(self.items) + self.item, dtype=np.intp)

    @property
    def cells(self) -> int:
        """Number of targets times items."""
        return len(self.targets) * len(self.items)

    def total(self, values: Array | BoolArray) -> Array:
        """Return sums by cell.

        Parameters
        ----------
        values : numpy.ndarray, shape (rows,)
            What to sum.

        Returns
        -------
        numpy.ndarray, shape (cells,)
        """
        sums = np.bincount(self.cell, np.asarray(values, dtype=np.float64), minlength=self.cells)
        return np.asarray(sums, dtype=np.float64)

    def keep(self, rows: BoolArray) -> Answers:
        """Return some of the rows, with all targets and items.

        Parameters
        ----------
        rows : numpy.ndarray of bool, shape (rows,)
            Which.

        Returns
        -------
        Answers
        """
        parts = {name: getattr(self, name)[rows] for name in ("target", "item", "points", "reached", "weight")}
        return replace(self, frame=self.frame[rows], **parts)

    def codes(self, columns: Sequence[str]) -> tuple[IntArray, int]:
        """Return one code for the levels of several columns together, and their number; a missing value is a level.

        Parameters
        ----------
        columns : sequence of str
            Names of columns.

        Returns
        -------
        codes : numpy.ndarray of int, shape (rows,)
        number : int
        """
        code, size = np.zeros(len(self.frame), dtype=np.intp), 1
        for column in columns:
            own, levels = pd.factorize(self.frame[column], sort=False, use_na_sentinel=False)
            code, size = code * len(levels) + own, size * len(levels)
        found, code = np.unique(code, return_inverse=True)
        return np.asarray(code, dtype=np.intp), max(len(found), 1)


def read_answers(
    answers: pd.DataFrame,
    *,
    target: str,
    item: str,
    answer: str,
    status: str | None = None,
    weight: str | None = None,
    scale: Sequence[float] = SCALE,
    dont_know: Sequence[object] = (),
    columns: Sequence[str] = (),
) -> Answers:
    """Check the answers of a survey and code them.

    Parameters
    ----------
    answers, target, item, answer, status, weight, scale, dont_know
        As in `survey_estimate`.
    columns : sequence of str
        Further columns that must be there.

    Returns
    -------
    Answers

    Raises
    ------
    TypeError
        If ``answers`` is no frame.
    ValueError
        If a column is missing, a key has no value, an answer is not on the scale or a weight is not above 0.
    """
    named = {"target": target, "item": item, "answer": answer, "status": status, "weight": weight}
    require_columns(answers, "answers", named | {f"column {name!r}": name for name in columns})
    steps = np.unique(np.asarray(scale, dtype=float))
    if len(steps) < 2 or not np.isfinite(steps).all():
        raise ValueError(f"scale is {tuple(scale)}; allowed: two different finite numbers or more")
    for column in (target, item):
        if answers[column].isna().any():
            raise ValueError(
                f"column '{column}': {int(answers[column].isna().sum())} rows have no value; each needs one"
            )
    not_known = answers[answer].isin(list(dont_know)).to_numpy()
    points = numbers(answers[[answer]].mask(not_known[:, None]), answer)
    off = np.isfinite(points) & ~np.isin(points, steps)
    if off.any():
        row = int(np.argmax(off))
        raise ValueError(
            f"column '{answer}', row {row + 1}: {points[row]:g} is not on the scale; allowed: "
            f"{', '.join(f'{step:g}' for step in steps[::-1])}, or a value named in dont_know ({int(off.sum())} such rows)"
        )
    reached = np.isfinite(points) | not_known
    if status is not None:
        words = answers[status].astype("str").to_numpy()
        reached = np.isin(words, [ANSWERED, DONT_KNOW]) | not_known
        points = np.where(reached & (words != DONT_KNOW), points, np.nan)
    weights = np.ones(len(answers)) if weight is None else numbers(answers, weight)
    wrong = ~(weights > 0)
    if wrong.any():
        raise ValueError(f"column '{weight}', row {int(np.argmax(wrong)) + 1}: {weights[wrong][0]:g}; allowed: above 0")
    codes, targets = pd.factorize(answers[target], sort=True)
    items, names = pd.factorize(answers[item], sort=True)
    return Answers(answers, codes, items, pd.Index(targets), pd.Index(names), points, reached, weights, steps)
