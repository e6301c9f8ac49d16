"""Classes of cases by a definition, in memory or where the rows live."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpi_research.preventability.definition.rules import CLASSES, Compiled, Definition, compile_definition
from kpi_research.study.expressions import Expression, column_kinds, connect, register_frame, time_zone_of
from kpi_research.study.frame_checks import require_columns
from kpi_research.study.relation import Relation


def classify(cases: pd.DataFrame, definition: Definition) -> pd.Series:
    """Return the class of each case by a definition.

    Parameters
    ----------
    cases : pandas.DataFrame
        One row per case, with the columns that the conditions of the definition read.
    definition : Definition
        The definition.

    Returns
    -------
    pandas.Series
        Index of ``cases``; categories ``preventable``, ``not``, ``unclear``.

    Raises
    ------
    ValueError
        If a condition has a fault, such as an unknown column.

    Examples
    --------
    >>> cases = pd.DataFrame({"type": ["burglary", "burglary", "assault"], "transient": ["no", "yes", "unknown"]})
    >>> rules = (("transient = 'yes'", "not"), ("type = 'burglary'", "preventable"))
    >>> classify(cases, Definition("strict", rules)).tolist()
    ['preventable', 'not', 'not']
    """
    require_columns(cases, "cases", {})
    compiled = compile_definition(definition, column_kinds(cases))
    codes = _first_fit(cases, compiled)
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(CLASSES)), index=cases.index, name=definition.id)


def _first_fit(cases: pd.DataFrame, compiled: Compiled) -> NDArray[np.int8]:
    columns = sorted(compiled.columns)
    numbers = " ".join(f"WHEN '{kind}' THEN {code}" for code, kind in enumerate(CLASSES))
    sql = f"SELECT CAST(CASE ({compiled.sql()}) {numbers} END AS TINYINT) AS code FROM frame"  # noqa: S608
    with connect(time_zone_of(cases, columns)) as connection:
        register_frame(connection, "frame", cases, columns)
        try:
            return np.asarray(connection.execute(sql).fetchnumpy()["code"], dtype=np.int8)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"definition '{compiled.definition.id}' cannot be computed: {reason}") from None


def class_counts(
    relation: Relation,
    definitions: Sequence[Definition],
    *,
    by: Sequence[str] = ("unit",),
    where: Expression | None = None,
) -> pd.DataFrame:
    """Count the cases of each class by each definition where the rows live; only the counts are fetched.

    Parameters
    ----------
    relation : Relation
        The table of cases, of any size.
    definitions : sequence of Definition
        The definitions.
    by : sequence of str
        Columns of the table to count within.
    where : Expression, optional
        Condition on the rows that count as cases.

    Returns
    -------
    pandas.DataFrame
        One row per definition and group: ``definition``, the columns of ``by``, ``n`` (cases), ``preventable``,
        ``not``, ``unclear`` (cases of each class).

    Raises
    ------
    ValueError
        If a condition has a fault.
    BackendError
        If the table cannot be read.
    """
    compiled = [compile_definition(definition, relation.columns) for definition in definitions]
    dialect = relation.backend.dialect
    measures = {"n": "count(*)"}
    for position, item in enumerate(compiled):
        for kind in CLASSES:
            measures[f"{position} {kind}"] = f"count(*) FILTER (WHERE ({item.sql(dialect)}) = '{kind}')"
    reads = frozenset().union(*(item.columns for item in compiled))
    counts = relation.aggregate(list(by), measures, reads, where=where)
    return pd.concat(
        [_of_definition(counts, position, item.definition.id, by) for position, item in enumerate(compiled)],
        ignore_index=True,
    )


def _of_definition(counts: pd.DataFrame, position: int, name: str, by: Sequence[str]) -> pd.DataFrame:
    own = {f"{position} {kind}": kind for kind in CLASSES}
    chosen = counts[[*by, "n", *own]].rename(columns=own).astype(dict.fromkeys(("n", *CLASSES), "int64"))
    chosen.insert(0, "definition", name)
    return chosen
