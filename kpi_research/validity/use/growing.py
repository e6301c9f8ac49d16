"""Growing types of case that no indicator with weight is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.study.spec_use import UseThresholds
from kpi_research.validity.use.words import COMMA, join, label_of, say


@dataclass(frozen=True, slots=True)
class Growing:
    """A growing type of case outside every indicator with weight.

    Attributes
    ----------
    type : str
        The type.
    first, last : float
        Fitted share of cases in the first and in the last period.
    change : float
        Relative change between them.
    about : tuple of str
        Indicators that are about it in particular, none of them with weight.
    """

    type: str
    first: float
    last: float
    change: float
    about: tuple[str, ...]


def outgrown(
    study: Study, mix: pd.DataFrame, covers: Mapping[str, Sequence[str]], limits: UseThresholds
) -> tuple[Growing, ...]:
    """Return the growing types that no indicator with weight is about in particular.

    Parameters
    ----------
    study : Study
        A loaded study.
    mix : pandas.DataFrame
        Table of `kpi_research.validity.use.crime_mix.crime_mix`.
    covers : mapping of str to sequence of str
        Indicator and the types that it is about; one about all types, or a banned one, does not count.
    limits : UseThresholds
        Least change and least share that count.

    Returns
    -------
    tuple of Growing
        Where no indicator has a weight, all count as weighted.
    """
    catalogue = study.indicators.set_index("id")
    weighted = catalogue["current_weight"].fillna(0.0) > 0
    carries = set(catalogue.index[weighted if weighted.any() else weighted.notna()])
    allowed = set(catalogue.index[~catalogue["banned"].astype(bool)])
    growing = mix[(mix["trend"] == "grows") & (mix["change"] >= limits.change) & (mix["last"] >= limits.share)]
    found = []
    for row in growing.to_dict("records"):
        kind = str(row["type"])
        about = [name for name, types in covers.items() if kind in types and len(types) < len(mix) and name in allowed]
        if not carries.intersection(about):
            found.append(Growing(kind, float(row["first"]), float(row["last"]), float(row["change"]), tuple(about)))
    return tuple(found)


def growing_findings(study: Study, grown: Sequence[Growing]) -> Iterator[Finding]:
    """Return a finding for each growing type outside every indicator with weight.

    Parameters
    ----------
    study : Study
        A loaded study.
    grown : sequence of Growing
        What `outgrown` returned.

    Yields
    ------
    Finding
    """
    for kind in grown:
        names = join([label_of(study, name) for name in kind.about], COMMA)
        indicators = say("no-weight", names=names) if kind.about else say("none-covers")
        yield finding(
            "crime-outside-indicators", Where(), type=kind.type, first=kind.first, last=kind.last, indicators=indicators
        )
