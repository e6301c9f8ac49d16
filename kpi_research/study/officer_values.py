"""Indicator values per officer and period, computed where the rows live."""

from __future__ import annotations

import pandas as pd

from kpi_research.study.engine import Formula, indicator_values
from kpi_research.study.expressions import parse_expression
from kpi_research.study.findings import Where
from kpi_research.study.formulas import PARTS, formula_texts
from kpi_research.study.model import Study


def officer_values(study: Study) -> pd.DataFrame:
    """Compute the indicators whose table names officers for every officer and period.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    pandas.DataFrame
        ``officer``, ``period``, then one float column per such indicator; no indicator columns where no table names
        officers. Officers bear the names the study gives them, pseudonyms where it says so.

    Raises
    ------
    BackendError
        If a table cannot be read.
    """
    relations = study.tables.relations
    formulas = []
    rows: list[dict[str, str]] = study.indicators.to_dict("records")  # type: ignore[assignment]
    for row in rows:
        table = str(row.get("table", ""))
        if table not in relations or not {"officer", "period"} <= set(relations[table].columns):
            continue
        parsed = {
            part: parse_expression(
                text, columns=relations[table].columns, where=Where("indicators", column=part), expect="any",
                aggregates=True,
            )[0]
            for part, text in formula_texts(row).items()
        }  # fmt: skip
        value = parsed.get("value")
        if value is not None and not value.aggregate:
            continue
        formulas.append(Formula(str(row["id"]), table, **{part: parsed.get(part) for part in PARTS}))
    return indicator_values(tuple(formulas), relations, who="officer")
