"""Scores, severities and kinds of one family: the kinds of raters that rate the same targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kpi_research.scorecard.evaluators.crossed import CrossedFit, Pairs, fit_crossed
from kpi_research.scorecard.evaluators.kind_agreement import COLUMNS, kind_agreement
from kpi_research.scorecard.evaluators.rating_pairs import coded

Array = NDArray[np.float64]
IntArray = NDArray[np.intp]

FIRST_CHOICE = ("superior", "third_party")
"""Kinds that set the scale where none is named."""

SCORES = ("target", "family", "raters", "ratings", "raw", "score", "se", "low", "high", "moved")
SEVERITIES = ("rater", "kind", "family", "targets", "severity", "se", "low", "high", "alone")


@dataclass(frozen=True)
class Family:
    """Results of one family, as in `RaterSeverity`.

    Attributes
    ----------
    table, severities, kinds, between : pandas.DataFrame
        As there.
    covariance : numpy.ndarray, shape (targets, targets)
        Covariance of the errors of the scores.
    """

    table: pd.DataFrame
    severities: pd.DataFrame
    kinds: pd.DataFrame
    between: pd.DataFrame
    covariance: Array


@dataclass(frozen=True)
class _Model:
    frame: pd.DataFrame
    pairs: Pairs
    fit: CrossedFit
    kinds: list[str]
    raters: pd.DataFrame
    targets: pd.Index
    level: float

    @classmethod
    def of(cls, frame: pd.DataFrame, level: float) -> _Model:
        pairs, kinds, raters, targets = coded(frame)
        return cls(frame, pairs, fit_crossed(pairs), kinds, raters, targets, level)

    def half(self, se: Array, kind: IntArray | int) -> Array:
        """Return half the width of intervals, by t with the number of raters of the kind less one."""
        raters = self.raters["kind"].value_counts().reindex(self.kinds).to_numpy(dtype=float)
        freedom = np.maximum(raters[kind] - 1, 1)
        return np.asarray(se * stats.t.isf((1 - self.level) / 2, freedom), dtype=np.float64)


def fit_family(frame: pd.DataFrame, reference: str | None, self_kind: str | None, level: float) -> Family:
    """Fit one family: with self-ratings for its kinds, without them for scores and severities.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of `RatingPairs`.
    reference, self_kind, level
        As in `rater_severity`.

    Returns
    -------
    Family
        Without scores where there are only self-ratings or a single target.
    """
    others = frame[frame["kind"] != self_kind]
    none = pd.DataFrame({name: [] for name in SCORES}), pd.DataFrame({name: [] for name in SEVERITIES})
    if not _can_be_fitted(others):
        return Family(*none, _bare_kinds(frame), pd.DataFrame(columns=list(COLUMNS)), np.zeros((0, 0)))
    chosen = _reference(others, reference)
    model = _Model.of(others, level)
    whole = model if len(others) == len(frame) else _Model.of(frame, level)
    table, covariance = _scores(model, model.kinds.index(chosen))
    kinds = _kinds(whole, whole.kinds.index(chosen))
    known = np.nan_to_num(whole.fit.severity)[whole.pairs.rater]
    return Family(table, _severities(model), kinds, kind_agreement(whole.frame, known, level), covariance)


def _can_be_fitted(frame: pd.DataFrame) -> bool:
    targets, kinds = (frame[name].drop_duplicates().size for name in ("target", "kind"))
    return targets > 1 and len(frame) > kinds + 1 and float(frame["mean"].var()) > 0


def _reference(frame: pd.DataFrame, reference: str | None) -> str:
    known: list[str] = sorted(frame["kind"].unique(), key=str)
    wanted = [name for name in (reference, *FIRST_CHOICE) if name is not None and name in known]
    return (wanted or known)[0]


def _scores(model: _Model, reference: int) -> tuple[pd.DataFrame, Array]:
    """Return the table of targets and the covariance of their scores."""
    fit = model.fit
    through = np.eye(len(model.kinds))[reference] - fit.lever
    covariance = fit.targets_cov + through @ fit.kinds_cov @ through.T
    score, se = fit.kinds[reference] + fit.targets, np.sqrt(np.diag(covariance))
    half = model.half(se, reference)
    groups = model.frame.groupby("target", sort=True, observed=True)
    raw = groups["mean"].mean().to_numpy()
    table = pd.DataFrame(
        {
            "target": model.targets,
            "family": int(model.frame["family"].iloc[0]),
            "raters": groups.size().to_numpy(),
            "ratings": groups["ratings"].sum().to_numpy(),
            "raw": raw,
            "score": score,
            "se": se,
            "low": score - half,
            "high": score + half,
            "moved": score - raw - (score - raw).mean(),
        }
    )
    return table, covariance


def _severities(model: _Model) -> pd.DataFrame:
    fit, pairs = model.fit, model.pairs
    kind = np.zeros(len(model.raters), dtype=np.intp)
    kind[pairs.rater] = pairs.kind
    se = np.sqrt(fit.severity_variance)
    half = model.half(se, kind)
    others = np.bincount(pairs.target)[pairs.target] > 1
    table = model.raters[["rater", "kind"]].assign(
        family=int(model.frame["family"].iloc[0]),
        targets=np.bincount(pairs.rater),
        severity=fit.severity,
        se=se,
        low=fit.severity - half,
        high=fit.severity + half,
        alone=np.bincount(pairs.rater, others) == 0,
    )
    return table[np.isfinite(fit.severity)].reset_index(drop=True)


def _kinds(model: _Model, reference: int) -> pd.DataFrame:
    fit = model.fit
    gap = np.eye(len(model.kinds)) - np.eye(len(model.kinds))[reference]
    se = np.sqrt(np.clip(np.einsum("ki,ij,kj->k", gap, fit.kinds_cov, gap), 0.0, None))
    raters = model.raters["kind"].value_counts().reindex(model.kinds).to_numpy()
    fewest = np.where(raters < raters[reference], np.arange(len(raters)), reference)
    half, leniency = model.half(se, fewest), fit.kinds - fit.kinds[reference]
    severity = np.nan_to_num(fit.severity_variances)
    table = _bare_kinds(model.frame).assign(
        mean=fit.kinds,
        reference=model.kinds[reference],
        leniency=leniency,
        se=se,
        low=leniency - half,
        high=leniency + half,
        severity_sd=np.sqrt(fit.severity_variances),
        noise_sd=np.sqrt(fit.noise),
        target_sd=np.sqrt(fit.target_variance),
        agreement=fit.target_variance / (fit.target_variance + severity + fit.noise),
        consistency=fit.target_variance / (fit.target_variance + fit.noise),
    )
    return table


def _bare_kinds(frame: pd.DataFrame) -> pd.DataFrame:
    groups = frame.groupby("kind", sort=True, observed=True)
    counts = {name: groups[name].nunique() for name in ("rater", "target")}
    family = int(frame["family"].iloc[0])
    found = pd.DataFrame({"family": family, "raters": counts["rater"], "targets": counts["target"]})
    return found.assign(ratings=groups["ratings"].sum()).rename_axis("kind").reset_index()
