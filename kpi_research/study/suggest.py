"""The nearest valid name for a misspelt one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed name closest to ``name``, or None where nothing is close."""
    names = list(allowed)
    folded = {item.casefold(): item for item in names}
    found = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(name: str, allowed: Iterable[str], limit: int = 12) -> dict[str, str]:
    """Return a bilingual hint: the nearest valid name and the list of valid ones (shortened to ``limit``).

    Returns
    -------
    dict
        ``{"en": ..., "zh": ...}``, ready to be a fact of a finding.
    """
    names = sorted(set(allowed))
    close = nearest(name, names)
    more = "" if len(names) <= limit else f", … ({len(names)})"
    known = ", ".join(names[:limit]) + more
    en = (f" Did you mean '{close}'?" if close else "") + (f" Known: {known}." if known else "")
    zh = (f"是否为“{close}”？" if close else "") + (f"可用：{known}。" if known else "")
    return {"en": en, "zh": zh}
