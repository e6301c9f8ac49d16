"""What many replicates say about scores and ranks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats

from kpi_research.result import StudyResult
from kpi_research.scorecard import rank_sets
from kpi_research.scorecard.figure import draw_ranks
from kpi_research.scorecard.rank_inputs import LEAST_REPLICATES
from kpi_research.study.findings import Finding, Language, finding
from kpi_research.study.results import Result

COLUMNS = ("unit", "group", "score", "se_sampling", "se_adjusted", "se", "rank", "low", "high", "low_sampling", "high_sampling")  # fmt: skip


@dataclass(frozen=True)
class ScorecardBootstrap(Result):
    """Scores and ranks with all that is uncertain on the way to them.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit with a score: ``unit``, ``group``, ``score``; standard errors in points: ``se_sampling`` (periods
        alone), ``se_adjusted`` (and workload, expected levels), ``se`` (and weights); ``rank``; ``low``, ``high`` (its
        marginal confidence set from all of it) beside ``low_sampling``, ``high_sampling`` (those of the scorecard).
    replicates : pandas.DataFrame
        Scores of the replicates: ``replicate``, ``part``, and a column per unit, not stretched.
    failed : int
        Replicates in which the rules left no weights; the given ones stood in.
    level : float
        Confidence level.
    """

    replicates: pd.DataFrame
    failed: int
    level: float

    def plot(self, lang: Language = "en") -> Figure:
        """Draw every unit's rank with the confidence set from all sources.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the texts.

        Returns
        -------
        matplotlib.figure.Figure
        """
        return draw_ranks(self.table, self.level, lang)


def assemble_bootstrap(
    result: StudyResult, scores: pd.DataFrame, failed: int, errors: pd.DataFrame
) -> ScorecardBootstrap:
    """Turn replicates into errors and rank sets.

    Parameters
    ----------
    result : StudyResult
        The study as it is.
    scores : pandas.DataFrame
        ``replicate``, ``part`` and a column per unit.
    failed : int
        Replicates without weights.
    errors : pandas.DataFrame
        Standard errors of the scorecard and their degrees of freedom, by unit.

    Returns
    -------
    ScorecardBootstrap
    """
    section = result.study.spec.scorecard
    whole = result.scorecard.table
    key = whole["group"] if "group" in whole else pd.Series("", index=whole.index)
    tables = [_group(part, str(name), scores, errors, section.level) for name, part in whole.groupby(key, sort=False)]
    table = pd.concat(tables, ignore_index=True)[list(COLUMNS)]
    if "group" not in whole:
        table = table.drop(columns="group")
    count = int(scores["replicate"].nunique())
    return ScorecardBootstrap(table, tuple(_findings(table, count, failed)), scores, failed, section.level)


def _group(whole: pd.DataFrame, name: str, scores: pd.DataFrame, errors: pd.DataFrame, level: float) -> pd.DataFrame:
    table = whole[whole["score"].notna()].assign(group=name).reset_index(drop=True)
    table = table.rename(columns={"low": "low_sampling", "high": "high_sampling"})
    units = list(table["unit"])
    table = table.assign(se_sampling=np.nan, se_adjusted=np.nan, se=np.nan)
    table = table.assign(**{name: pd.array([pd.NA] * len(table), dtype="Int64") for name in ("low", "high")})
    known = errors.reindex(units)
    if len(units) < 2 or not set(units) <= set(scores.columns) or known["se"].isna().any():
        return table
    parts = {part: rows[units].to_numpy(dtype=float) for part, rows in scores.groupby("part")}
    usable = np.isfinite(np.hstack(list(parts.values()))).all(axis=1)
    deviation = {part: found[usable] - found[usable].mean(axis=0) for part, found in parts.items()}
    alone = deviation["sampling"].std(axis=0, ddof=1)
    if usable.sum() < LEAST_REPLICATES or not (alone > 0).all():
        return table
    stretch = known["se"].to_numpy() / alone
    for part, column in (("sampling", "se_sampling"), ("adjusted", "se_adjusted"), ("whole", "se")):
        table[column] = stretch * deviation[part].std(axis=0, ddof=1)
    tail = (1.0 - level) / 2.0
    heavier = stats.t.isf(tail, known["dof"].to_numpy()) / stats.norm.isf(tail)
    values = table["score"].to_numpy() + stretch * heavier * deviation["whole"]
    estimate = pd.Series(table["score"].to_numpy(), index=units)
    sets = rank_sets(estimate, replicates=pd.DataFrame(values, columns=units), level=level).table.set_index("unit")
    for column in ("low", "high"):
        table[column] = table["unit"].map(sets[column]).astype("Int64")
    return table


def _findings(table: pd.DataFrame, count: int, failed: int) -> Iterator[Finding]:
    known = table.dropna(subset=["se", "low_sampling"])
    if known.empty:
        yield finding("bootstrap-without-errors")
        return
    width, before = (
        (known[high] - known[low]).astype(float) for low, high in (("low", "high"), ("low_sampling", "high_sampling"))
    )
    total = float((known["se"] ** 2).sum())
    weights = 100.0 * (total - float((known["se_adjusted"] ** 2).sum())) / total
    adjusted = 100.0 * (float((known["se_adjusted"] ** 2).sum()) - float((known["se_sampling"] ** 2).sum())) / total
    facts = {"replicates": count, "units": len(known), "wider": int((width > before).sum())}
    yield finding("bootstrap-told", **facts, weights=f"{max(weights, 0.0):.0f}", adjusted=f"{max(adjusted, 0.0):.0f}")
    if failed:
        yield finding("bootstrap-without-weights", failed=failed, replicates=count)
