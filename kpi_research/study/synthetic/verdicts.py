"""What an assessment should say of each indicator of the demonstration catalogue."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kpi_research.study.synthetic.natures import NATURES
from kpi_research.study.synthetic.words import STRING

PLANTED: Mapping[str, str] = {
    "good": "good",
    "faulty": "faulty",
    "noisy": "noisy",
    "unrelated": "irrelevant",
    "situation": "irrelevant",
    "gamed": "gamed",
    "redundant": "redundant",
    "stale": "stale",
    "topped_out": "topped_out",
    "banned": "banned",
    "banned_composite": "built_on_banned",
}
"""Nature of an indicator -> what was planted, as the truth table names it."""

ALSO_REDUNDANT = ("response_median",)
"""Indicators of another nature that say the same as their twin."""

VERDICTS: Mapping[str, tuple[str, ...]] = {
    "good": ("use", "use_with_care"),
    "faulty": ("repair", "use_with_care"),
    "noisy": ("do_not_use", "use_with_care"),
    "irrelevant": ("do_not_use", "use_with_care"),
    "gamed": ("repair", "do_not_use"),
    "redundant": ("use_with_care", "repair", "do_not_use"),
    "stale": ("repair", "do_not_use"),
    "topped_out": ("repair", "do_not_use"),
    "banned": ("do_not_use",),
    "built_on_banned": ("do_not_use",),
}
"""What was planted -> verdicts that are right for it."""

WHY: Mapping[str, str] = {
    "good": "stations differ in it because their work differs, records are honest",
    "faulty": "valid, but some numbers were entered ten times too large",
    "noisy": "too few cases: differences are mostly chance",
    "irrelevant": "stations differ in it for reasons that are no part of their quality",
    "gamed": "some stations report what the rule asks for instead of what happened",
    "redundant": "says the same as its twin",
    "stale": "was worth something until the mix of crime changed",
    "topped_out": "nearly all stations stand at the limit",
    "banned": "the number itself may not be a target",
    "built_on_banned": "computed from numbers that may not be targets",
}


def verdicts_truth() -> pd.DataFrame:
    """Return what was planted in each indicator and which verdicts are right.

    Returns
    -------
    pandas.DataFrame
        ``indicator``; ``planted`` (a key of `VERDICTS`); ``twin`` (the indicator it repeats or is built on, or empty);
        ``verdicts`` (right ones, joined by ``|``); ``why``.

    Examples
    --------
    >>> verdicts_truth().set_index("indicator").loc["strike_index", "planted"]
    'built_on_banned'
    """
    planted = {name: _planted(name, nature) for name, (nature, _) in NATURES.items()}
    columns = {
        "indicator": list(planted),
        "planted": list(planted.values()),
        "twin": [NATURES[name][1] for name in planted],
        "verdicts": ["|".join(VERDICTS[kind]) for kind in planted.values()],
        "why": [WHY[kind] for kind in planted.values()],
    }
    return pd.DataFrame({name: pd.Series(values, dtype=STRING) for name, values in columns.items()})


def _planted(name: str, nature: str) -> str:
    return "redundant" if name in ALSO_REDUNDANT else PLANTED[nature]
