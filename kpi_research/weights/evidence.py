"""Evidence for weights: standardized scores and outcome of the units that have both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.limits import Flags, Floats
from kpi_research.weights.model import LEAST_SPREAD
from kpi_research.weights.wording import Wording

FEWEST_UNITS = 3


class EvidenceError(ValueError):
    """Scores and outcome are well-formed but say nothing: too few units, or nothing that varies.

    Parameters
    ----------
    reason : Finding
        What is lacking.
    """

    def __init__(self, reason: Finding) -> None:
        self.reason = reason
        super().__init__(f"scores and outcome: {reason.message}")


@dataclass(frozen=True, eq=False)
class Evidence:
    """Scores and outcome, standardized over the units that are complete.

    Attributes
    ----------
    units : tuple of str
        Complete units, sorted, so that nothing depends on the order of rows.
    scores : ndarray of shape (units, indicators)
        Mean 0 and standard deviation 1 (divisor n) in each column, higher is better; 0 where there is no evidence.
    outcome : ndarray of shape (units,)
        Mean 0 and standard deviation 1, higher is better.
    absent : ndarray of bool, shape (indicators,)
        Indicators that could get weight but are missing everywhere or do not vary.
    findings : tuple of Finding
        Indicators without evidence, units left out.
    """

    units: tuple[str, ...]
    scores: Floats
    outcome: Floats
    absent: Flags
    findings: tuple[Finding, ...]

    @property
    def gain(self) -> Floats:
        """Covariance of each indicator with the outcome (here also the correlation)."""
        return self.outcome @ self.scores / len(self.outcome)

    def ratio(self, weights: Floats) -> float:
        """Return covariance of score and outcome over the score's mean absolute deviation, as the objective has it.

        A spread below `LEAST_SPREAD` counts as that.

        Parameters
        ----------
        weights : ndarray of shape (indicators,)
            Points.

        Returns
        -------
        float
        """
        spread = float(np.abs(self.scores @ weights).mean())
        return float(self.gain @ weights) / max(spread, LEAST_SPREAD)

    def correlation(self, weights: Floats) -> float:
        """Return Pearson's correlation of score and outcome over the units; NaN where the score does not vary.

        Parameters
        ----------
        weights : ndarray of shape (indicators,)
            Points.

        Returns
        -------
        float
        """
        return correlation(self.scores @ weights, self.outcome)


def correlation(left: Floats, right: Floats) -> float:
    """Return Pearson's correlation, NaN where one side does not vary.

    Parameters
    ----------
    left, right : ndarray of shape (units,)
        The two series.

    Returns
    -------
    float
    """
    first, second = left - left.mean(), right - right.mean()
    size = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / size if size > 1e-12 else float("nan")


def prepare_evidence(scores: pd.DataFrame, outcome: pd.Series, wording: Wording, needed: Flags) -> Evidence:
    """Bring scores and outcome together, keep complete units and standardize.

    A unit is complete if it has an outcome and a score on every indicator that may get weight (is not banned or
    limited to 0) and has evidence at all. Incomplete units are left out as a whole, never indicator by indicator,
    so that all indicators are compared on the same units.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (units, indicators)
        Index: unit; a column per indicator id; higher is better.
    outcome : pandas.Series of shape (units,)
        Index: unit; higher is better.
    wording : Wording
        Indicator ids in canonical order, and their names.
    needed : ndarray of bool, shape (indicators,)
        Indicators that may get weight.

    Returns
    -------
    Evidence

    Raises
    ------
    TypeError
        If scores is no frame or outcome no series.
    ValueError
        If a column is missing, a unit stands twice, or a value is infinite or no number.
    EvidenceError
        If fewer than 3 units are complete, or no indicator or not the outcome varies over them.
    """
    ids = wording.ids
    values, result = _aligned(scores, outcome, ids, needed)
    absent, complete = _evidence_pattern(values, needed)
    if min(len(values), complete.sum()) < FEWEST_UNITS:
        used = int(min(len(values), complete.sum()))
        raise EvidenceError(finding("weights-too-few-units", Where(), used=used, needed=FEWEST_UNITS))
    if not (needed & ~absent).any():
        raise EvidenceError(finding("weights-no-usable-indicator", Where(), units=len(values)))
    kept = result.to_numpy()[complete]
    if _constant(kept):
        raise EvidenceError(finding("weights-outcome-constant", Where(), used=len(kept)))
    columns = [_standardized(values[complete, j]) for j in range(len(ids))]
    findings = _evidence_findings(values, absent, complete, wording, needed, len(scores))
    units = tuple(str(unit) for unit in result.index[complete])
    return Evidence(units, np.column_stack(columns), _standardized(kept), absent, findings)


def _aligned(scores: pd.DataFrame, outcome: pd.Series, ids: tuple[str, ...], needed: Flags) -> tuple[Floats, pd.Series]:
    if not isinstance(scores, pd.DataFrame):
        raise TypeError(f"scores must be a pandas DataFrame (units in its index), found {type(scores).__name__}")
    if not isinstance(outcome, pd.Series):
        raise TypeError(f"outcome must be a pandas Series (units in its index), found {type(outcome).__name__}")
    for name, wanted in zip(ids, needed, strict=True):
        if wanted and name not in scores.columns:
            raise ValueError(
                f"scores has no column for indicator '{name}'.{did_you_mean(name, map(str, scores.columns))['en']}"
            )
    for argument, index in (("scores", scores.index), ("outcome", outcome.index)):
        if index.has_duplicates:
            raise ValueError(f"{argument}: the unit '{index[index.duplicated()][0]}' stands twice")
    result = _numbers(outcome.to_frame("outcome"), "outcome")["outcome"].dropna()
    units = sorted(result.index.intersection(scores.index), key=str)
    values = _numbers(scores.reindex(index=units, columns=list(ids)), "scores").to_numpy()
    return values, result.reindex(units)


def _numbers(frame: pd.DataFrame, argument: str) -> pd.DataFrame:
    try:
        numbers = frame.astype(float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{argument} must hold numbers: {error}") from error
    infinite = np.isinf(numbers.to_numpy())
    if infinite.any():
        row, column = np.argwhere(infinite)[0]
        raise ValueError(f"{argument}: unit '{frame.index[row]}' has an infinite value in '{frame.columns[column]}'")
    return numbers


def _evidence_pattern(values: Floats, needed: Flags) -> tuple[Flags, Flags]:
    """Return which needed indicators have no evidence, and which units are complete on the others."""
    absent = np.zeros(len(needed), dtype=bool)
    while True:
        used = needed & ~absent
        complete = np.asarray(~np.isnan(values[:, used]).any(axis=1))
        empty = np.zeros(len(needed), dtype=bool)
        for j in np.flatnonzero(used):
            empty[j] = _uninformative(values[:, j], complete)
        if not empty.any():
            return absent, complete
        absent |= empty


def _uninformative(column: Floats, complete: Flags) -> bool:
    """Whether a column is missing everywhere, or constant wherever it can be used."""
    if np.isnan(column).all():
        return True
    usable = column[complete] if complete.any() else column[~np.isnan(column)]
    return _constant(usable)


def _constant(values: Floats) -> bool:
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max(initial=0.0)) if values.size else True


def _standardized(values: Floats) -> Floats:
    known = values[~np.isnan(values)]
    if _constant(known):
        return np.zeros(len(values))
    centered = values - known.mean()
    centered = centered / np.sqrt(np.mean((known - known.mean()) ** 2))
    return np.nan_to_num(centered, nan=0.0)


def _evidence_findings(
    values: Floats, absent: Flags, complete: Flags, wording: Wording, needed: Flags, offered: int
) -> tuple[Finding, ...]:
    ids, found = wording.ids, []
    for j in np.flatnonzero(absent):
        state = _STATES[bool(np.isnan(values[:, j]).all())]
        found.append(finding("indicator-without-evidence", Where(), indicator=wording.listed([ids[j]]), state=state))
    used = np.flatnonzero(needed & ~absent)
    if complete.sum() < offered:
        gaps = np.isnan(values[:, used]).sum(axis=0)
        worst = wording.listed([ids[used[int(np.argmax(gaps))]]]) if gaps.any() else _OUTCOME
        share = f"{100 * complete.sum() / offered:.0f}"
        facts = {"used": int(complete.sum()), "offered": offered, "share": share, "column": worst}
        found.append(finding("units-incomplete", Where(), **facts))
    return tuple(found)


_OUTCOME = {"en": "outcome", "zh": "结果变量"}
_STATES = {
    True: {"en": "has no values", "zh": "没有任何数值"},
    False: {"en": "is the same for every unit", "zh": "在各单位之间没有差异"},
}
