"""Many replicates, on several processors, resumable."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from kpi_research.bootstrap.replicate import Plan, make_plan, replicate
from kpi_research.bootstrap.result import ScorecardBootstrap, assemble_bootstrap
from kpi_research.pipeline import code_digest
from kpi_research.result import StudyResult
from kpi_research.scorecard.rank_inputs import LEAST_REPLICATES
from kpi_research.study.store import DamagedStoreError, forget, load, save

Progress = Callable[[str, int, int], None]
CHUNK = 10
"""Replicates that are made, and kept, together."""


@dataclass(frozen=True)
class Chunk:
    """Scores of some replicates.

    Attributes
    ----------
    scores : pandas.DataFrame
        ``replicate``, ``part`` (``sampling``, ``adjusted`` or ``whole``), and a column of scores per unit.
    failed : int
        Replicates without weights.
    """

    scores: pd.DataFrame
    failed: int


def bootstrap_scorecard(
    result: StudyResult,
    *,
    replicates: int = 200,
    block: int | None = None,
    seed: int | None = None,
    folder: str | Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> ScorecardBootstrap:
    """Find out how far ranks rest on the sample of periods, on workload and expected levels, and on the weights.

    Parameters
    ----------
    result : StudyResult
        The study as it is, from `run_study`.
    replicates : int, default 200
        Number of replicates, at least 100.
    block : int, optional
        Periods drawn together; the third root of their number by default, rounded.
    seed : int, optional
        Seed; that of the study by default. Each replicate has its own stream, so ``jobs`` changes nothing.
    folder : str or pathlib.Path, optional
        Where finished replicates are kept until all are done; an interrupted call with the same study and seed goes on.
    jobs : int, default 1
        Processes.
    progress : callable, optional
        Called with ``"bootstrap"``, the number of finished replicates and their total.

    Returns
    -------
    ScorecardBootstrap

    Raises
    ------
    ValueError
        If a number is out of range, or the study has no scores.

    Notes
    -----
    Periods are drawn in blocks, the same ones for all units and tables, so that what moves together stays together. Where
    the study says so, workload coefficients are fitted anew on the log of these periods, and expected levels on their
    cases, with shares of preventable cases drawn within their errors; weights are optimized on a sample of units. The
    units that are ranked and the scales of the points stay the same.

    Few periods make a bootstrap too narrow. Replicates are therefore stretched about their mean, unit by unit, until
    the part that comes from drawing periods alone has the standard error of the scorecard, which shares the evidence of
    all units and counts serial correlation (`Scorecard`), times the ratio of the t to the normal quantile.

    Not in it: faults of records, the choice of indicators and of rules, errors of the classification of single cases.

    Examples
    --------
    >>> import kpi_research as kr
    >>> result = kr.run_study("data/demo_bureau")  # doctest: +SKIP
    >>> kr.bootstrap_scorecard(result, jobs=2).table  # doctest: +SKIP
    """
    _check(result, replicates, block, jobs)
    start = result.study.spec.study.seed if seed is None else seed
    plan = make_plan(result, block)
    starts = range(0, replicates, CHUNK)
    store = None if folder is None else Path(folder) / f"bootstrap-{_key(result, plan, start)}"
    tell = progress or _silent
    seeds = np.random.SeedSequence(start).spawn(replicates)
    tasks = ((plan, seeds[first : first + CHUNK], first, store) for first in starts)
    chunks: list[Chunk] = []
    tell("bootstrap", 0, replicates)
    for chunk in _made(tasks, jobs):
        chunks.append(chunk)
        tell("bootstrap", min(len(chunks) * CHUNK, replicates), replicates)
    if store is not None:
        forget(store)
    scores = pd.concat([chunk.scores for chunk in chunks], ignore_index=True)
    return assemble_bootstrap(result, scores, sum(chunk.failed for chunk in chunks), plan.errors)


def _made(tasks: Iterator[tuple[Plan, list[np.random.SeedSequence], int, Path | None]], jobs: int) -> Iterator[Chunk]:
    if jobs == 1:
        yield from (_chunk(*task) for task in tasks)
    else:
        yield from Parallel(n_jobs=jobs, return_as="generator")(delayed(_chunk)(*task) for task in tasks)


def _chunk(plan: Plan, seeds: list[np.random.SeedSequence], first: int, store: Path | None) -> Chunk:
    path = None if store is None else store / f"{first:05}-{len(seeds)}.zip"
    if path is not None:
        try:
            found: Chunk = load(path)
        except DamagedStoreError:
            pass
        else:
            return found
    rows, failed = [], 0
    with threadpool_limits(1):
        for number, seed in enumerate(seeds, first):
            one = replicate(plan, seed)
            failed += one.failed
            parts = {"sampling": one.sampling, "adjusted": one.adjusted, "whole": one.whole}
            rows += [{"replicate": number, "part": name, **scores.to_dict()} for name, scores in parts.items()]
    chunk = Chunk(pd.DataFrame(rows), failed)
    if path is not None:
        save(chunk, path)
    return chunk


def _key(result: StudyResult, plan: Plan, seed: int) -> str:
    return hashlib.sha256(f"{result.digest}\n{plan.block}\n{seed}\n{code_digest()}".encode()).hexdigest()[:24]


def _check(result: StudyResult, replicates: int, block: int | None, jobs: int) -> None:
    if replicates < LEAST_REPLICATES:
        raise ValueError(f"replicates is {replicates}; allowed: {LEAST_REPLICATES} or more, so that a tail can be read")
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}; allowed: 1 or more")
    if not result.scorecard.table["score"].notna().any():
        raise ValueError("the study has no scores; see the findings of its scorecard")
    periods = result.study.values["period"].nunique()
    if block is not None and not 1 <= block <= periods:
        raise ValueError(f"block is {block}; allowed: 1 to {periods}, the number of periods")


def _silent(_name: str, _done: int, _total: int) -> None:
    return None
