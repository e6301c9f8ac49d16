"""What a reader must know about the report itself: texts that could not be shown as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpi_research.drawing import missing_glyphs
from kpi_research.publish.clean import REPLACEMENT, clean_text
from kpi_research.study.findings import Finding, finding

if TYPE_CHECKING:
    from kpi_research.result import StudyResult

SHOWN = 12


def own_findings(result: StudyResult) -> tuple[Finding, ...]:
    """Return findings on characters that the font lacks and on texts that had to be cleaned.

    Parameters
    ----------
    result : StudyResult

    Returns
    -------
    tuple of Finding
    """
    texts = list(_texts(result))
    dirty = [text for text in texts if clean_text(text) != text]
    lacking = sorted(missing_glyphs("".join(clean_text(text) for text in texts)) - {REPLACEMENT})
    found = [finding("text-cleaned", count=len(dirty), mark=REPLACEMENT)] if dirty else []
    if lacking:
        shown = " ".join(lacking[:SHOWN]) + (" …" if len(lacking) > SHOWN else "")
        found.append(finding("glyphs-missing", count=len(lacking), characters=shown))
    return tuple(found)


def _texts(result: StudyResult) -> Iterator[str]:
    """Yield the texts of the study that figures and tables show."""
    spec = result.study.spec
    for text in (spec.study.title, spec.study.question, spec.study.description, spec.validity.outcome_label):
        if text is not None:
            yield from (text["en"], text["zh"])
    for column in ("label_en", "label_zh", "module", "unit"):
        yield from result.study.indicators[column].dropna().astype(str)
    if "unit" in result.scorecard.table:
        yield from result.scorecard.table["unit"].astype(str)
