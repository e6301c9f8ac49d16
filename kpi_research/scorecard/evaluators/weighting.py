"""Weights of respondents: nonresponse within classes, raking to known margins, and tilting toward those who are silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.scorecard.evaluators.answers import Answers

Array = NDArray[np.float64]
IntArray = NDArray[np.intp]

ROUNDS = 200
CLOSE = 1e-10
"""Raking ends when no margin is off by more than this share, or after so many rounds."""


def class_weights(data: Answers, classes: Sequence[str]) -> Array:
    """Let the respondents of a class stand for all persons approached in it.

    Parameters
    ----------
    data : Answers
        All rows, those of persons who were not reached included.
    classes : sequence of str
        Columns that form the classes, within each target and item.

    Returns
    -------
    numpy.ndarray, shape (rows,)
        Weight times all approached over those reached; a class without respondents is shared out over its target.
    """
    code, size = data.codes(classes)
    group = data.cell * size + code
    everyone = np.bincount(group, data.weight, minlength=data.cells * size)
    here = np.bincount(group, data.weight * data.reached, minlength=data.cells * size)
    factor = np.divide(everyone, here, out=np.zeros_like(here), where=here > 0)
    weight = data.weight * factor[group] * data.reached
    total, found = data.total(data.weight), data.total(weight)
    rest = np.divide(total, found, out=np.zeros_like(total), where=found > 0)
    return np.asarray(weight * rest[data.cell], dtype=np.float64)


def tilted(data: Answers, weight: Array, tilt: float) -> Array:
    r"""Let respondents stand for those who gave no answer as far as these are thought to be less satisfied.

    Nonrespondents are given the distribution of the respondents times :math:`\exp(-\text{tilt} \cdot z)` with z the normal
    score of the answer, which is what a logit of responding linear in z says.

    Parameters
    ----------
    data : Answers
        Rows of respondents and nonrespondents.
    weight : numpy.ndarray, shape (rows,)
        Weights of respondents, 0 for others.
    tilt : float
        Rise of the log odds of responding per standard deviation of satisfaction; 0 changes nothing.

    Returns
    -------
    numpy.ndarray, shape (rows,)

    References
    ----------
    Scharfstein, D. O., Rotnitzky, A. & Robins, J. M. (1999), doi:10.1080/01621459.1999.10473862.
    """
    if tilt == 0:
        return weight
    lean = np.where(data.answered, np.exp(-tilt * np.nan_to_num(normal_scores(data))), 1.0)
    silent, reached = data.total(data.weight * ~data.reached), data.total(data.weight * data.reached)
    missing = np.divide(silent, reached, out=np.zeros_like(silent), where=reached > 0)
    mean = data.total(weight * lean) / np.maximum(data.total(weight), 1e-300)
    factor = 1 + missing[data.cell] * lean / np.where(mean > 0, mean, 1.0)[data.cell]
    return np.asarray(weight * factor, dtype=np.float64)


def normal_scores(data: Answers) -> Array:
    """Return the mean of a standard normal variable within each answer's share of all answers to the item.

    Parameters
    ----------
    data : Answers
        The answers.

    Returns
    -------
    numpy.ndarray, shape (rows,)
        NaN where there is no answer.
    """
    score = np.full(len(data.points), np.nan)
    for item in range(len(data.items)):
        rows = data.answered & (data.item == item)
        step = np.searchsorted(data.scale, data.points[rows])
        share = np.bincount(step, minlength=len(data.scale)) / max(len(step), 1)
        edges = stats.norm.pdf(stats.norm.ppf(np.clip(np.concatenate([[0.0], np.cumsum(share)]), 0.0, 1.0)))
        score[rows] = (np.divide(edges[:-1] - edges[1:], share, out=np.zeros_like(share), where=share > 0))[step]
    return score


def rake(data: Answers, weight: Array, margins: Mapping[str, pd.Series]) -> tuple[Array, list[tuple[str, str, str]]]:
    """Bring weights to known margins, one after the other until all hold.

    Parameters
    ----------
    data : Answers
        Rows of respondents.
    weight : numpy.ndarray, shape (rows,)
        Their weights.
    margins : mapping of str to pandas.Series
        For each column the number or share of people in each level; the index holds levels, or (target, level).

    Returns
    -------
    weight : numpy.ndarray, shape (rows,)
        Weights with the margins' shares and the old total of each target and item.
    lacking : list of tuple of (str, str, str)
        Column, target and level where nobody answered, so that others stand for them.

    Raises
    ------
    ValueError
        If a level of the respondents has no margin, or a margin is not above 0.

    References
    ----------
    Deming, W. E. & Stephan, F. F. (1940), doi:10.1214/aoms/1177731829; Deville, J.-C., Särndal, C.-E. & Sautory, O.
    (1993), doi:10.1080/01621459.1993.10476369.
    """
    total = data.total(weight)
    plans = [_Margin(data, column, series, weight) for column, series in margins.items()]
    raked = weight.astype(float, copy=True)
    for _ in range(ROUNDS):
        worst = 0.0
        for plan in plans:
            factor = plan.factor(raked, total)
            raked *= factor[plan.group]
            used = factor[factor > 0]
            worst = max(worst, float(np.abs(used - 1).max(initial=0.0)))
        if worst < CLOSE:
            break
    return raked, [place for plan in plans for place in plan.lacking]


class _Margin:
    """One margin: the share of each level in each cell, and which cell and level a row belongs to."""

    def __init__(self, data: Answers, column: str, series: pd.Series, weight: Array) -> None:
        levels = series.index.get_level_values(-1).unique()
        level = levels.get_indexer(pd.Index(data.frame[column]))
        if (level < 0).any():
            found = data.frame[column].to_numpy()[level < 0][0]
            raise ValueError(f"margins: level '{found}' of column '{column}' has no margin; all levels need one")
        size, items = len(levels), len(data.items)
        known = _known(series, data.targets, levels, column)
        self.share = np.repeat(known / known.sum(axis=1, keepdims=True), items, axis=0)
        self.group = data.cell * size + level
        self.shape = (data.cells, size)
        present = np.bincount(self.group, weight > 0, minlength=data.cells * size).reshape(self.shape) > 0
        some = np.asarray(present.any(axis=1))
        self.lacking = [
            (column, str(data.targets[cell // items]), str(levels[number]))
            for cell, number in np.argwhere(~present & some[:, None] & (self.share > 0))
        ]
        self.share = np.where(present, self.share, 0.0)
        self.share /= np.maximum(self.share.sum(axis=1, keepdims=True), 1e-300)

    def factor(self, weight: Array, total: Array) -> Array:
        now = np.bincount(self.group, weight, minlength=self.share.size).reshape(self.shape)
        wanted = self.share * total[:, None]
        return np.asarray(np.divide(wanted, now, out=np.zeros_like(now), where=now > 0).ravel(), dtype=np.float64)


def _known(series: pd.Series, targets: pd.Index, levels: pd.Index, column: str) -> Array:
    """Return margins, one row per target and one column per level."""
    if series.index.nlevels == 1:
        table = np.tile(series.reindex(levels).to_numpy(dtype=float), (len(targets), 1))
    else:
        table = series.unstack().reindex(index=targets, columns=levels).to_numpy(dtype=float)  # noqa: PD010
    fine = np.isfinite(table) & (table >= 0) & (table.sum(axis=1, keepdims=True) > 0)
    wrong = ~fine
    if wrong.any():
        row, place = np.argwhere(wrong)[0]
        raise ValueError(
            f"margins: column '{column}', target '{targets[row]}', level '{levels[place]}': {table[row, place]:g}; "
            "allowed: a number of 0 or above, with some above 0 in each target"
        )
    return table
