"""How much of a unit's share of preventable cases rests on the definition, and on what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from kpi_research.preventability.definition.classify import classify
from kpi_research.preventability.definition.rules import NOT, PREVENTABLE, UNCLEAR, Definition
from kpi_research.preventability.proportions import weighted_share
from kpi_research.study.findings import Finding, finding
from kpi_research.study.frame_checks import require_columns, require_filled
from kpi_research.study.results import Result

ORDER_CHANGES = 0.7
"""Rank correlation of units' shares under two definitions below which the order is said to rest on the definition."""
UNCLEAR_MATTERS = 0.1
"""Share of unclear cases from which the bounds are pointed out."""


@dataclass(frozen=True)
class DefinitionShares(Result):
    """Shares of preventable cases per unit under each definition.

    ``table`` has one row per definition and unit:

    - ``definition``, ``unit``: names.
    - ``n``, ``preventable``, ``not``, ``unclear``: cases in all and of each class.
    - ``low``, ``high``: share of preventable cases, 0 to 1, if no unclear case is preventable and if all are.
    - ``estimate``: share with the unclear cases counted by their probability; NaN where none was given.

    Attributes
    ----------
    pairs : pandas.DataFrame
        One row per pair of definitions: ``first``, ``second``; ``rank_correlation`` of the units' shares (middle of low
        and high); ``largest_difference`` of a unit's share; ``units``.
    """

    pairs: pd.DataFrame


def definition_shares(
    cases: pd.DataFrame,
    definitions: Sequence[Definition],
    *,
    unit: str,
    probability: str | None = None,
) -> DefinitionShares:
    """Return each unit's share of preventable cases under several definitions, with bounds for what is unclear.

    With :math:`P`, :math:`U` preventable and unclear cases of :math:`n`, the share lies between :math:`P/n` and
    :math:`(P+U)/n` whatever the unclear cases are (Manski 2003, Partial Identification of Probability Distributions,
    doi:10.1007/b97478).

    Parameters
    ----------
    cases : pandas.DataFrame
        One row per case.
    definitions : sequence of Definition
        The definitions, at least one.
    unit : str
        Column of the unit.
    probability : str, optional
        Column of the probability that a case was preventable, 0 to 1; used for unclear cases.

    Returns
    -------
    DefinitionShares
        Findings: ``definition-unclear`` where many cases are unclear, ``definition-changes-order`` where two
        definitions order the units differently.

    Raises
    ------
    ValueError
        If a column is missing, no definition is given, two bear one id, or a condition has a fault.

    Examples
    --------
    >>> cases = pd.DataFrame({"unit": ["a", "a", "b"], "type": ["burglary", "fraud", "assault"]})
    >>> strict = Definition("strict", (("type = 'burglary'", "preventable"), ("type = 'fraud'", "unclear")))
    >>> definition_shares(cases, [strict], unit="unit").table[["unit", "low", "high"]].values.tolist()
    [['a', 0.5, 1.0], ['b', 0.0, 0.0]]
    """
    require_columns(cases, "cases", {"unit": unit, "probability": probability})
    require_filled(cases, "cases", unit)
    _require_names(definitions)
    chance = cases[probability] if probability is not None else None
    parts = [_counted(cases[unit], classify(cases, item), chance) for item in definitions]
    names = [item.id for item in definitions]
    counts = pd.concat([part.assign(definition=name) for name, part in zip(names, parts, strict=True)])
    labels = {item.id: {"en": item.name("en"), "zh": item.name("zh")} for item in definitions}
    return shares_of_counts(counts.reset_index(names="unit"), labels)


def _require_names(definitions: Sequence[Definition]) -> None:
    names = [item.id for item in definitions]
    if not names:
        raise ValueError("definitions is empty; at least one definition is needed")
    if len(set(names)) < len(names):
        raise ValueError(f"definitions have the ids {', '.join(names)}; each id may stand once")


def _counted(unit: pd.Series, kind: pd.Series, chance: pd.Series | None) -> pd.DataFrame:
    frame = pd.crosstab(unit.rename("unit"), kind.rename(None), dropna=False).reindex(
        columns=[PREVENTABLE, NOT, UNCLEAR], fill_value=0
    )
    frame.insert(0, "n", frame.sum(axis=1))
    if chance is not None:
        expected = chance.where(kind == UNCLEAR, 0.0).groupby(unit.to_numpy()).sum()
        frame["expected"] = expected.reindex(frame.index).to_numpy(dtype=float)
    return frame


