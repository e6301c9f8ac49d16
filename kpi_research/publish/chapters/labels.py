"""Names of indicators, columns and models as the reader knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpi_research.publish.words import Words
from kpi_research.validity.words import MODELS

if TYPE_CHECKING:
    from kpi_research.result import StudyResult


def column_label(result: StudyResult, column: str, words: Words) -> str:
    """Return an indicator's label with its id, or the bare column name where it is no indicator.

    Parameters
    ----------
    result : StudyResult
    column : str
        Indicator id or column of the panel.
    words : Words

    Returns
    -------
    str
    """
    if column not in set(result.study.indicators["id"]):
        return column
    label = result.study.label(column, words.lang)
    return label if label == column else words("label.with_id", label=label, id=column)


def indicator_label(result: StudyResult, indicator: str, words: Words) -> str:
    """Return the label of an indicator, or its id where the catalogue does not hold it."""
    known = indicator in set(result.study.indicators["id"])
    return result.study.label(indicator, words.lang) if known else indicator


def outcome_label(result: StudyResult, words: Words) -> str:
    """Return what the outcome is called."""
    spec = result.study.spec.validity
    if spec.outcome_label is not None:
        return spec.outcome_label[words.lang]
    column = (spec.outcome or "").rpartition(".")[2]
    return indicator_label(result, column, words) if column else words("validity.the_outcome")


def model_label(model: str, words: Words) -> str:
    """Return the name of a panel model, with a capital; an unknown one keeps its own."""
    name = MODELS[model][words.lang] if model in MODELS else model
    return name[:1].upper() + name[1:]
