"""Column names: joined from headers of several rows, clean, none empty, none twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.sources.phrases import join, plain, quoted

JOINT = "/"
"""What stands between a parent and its child in a joined name, e.g. ``业务/破案数``."""


def clean_name(text: str) -> str:
    r"""Return a header cell without byte order mark, with every run of white space (line breaks too) as one space.

    Parameters
    ----------
    text : str
        The cell.

    Returns
    -------
    str

    Examples
    --------
    >>> clean_name(" cleared\n cases ")
    'cleared cases'
    """
    return " ".join(text.replace("\ufeff", "").split())


def join_levels(levels: Sequence[Sequence[str]]) -> list[str]:
    """Return one name per column from the header rows, parents first.

    Parameters
    ----------
    levels : sequence of sequence of str
        Header rows of equal length, top first; empty text = empty cell. Cells of a merged range carry its text.

    Returns
    -------
    list of str
        Parts joined by ``/``; a part equal to the one above it is left out, as in a cell merged over rows.

    Examples
    --------
    >>> join_levels([["unit", "cases", "cases"], ["unit", "cleared", "recorded"]])
    ['unit', 'cases/cleared', 'cases/recorded']
    """
    names = []
    for parts in zip(*levels, strict=True):
        kept: list[str] = []
        for part in parts:
            if part and (not kept or part != kept[-1]):
                kept.append(part)
        names.append(JOINT.join(kept))
    return names


def spread_parents(levels: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return header rows in which a parent also stands over the children to its right that have none.

    A file that was saved as text has lost its merged cells: only the first child of a parent keeps it.

    Parameters
    ----------
    levels : sequence of sequence of str
        Header rows of equal length, top first.

    Returns
    -------
    list of list of str

    Examples
    --------
    >>> spread_parents([["unit", "cases", "", "total"], ["", "cleared", "recorded", ""]])
    [['unit', 'cases', 'cases', 'total'], ['', 'cleared', 'recorded', '']]
    """
    spread = [list(level) for level in levels]
    for number, level in enumerate(spread[:-1]):
        below = spread[number + 1]
        parent = ""
        for column, text in enumerate(level):
            if text:
                parent = text if below[column] else ""
            elif below[column]:
                level[column] = parent
    return spread


def check_names(names: Sequence[str], labels: Sequence[object], where: Where) -> tuple[Finding, ...]:
    """Return findings for empty and for repeated column names.

    Parameters
    ----------
    names : sequence of str
        Column names.
    labels : sequence
        What the user calls the position of each: 1, 2, ... or Excel's A, B, ...
    where : Where
        File and header row.

    Returns
    -------
    tuple of Finding
    """
    places: dict[str, list[object]] = defaultdict(list)
    for name, label in zip(names, labels, strict=True):
        places[name].append(label)
    empty = places.pop("", [])
    repeated = [_repeated(name, found) for name, found in places.items() if len(found) > 1]
    findings = [finding("header-empty-cells", where, columns=plain(empty))] if empty else []
    if repeated:
        findings.append(finding("header-repeated-names", where, names=join(repeated)))
    return tuple(findings)


def _repeated(name: str, labels: Sequence[object]) -> dict[str, str]:
    mark, columns = quoted(name), plain(labels)
    return {"en": f"{mark['en']} (columns {columns['en']})", "zh": f"{mark['zh']}（第{columns['zh']}列）"}
