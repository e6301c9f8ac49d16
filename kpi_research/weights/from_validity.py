"""What the evidence on validity says for weights: reliability, redundant indicators, weights of experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.text import Text
from kpi_research.weights.rules import Rule

if TYPE_CHECKING:
    from kpi_research.study.spec import WeightsSection
    from kpi_research.validity import Validity


def with_evidence(indicators: pd.DataFrame, validity: Validity | None) -> pd.DataFrame:
    """Return the catalogue with what is known about each indicator.

    Parameters
    ----------
    indicators : pandas.DataFrame
        The catalogue.
    validity : Validity or None
        Result of the validity stage.

    Returns
    -------
    pandas.DataFrame
        With ``reliability`` (of a unit's mean over the periods, 0 to 1; 0 where it could not be estimated),
        ``unreliability`` (1 minus it) and ``topped_out`` (1 where nearly all units are at the top, else 0), unless the
        catalogue has them; ``banned`` also where an indicator counts what a banned one counts. Unchanged without evidence.
    """
    known, added = _detail(validity, "reliability"), {}
    if known is not None:
        values = known.drop_duplicates("indicator").set_index("indicator")["reliability"]
        own = indicators["id"].map(values).astype(float).fillna(0.0).clip(0.0, 1.0)
        added = {"reliability": own, "unreliability": 1.0 - own}
    topped = _topped_out(validity)
    if topped is not None:
        added["topped_out"] = indicators["id"].isin(topped).astype(float)
    frame = indicators.assign(**{name: column for name, column in added.items() if name not in indicators})
    built = built_on_banned(indicators, validity)
    return frame.assign(banned=frame["banned"].astype(bool) | frame["id"].isin(built)) if built else frame


def built_on_banned(indicators: pd.DataFrame, validity: Validity | None) -> dict[str, list[str]]:
    """Return the indicators that are not banned themselves but count what may not be a target.

    Parameters
    ----------
    indicators : pandas.DataFrame
        The catalogue, with ``banned``.
    validity : Validity or None
        Result of the validity stage, with the table ``use_trace``.

    Returns
    -------
    dict of str to list of str
        Indicator id to the banned sources that it counts, through derived columns too; dividing by one is no counting.
    """
    traces = _detail(validity, "use_trace")
    if traces is None or "banned" not in indicators:
        return {}
    banned = set(indicators.loc[indicators["banned"].astype(bool), "id"])
    known = set(indicators["id"]) - banned
    counted = traces[(traces["use"] != "divided_by") & traces["indicator"].isin(known)]
    return {str(name): sorted(set(part["source"].astype(str))) for name, part in counted.groupby("indicator")}


def banned_findings(indicators: pd.DataFrame, validity: Validity | None) -> tuple[Finding, ...]:
    """Say which indicators carry no weight because they count what may not be a target.

    Parameters
    ----------
    indicators : pandas.DataFrame
        The catalogue.
    validity : Validity or None
        Result of the validity stage.

    Returns
    -------
    tuple of Finding
    """
    english, chinese = (dict(zip(indicators["id"], indicators[name], strict=True)) for name in ("label_en", "label_zh"))
    found = []
    for name, sources in built_on_banned(indicators, validity).items():
        label = {"en": str(english[name]), "zh": str(chinese[name] or name)}
        listed = {"en": ", ".join(sources), "zh": "、".join(sources)}
        found.append(finding("weight-on-banned-source", Where(column=name), label=label, sources=listed))
    return tuple(found)


def _topped_out(validity: Validity | None) -> set[str] | None:
    evidence = None if validity is None or validity.skipped else getattr(validity, "evidence", None)
    if evidence is None:
        return None
    rows = evidence[(evidence["check"] == "topped-out") & (evidence["grade"] == "fail")]
    return set(rows["indicator"].astype(str))


def evidence_rules(spec: WeightsSection, validity: Validity | None) -> list[Rule]:
    """Return the rules that ``min_reliability``, ``cluster_cap`` and ``topped_out_cap`` of the study file stand for.

    Parameters
    ----------
    spec : WeightsSection
        Section ``[weights]`` of the study file.
    validity : Validity or None
        Result of the validity stage.

    Returns
    -------
    list of Rule
        A floor on the weighted mean reliability; caps on each cluster of two or more redundant indicators, and on what
        is topped out.

    Raises
    ------
    ValueError
        If a rule is asked for whose evidence is not there.
    """
    rules = []
    if spec.min_reliability is not None:
        if _detail(validity, "reliability") is None:
            raise ValueError("weights.min_reliability is set, but the validity stage gave no reliability; run it first")
        label = Text("Mean reliability of the indicators, weighted", "指标平均信度（按权重）")
        most = 100.0 * (1.0 - spec.min_reliability)
        rules.append(Rule("min-reliability", None, column="unreliability", max=most, label=label))
    if spec.cluster_cap is not None:
        rules += _cluster_rules(spec.cluster_cap, _detail(validity, "redundancy"))
    if spec.topped_out_cap is not None:
        if _topped_out(validity) is None:
            raise ValueError("weights.topped_out_cap is set, but the validity stage gave no evidence; run it first")
        label = Text("Indicators on which nearly all units are at the top", "各单位已普遍达到上限的指标")
        rules.append(Rule("topped-out", None, column="topped_out", max=spec.topped_out_cap, label=label))
    return rules


def _cluster_rules(cap: float, redundancy: pd.DataFrame | None) -> list[Rule]:
    if redundancy is None:
        raise ValueError("weights.cluster_cap is set, but the validity stage gave no redundancy; run it first")
    found = []
    for _, part in redundancy[redundancy["size"] > 1].groupby("cluster"):
        names = sorted(str(name) for name in part["indicator"])
        listed = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
        label = Text(f"Redundant: {', '.join(names)}", f"重复指标：{'、'.join(names)}")
        found.append(Rule(f"cluster-{names[0]}", f"id IN ({listed})", max=cap, label=label))
    return found


def expert_weights(indicators: pd.DataFrame, current: pd.Series, validity: Validity | None) -> pd.Series | None:
    """Return weights of experts from their comparisons: each group's points divided as the comparisons say.

    Parameters
    ----------
    indicators : pandas.DataFrame
        The catalogue.
    current : pandas.Series
        Current weights by indicator id, points; a group of compared indicators keeps their sum.
    validity : Validity or None
        Result of the validity stage, with the table ``ahp``.

    Returns
    -------
    pandas.Series or None
        Points by indicator id, adding up to what the current weights add up to; indicators that were not compared keep
        their current weight. Where there are no current weights, every group has points by its number of indicators and
        others have none. None without comparisons.
    """
    table = _detail(validity, "ahp")
    if table is None or table.empty:
        return None
    points = current.reindex(list(indicators["id"])).astype(float)
    known = table[table["item"].isin(points.index)]
    bare = points.isna().all()
    points = points.fillna(0.0)
    for _, part in known.groupby("group"):
        items = list(part["item"])
        whole = 100.0 * len(items) / len(known) if bare else float(points[items].sum())
        points[items] = whole * part["weight"].to_numpy() / float(part["weight"].sum())
    return points if points.sum() > 0 else None


def _detail(validity: Validity | None, name: str) -> pd.DataFrame | None:
    if validity is None or validity.skipped:
        return None
    details = getattr(validity, "details", None) or {}
    return details.get(name)
