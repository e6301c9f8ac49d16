"""What indicators and events are called in figures of scores."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill

from kpi_research.study.findings import Language

EVENT = "event:"
EVENTS: Mapping[Language, str] = {"en": "events: {rule}", "zh": "加减分事件：{rule}"}
WIDEST: Mapping[Language, int] = {"en": 30, "zh": 16}
"""Characters on one line of a label."""


def label_of(indicator: str, labels: Mapping[str, str], lang: Language) -> str:
    """Return what an indicator or a rule of events is called.

    Parameters
    ----------
    indicator : str
        Name in the contributions.
    labels : mapping of str to str
        Names by id.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str

    Examples
    --------
    >>> label_of("calls", {"calls": "calls answered"}, "en"), label_of("event:bonus", {}, "zh")
    ('calls answered', '加减分事件：bonus')
    """
    if indicator in labels:
        return labels[indicator]
    return EVENTS[lang].format(rule=indicator.removeprefix(EVENT)) if indicator.startswith(EVENT) else indicator


def folded(text: str, lang: Language) -> str:
    """Return a label on as many lines as it needs.

    Parameters
    ----------
    text : str
        A label.
    lang : {"en", "zh"}
        Language, by which lines are long.

    Returns
    -------
    str
    """
    return fill(text, WIDEST[lang])
