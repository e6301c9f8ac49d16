"""The result of a study in a few rows, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpi_research.publish.chapters.findings import by_stage, counted
from kpi_research.publish.chapters.front import front_page
from kpi_research.publish.clean import clean_text
from kpi_research.publish.words import words
from kpi_research.study.findings import Language

if TYPE_CHECKING:
    from kpi_research.result import StudyResult


def summary_rows(result: StudyResult, lang: Language = "en") -> list[tuple[str, str, str]]:
    """Return the key numbers and the number of findings per stage as rows of text, the header first.

    Parameters
    ----------
    result : StudyResult
    lang : {"en", "zh"}

    Returns
    -------
    list of tuple of str
        What, value, remark.
    """
    text = words(lang)
    head = (text("summary.what"), text("summary.value"), text("summary.remark"))
    numbers = [(item.label, item.value, item.note) for item in front_page(result, text).numbers]
    findings = [
        (text("summary.findings", stage=text(f"stage.{stage}")), str(len(found)), counted(found, text))
        for stage, found in by_stage(result)
        if found
    ]
    return [(clean_text(a), clean_text(b), clean_text(c)) for a, b, c in [head, *numbers, *findings]]