def shares_of_counts(counts: pd.DataFrame, labels: Mapping[str, Mapping[str, str]] | None = None) -> DefinitionShares:
    """Return shares and their bounds from counts of classes; see `definition_shares`.

    Parameters
    ----------
    counts : pandas.DataFrame
        ``definition``, ``unit``, ``n``, ``preventable``, ``not``, ``unclear``, as `class_counts` makes them; optionally
        ``expected`` (expected number of preventable cases among the unclear ones).
    labels : mapping, optional
        Id of a definition to what it is called in ``en`` and ``zh``, for findings.

    Returns
    -------
    DefinitionShares
    """
    table = counts[["definition", "unit", "n", PREVENTABLE, NOT, UNCLEAR]].reset_index(drop=True)
    table = table.rename_axis(columns=None)
    n = table["n"].to_numpy(dtype=float)
    table["low"] = table[PREVENTABLE] / n
    table["high"] = (table[PREVENTABLE] + table[UNCLEAR]) / n
    extra = counts["expected"].to_numpy(dtype=float) if "expected" in counts else np.full(len(table), np.nan)
    extra = np.where(table[UNCLEAR] == 0, 0.0, extra)
    table["estimate"] = (table[PREVENTABLE].to_numpy(dtype=float) + extra) / n
    pairs = _pairs(table)
    return DefinitionShares(table, _findings(table, pairs, labels or {}), pairs)


def _pairs(table: pd.DataFrame) -> pd.DataFrame:
    middle = table.assign(middle=(table["low"] + table["high"]) / 2)
    wide = middle.pivot_table(index="unit", columns="definition", values="middle")
    ranks = wide.rank()
    rows = [
        (first, second, _correlation(ranks[first], ranks[second]), float((wide[first] - wide[second]).abs().max()))
        for first, second in combinations(dict.fromkeys(table["definition"]), 2)
    ]
    columns = ["first", "second", "rank_correlation", "largest_difference"]
    return pd.DataFrame(rows, columns=columns).assign(units=len(wide))


def _correlation(first: pd.Series, second: pd.Series) -> float:
    a, b = (ranks.to_numpy(dtype=float) - ranks.mean() for ranks in (first, second))
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size > 0 else float("nan")


def _called(labels: Mapping[str, Mapping[str, str]], name: object) -> Mapping[str, str]:
    return labels.get(str(name), {"en": str(name), "zh": str(name)})


def _findings(table: pd.DataFrame, pairs: pd.DataFrame, labels: Mapping[str, Mapping[str, str]]) -> tuple[Finding, ...]:
    found = []
    for name, rows in table.groupby("definition", sort=False):
        share = float(rows[UNCLEAR].sum() / rows["n"].sum())
        if share >= UNCLEAR_MATTERS:
            facts = {"share": f"{100 * share:.0f}", "low": _percent(rows, "low"), "high": _percent(rows, "high")}
            found.append(finding("definition-unclear", definition=_called(labels, name), **facts))
    for row in pairs[pairs["rank_correlation"] < ORDER_CHANGES].to_dict("records"):
        names = {key: _called(labels, row[key]) for key in ("first", "second")}
        found.append(finding("definition-changes-order", correlation=f"{row['rank_correlation']:.2f}", **names))
    return tuple(found)


def _percent(rows: pd.DataFrame, column: str) -> str:
    return f"{100 * float((rows[column] * rows['n']).sum() / rows['n'].sum()):.0f}"


def definition_accuracy(
    classes: Mapping[str, pd.Series], label: pd.Series, *, weight: pd.Series | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Hold definitions against the decisions of a panel on a sample of cases.

    Parameters
    ----------
    classes : mapping of str to pandas.Series
        Definition to the class of each case, see `classify`.
    label : pandas.Series
        Decision of the panel on the same cases: 1 preventable, 0 not, missing where it was not asked.
    weight : pandas.Series, optional
        Weight of each case, 1 / inclusion probability.
    level : float
        Confidence level.

    Returns
    -------
    pandas.DataFrame
        One row per definition and ``measure``: ``found`` (share of the panel's preventable cases that the definition
        calls preventable), ``spared`` (share of its other cases that the definition calls not preventable),
        ``unclear`` (share of cases the definition leaves open); ``n`` (cases), ``estimate``, ``low``, ``high``.
    """
    known = label.notna().to_numpy()
    truth = label[known].to_numpy(dtype=float)
    weights = np.ones(len(truth)) if weight is None else weight[known].to_numpy(dtype=float)
    rows = []
    for name, kinds in classes.items():
        kind = kinds[known].astype(str).to_numpy()
        questions = {
            "found": (kind == PREVENTABLE, truth == 1),
            "spared": (kind == NOT, truth == 0),
            "unclear": (kind == UNCLEAR, np.ones(len(truth), dtype=bool)),
        }
        for measure, (yes, among) in questions.items():
            share = weighted_share(yes[among].astype(float), weights[among], level=level)
            rows.append((name, measure, int(among.sum()), *share))
    return pd.DataFrame(rows, columns=["definition", "measure", "n", "estimate", "low", "high"])
