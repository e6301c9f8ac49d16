"""The rows of a panel as arrays: numbers, logarithms, missing and lone rows are settled here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.validity.frames import check_unit_period, numbers, places
from kpi_research.validity.prediction.panel_question import Question
from kpi_research.validity.words import MODELS

Array = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class PanelData:
    """Complete rows as arrays, sorted by unit and period.

    Attributes
    ----------
    y : numpy.ndarray, shape (n,)
        Outcome.
    x : numpy.ndarray, shape (n, k)
        One column per term.
    z : numpy.ndarray, shape (n, m)
        Instruments; m may be 0.
    unit, period, cluster : numpy.ndarray, shape (n,)
        Codes 0, 1, ... of each row; ``cluster`` equals ``unit`` where none was asked for.
    periods : tuple
        Period labels in time order.
    findings : tuple of Finding
        What was left out.
    """

    y: Array
    x: Array
    z: Array
    unit: Codes
    period: Codes
    cluster: Codes
    periods: tuple[object, ...]
    findings: tuple[Finding, ...]


def read_panel(frame: pd.DataFrame, question: Question) -> PanelData:
    """Return the complete rows of a panel as arrays.

    Parameters
    ----------
    frame : pandas.DataFrame
        The panel, rows in any order.
    question : Question
        What is asked.

    Returns
    -------
    PanelData

    Raises
    ------
    ValueError
        If keys repeat or are missing, a number is infinite, a logarithm does not exist, or too little is left.
    """
    check_unit_period(frame, question.unit, question.period)
    frame = frame.reset_index(drop=True)
    table = pd.DataFrame({name: _column(frame, name, question) for name in question.used})
    missing = table.isna().any(axis=1)
    kept = frame.loc[~missing, [question.unit, question.period]]
    findings = _dropped("panel-rows-dropped", question.model, int(missing.sum()), len(frame))
    _check_size(kept, question)
    if question.model in ("two_way", "iv_two_way"):
        lone = _lone_rows(kept[question.unit], kept[question.period])
        findings += _dropped("panel-lone-rows", question.model, int(lone.sum()), len(frame))
        kept = kept[~lone]
    _check_size(kept, question)
    kept = kept.sort_values([question.unit, question.period], kind="stable")
    table = table.loc[kept.index]
    unit, period = (pd.factorize(kept[name], sort=True) for name in (question.unit, question.period))
    y, x, z = (table[list(names)].to_numpy() for names in ([question.outcome], question.terms, question.instruments))
    return PanelData(y[:, 0], x, z, unit[0], period[0], _cluster(frame, kept, question), tuple(period[1]), findings)


def _column(frame: pd.DataFrame, name: str, question: Question) -> pd.Series[float]:
    data = numbers(frame, name)
    keys = (question.unit, question.period)
    infinite = np.isinf(data)
    if infinite.any():
        raise ValueError(f"column '{name}' is infinite in {int(infinite.sum())} rows: {places(frame[infinite], *keys)}")
    if not question.logs or bool(data.dropna().isin([0.0, 1.0]).all()):
        return data
    low = data <= 0
    if low.any():
        raise ValueError(
            f"column '{name}' is not positive in {int(low.sum())} rows, so it has no logarithm: "
            f"{places(frame[low], *keys)}; use logs=False or leave the column out"
        )
    return pd.Series(np.log(data), index=data.index)


def _lone_rows(unit: pd.Series, period: pd.Series) -> pd.Series[bool]:
    """Return the rows alone in their unit or period, which effects fit by themselves, until none is left."""
    lone = pd.Series(False, index=unit.index)
    while True:
        left = ~lone
        single = [key[left].map(key[left].value_counts()) == 1 for key in (unit, period)]
        found = (single[0] | single[1]).reindex(unit.index, fill_value=False)
        if not found.any():
            return lone
        lone |= found


def _dropped(code: str, model: str, rows: int, of: int) -> tuple[Finding, ...]:
    return (finding(code, Where(), model=MODELS[model], rows=rows, of=of),) if rows else ()


def _check_size(kept: pd.DataFrame, question: Question) -> None:
    for name in (question.unit, question.period):
        count = kept[name].nunique()
        least = 1 if question.model == "between" and name == question.period else 2
        if count < least:
            raise ValueError(
                f"model '{question.model}' needs at least {least} values of '{name}', found {count} with complete rows"
            )


def _cluster(frame: pd.DataFrame, kept: pd.DataFrame, question: Question) -> Codes:
    groups = frame.loc[kept.index, question.cluster or question.unit]
    if groups.isna().any():
        raise ValueError(f"cluster: column '{question.cluster}' has no value in {int(groups.isna().sum())} rows")
    codes: Codes = pd.factorize(groups, sort=True)[0]
    if codes.max() < 1:
        raise ValueError(f"cluster: column '{question.cluster}' has a single group; at least two are needed")
    return codes
