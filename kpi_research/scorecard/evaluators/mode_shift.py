"""What the ways of asking add to an estimate, against the way that is taken as the reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.scorecard.evaluators.answers import Answers
from kpi_research.scorecard.evaluators.ordered import ordered_probit
from kpi_research.study.suggest import did_you_mean

Array = NDArray[np.float64]

STEP = 1e-4
"""Step of the latent scale for derivatives."""


@dataclass(frozen=True, slots=True)
class ModeShift:
    """What asking otherwise than in the reference mode adds.

    Attributes
    ----------
    added, variance : numpy.ndarray, shape (cells,)
        What it adds to the estimate, and the variance of this.
    items : tuple of str
        Items that were adjusted.
    """

    added: Array
    variance: Array
    items: tuple[str, ...]


def mode_shift(data: Answers, weight: Array, counts: Array, mode: str | None, reference: str | None) -> ModeShift:
    r"""Return what the modes add to the estimate of every target and item.

    The target's answers by mode m are taken to lie :math:`\delta_m` higher on the latent scale of an ordered probit than in
    the reference mode, so that the estimate is too high by :math:`\sum_m f_m (E_{\theta + \delta_m} - E_\theta)` with the
    weighted share f of each mode.

    Parameters
    ----------
    data : Answers
        Rows with an answer.
    weight : numpy.ndarray, shape (rows,)
        Weights.
    counts : numpy.ndarray, shape (answers,)
        What each answer of the scale counts in the estimate.
    mode, reference : str or None
        Column of the mode, and the mode to which all are brought; None changes nothing.

    Returns
    -------
    ModeShift

    Raises
    ------
    ValueError
        If only one of the two is given, an answer has no mode, or the reference is no mode.

    References
    ----------
    McKelvey, R. D. & Zavoina, W. (1975), doi:10.1080/0022250X.1975.9989847.
    """
    added, variance = np.zeros(data.cells), np.zeros(data.cells)
    if mode is None and reference is None:
        return ModeShift(added, variance, ())
    if mode is None or reference is None:
        raise ValueError(
            "mode and reference_mode belong together: give the column of the mode and the mode to compare with"
        )
    if data.frame[mode].isna().any():
        raise ValueError(f"mode: {int(data.frame[mode].isna().sum())} answers have no value in column '{mode}'")
    names = data.frame[mode].astype("str").to_numpy()
    known = sorted(set(names))
    if reference not in known:
        raise ValueError(f"reference_mode is {reference!r}.{did_you_mean(str(reference), known)['en']}")
    modes = [reference, *(name for name in known if name != reference)]
    adjusted = []
    for item in range(len(data.items)):
        rows = data.item == item
        if {reference} < set(names[rows]):
            place = np.arange(len(data.targets)) * len(data.items) + item
            added[place], variance[place] = _of_item(data.keep(rows), weight[rows], counts, names[rows], modes)
            adjusted.append(str(data.items[item]))
    return ModeShift(added, variance, tuple(adjusted))


def _of_item(
    data: Answers, weight: Array, values: Array, names: NDArray[np.str_], modes: list[str]
) -> tuple[Array, Array]:
    """Return what the modes add for each target, and its variance."""
    place = pd.Index(modes).get_indexer(pd.Index(names))
    used = np.bincount(place, minlength=len(modes)) > 0
    shape = (len(data.targets), len(modes))
    numbers, share = np.zeros((*shape, len(data.scale))), np.zeros(shape)
    np.add.at(numbers, (data.target, place, np.searchsorted(data.scale, data.points)), 1.0)
    np.add.at(share, (data.target, place), weight)
    here = numbers.sum(axis=(1, 2)) > 0
    fit = ordered_probit(numbers[here][:, used], np.eye(int(used.sum()))[:, 1:])
    share = share[here][:, used] / share[here].sum(axis=1, keepdims=True)
    at = fit.levels
    columns, slopes = [], []
    for number, shift in enumerate(fit.shifts, 1):
        columns.append(share[:, number] * (fit.expected(at + shift, values) - fit.expected(at, values)))
        steep = fit.expected(at + shift + STEP, values) - fit.expected(at + shift - STEP, values)
        slopes.append(share[:, number] * steep / (2 * STEP))
    slope = np.column_stack(slopes)
    added, variance = np.zeros(len(here)), np.zeros(len(here))
    added[here] = np.sum(columns, axis=0)
    variance[here] = np.einsum("ti,ij,tj->t", slope, fit.covariance, slope)
    return added, variance
