"""Which indicators are computed from counts that may not be targets, and by which way."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

import pandas as pd

from kpi_research.study.expressions import parse_expression
from kpi_research.study.findings import Where
from kpi_research.study.model import Study
from kpi_research.validity.frames import check_columns
from kpi_research.validity.use.sources import Sources, formula_sources

COLUMNS = ("indicator", "table", "use", "source", "via", "banned_by")
_PARTS = ("value", "numerator", "denominator")
JOINT = " ∧ "
"""Parts the parts of a condition in a table."""

_USES = ("counted", "tested", "divided_by")


def study_sources(study: Study) -> pd.DataFrame:
    """Return what each indicator of a study counts, tests and divides by.

    Parameters
    ----------
    study : Study
        A loaded study.

    Returns
    -------
    pandas.DataFrame
        One row per indicator and source, as `kpi_research.study.lineage.lineage` finds them: ``indicator``; ``table``;
        ``use`` (``counted`` where its numbers enter, ``tested`` where a condition looks at it, ``divided_by``, ``rows``
        for a condition whose rows are counted); ``source`` (a recorded column; for ``rows`` the parts of the condition,
        parted by ``" ∧ "``); ``via`` (derived columns on the way, parted by ``" → "``).
    """
    rows = [row for entry in study.indicators.to_dict("records") for row in _rows_of(study, entry)]
    return pd.DataFrame(rows, columns=list(COLUMNS[:-1])).astype("str").drop_duplicates(ignore_index=True)


def _rows_of(study: Study, entry: Mapping[Hashable, object]) -> Iterator[tuple[str, ...]]:
    name, table = str(entry["id"]), str(entry["table"])
    if table not in study.tables.relations:
        return
    relation = study.tables.relations[table]
    derived = {column: made.tree for column, made in relation.derived.items()}
    for part in _PARTS:
        text = str(entry.get(part) or "")
        if not text:
            continue
        parsed, _ = parse_expression(text, columns=relation.columns, where=Where(), expect="any", aggregates=True)
        if parsed is not None:
            counts_rows = parsed.kind == "boolean" and not parsed.aggregate
            yield from _of_part(name, table, part, formula_sources(parsed.tree, derived, counts_rows))


def _of_part(name: str, table: str, part: str, found: Sources) -> Iterator[tuple[str, ...]]:
    below = part == "denominator"
    for use in _USES:
        for column, path in getattr(found, use).items():
            yield name, table, "divided_by" if below else use, column, " → ".join(path)
    if not below:
        for condition in found.conditions:
            yield name, table, "rows", JOINT.join(sorted(condition)), ""


def study_trace(study: Study) -> pd.DataFrame:
    """Return the ways from a study's indicators to banned counts.

    Parameters
    ----------
    study : Study
        A loaded study: the catalogue marks banned indicators, ``banned_sources`` of ``[validity]`` further columns.

    Returns
    -------
    pandas.DataFrame
        See `trace`.
    """
    banned = study.indicators.loc[study.indicators["banned"].astype(bool), "id"].astype("str")
    return trace(study_sources(study), banned=list(banned), banned_columns=study.spec.validity.banned_sources)


def not_to_be_used(study: Study) -> frozenset[str]:
    """Return the indicators of a study that are banned or count what is banned.

    Parameters
    ----------
    study : Study
        A loaded study.

    Returns
    -------
    frozenset of str
    """
    ways = study_trace(study)
    banned = study.indicators.loc[study.indicators["banned"].astype(bool), "id"].astype("str")
    return frozenset(banned) | frozenset(ways.loc[ways["use"] != "divided_by", "indicator"])


def trace(sources: pd.DataFrame, *, banned: Sequence[str], banned_columns: Sequence[str] = ()) -> pd.DataFrame:
    """Return which indicators are computed from a banned count, and by which way.

    Parameters
    ----------
    sources : pandas.DataFrame
        ``indicator``, ``table``, ``use``, ``source``, ``via``, as `study_sources` gives them.
    banned : sequence of str
        Indicators that may not be targets. What they count is banned: the columns whose numbers enter (not those they
        divide by), or, where they count rows, the rows that meet their condition and any part of these rows.
    banned_columns : sequence of str
        Further banned columns, as ``table.column``.

    Returns
    -------
    pandas.DataFrame
        One row per indicator and banned source: ``indicator``; ``table``; ``use`` (``counted``, ``tested``, ``rows``,
        ``divided_by``); ``source``; ``via`` (derived columns on the way); ``banned_by`` (the banned indicator that
        counts it, the indicator itself where it is banned, or empty for a further banned column).

    Raises
    ------
    TypeError, ValueError
        If a column is missing.

    Examples
    --------
    >>> rows = [("fines", "panel", "counted", "fines", ""), ("index", "panel", "counted", "fines", "strikes")]
    >>> sources = pd.DataFrame(rows, columns=["indicator", "table", "use", "source", "via"])
    >>> trace(sources, banned=["fines"]).iloc[1].to_list()
    ['index', 'panel', 'counted', 'fines', 'strikes', 'fines']
    """
    check_columns(sources, {"sources": list(COLUMNS[:-1])})
    given = [tuple(map(str, row)) for row in sources[list(COLUMNS[:-1])].itertuples(index=False, name=None)]
    columns = {_pair(name): "" for name in banned_columns} | _banned_columns(given, set(map(str, banned)))
    conditions = [
        (table, frozenset(source.split(JOINT)), name)
        for name, table, use, source, _ in given
        if use == "rows" and name in banned and not any(row[0] == name and row[2] == "counted" for row in given)
    ]
    rows = [(*row, by) for row in given for by in _found(row, columns, conditions)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype("str").drop_duplicates(ignore_index=True)


def _pair(name: str) -> tuple[str, str]:
    table, _, column = name.partition(".")
    return table, column


def _banned_columns(given: Sequence[tuple[str, ...]], banned: set[str]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for name, table, use, source, _ in given:
        if name in banned and use == "counted":
            found.setdefault((table, source), name)
    return found


def _found(
    row: tuple[str, ...],
    columns: Mapping[tuple[str, str], str],
    conditions: Sequence[tuple[str, frozenset[str], str]],
) -> Iterator[str]:
    _, table, use, source, _ = row
    if use != "rows":
        if (table, source) in columns:
            yield columns[table, source]
        return
    parts = frozenset(source.split(JOINT))
    for where, needed, name in conditions:
        if where == table and needed <= parts:
            yield name
