"""Weights of a family of posts: each under its own rules, all comparable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kpi_research.study.findings import Where, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.family.links import Link, family_links, joined
from kpi_research.weights.goals.lexicographic import closest_in, ranges, reach
from kpi_research.weights.goals.pieces import distance
from kpi_research.weights.goals.space import InfeasibleSpace, Space, best_in
from kpi_research.weights.indicators import canonical_indicators, weights_of
from kpi_research.weights.infeasible import explain_conflict
from kpi_research.weights.limits import Floats
from kpi_research.weights.program import Program, compile_program
from kpi_research.weights.rules import Rule, resolve
from kpi_research.weights.solve import SolverError
from kpi_research.weights.wording import wording_of

_BINDING = 1e-6


class FamilyConflictError(ValueError):
    """The rules of the posts can hold, but not together with what ties the posts."""


@dataclass(frozen=True)
class Post:
    """One post with its own scorecard.

    Parameters
    ----------
    indicators : pandas.DataFrame
        Its catalogue.
    rules : iterable of Rule
        Its rules; hard ones hold.
    current : mapping of id to points, optional
        Its weights in force; None takes equal ones.
    profile : mapping of id to float, optional
        Reference score of each indicator in this post, such as the mean of its holders.
    """

    indicators: pd.DataFrame
    rules: Iterable[Rule] = ()
    current: Mapping[str, float] | None = None
    profile: Mapping[str, float] | None = None


@dataclass(frozen=True)
class FamilyWeights(Result):
    """Weights of all posts.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per post and indicator: ``post``, ``id``, ``core``, ``reference``, ``weight``, ``low``, ``high`` (range among
        equally close solutions); points.
    findings : tuple of Finding
        How far the weights had to move.
    links : pandas.DataFrame
        One row per tie: ``kind`` (``equal_core``, ``spread``, ``core_total``, ``expected_score``), ``indicator``, ``value``
        (largest difference between two posts), ``max``, ``binding``.
    moved : float
        Sum of all moves, points.
    gap : float
        Distance from the bound that the duals prove, points.
    """

    links: pd.DataFrame = field(default_factory=pd.DataFrame)
    moved: float = 0.0
    gap: float = 0.0


def family_weights(
    posts: Mapping[str, Post],
    *,
    core: Sequence[str] = (),
    equal_core: bool = False,
    spread: float | None = None,
    core_total: bool = False,
    same_expected: float | None = None,
) -> FamilyWeights:
    """Find the weights of several posts that are closest to the current ones and comparable with each other.

    Parameters
    ----------
    posts : mapping of str to Post
        At least two posts.
    core : sequence of str
        Indicators that posts have in common.
    equal_core : bool, default False
        Whether each core indicator weighs the same in all posts that have it.
    spread : float, optional
        Largest difference of a core weight between two posts, 0 to 100 points.
    core_total : bool, default False
        Whether the core weighs the same in all, as scores can then be compared on it.
    same_expected : float, optional
        Largest difference between posts of the expected score ``sum w_j profile_j / 100``, in units of the profiles.

    Returns
    -------
    FamilyWeights

    Raises
    ------
    FamilyConflictError
        If the posts' rules and the ties cannot all hold; the smallest set of ties is named.
    InfeasibleRules
        If the rules of one post cannot hold.
    ValueError
        If a name is unknown or a number out of range.

    Notes
    -----
    One linear program over the weights of all posts; among equally close solutions the smallest sum of squared moves.

    Examples
    --------
    >>> desk = Post(pd.DataFrame({"id": ["law", "calls"]}), current={"law": 30, "calls": 70})
    >>> patrol = Post(pd.DataFrame({"id": ["law", "visits"]}), current={"law": 50, "visits": 50})
    >>> found = family_weights({"desk": desk, "patrol": patrol}, core=["law"], equal_core=True)
    >>> found.table.query("id == 'law'")["weight"].round(6).tolist()
    [40.0, 40.0]
    """
    _check(posts, core, spread, same_expected)
    programs = {name: _program(post) for name, post in posts.items()}
    targets = [_target(post, programs[name]) for name, post in posts.items()]
    profiles = None if same_expected is None else {name: _profile(name, posts[name], programs[name]) for name in posts}
    links = family_links(programs, core, equal_core, spread, core_total, profiles, same_expected or 0.0)
    target = np.concatenate(targets)
    space = Space(joined(programs, links))
    try:
        reached = reach(space, [(distance(target), 0.0)])
    except InfeasibleSpace:
        raise FamilyConflictError(_conflict(programs, links, target)) from None
    if reached is None:
        raise SolverError("family: no closest weights")
    low, high = ranges(reached.space)
    weights = closest_in(reached.space, reached.stages[0].weights, target, low, high)
    table = _table(programs, core, target, weights, low, high)
    moved = float(np.abs(weights - target).sum())
    told = finding("family-moved", Where(), posts=len(posts), points=f"{moved:.4g}", ties=len(links))
    return FamilyWeights(table, (told,), _links_table(links, weights), moved, reached.gap)


def _check(posts: Mapping[str, Post], core: Sequence[str], spread: float | None, expected: float | None) -> None:
    if len(posts) < 2:
        raise ValueError(f"posts holds {len(posts)} post(s); a family has at least two")
    known = sorted({str(name) for post in posts.values() for name in post.indicators["id"]})
    for name in core:
        if name not in known:
            raise ValueError(f"core: there is no indicator '{name}'.{did_you_mean(str(name), known)['en']}")
    for argument, value in (("spread", spread), ("same_expected", expected)):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not None and not (number and 0 <= value < np.inf):
            raise ValueError(f"{argument} is {value!r}; it must be a number of 0 or more")


def _program(post: Post) -> Program:
    frame = canonical_indicators(post.indicators)
    resolved = resolve(post.rules, frame).only_linear("family_weights")
    conflict = explain_conflict(resolved, resolved.limits, wording_of(resolved, frame))
    if conflict is not None:
        raise conflict
    return compile_program(resolved.ids, [limit for limit in resolved.limits if limit.hard])


def _target(post: Post, program: Program) -> Floats:
    given = weights_of(post.current, program.ids)
    return np.full(len(program.ids), 100.0 / len(program.ids)) if given is None else given


def _profile(name: str, post: Post, program: Program) -> Floats:
    values = pd.Series(post.profile or {}, dtype=float).reindex(list(program.ids))
    if values.isna().any():
        raise ValueError(f"post '{name}': profile has no value for '{values.index[values.isna()][0]}'")
    return np.asarray(values, dtype=np.float64)


def _conflict(programs: Mapping[str, Program], links: list[Link], target: Floats) -> str:
    kept = list(links)
    for link in links:
        rest = [other for other in kept if other is not link]
        try:
            best_in(Space(joined(programs, rest)), distance(target))
        except InfeasibleSpace:
            kept = rest
    names = ", ".join(link.kind + (f" of '{link.name}'" if link.name else "") for link in kept)
    return f"the rules of the posts can hold, but not together with: {names}; loosen one of these ties"


def _table(
    programs: Mapping[str, Program], core: Sequence[str], target: Floats, weights: Floats, low: Floats, high: Floats
) -> pd.DataFrame:
    pairs = [(post, name) for post, program in programs.items() for name in program.ids]
    table = pd.DataFrame(pairs, columns=["post", "id"])
    table["core"] = table["id"].isin(list(core))
    numbers = {
        "reference": target,
        "weight": weights,
        "low": np.minimum(low, weights),
        "high": np.maximum(high, weights),
    }
    return table.assign(**numbers)


def _links_table(links: Sequence[Link], weights: Floats) -> pd.DataFrame:
    rows = []
    for link in links:
        value = float(np.abs(link.forms @ weights).max())
        rows.append((link.kind, link.name, value, link.upper, abs(value - link.upper) <= _BINDING))
    return pd.DataFrame(rows, columns=["kind", "indicator", "value", "max", "binding"])
