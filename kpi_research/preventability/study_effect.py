"""What the prevention programme of a study did, under each written definition."""

from __future__ import annotations

import pandas as pd

from kpi_research.preventability.expected.effect import prevention_effect
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study

COLUMNS = ("definition", "term", "log_ratio", "se", "ratio", "low", "high", "p", "changed")


def study_effect(study: Study, counts: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Compare preventable with other cases of the same units, before and after a programme that the study names.

    Parameters
    ----------
    study : Study
        A study; ``[preventability] programme`` names the column of the table of units that holds the first period of the
        programme, empty where there was none.
    counts : pandas.DataFrame
        Cases per ``definition``, ``unit`` and ``period``: ``preventable``, ``not``.

    Returns
    -------
    table : pandas.DataFrame
        The rows of `prevention_effect` by ``definition``, with ``changed`` (units that started within the periods seen);
        empty where no programme is named.
    findings : tuple of Finding
        ``prevention-effect`` for each definition with what it found, or ``prevention-effect-failed``.
    """
    column = study.spec.preventability.programme
    start = study.unit_column(column)
    empty = pd.DataFrame(columns=list(COLUMNS))
    if column is None:
        return empty, ()
    if start is None:
        return empty, (_failed(f"the table of units has no column '{column}'"),)
    if counts.empty:
        return empty, (_failed("there is no written definition, or the incidents have no period"),)
    start = start.astype("str")
    parts: list[pd.DataFrame] = []
    findings: list[Finding] = []
    for name, own in counts.groupby("definition", sort=False):
        table, said = _one(study, str(name), own, start)
        parts.append(table)
        findings += said
    kept = [part for part in parts if len(part)]
    return (pd.concat(kept, ignore_index=True) if kept else empty), tuple(findings)


def _one(study: Study, name: str, own: pd.DataFrame, start: pd.Series) -> tuple[pd.DataFrame, list[Finding]]:
    begins = own["unit"].map(start)
    on = (begins.notna() & (begins.str.strip() != "") & (own["period"] >= begins.fillna("~"))).astype(float)
    level = study.spec.preventability.level
    names = {"unit": "unit", "period": "period", "preventable": "preventable", "other": "not", "programme": "on"}
    try:
        found = prevention_effect(own.assign(on=on), **names, level=level)
    except ValueError as error:
        return pd.DataFrame(), [_failed(str(error))]
    facts = {"ratio": f"{found.ratio:.2f}", "low": f"{found.low:.2f}", "high": f"{found.high:.2f}"}
    said = finding("prevention-effect", definition=name, changed=found.changed, **facts)
    table = found.table.assign(definition=name, changed=found.changed)[list(COLUMNS)]
    return table, [said, *found.findings]


def _failed(problem: str) -> Finding:
    return finding("prevention-effect-failed", Where("study.toml", column="preventability.programme"), problem=problem)
