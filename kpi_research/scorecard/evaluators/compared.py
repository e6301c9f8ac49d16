"""How well surveys and ratings tell their targets apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_research.scorecard.evaluators.severity import RaterSeverity
from kpi_research.scorecard.evaluators.survey_result import SurveyEstimate
from kpi_research.scorecard.ranks import rank_sets

DRAWS = 1000
AIM = 0.8
"""Reliability that an evaluation of single units should have."""


def compared_survey(found: SurveyEstimate, kind: str, seed: int) -> pd.DataFrame:
    """Return one row per item of a survey.

    Parameters
    ----------
    found : SurveyEstimate
        The survey.
    kind : str
        Kind of target.
    seed : int
        Seed of the rank sets.

    Returns
    -------
    pandas.DataFrame
        ``compared`` of `StudyEvaluators`.
    """
    rows = []
    for item in found.items.to_dict("records"):
        part = found.table[(found.table["item"] == item["item"]) & (found.table["answers"] > 0)]
        ratio = (
            item["within_sd"] ** 2 * item["design_effect"] / item["between_sd"] ** 2
            if item["between_sd"] > 0
            else np.nan
        )
        rows.append(
            {
                "evaluator": "survey",
                "target_kind": kind,
                "item": item["item"],
                "targets": len(part),
                "answers": float(part["answers"].median()),
                "reliability": item["reliability"],
                "unresolved": _unresolved(part, found.level, seed),
                "needed": np.ceil(ratio * AIM / (1 - AIM)),
            }
        )
    return pd.DataFrame(rows)


def _unresolved(part: pd.DataFrame, level: float, seed: int) -> float:
    known = part[part["se"].notna()]
    if len(known) < 2:
        return float("nan")
    estimate, se = (known[name].to_numpy() for name in ("estimate", "se"))
    return rank_sets(estimate, se=se, kind="simultaneous", level=level, draws=DRAWS, seed=seed).unresolved


def compared_ratings(found: RaterSeverity, kind: str, seed: int) -> pd.DataFrame:
    """Return one row per family of ratings, in the form of `compared_survey`.

    Parameters
    ----------
    found : RaterSeverity
        The ratings.
    kind : str
        Kind of target.
    seed : int
        Seed of the rank sets.

    Returns
    -------
    pandas.DataFrame
        Reliability is the share of the targets' variance that the scores recover.
    """
    rows = []
    for family, part in found.table.groupby("family", sort=True):
        rows_of = part.index.to_numpy(dtype=np.intp)
        cov = found.covariance.to_numpy()[np.ix_(rows_of, rows_of)]
        spread = float(found.kinds.loc[found.kinds["family"] == family, "target_sd"].iloc[0]) ** 2
        contrast = cov - cov.mean(axis=0) - cov.mean(axis=1)[:, None] + cov.mean()
        error = float(np.trace(contrast)) / max(len(part) - 1, 1)
        sets = rank_sets(
            part["score"].to_numpy(), cov=cov, kind="simultaneous", level=found.level, draws=DRAWS, seed=seed
        )
        rows.append(
            {
                "evaluator": "ratings",
                "target_kind": kind,
                "item": "all",
                "targets": len(part),
                "answers": float(part["ratings"].median()),
                "reliability": max(1 - error / spread, 0.0) if spread > 0 else np.nan,
                "unresolved": sets.unresolved,
                "needed": np.nan,
            }
        )
    return pd.DataFrame(rows)
