"""The work log of a study with what is known of the persons and units in it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kpi_research.study.model import Study

KEYS = ("unit", "officer", "period", "task")


def work_records(study: Study, groups: Sequence[str] = ()) -> pd.DataFrame:
    """Return the work log as pieces and minutes per person, period and task, with the person's post, rank and groups.

    Rows are added up where they live, so that a log of single pieces of work never enters memory.

    Parameters
    ----------
    study : Study
        A study with a table of role ``worklog``.
    groups : sequence of str
        Columns of the tables of officers and units to add; those that neither has are left out.

    Returns
    -------
    pandas.DataFrame
        The keys ``unit``, ``officer``, ``period``, ``task`` as far as the log has them; ``count`` (pieces of work; 1 for
        each row where the log does not say), ``minutes``, ``n`` (rows); ``post``, ``rank`` and the groups where known.

    Raises
    ------
    ValueError
        If the study has no work log.
    """
    name = study.role_name("worklog")
    if name is None:
        raise ValueError("the study has no table of role 'worklog'")
    columns = study.tables.relations[name].columns
    keys = [key for key in (*KEYS, "post", "rank") if key in columns]
    minutes = study.cells(name, by=keys, value="minutes")
    log = minutes[[*keys, "n"]].assign(minutes=minutes["total"].astype("float64"), count=minutes["n"].astype("float64"))
    if "count" in columns:
        pieces = study.cells(name, by=keys, value='"count"', where="minutes IS NOT NULL")
        log = log.drop(columns="count").merge(pieces[[*keys, "total"]].rename(columns={"total": "count"}), on=keys)
    log = _add(log, study.role_table("officers"), "officer", ["unit", "post", "rank", *groups])
    return _add(log, study.role_table("units"), "unit", list(groups)).reset_index(drop=True)


def _add(log: pd.DataFrame, table: pd.DataFrame | None, key: str, wanted: Sequence[str]) -> pd.DataFrame:
    """Return the log with columns of a table that it does not have yet."""
    if table is None or key not in log or key not in table:
        return log
    names = [name for name in dict.fromkeys(wanted) if name in table and name not in log and name != key]
    if not names:
        return log
    return log.merge(table.drop_duplicates(key)[[key, *names]], on=key, how="left")


def level_names(study: Study) -> pd.DataFrame:
    """Return the Chinese names of tasks, posts and ranks, where columns such as ``task_zh`` stand beside them.

    Parameters
    ----------
    study : Study
        A study with a table of role ``worklog``.

    Returns
    -------
    pandas.DataFrame
        ``factor``, ``level``, ``zh``; one row per level that has a name.
    """
    parts = []
    for factor in ("task", "post", "rank"):
        for name, section in study.spec.tables.items():
            columns = study.tables.relations[name].columns if name in study.tables.relations else {}
            if (section.role or name) in ("worklog", "officers") and {factor, f"{factor}_zh"} <= set(columns):
                pairs = study.cells(name, by=[factor, f"{factor}_zh"], value="1").drop_duplicates(factor)
                parts.append(
                    pd.DataFrame({"factor": factor, "level": pairs[factor].astype("str"), "zh": pairs[f"{factor}_zh"]})
                )
                break
    names = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["factor", "level", "zh"])
    return names.astype("str")
