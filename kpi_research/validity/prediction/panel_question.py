"""What is asked of a panel: which columns play which part in which model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kpi_research.study.suggest import did_you_mean
from kpi_research.validity.frames import check_columns
from kpi_research.validity.words import MODELS


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a panel, names checked.

    Attributes
    ----------
    outcome : str
        Column to be explained.
    terms : tuple of str
        Indicators, then controls.
    endogenous : tuple of str
        The terms that are instrumented.
    instruments : tuple of str
        Columns that instrument all of them together.
    unit, period : str
        Key columns.
    cluster : str or None
        Column whose groups are independent; None for homoskedastic errors.
    model : str
        One of `MODELS`.
    logs : bool
        Whether columns other than 0/1 ones are taken in logarithms.
    """

    outcome: str
    terms: tuple[str, ...]
    endogenous: tuple[str, ...]
    instruments: tuple[str, ...]
    unit: str
    period: str
    cluster: str | None
    model: str
    logs: bool

    @property
    def used(self) -> tuple[str, ...]:
        """Numeric columns that are read, each once."""
        return (self.outcome, *self.terms, *self.instruments)


def ask(
    frame: pd.DataFrame,
    outcome: str,
    indicators: Sequence[str],
    controls: Sequence[str],
    keys: tuple[str, str],
    model: str,
    logs: bool,
    instruments: Mapping[str, str | Sequence[str]] | None,
    cluster: str | None,
) -> Question:
    """Check the names of a question.

    Parameters
    ----------
    frame : pandas.DataFrame
        The panel.
    outcome : str
        Column to be explained.
    indicators, controls : sequence of str
        Regressors.
    keys : tuple of str
        Unit and period column.
    model : str
        One of `MODELS`.
    logs : bool
        Whether to take logarithms.
    instruments : mapping or None
        Endogenous term to its instrument or instruments.
    cluster : str or None
        None, ``"unit"`` or a column.

    Returns
    -------
    Question

    Raises
    ------
    ValueError
        If a name is unknown or stands in two roles, or instruments and model do not go together.
    """
    unit, period = keys
    if model not in MODELS:
        raise ValueError(f"model is '{model}'.{did_you_mean(model, MODELS)['en']}")
    for name, given in (("indicators", indicators), ("controls", controls)):
        if isinstance(given, str):
            raise TypeError(f"{name} must be a sequence of names, found the text '{given}'; write ['{given}']")
    if not indicators:
        raise ValueError("indicators is empty; name at least one column")
    group = unit if cluster == "unit" else cluster
    endogenous, excluded = _instruments(instruments, model, (*indicators, *controls))
    question = Question(outcome, (*indicators, *controls), endogenous, excluded, unit, period, group, model, logs)
    roles = {"outcome": outcome, "indicators": indicators, "controls": controls, "instruments": excluded}
    check_columns(frame, {**roles, "unit": unit, "period": period, **({"cluster": group} if group else {})})
    _check_roles(question)
    return question


def _instruments(
    given: Mapping[str, str | Sequence[str]] | None, model: str, terms: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if (model == "iv_two_way") != bool(given):
        raise ValueError(
            "model 'iv_two_way' needs instruments, e.g. instruments={'clearance': 'tax'}"
            if model == "iv_two_way"
            else f"instruments are only used by model 'iv_two_way', found model '{model}'"
        )
    columns: dict[str, None] = {}
    for endogenous, names in (given or {}).items():
        if endogenous not in terms:
            raise ValueError(f"instruments: '{endogenous}' is no regressor.{did_you_mean(endogenous, terms)['en']}")
        columns.update(dict.fromkeys([names] if isinstance(names, str) else names))
    if len(columns) < len(given or {}):
        raise ValueError(
            f"{len(given or {})} instrumented regressors need as many instruments, found {', '.join(columns)}"
        )
    return tuple(name for name in terms if name in (given or {})), tuple(columns)


def _check_roles(question: Question) -> None:
    seen: set[str] = set()
    for name in (question.unit, question.period, *question.used):
        if name in seen:
            raise ValueError(f"the column '{name}' is used in two roles; each column may stand once")
        seen.add(name)
