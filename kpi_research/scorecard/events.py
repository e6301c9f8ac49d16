"""Bonus and deduction events: points with caps, floors and decay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.suggest import did_you_mean

DAYS_PER_MONTH = 365.25 / 12.0
COLUMNS = ("target", "rule", "events", "given", "decayed", "points")


@dataclass(frozen=True)
class EventRule:
    """What events of some kinds are worth in a score.

    Attributes
    ----------
    id : str
        Name of the rule.
    kinds : tuple of str
        Kinds of events it is about; empty for all that no other rule names.
    cap : float or None
        Most points that its bonuses may add, at least 0.
    floor : float or None
        Most points that its deductions may take, at least 0.
    half_life : float or None
        Months after which an event counts half; None counts it in full.
    share : float
        Share of a bonus that goes to the helper, where one is named, 0 to 1.
    """

    id: str
    kinds: tuple[str, ...] = ()
    cap: float | None = None
    floor: float | None = None
    half_life: float | None = None
    share: float = 0.0


def event_points(
    events: pd.DataFrame,
    rules: Sequence[EventRule],
    *,
    target: str,
    points: str,
    kind: str | None = None,
    at: str | None = None,
    until: object = None,
    helper: str | None = None,
) -> pd.DataFrame:
    r"""Add up the points of events per target, by rule.

    Parameters
    ----------
    events : pandas.DataFrame
        One row per event; rows without target or points are left out.
    rules : sequence of EventRule
        An event counts under the first rule that names its kind.
    target, points : str
        Columns of who gets the points, and of the points (negative for a deduction).
    kind : str, optional
        Column of the kind of event; needed where a rule names kinds.
    at : str, optional
        Column of times; needed where a rule has a half-life.
    until : time, optional
        When the score is made; the latest event by default. Later events are left out.
    helper : str, optional
        Column of who helped; missing where no one did. The share of the rule passes from the target to the helper, so that
        the sum of points before caps stays what it was; deductions stay with the target.

    Returns
    -------
    pandas.DataFrame
        One row per target and rule: ``target``, ``rule``, ``events`` (number), ``given`` (sum of points), ``decayed`` (the
        same after decay), ``points`` (after cap and floor): bonuses and deductions are limited apart, so a bonus buys no
        deduction back beyond its cap.

    Raises
    ------
    ValueError
        If a column is missing, a limit is negative, or a kind belongs to two rules.

    Notes
    -----
    Each event of age ``a`` months is worth :math:`p\,2^{-a/h}`; then bonuses are cut at the cap and deductions at the
    floor.

    Examples
    --------
    >>> events = pd.DataFrame({"unit": ["A", "A", "A"], "kind": ["press", "press", "complaint"], "points": [5.0, 5.0, -2.0]})
    >>> rules = [EventRule("news", ("press",), cap=8.0), EventRule("other")]
    >>> event_points(events, rules, target="unit", points="points", kind="kind")[["rule", "points"]].values.tolist()
    [['news', 8.0], ['other', -2.0]]
    """
    _check_rules(rules)
    names = {"target": target, "points": points, "kind": kind, "at": at, "helper": helper}
    for name, column in names.items():
        if column is not None and column not in events.columns:
            raise ValueError(
                f"{name}: there is no column '{column}'.{did_you_mean(column, map(str, events.columns))['en']}"
            )
    if kind is None and any(rule.kinds for rule in rules):
        raise ValueError("kind: a rule names kinds of events, so the column of the kind is needed")
    if at is None and any(rule.half_life is not None for rule in rules):
        raise ValueError("at: a rule lets events decay, so the column of their times is needed")
    frame = pd.DataFrame({"target": events[target], "points": events[points].astype("float64")})
    frame["kind"] = events[kind].astype("str") if kind is not None else ""
    frame["age"] = _ages(events[at], until) if at is not None else 0.0
    frame = frame.dropna(subset=["target", "points", "age"])
    frame = frame[frame["age"] >= 0]
    frame["rule"] = _rule_of(frame["kind"], rules)
    if helper is not None:
        frame = _shared(frame, events[helper], rules)
    rows = [
        _row(keys, part, rules) for keys, part in frame.dropna(subset=["rule"]).groupby(["target", "rule"], sort=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _check_rules(rules: Sequence[EventRule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        for name in ("cap", "floor", "half_life"):
            value = getattr(rule, name)
            if value is not None and not value >= 0:
                raise ValueError(f"{name} of rule '{rule.id}' is {value:g}; it must be at least 0")
        if not 0 <= rule.share <= 1:
            raise ValueError(f"share of rule '{rule.id}' is {rule.share:g}; it must lie between 0 and 1")
        if twice := seen & set(rule.kinds):
            raise ValueError(f"kind '{min(twice)}' belongs to two rules; each event counts once")
        seen |= set(rule.kinds)


def _shared(frame: pd.DataFrame, helpers: pd.Series, rules: Sequence[EventRule]) -> pd.DataFrame:
    """Return the events with the helpers' part of each bonus as rows of their own."""
    helper = helpers.reindex(frame.index)
    share = frame["rule"].map({rule.id: rule.share for rule in rules}).astype("float64").fillna(0.0)
    share = share.where((frame["points"] > 0) & helper.notna() & (helper != frame["target"]), 0.0)
    passed = frame[share > 0].assign(target=helper, points=frame["points"] * share)
    return pd.concat([frame.assign(points=frame["points"] * (1.0 - share)), passed])


def _ages(times: pd.Series, until: object) -> pd.Series:
    stamps = pd.to_datetime(times)
    end = stamps.max() if until is None else pd.Timestamp(until)  # type: ignore[arg-type]
    if stamps.dt.tz is not None and isinstance(end, pd.Timestamp) and end.tzinfo is None:
        end = end.tz_localize(stamps.dt.tz)
    return (end - stamps).dt.total_seconds() / 86400.0 / DAYS_PER_MONTH


def _rule_of(kinds: pd.Series, rules: Sequence[EventRule]) -> pd.Series:
    """Return the rule of each event; missing where none applies."""
    named = {kind: rule.id for rule in rules for kind in rule.kinds}
    rest = next((rule.id for rule in rules if not rule.kinds), None)
    return kinds.map(named).astype("object").where(kinds.isin(list(named)), rest)


def _row(keys: tuple[object, ...], part: pd.DataFrame, rules: Sequence[EventRule]) -> tuple[object, ...]:
    target, name = keys
    rule = next(rule for rule in rules if rule.id == name)
    weight = np.exp2(-part["age"].to_numpy(dtype=float) / rule.half_life) if rule.half_life else np.ones(len(part))
    given = part["points"].to_numpy(dtype=float)
    worth = given * weight
    bonus, deduction = float(worth[worth > 0].sum()), float(-worth[worth < 0].sum())
    kept = min(bonus, rule.cap if rule.cap is not None else np.inf)
    taken = min(deduction, rule.floor if rule.floor is not None else np.inf)
    return target, name, len(part), float(given.sum()), bonus - deduction, kept - taken
