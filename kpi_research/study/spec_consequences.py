"""The section of the study file on what follows from scores."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kpi_research.study.section import Section
from kpi_research.study.text import TextField

Link = Literal["reward", "sanction", "promotion", "training", "resources", "grade"]
Kind = Literal["top", "bottom", "at_least", "below", "grades", "proportional"]
Count = Annotated[int, Field(ge=1)]
NEEDS = {"top": "count", "bottom": "count", "at_least": "cut", "below": "cut", "grades": "cuts", "proportional": None}
"""What each kind of rule must name."""
ALLOWED = {
    "top": {"count"},
    "bottom": {"count"},
    "at_least": {"cut"},
    "below": {"cut"},
    "grades": {"cuts", "grades"},
    "proportional": set(),
}
"""What each kind of rule may name."""


class ConsequenceSection(Section):
    """``[[scorecard.consequences]]``: one rule from scores to consequences.

    Attributes
    ----------
    id : str
        Name of the rule.
    label : Text or None
        What the rule says, e.g. "top seven: third-class merit".
    link : str
        What follows: ``reward``, ``sanction``, ``promotion``, ``training``, ``resources`` or ``grade``.
    kind : str
        ``top`` and ``bottom``: the first or last ``count`` in rank; ``at_least`` and ``below``: scores from ``cut``, or
        below it; ``grades``: classes between ``cuts``; ``proportional``: shares of a budget in proportion to the score.
    count : int or None
        Number of units that a rank rule takes.
    cut : float or None
        Score at which an absolute rule begins.
    cuts : tuple of float
        Lowest score of each grade but the last, falling.
    grades : tuple of str
        Names of the grades, best first: one more than cuts.
    window : int or None
        Periods that one decision rests on; all by default, or one where ``running`` is above 1.
    running : int
        Decisions in a row that must agree.
    sequence : str
        Assessment sequence that the rule speaks of; all by default.
    source : str or None
        Document and clause the rule comes from.
    """

    id: Annotated[str, Field(min_length=1, max_length=64)]
    label: TextField | None = None
    link: Link
    kind: Kind
    count: Count | None = None
    cut: float | None = None
    cuts: tuple[float, ...] = ()
    grades: tuple[str, ...] = ()
    window: Count | None = None
    running: Count = 1
    sequence: str = ""
    source: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = NEEDS[self.kind]
        given = {name for name in ("count", "cut", "cuts", "grades") if getattr(self, name) not in (None, ())}
        if needed is not None and needed not in given:
            raise ValueError(f"kind '{self.kind}' needs {needed}")
        extra = sorted(given - ALLOWED[self.kind])
        if extra:
            raise ValueError(f"kind '{self.kind}' takes no {extra[0]}")
        if any(first <= second for first, second in zip(self.cuts, self.cuts[1:], strict=False)):
            raise ValueError(f"cuts are {self.cuts}; they must fall from one to the next")
        if self.grades and len(self.grades) != len(self.cuts) + 1:
            raise ValueError(f"{len(self.grades)} grades and {len(self.cuts)} cuts; there must be one grade more")
        if self.running > 1 and self.kind in ("grades", "proportional"):
            raise ValueError(f"kind '{self.kind}' cannot ask for decisions in a row; leave running at 1")
        return self
