"""The columns that the validity stage looks at, in one frame of units and periods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_research.study.model import Study


@dataclass(frozen=True, slots=True)
class StudyPanel:
    """Indicators, outcome and further columns of a study.

    Attributes
    ----------
    frame : pandas.DataFrame
        ``unit``, ``period``, a column per observed indicator, the outcome, and the panel columns that the study names.
    indicators : tuple of str
        Indicators that have a value anywhere, in catalogue order.
    unobserved : tuple of str
        Indicators that have none.
    constant : tuple of str
        Indicators with one and the same value everywhere.
    outcome : str or None
        Column of the outcome in ``frame``.
    same_as_outcome : tuple of str
        Indicators that are the outcome itself.
    """

    frame: pd.DataFrame
    indicators: tuple[str, ...]
    unobserved: tuple[str, ...]
    constant: tuple[str, ...]
    outcome: str | None
    same_as_outcome: tuple[str, ...]

    @property
    def regressors(self) -> tuple[str, ...]:
        """Indicators that may explain the outcome: observed, varying, and not the outcome itself."""
        left_out = {*self.constant, *self.same_as_outcome}
        return tuple(name for name in self.indicators if name not in left_out)


def gather(study: Study) -> StudyPanel:
    """Return what the validity stage looks at.

    Parameters
    ----------
    study : Study
        A loaded study.

    Returns
    -------
    StudyPanel
    """
    ids = [str(name) for name in study.indicators["id"] if name in study.values.columns]
    frame = study.values[["unit", "period", *ids]]
    observed = tuple(name for name in ids if frame[name].notna().any())
    constant = tuple(name for name in observed if frame[name].min() == frame[name].max())
    frame = _with_panel_columns(frame, study)
    frame, outcome = _with_outcome(frame, study.outcome())
    same = tuple(name for name in observed if outcome and _equal(frame[name], frame[outcome]))
    return StudyPanel(frame, observed, tuple(name for name in ids if name not in observed), constant, outcome, same)


def _with_panel_columns(frame: pd.DataFrame, study: Study) -> pd.DataFrame:
    panel = study.role_table("panel")
    if panel is None:
        return frame
    wanted = [name for name in named_columns(study) if name in panel.columns and name not in frame.columns]
    return frame.merge(panel[["unit", "period", *wanted]], on=["unit", "period"], how="left", validate="one_to_one")


def named_columns(study: Study) -> list[str]:
    """Return the panel columns that ``[validity]`` names, each once.

    Parameters
    ----------
    study : Study
        A loaded study.

    Returns
    -------
    list of str
        Controls, unit controls, checked columns, instruments and the cluster column.
    """
    asked = study.spec.validity
    given = (asked.instruments or {}).values()
    instruments = [name for item in given for name in ([item] if isinstance(item, str) else item)]
    cluster = [asked.cluster] if asked.cluster and asked.cluster != "unit" else []
    return _once([*asked.controls, *asked.unit_controls, *asked.checked, *instruments, *cluster])


def _with_outcome(frame: pd.DataFrame, outcome: pd.DataFrame | None) -> tuple[pd.DataFrame, str | None]:
    if outcome is None:
        return frame, None
    name = "outcome"
    while name in frame.columns:
        name += "_"
    column = outcome.rename(columns={"outcome": name})
    return frame.merge(column, on=["unit", "period"], how="left", validate="one_to_one"), name


def _equal(first: pd.Series, second: pd.Series) -> bool:
    both = first.notna() & second.notna()
    return bool(both.any()) and bool(np.array_equal(first[both].to_numpy(float), second[both].to_numpy(float)))


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
