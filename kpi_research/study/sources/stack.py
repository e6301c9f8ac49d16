"""Files of one glob made alike: the same columns in the same order, the same type in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.cells import to_text
from kpi_research.study.sources.loaded import Part
from kpi_research.study.sources.phrases import names


def align(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return parts that can be stacked.

    Parameters
    ----------
    parts : sequence of Part
        What each file gave.

    Returns
    -------
    tuple of Part
        Columns in the order of the first file; a column that is numbers in one file and text in another is text in all. A file
        with other columns than the first has lost its frame and has a finding that names them; one without rows has a caution.
    """
    first = next((part for part in parts if part.frame is not None), None)
    if len(parts) < 2 or first is None or first.frame is None:
        return tuple(parts)
    ordered = [_ordered(part, first.name, first.frame) for part in parts]
    models = _models([part.frame for part in ordered if part.frame is not None])
    return tuple(replace(part, frame=_alike(part.frame, models), findings=_noted(part)) for part in ordered)


def _noted(part: Part) -> tuple[Finding, ...]:
    if part.frame is None or len(part.frame):
        return part.findings
    return (*part.findings, finding("source-no-rows", Where(file=part.name)))


def _ordered(part: Part, first_name: str, first: pd.DataFrame) -> Part:
    if part.frame is None or part.frame is first:
        return part
    lacking = [name for name in first.columns if name not in part.frame.columns]
    extra = [name for name in part.frame.columns if name not in first.columns]
    findings = [_differ(code, columns, part.name, first_name) for code, columns in _pairs(lacking, extra) if columns]
    frame = None if findings else part.frame[list(first.columns)]
    return replace(part, frame=frame, findings=(*part.findings, *findings))


def _pairs(lacking: list[str], extra: list[str]) -> tuple[tuple[str, list[str]], ...]:
    return (("source-lacks-columns", lacking), ("source-has-more-columns", extra))


def _differ(code: str, columns: list[str], name: str, first: str) -> Finding:
    return finding(code, Where(file=name, column=columns[0]), columns=names(columns), first=first)


def _models(frames: Sequence[pd.DataFrame]) -> dict[str, pd.Series]:
    models = {}
    for name in frames[0].columns:
        filled = [frame[name] for frame in frames if frame[name].notna().any()]
        if len({_family(column) for column in filled}) > 1:
            models[name] = pd.Series(dtype="str")
        elif filled and len(filled) < len(frames):
            models[name] = filled[0].iloc[:0]
    return models


def _family(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column.dtype):
        return "boolean"
    if pd.api.types.is_numeric_dtype(column.dtype):
        return "number"
    naive = isinstance(column.dtype, np.dtype) and column.dtype.kind == "M"
    return "date" if naive else str(column.dtype)


def _alike(frame: pd.DataFrame | None, models: Mapping[str, pd.Series]) -> pd.DataFrame | None:
    if frame is None or not models:
        return frame
    return pd.DataFrame(
        {name: _as_model(frame[name], models.get(str(name))) for name in frame.columns}, index=frame.index
    )


def _as_model(column: pd.Series, model: pd.Series | None) -> pd.Series:
    if model is None:
        return column
    if isinstance(model.dtype, pd.StringDtype):
        return to_text(column)[0]
    if column.notna().any():
        return column
    blank = model.astype("boolean") if pd.api.types.is_bool_dtype(model.dtype) else model
    return blank.reindex(column.index)
