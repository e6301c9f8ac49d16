"""The mode effect: how much more favorable answers are on the telephone, or at a terminal, than face to face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.scorecard.evaluators.answers import SCALE, Answers, read_answers
from kpi_research.scorecard.evaluators.arguments import check_level
from kpi_research.scorecard.evaluators.ordered import ordered_probit
from kpi_research.study.findings import Finding, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ModeEffect(Result):
    """Differences between ways of asking.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per item and mode other than the reference: ``item``, ``mode``, ``reference``, ``answers`` (in this mode),
        ``points`` (mean answer less that of the reference within the same targets, points of the scale), ``points_se``,
        ``latent`` (shift of the latent answer, in standard deviations of a person's answer), ``se``, ``low``, ``high``
        (of the latent shift), ``p_value``.
    findings : tuple of Finding
        What the user must know.
    level : float
        Confidence level.
    """

    level: float


def mode_effect(
    answers: pd.DataFrame,
    *,
    target: str,
    item: str,
    mode: str,
    reference: str,
    answer: str = "answer",
    status: str | None = None,
    scale: Sequence[float] = SCALE,
    dont_know: Sequence[object] = (),
    level: float = 0.95,
) -> ModeEffect:
    r"""Measure how the way of asking shifts answers, within targets.

    Parameters
    ----------
    answers : pandas.DataFrame
        One row per person and item.
    target, item : str
        Columns of the unit or service asked about, and of the question.
    mode : str
        Column of the way of asking, such as telephone or face to face.
    reference : str
        Mode that the others are compared with.
    answer, status, scale, dont_know
        As in `survey_estimate`.
    level : float
        Confidence level.

    Returns
    -------
    ModeEffect

    Raises
    ------
    TypeError
        If ``answers`` is no frame.
    ValueError
        As in `survey_estimate`, or if the reference is no mode, or there is only one mode.

    Notes
    -----
    The latent shift is that of an ordered probit with a level for each target and a shift for each mode,
    :math:`P(y \le c) = \Phi(\alpha_c - \theta_{target} - \delta_{mode})` (`ordered_probit`). It is the effect of asking only
    if persons were given their mode by chance; where people choose it, it also holds who they are.

    Examples
    --------
    >>> rows = [("A", "satisfaction", "face", 8)] * 30 + [("A", "satisfaction", "phone", 10)] * 20
    >>> rows += [("A", "satisfaction", "face", 10)] * 20 + [("A", "satisfaction", "phone", 8)] * 30
    >>> frame = pd.DataFrame(rows, columns=["unit", "item", "mode", "answer"])
    >>> found = mode_effect(frame, target="unit", item="item", mode="mode", reference="face")
    >>> bool(abs(found.table["latent"].iloc[0]) < 1e-3)
    True
    """
    check_level(level)
    data = read_answers(
        answers,
        target=target,
        item=item,
        answer=answer,
        status=status,
        scale=scale,
        dont_know=dont_know,
        columns=[mode],
    )
    data = data.keep(data.answered & data.frame[mode].notna().to_numpy())
    found = sorted(data.frame[mode].astype("str").unique())
    if reference not in found:
        raise ValueError(f"reference is {reference!r}.{did_you_mean(str(reference), found)['en']}")
    if len(found) < 2:
        raise ValueError(f"mode: all answers came by {found[0]!r}; two modes are needed")
    others = [name for name in found if name != reference]
    rows = [
        row for number in range(len(data.items)) for row in _item_rows(data, number, mode, [reference, *others], level)
    ]
    remarks: list[Finding] = []
    table = pd.DataFrame(rows)
    for row in table[(table["low"] > 0) | (table["high"] < 0)].to_dict("records"):
        facts = {name: f"{row[name]:.2f}" for name in ("latent", "low", "high", "points")}
        named = {name: str(row[name]) for name in ("item", "mode", "reference")}
        remarks.append(finding("survey-mode-effect", **named, **facts))
    return ModeEffect(table, tuple(remarks), level)


def latent_shifts(data: Answers, mode: str, modes: Sequence[str]) -> tuple[Array, Array]:
    """Return the latent shift of each mode against the first one, and its covariance, for one item.

    Parameters
    ----------
    data : Answers
        Rows with an answer, of one item.
    mode : str
        Column of the mode.
    modes : sequence of str
        Modes, the reference first.

    Returns
    -------
    shift : numpy.ndarray, shape (modes - 1,)
    covariance : numpy.ndarray, shape (modes - 1, modes - 1)
    """
    counts = np.zeros((len(data.targets), len(modes), len(data.scale)))
    place = pd.Index(modes).get_indexer(pd.Index(data.frame[mode].astype("str")))
    np.add.at(counts, (data.target, place, np.searchsorted(data.scale, data.points)), 1.0)
    counts = counts[counts.sum(axis=(1, 2)) > 0]
    fit = ordered_probit(counts, np.eye(len(modes))[:, 1:])
    return fit.shifts, fit.covariance


def _item_rows(data: Answers, item: int, mode: str, modes: list[str], level: float) -> list[dict[str, object]]:
    part = data.keep(data.item == item)
    shift, covariance = latent_shifts(part, mode, modes)
    z = float(stats.norm.isf((1 - level) / 2))
    names = part.frame[mode].astype("str").to_numpy()
    rows: list[dict[str, object]] = []
    for number, name in enumerate(modes[1:]):
        se = float(np.sqrt(covariance[number, number]))
        gap, gap_se = _within_targets(part, names == name, names == modes[0])
        latent = float(shift[number])
        rows.append(
            {
                "item": data.items[item],
                "mode": name,
                "reference": modes[0],
                "answers": int((names == name).sum()),
                "points": gap,
                "points_se": gap_se,
                "latent": latent,
                "se": se,
                "low": latent - z * se,
                "high": latent + z * se,
                "p_value": float(2 * stats.norm.sf(abs(latent) / se)),
            }
        )
    return rows


def _within_targets(data: Answers, one: NDArray[np.bool_], other: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the mean difference of two sets of answers within targets, and its standard error."""
    size = len(data.targets)
    n1, n2 = (np.bincount(data.target[rows], minlength=size) for rows in (one, other))
    used = (n1 > 0) & (n2 > 0)
    means = [
        np.bincount(data.target[rows], data.points[rows], minlength=size) / np.maximum(n, 1)
        for rows, n in ((one, n1), (other, n2))
    ]
    weight = np.where(used, n1 * n2 / np.maximum(n1 + n2, 1), 0.0)
    if not weight.sum() > 0:
        return float("nan"), float("nan")
    gap = float(weight @ (means[0] - means[1]) / weight.sum())
    rest = data.points - np.where(one, means[0][data.target], means[1][data.target])
    inside = (one | other) & used[data.target]
    variance = float((rest[inside] ** 2).sum() / max(inside.sum() - 2 * used.sum(), 1))
    return gap, float(np.sqrt(variance / weight.sum()))
