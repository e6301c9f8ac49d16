"""Which tables of a scorecard may be published: of units and kinds of incidents, never of one person or a small cell."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from kpi_research.scorecard.evaluators import StudyEvaluators
from kpi_research.scorecard.reasons import ChangeReport, Reasons
from kpi_research.scorecard.reasons.digest import LEAST
from kpi_research.scorecard.result import Scorecard

CHANGE_COLUMNS = ("kind", "label_en", "label_zh", "period", "part", "change", "low", "high")
WIDE_PARTS = ("calendar", "all_kinds", "own")
"""Parts of a change that concern all units and places alike."""


def published_frames(scorecard: Scorecard) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the name and the frame of every nested table of a scorecard that may be published.

    Parameters
    ----------
    scorecard : Scorecard
        Result of the scorecard stage.

    Yields
    ------
    tuple of str and pandas.DataFrame
        ``consequences``, ``consequence_units``, ``alternatives``, ``overlap`` (see `Consequences`); ``gaps``,
        ``gap_parts``, ``gap_causes``, ``gap_loadings`` (see `GapReport`), ``changes`` (`safe_changes`), ``improvements``,
        ``improvement_posts``, ``digest``, ``digest_units``; ``evaluators`` (`unit_evaluators`), ``evaluators_compared``,
        ``survey_items``, ``mode_effect``, ``rater_kinds`` (`rater_kinds`). Parts that do not exist are left out.
    """
    found = scorecard.consequences
    if found is not None:
        yield "consequences", found.table
        for name, field in (("consequence_units", "members"), ("alternatives", "alternatives"), ("overlap", "overlap")):
            parts = [getattr(part, field).assign(group=group) for group, part in found.groups.items()]
            if parts:
                yield name, pd.concat(parts, ignore_index=True)
    if scorecard.reasons is not None:
        yield from _of_reasons(scorecard.reasons)
    if scorecard.evaluators is not None:
        yield from _of_evaluators(scorecard.evaluators)


def _of_reasons(reasons: Reasons) -> Iterator[tuple[str, pd.DataFrame]]:
    if reasons.gaps is not None:
        yield "gaps", reasons.gaps.table
        yield "gap_parts", reasons.gaps.parts
        yield "gap_causes", reasons.gaps.causes
        yield "gap_loadings", reasons.gaps.loadings
    changes = safe_changes(reasons)
    if len(changes):
        yield "changes", changes
    if reasons.improvements is not None:
        yield "improvements", reasons.improvements.table
        yield "improvement_posts", reasons.improvements.posts
    if reasons.digest is not None:
        yield "digest", reasons.digest.table
        yield "digest_units", reasons.digest.units


def _of_evaluators(found: StudyEvaluators) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "evaluators", unit_evaluators(found)
    yield "evaluators_compared", found.compared
    if found.survey is not None:
        yield "survey_items", found.survey.items
    if found.modes is not None:
        yield "mode_effect", found.modes.table
    kinds = rater_kinds(found)
    if len(kinds):
        yield "rater_kinds", kinds


def safe_changes(reasons: Reasons) -> pd.DataFrame:
    """Return the parts of changes in kinds of incidents that name no place, unit or address and rest on no small count.

    Parameters
    ----------
    reasons : Reasons
        Reasons of a study.

    Returns
    -------
    pandas.DataFrame
        One row per kind and part: ``kind``, ``label_en``, ``label_zh``, ``period``, ``part``, ``change`` (cases), ``low``,
        ``high``. Only kinds whose counts the digest shows; parts that rest on fewer than five cases are missing, and with
        them the part of this kind everywhere, lest they follow from the sum.
    """
    if reasons.digest is None:
        return pd.DataFrame(columns=list(CHANGE_COLUMNS))
    shown = reasons.digest.table[reasons.digest.table["before"].notna()]
    parts = [_safe_parts(change) for change in reasons.changes if change.kind in set(shown["kind"])]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(CHANGE_COLUMNS))


def _safe_parts(change: ChangeReport) -> pd.DataFrame:
    counts = change.table[["before", "now"]].to_numpy(dtype=float)
    local = ~change.table["part"].isin(WIDE_PARTS).to_numpy()
    small = local & ((counts > 0) & (counts < LEAST)).any(axis=1)
    if small.any():
        small |= (change.table["part"] == "own").to_numpy()
    named = change.table.assign(
        kind=change.kind, label_en=change.label["en"], label_zh=change.label["zh"], period=change.now
    )
    named.loc[small, ["change", "low", "high"]] = np.nan
    return named[list(CHANGE_COLUMNS)]


def unit_evaluators(found: StudyEvaluators) -> pd.DataFrame:
    """Return what survey and ratings say of units, without those that rest on fewer than five answers.

    Parameters
    ----------
    found : StudyEvaluators
        Evaluators of a study.

    Returns
    -------
    pandas.DataFrame
        Rows of `StudyEvaluators.table` with ``unit`` in place of ``target_kind`` and ``target``, and ``response`` (share
        of those approached who answered; missing for ratings).
    """
    kept = found.table[(found.table["target_kind"] == "unit") & (found.table["answers"] >= LEAST)]
    named = kept.rename(columns={"target": "unit"}).drop(columns="target_kind").reset_index(drop=True)
    if found.survey is None or named.empty:
        return named.assign(response=np.nan)
    rates = found.survey.table[["target", "item", "response"]].rename(columns={"target": "unit"})
    return named.merge(rates.assign(evaluator="survey"), on=["evaluator", "unit", "item"], how="left")


def rater_kinds(found: StudyEvaluators) -> pd.DataFrame:
    """Return what is known of kinds of raters with at least five raters and five rated.

    Parameters
    ----------
    found : StudyEvaluators
        Evaluators of a study.

    Returns
    -------
    pandas.DataFrame
        ``target_kind`` (unit, officer) and the columns of ``RaterSeverity.kinds``.
    """
    parts = [rated.kinds.assign(target_kind=kind) for kind, rated in found.ratings.items()]
    if not parts:
        return pd.DataFrame(columns=["target_kind", "kind", "raters", "targets"])
    whole = pd.concat(parts, ignore_index=True)
    return whole[(whole["raters"] >= LEAST) & (whole["targets"] >= LEAST)].reset_index(drop=True)
