"""Experts: how relevant they find each indicator, and which of two they find more important."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.arrays import Floats
from kpi_research.study.synthetic.catalogue import catalogue_rows
from kpi_research.study.synthetic.quantiles import normal
from kpi_research.study.synthetic.streams import Streams
from kpi_research.study.synthetic.words import STRING

EXPERTS = 9
INCONSISTENT = 8
"""Number (from 0) of the expert whose comparisons contradict each other."""

SPREAD, LENIENCY = 0.45, 0.2
"""Standard deviations of a relevance: by chance, and between experts."""

NOISE, CONTRADICTION = 0.15, 1.4
"""Standard deviation of the logarithm of a compared ratio, for a consistent and for the inconsistent expert."""

ESSENTIAL_FROM = 3.2
PRIORITY_PER_POINT = 0.9
"""Logarithm of an indicator's priority per point of relevance."""

RELEVANCE: Mapping[str, float] = {
    "satisfaction": 3.9, "visibility": 3.6, "lawful_procedure": 3.9, "clearance_quality": 3.8,
    "hazard_rectification": 3.7, "fraud_dissuasion": 3.8, "mediation_success": 3.7, "repeat_addresses": 3.6,
    "risk_checks": 3.3, "support_to_others": 3.2, "serious_faults": 3.6, "deductions": 3.0, "competence": 3.0,
    "response_10": 3.2, "response_median": 3.1, "entry_24h": 2.8, "spot_check": 2.9, "equipment_ready": 2.7,
    "mediations": 2.2, "information_items": 2.1, "home_visits": 2.3, "visit_entries": 1.8, "theft_revisits": 2.5,
    "training_logins": 1.6, "use_match": 1.8, "fines": 1.3, "detentions": 1.5, "recorded_crimes": 1.8,
    "clearance_rate": 2.0, "strike_index": 1.5, "tasks_on_time": 3.0, "services_on_time": 3.0,
}  # fmt: skip
"""Mean relevance from 1 (not relevant) to 4 (very relevant): what people see counts, fines and counts hardly do.
The experts were not asked about the indicators that are missing here."""

BY_KIND = "business"
"""The module with too many indicators to compare each with each: they are compared within their kind."""


@dataclass(frozen=True, slots=True)
class Opinions:
    """What the experts say, and its truth.

    Attributes
    ----------
    experts : pandas.DataFrame
        ``expert``, ``indicator``, ``relevance`` (1 to 4), ``essential``.
    comparisons : pandas.DataFrame
        ``expert``, ``group``, ``first``, ``second``, ``ratio`` (how many times more important the first is, 1/9 to 9).
    panel : pandas.DataFrame
        Truth: ``expert``, ``leniency`` (points added to every relevance), ``consistent``.
    relevance : pandas.DataFrame
        Truth: ``indicator``, ``relevance``, ``group`` and ``priority`` (share within the group; missing where it is not
        compared).
    """

    experts: pd.DataFrame
    comparisons: pd.DataFrame
    panel: pd.DataFrame
    relevance: pd.DataFrame


def draw_opinions(streams: Streams) -> Opinions:
    """Draw relevance and comparisons of nine experts.

    Relevance is the indicator's mean plus the expert's leniency plus noise, rounded and kept within 1 to 4. A comparison
    is the ratio of true priorities times lognormal noise, on the scale 1/9 to 9 of Saaty (1980).

    Parameters
    ----------
    streams : Streams
        Random numbers of the bureau.

    Returns
    -------
    Opinions
    """
    names = [str(name) for name in catalogue_rows()["id"] if name in RELEVANCE]
    leniency = LENIENCY * normal(streams.uniforms("experts", [(0,)], EXPERTS)[0])
    z = normal(streams.uniforms("experts/relevance", [(number,) for number in range(EXPERTS)], len(names)))
    latent = np.array([RELEVANCE[name] for name in names]) + leniency[:, None] + SPREAD * z
    experts = _long(names)
    experts["relevance"] = np.clip(np.rint(latent), 1, 4).astype(np.int64).ravel()
    experts["essential"] = (latent >= ESSENTIAL_FROM).ravel()
    priorities = _priorities()
    panel = pd.DataFrame({"expert": _ids(), "leniency": np.round(leniency, 6)})
    panel["consistent"] = np.arange(EXPERTS) != INCONSISTENT
    truth = pd.DataFrame(
        {"indicator": pd.Series(names, dtype=STRING), "relevance": [RELEVANCE[name] for name in names]}
    )
    truth["group"] = pd.Series([priorities.get(name, ("", 0.0))[0] for name in names], dtype=STRING)
    truth["priority"] = [round(priorities[name][1], 6) if name in priorities else np.nan for name in names]
    return Opinions(experts, _comparisons(streams, priorities), panel, truth)


def _ids() -> pd.Series:
    return pd.Series([f"X{number + 1:02d}" for number in range(EXPERTS)], dtype=STRING)


def _long(names: list[str]) -> pd.DataFrame:
    expert = pd.Series(np.repeat(_ids().to_numpy(dtype=object), len(names)), dtype=STRING)
    return pd.DataFrame({"expert": expert, "indicator": pd.Series(names * EXPERTS, dtype=STRING)})


def _priorities() -> dict[str, tuple[str, float]]:
    """Return group and priority of each indicator that is compared: of stations, not banned, graded, two or more."""
    rows = catalogue_rows()
    rows = rows[~rows["banned"] & rows["sequence"].isin(["station", ""]) & (rows["role"] != "veto")]
    rows = rows[(rows["id"] != "strike_index") & rows["id"].isin(RELEVANCE)]
    groups = rows["module"].where(rows["module"] != BY_KIND, rows["kind"])
    found: dict[str, tuple[str, float]] = {}
    for group, members in rows.groupby(groups, sort=False)["id"]:
        size = np.exp(PRIORITY_PER_POINT * np.array([RELEVANCE[str(name)] for name in members]))
        if len(size) > 1:
            shares = size / size.sum()
            found |= {str(name): (str(group), float(share)) for name, share in zip(members, shares, strict=True)}
    return found


def _comparisons(streams: Streams, priorities: Mapping[str, tuple[str, float]]) -> pd.DataFrame:
    pairs = [
        (group, first, second)
        for group in dict.fromkeys(group for group, _ in priorities.values())
        for first, second in combinations([name for name, (own, _) in priorities.items() if own == group], 2)
    ]
    true = np.array([np.log(priorities[first][1] / priorities[second][1]) for _, first, second in pairs])
    z = normal(streams.uniforms("comparisons", [(number,) for number in range(EXPERTS)], len(pairs)))
    noise = np.where(np.arange(EXPERTS) == INCONSISTENT, CONTRADICTION, NOISE)[:, None]
    columns: Iterable[tuple[str, ...]] = zip(*pairs, strict=True)
    group, first, second = (pd.Series(list(names) * EXPERTS, dtype=STRING) for names in columns)
    expert = pd.Series(np.repeat(_ids().to_numpy(dtype=object), len(pairs)), dtype=STRING)
    ratio = _on_scale(true + noise * z).ravel()
    return pd.DataFrame({"expert": expert, "group": group, "first": first, "second": second, "ratio": ratio})


def _on_scale(log_ratio: Floats) -> Floats:
    """Return the nearest number of 1/9, 1/8, ..., 1, ..., 9 on the logarithmic scale."""
    scale = np.concatenate([1.0 / np.arange(9, 1, -1), np.arange(1, 10)])
    nearest = np.abs(log_ratio[..., None] - np.log(scale)).argmin(axis=-1)
    return np.round(scale[nearest], 6)
