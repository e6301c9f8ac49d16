"""Written rules on indicator weights: what a rule says, and which indicators it speaks of."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.text import Text
from kpi_research.weights.filters import selections
from kpi_research.weights.indicators import canonical_indicators, column_faults
from kpi_research.weights.limits import (
    Flags,
    Floats,
    Limit,
    LimitKind,
    WideKind,
    WideLimit,
    catalogue_limits,
    change_limits,
)

TOTAL = 100.0
"""All weights together, in points."""

RESERVED = ("total", "tether")
"""Names that the table of rules uses itself."""


@dataclass(frozen=True)
class Rule:
    """One written rule on the weights, in points of 100.

    Parameters
    ----------
    id : str
        Name of the rule, unique within a set of rules; ``"total"`` and ``"tether"`` are taken.
    where : str or None
        Filter over the indicator catalogue, an SQL condition such as ``"module = 'business'"``; None means every
        indicator.
    min, max : float, optional
        Limits on the summed weight of the selected indicators, 0 to 100 points. With ``of``, limits on their share of
        that selection's weight, 0 to 1 (0.4 is 40 %).
    of : str, optional
        Filter for the selection that ``min`` and ``max`` are shares of. Indicators outside it do not count, even where
        ``where`` selects them.
    each_min, each_max : float, optional
        Limits on every selected indicator's own weight, 0 to 100 points; always points, also with ``of``.
    hard : bool, default True
        A hard rule holds. A soft one holds as far as the hard rules let it; see `kpi_research.weights.soft`.
    priority : int, default 1
        Rank of a soft rule, at least 1; rules of rank 1 are served first.
    label : str, Text or mapping with ``en`` and ``zh``, optional
        Name for readers; default is the id.
    source : str, optional
        Document the rule comes from.
    than : str, optional
        Filter for another selection; ``min`` and ``max`` are then multiples of its summed weight, 0 or more: ``min=1``
        says "at least as much as", ``max=2`` "at most twice as much as".
    column : str, optional
        Number column of the catalogue, values 0 to 1; ``min`` and ``max`` then limit the sum of weight times it, points:
        the share of units at the top of an indicator, what its reliability lacks to 1, the share of a source in it.
    each_change : float, optional
        Largest move of every selected weight from its current one, up or down, 0 to 100 points.
    change : float, optional
        Largest sum of the moves of all selected weights, 0 to 200 points: 20 moves 10 points from some to others.
    least : float, optional
        A selected weight is 0 or at least this many points, 0 to 100.
    count_min, count_max : int, optional
        Fewest and most of the selected indicators that have weight.

    Raises
    ------
    TypeError
        If a limit is not a number.
    ValueError
        If there is no limit, a limit is out of range or a minimum is above its maximum.

    Examples
    --------
    >>> Rule("business-band", "module = 'business'", min=60, max=80).max
    80
    """

    id: str
    where: str | None
    min: float | None = None
    max: float | None = None
    of: str | None = None
    each_min: float | None = None
    each_max: float | None = None
    hard: bool = True
    priority: int = 1
    label: str | Text | Mapping[str, str] | None = None
    source: str | None = None
    than: str | None = None
    column: str | None = None
    each_change: float | None = None
    change: float | None = None
    least: float | None = None
    count_min: int | None = None
    count_max: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id or self.id in RESERVED:
            raise ValueError(f"id of a rule is {self.id!r}; it must be a text, and not {' or '.join(RESERVED)}")
        if all(getattr(self, name) is None for name in (*_KINDS, "each_change", *_WIDE)):
            raise ValueError(f"rule '{self.id}' sets no limit; give min, max, each_min, each_max or another limit")
        if all(getattr(self, name) is None for name in ("min", "max")) and (self.of or self.than or self.column):
            raise ValueError(f"rule '{self.id}' has `of`, `than` or `column` but neither min nor max; give one of them")
        if not self.hard and any(getattr(self, name) is not None for name in _WIDE):
            raise ValueError(f"rule '{self.id}' is soft; change, least, count_min and count_max can only be hard")
        if sum(item is not None for item in (self.of, self.than, self.column)) > 1:
            raise ValueError(f"rule '{self.id}' has more than one of `of`, `than` and `column`; make a rule of each")
        unit = "multiple" if self.than is not None else "share" if self.of is not None else "points"
        for name in ("min", "max"):
            _check_limit(self.id, name, getattr(self, name), unit)
        for name in ("each_min", "each_max", "each_change", "least"):
            _check_limit(self.id, name, getattr(self, name), "points")
        _check_limit(self.id, "change", self.change, "moves")
        for name in ("count_min", "count_max"):
            _check_count(self.id, name, getattr(self, name))
        for low, high in (("min", "max"), ("each_min", "each_max"), ("count_min", "count_max")):
            _check_order(self, low, high)
        if isinstance(self.priority, bool) or not isinstance(self.priority, int) or self.priority < 1:
            raise ValueError(
                f"rule '{self.id}': priority is {self.priority!r}; it must be a whole number of at least 1"
            )

    @property
    def text(self) -> Text:
        """Name of the rule for readers, in both languages."""
        if isinstance(self.label, Text):
            return self.label
        if isinstance(self.label, Mapping):
            return Text(str(self.label.get("en") or self.label.get("zh") or self.id), str(self.label.get("zh") or ""))
        return Text(self.label or self.id)


_KINDS: tuple[LimitKind, ...] = ("min", "max", "each_min", "each_max")
_WIDE = ("change", "least", "count_min", "count_max")

_UNITS = {
    "moves": (2 * TOTAL, "points from 0 to 200"),
    "points": (TOTAL, "points from 0 to 100"),
    "share": (1.0, "a share from 0 to 1 (0.4 is 40 %), because the rule has `of`"),
    "multiple": (math.inf, "a multiple of 0 or more, because the rule has `than`"),
}


def _check_limit(rule: str, name: str, value: object, unit: str) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"rule '{rule}': {name} is {value!r}; it must be a number")
    high, allowed = _UNITS[unit]
    if not (math.isfinite(value) and 0 <= value <= high):
        raise ValueError(f"rule '{rule}': {name} is {value}; allowed is {allowed}")


def _check_count(rule: str, name: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"rule '{rule}': {name} is {value!r}; it must be a whole number")
    if value < 0:
        raise ValueError(f"rule '{rule}': {name} is {value}; allowed is 0 or more indicators")


def _check_order(rule: Rule, low: str, high: str) -> None:
    least, most = getattr(rule, low), getattr(rule, high)
    if least is not None and most is not None and least > most:
        raise ValueError(f"rule '{rule.id}': {low} is {least}, above {high} = {most}; exchange or correct them")


@dataclass(frozen=True, eq=False)
class ResolvedRules:
    """Rules with the indicators they select; every limit of rules and catalogue, in canonical order.

    Attributes
    ----------
    ids : tuple of str
        Indicator ids in canonical (sorted) order; all arrays over indicators follow it.
    rules : tuple of Rule
        The rules, sorted by id.
    limits : tuple of Limit
        Limits of the rules, then of the catalogue (smallest and largest weight, bans).
    wide : tuple of WideLimit
        Limits that are no inequality on the weights: total change, 0 or at least so much, number of indicators.
    """

    ids: tuple[str, ...]
    rules: tuple[Rule, ...]
    limits: tuple[Limit, ...]
    wide: tuple[WideLimit, ...] = ()

    def only_linear(self, what: str) -> ResolvedRules:
        """Return the rules, or refuse those that a question cannot take into account.

        Parameters
        ----------
        what : str
            What the question is called.

        Returns
        -------
        ResolvedRules

        Raises
        ------
        ValueError
            If a rule limits the total change, the number of indicators, or says "0 or at least".
        """
        if self.wide:
            first = self.wide[0]
            raise ValueError(
                f"rule '{first.rule}': {what} cannot keep its limit '{first.kind}', which optimize and publish_weights "
                "can; leave the rule out here"
            )
        return self


def resolve(rules: Iterable[Rule], indicators: pd.DataFrame) -> ResolvedRules:
    """Find the indicators each rule speaks of and list all limits on the weights.

    Parameters
    ----------
    rules : iterable of Rule
        The rules, in any order.
    indicators : pandas.DataFrame
        The catalogue: ``id``, the columns that the filters use, and, where present, ``min_weight``, ``max_weight``
        (points), ``banned`` (such an indicator's weight is exactly 0) and ``current_weight`` (points, for rules on
        changes; missing counts as 0).

    Returns
    -------
    ResolvedRules

    Raises
    ------
    TypeError
        If something other than a `Rule` is in ``rules``.
    ValueError
        If an id stands twice or a filter names an unknown column or value or selects no indicator. All such faults
        are listed at once; no rule is ever dropped.
    """
    frame = canonical_indicators(indicators)
    given = tuple(rules)
    for item in given:
        if not isinstance(item, Rule):
            raise TypeError(f"rules must hold Rule objects, found {type(item).__name__}")
    ordered = tuple(sorted(given, key=lambda rule: rule.id))
    faults = [
        f"the rule '{rule.id}' stands twice" for rule, after in itertools.pairwise(ordered) if rule.id == after.id
    ]
    selected, wrong = selections(frame, [text for rule in ordered for text in (rule.where, rule.of, rule.than)])
    limits: list[Limit] = []
    wide: list[WideLimit] = []
    for rule in ordered:
        own = [wrong[text] for text in (rule.where, rule.of, rule.than) if text in wrong]
        own += [] if rule.column is None else column_faults(frame, rule.column)
        if not own and rule.of is not None and not (selected[rule.where] & selected[rule.of]).any():
            own = [f"no indicator is in both where ({rule.where}) and of ({rule.of})"]
        if (rule.each_change is not None or rule.change is not None) and _no_current(frame):
            own = [*own, "it limits changes, but there are no current weights to measure them from"]
        faults += [f"rule '{rule.id}': {text}" for text in own]
        limits += [] if own else _rule_limits(rule, selected, frame)
        wide += [] if own else _wide_limits(rule, selected[rule.where])
    if faults:
        raise ValueError("; ".join(["rules: " + faults[0], *faults[1:]]))
    return ResolvedRules(tuple(frame["id"]), ordered, (*limits, *catalogue_limits(frame)), tuple(wide))


def _rule_limits(rule: Rule, chosen: Mapping[str | None, Flags], frame: pd.DataFrame) -> list[Limit]:
    selected = chosen[rule.where]
    base = None if rule.of is None else chosen[rule.of]
    counted = selected if base is None else selected & base
    base = base if rule.than is None else chosen[rule.than]
    factor = None if rule.column is None else frame[rule.column].to_numpy(dtype=float)
    found = []
    for kind in _KINDS:
        value = getattr(rule, kind)
        if value is not None:
            flags, of, times = (selected, None, None) if kind.startswith("each") else (counted, base, factor)
            found.append(Limit(rule.id, kind, float(value), flags, of, rule.hard, rule.priority, factor=times))
    if rule.each_change is not None:
        found += change_limits(rule.id, rule.each_change, selected, current_points(frame), rule.hard, rule.priority)
    return found


def _wide_limits(rule: Rule, selected: Flags) -> list[WideLimit]:
    given = {"change": rule.change, "least": rule.least, "count_min": rule.count_min, "count_max": rule.count_max}
    kinds: tuple[WideKind, ...] = ("change", "least", "count_min", "count_max")
    return [WideLimit(rule.id, kind, float(value), selected) for kind in kinds if (value := given[kind]) is not None]


def _no_current(frame: pd.DataFrame) -> bool:
    return "current_weight" not in frame or bool(frame["current_weight"].isna().all())


def current_points(indicators: pd.DataFrame) -> Floats:
    """Return the current weights of a catalogue, a missing one as 0.

    Parameters
    ----------
    indicators : pandas.DataFrame
        The catalogue, with ``current_weight``.

    Returns
    -------
    ndarray of shape (indicators,)
        Points.
    """
    points = pd.to_numeric(indicators["current_weight"], errors="coerce").astype(float)
    return np.asarray(points.fillna(0.0), dtype=np.float64)
