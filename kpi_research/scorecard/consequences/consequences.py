"""How often rules from scores to rewards and sanctions hit those they mean, and what would do better."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kpi_research.numerics.level_posterior import LevelDraws, draw_levels
from kpi_research.scorecard.consequences.alternatives import alternatives, longer
from kpi_research.scorecard.consequences.decide import classes
from kpi_research.scorecard.consequences.judge import Judgement, error_scale, judge, right_by_design
from kpi_research.scorecard.consequences.needed import needed_length
from kpi_research.scorecard.consequences.remarks import rule_remarks
from kpi_research.scorecard.consequences.result import Consequences
from kpi_research.scorecard.consequences.standing import Levels, Standing, read_standing
from kpi_research.scorecard.consequences.words import rule_text
from kpi_research.study.spec_consequences import ConsequenceSection

Array = NDArray[np.float64]
DESIGN = 1000
"""Draws of new data behind lengths and rates by design."""


def consequences(
    estimates: pd.Series,
    *,
    rules: Sequence[ConsequenceSection | Mapping[str, Any]],
    se: pd.Series | ArrayLike | None = None,
    cov: pd.DataFrame | ArrayLike | None = None,
    dof: pd.Series | ArrayLike | float | None = None,
    draws: pd.DataFrame | ArrayLike | None = None,
    periods: pd.DataFrame | None = None,
    schemes: Mapping[str, Standing] | None = None,
    name: str = "current",
    level: float = 0.95,
    certainty: float = 0.9,
    right: float = 0.9,
    samples: int = 4000,
    seed: int = 0,
) -> Consequences:
    r"""Return how often each rule hits those it means, what it would need, and what would do better.

    Parameters
    ----------
    estimates : pandas.Series, shape (p,)
        Score per unit or person, higher is better, under the first scheme.
    rules : sequence of mapping or ConsequenceSection
        Rules such as "top seven: merit", "bottom three twice running: talk", "grade by cut-offs", with the keys of
        ``[[scorecard.consequences]]``: ``{"id": "talk", "link": "sanction", "kind": "bottom", "count": 3, "running": 2}``.
    se, cov, dof, draws
        Errors of the scores, one of: standard errors (with degrees of freedom), covariance matrix, resampled scores with
        one row per draw.
    periods : pandas.DataFrame, shape (p, T), optional
        Scores of single periods in order. Rules with ``window`` or ``running`` need it; without se, cov and draws the
        errors are taken from it.
    schemes : mapping of str to Standing, optional
        Further schemes, e.g. equal and optimized weights, to be held beside the first.
    name : str
        Name of the first scheme.
    level : float
        Coverage of the intervals of wrong hits, between 0 and 1.
    certainty : float
        Probability of truly belonging from which a unit counts as sure, above 0.5 and below 1.
    right : float
        Share of hits that must truly belong for a rule to hold, between 0 and 1.
    samples, seed : int
        Draws of the true levels, at least 200, and their seed.

    Returns
    -------
    Consequences

    Raises
    ------
    TypeError
        If ``periods`` is not a frame, or a rule is no mapping.
    ValueError
        If a rule lacks a key or has one too many, errors are lacking, an option is out of range, or a rule does not fit the units (it takes all of them, or needs
        periods that are not there).

    Notes
    -----
    True levels are drawn from their posterior under :math:`\hat\theta \sim N(\theta, V)`,
    :math:`\theta_u \sim N(\mu, \tau^2)` with flat priors on :math:`\mu` and :math:`\tau` (`draw_levels`). A unit truly
    belongs if the rule, applied to the true levels, would take it; a rule on several decisions in a row means those
    whose level lies there. The probability of belonging is calibrated where levels scatter about normally: among units
    with probability .3, three in ten belong, whatever the data showed; frequentist sets have no such reading. Reading
    league tables this way follows Goldstein & Spiegelhalter (1996, doi:10.2307/2983325) and Laird & Louis (1989,
    doi:10.3102/10769986014001029).

    In simulations the expected numbers of wrong hits are right within Monte-Carlo error where levels scatter normally (up
    to 5 % too high where their spread is fixed), and off by up to a third where some units lie apart in a cluster or
    levels have long tails. Errors taken
    from twelve periods of 24 units allow for slow drift of quality: where monthly scores drift (autoregression 0.8, 18 %
    of the variance), 0.78 of three units talked to are predicted to be wrong and 0.83 are; where nothing drifts, 0.73
    are predicted and 0.64 are. With 24 periods both are right within a tenth: see ``reports/validation/scorecard.md``.

    The errors must hold all chance that matters: those from ups and downs of periods leave out faults of records and
    the choice of indicators. "Truly" means the level the scheme itself would give without chance, not merit.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> scores = pd.Series(rng.normal(50, 10, 20), index=[f"S{k:02d}" for k in range(20)])
    >>> rule = {"id": "talk", "link": "sanction", "kind": "bottom", "count": 3}
    >>> found = consequences(scores, rules=[rule], se=np.full(20, 5.0)).table.iloc[0]
    >>> bool(0.4 < found["right"] < 0.9), bool(found["needed_factor"] > 1)
    (True, True)
    """
    _check(level, certainty, right, samples, seed)
    read = _read_rules(rules)
    standings = {name: Standing(estimates, se, dof, cov, draws, periods), **(schemes or {})}
    if len(standings) <= len(schemes or {}):
        raise ValueError(f"name is {name!r}, which schemes holds too; each scheme needs its own name")
    rows, members, others, decisions, found = [], [], [], {}, []
    for scheme, standing in standings.items():
        levels = read_standing(standing)
        drawn = draw_levels(levels.estimate, levels.cov, samples, seed, levels.dof)
        for rule in read:
            judged, row, options = _judge(rule, levels, drawn, level, certainty, right, seed)
            rows.append({"scheme": scheme, **row})
            members.append(_members(scheme, rule, levels, judged, certainty))
            others += [{"scheme": scheme, "rule": rule.id, **option} for option in options]
            decisions[scheme, rule.id] = pd.Series(judged.decision, index=levels.units)
            found += rule_remarks(rule, scheme, row, right, levels.length is not None)
    overlap = pd.DataFrame(list(_overlap(read, list(standings), decisions)), columns=OVERLAP)
    tables = pd.DataFrame(rows), pd.concat(members, ignore_index=True), pd.DataFrame(others)
    return Consequences(tables[0], tuple(found), tables[1], tables[2], overlap, level)


OVERLAP = ["rule", "scheme", "same", "only_first", "only_here"]


def _read_rules(rules: Sequence[ConsequenceSection | Mapping[str, Any]]) -> list[ConsequenceSection]:
    if not len(rules):
        raise ValueError("rules is empty; it needs at least one rule")
    for rule in rules:
        if not isinstance(rule, ConsequenceSection | Mapping):
            raise TypeError(f"rules holds {type(rule).__name__}; each must be a mapping or a ConsequenceSection")
    read = [rule if isinstance(rule, ConsequenceSection) else ConsequenceSection.model_validate(rule) for rule in rules]
    ids = [rule.id for rule in read]
    if len(set(ids)) < len(ids):
        raise ValueError(f"rules has {max(ids, key=ids.count)!r} twice; each id may stand once")
    return read


def _check(level: float, certainty: float, right: float, samples: int, seed: int) -> None:
    for argument, value, least in (("level", level, 0.0), ("certainty", certainty, 0.5), ("right", right, 0.0)):
        if not least < value < 1:
            raise ValueError(f"{argument} is {value}; allowed: above {least:g} and below 1")
    if samples < 200:
        raise ValueError(f"samples is {samples}; allowed: 200 or more")
    if seed < 0:
        raise ValueError(f"seed is {seed}; allowed: 0 or above")


def _judge(
    rule: ConsequenceSection,
    levels: Levels,
    drawn: LevelDraws,
    level: float,
    certainty: float,
    right: float,
    seed: int,
) -> tuple[Judgement, dict[str, Any], list[dict[str, Any]]]:
    judged = judge(rule, levels, drawn.levels)
    part = drawn.levels[:DESIGN]
    normal = np.random.default_rng([seed, 1]).standard_normal((rule.running, *part.shape))
    noise = normal @ drawn.error.T
    factor, length = needed_length(rule, levels, part, noise, right)
    low, high = np.quantile(judged.wrong, [(1 - level) / 2, (1 + level) / 2])
    row = {
        "rule": rule.id,
        "label_en": rule_text(rule)["en"],
        "label_zh": rule_text(rule)["zh"],
        "link": rule.link,
        "kind": rule.kind,
        "units": len(levels.units),
        "hits": judged.hits,
        "right": judged.right,
        "wrong": float(judged.wrong.mean()),
        "wrong_low": float(low),
        "wrong_high": float(high),
        "missed": float(judged.missed.mean()),
        "right_by_design": right_by_design(rule, part, noise, error_scale(rule, levels)),
        "needed_factor": factor,
        "needed_periods": length,
    }
    options = alternatives(rule, levels, drawn.levels, judged, certainty)
    return judged, row, [*options, longer(rule, levels, part, noise, factor, length)]


def _members(
    scheme: str, rule: ConsequenceSection, levels: Levels, judged: Judgement, certainty: float
) -> pd.DataFrame:
    verdict = np.where(
        judged.belongs >= certainty, "sure", np.where(judged.belongs <= 1 - certainty, "sure_not", "cannot_tell")
    )
    names = np.array(classes(rule), dtype=object)
    return pd.DataFrame(
        {
            "scheme": scheme,
            "rule": rule.id,
            "unit": levels.units,
            "decision": pd.Series(names[judged.decision], dtype="str"),
            "belongs": judged.belongs,
            "verdict": pd.Series(verdict, dtype="str"),
        }
    )


def _overlap(
    rules: Sequence[ConsequenceSection], schemes: list[str], decisions: Mapping[tuple[str, str], pd.Series]
) -> Iterator[tuple[str, str, int, int, int]]:
    for rule in rules:
        for scheme in schemes[1:]:
            first, here = decisions[schemes[0], rule.id].align(decisions[scheme, rule.id], join="inner")
            same = (first == here) if rule.kind == "grades" else (first == 1) & (here == 1)
            yield rule.id, scheme, int(same.sum()), int((first > here).sum()), int((here > first).sum())
