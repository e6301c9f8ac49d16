"""The figures of a report: what each stage draws, and the estimates of all panel models side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from kpi_research.drawing import COLORS, PALETTE, new_figure, theme, to_svg
from kpi_research.publish.chapters.labels import column_label, model_label
from kpi_research.publish.chapters.validity import indicator_terms
from kpi_research.publish.words import Words, words
from kpi_research.study.findings import Language
from kpi_research.study.results import Result

if TYPE_CHECKING:
    from kpi_research.result import StudyResult

_MARKS = ("o", "s", "D", "^", "v", "P", "X")


def figure_files(result: StudyResult, lang: Language) -> dict[str, bytes]:
    """Draw every figure of a report.

    Parameters
    ----------
    result : StudyResult
    lang : {"en", "zh"}
        Language of titles and labels.

    Returns
    -------
    dict of str to bytes
        SVG by name: one per stage that draws and was not skipped, ``verdicts``, ``effects``, ``funnel``,
        ``calibration``, ``ladder``, ``fairness``, ``matrix``, ``consequences`` and ``gaps``.
    """
    return {name: to_svg(figure) for name, figure in _figures(result, lang)}


def _figures(result: StudyResult, lang: Language) -> Iterator[tuple[str, Figure]]:
    for stage, found in result.stages():
        if _draws(found):
            yield stage, found.plot(lang)
    if not result.validity.verdicts.empty and not result.validity.skipped:
        yield "verdicts", result.validity.plot_verdicts(lang)
    if not result.validity.effects.empty:
        yield "effects", effects_figure(result, words(lang))
    found = result.preventability
    if not found.funnel.empty:
        yield "funnel", found.plot_funnel(lang)
    if not found.calibration.empty:
        yield "calibration", found.plot_calibration(lang)
    if not result.workload.ladder.empty:
        yield "ladder", result.workload.plot_ladder(lang)
    if result.workload.fairness is not None:
        yield "fairness", result.workload.plot_fairness(lang)
    yield from _of_scorecard(result, lang)


def _of_scorecard(result: StudyResult, lang: Language) -> Iterator[tuple[str, Figure]]:
    found = result.scorecard
    if not found.contributions.empty and found.table["score"].notna().any():
        yield "matrix", found.plot_matrix(lang, labels=_labels(result, lang))
    if found.consequences is not None and not found.consequences.table.empty:
        yield "consequences", found.consequences.plot(lang)
    if found.reasons is not None and found.reasons.gaps is not None:
        yield "gaps", found.reasons.gaps.plot(lang)


def _labels(result: StudyResult, lang: Language) -> dict[str, str]:
    """Return the names of indicators and of the rules of events, as the scorecard calls them."""
    labels = {str(name): result.study.label(str(name), lang) for name in result.study.indicators["id"]}
    events = {f"event:{one.id}": one.label[lang] for one in result.study.spec.scorecard.events if one.label}
    return {**labels, **events}


def _draws(found: Result) -> bool:
    return type(found).plot is not Result.plot and not found.skipped and not found.table.empty


def effects_figure(result: StudyResult, words: Words) -> Figure:
    """Draw the estimates of each panel model with their intervals, one row per indicator.

    Parameters
    ----------
    result : StudyResult
    words : Words

    Returns
    -------
    matplotlib.figure.Figure
    """
    effects = result.validity.effects
    terms = indicator_terms(effects, result)
    models = list(dict.fromkeys(effects["model"]))
    axis = "effects_figure.axis_logs" if result.study.spec.validity.logs else "effects_figure.axis_levels"
    with theme(words.lang):
        figure, axes = new_figure(8.2, 1.5 + 0.17 * len(terms) * (len(models) + 1))
        for place, model in enumerate(models):
            _draw_model(
                axes, effects.loc[effects["model"] == model], terms, place, len(models), model_label(str(model), words)
            )
        axes.axvline(0, color=COLORS["ink"], linewidth=1.0)
        axes.set_yticks(range(len(terms)), [column_label(result, term, words) for term in terms])
        axes.set_ylim(len(terms) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel(words(axis))
        axes.set_title(words("effects_figure.title"))
        figure.legend(loc="outside lower center", ncols=min(len(models), 4))
    return figure


def _draw_model(axes: Any, rows: pd.DataFrame, terms: list[str], place: int, models: int, label: str) -> None:
    chosen = rows.set_index("term").reindex(terms)
    height = np.arange(len(terms)) + (place - (models - 1) / 2) * 0.7 / models
    color = PALETTE[place % len(PALETTE)]
    axes.hlines(height, chosen["low"], chosen["high"], color=color, linewidth=1.6)
    mark = _MARKS[place % len(_MARKS)]
    axes.plot(chosen["estimate"], height, linestyle="none", marker=mark, color=color, markersize=5, label=label)
