"""The rate of preventable cases as an indicator that the choice of weights can use."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pandas as pd

from kpi_research.preventability.result import Preventability
from kpi_research.preventability.study_cases import case_counts
from kpi_research.study.model import Study

TEN_THOUSAND = 10_000.0
TEXTS = {
    "label_en": "Preventable cases per 10 000",
    "label_zh": "每万人可防性案件数",
    "perspective": "public",
    "kind": "preventive",
    "evaluator": "system",
    "direction": "lower",
    "role": "graded",
    "table": "incidents",
    "unit": "rate",
    "source": "estimated by the preventability stage from labeled cases",
}


def offer_indicator(
    study: Study, found: Preventability, *, id: str = "preventable_rate", module: str = "", sequence: str = ""
) -> Study:
    """Return the study with the rate of preventable cases as a further indicator.

    Parameters
    ----------
    study : Study
        The study.
    found : Preventability
        Its result of `separate_preventable`.
    id : str
        Name of the new indicator.
    module, sequence : str
        Module that written rules speak of, and the sequence of units that are asked; empty for none and all.

    Returns
    -------
    Study
        With a row in the catalogue (current weight 0) and a column of values: per unit and period the recorded cases times
        the unit's share of preventable ones, per 10,000 of the exposure (of all cases without one). Units whose share is
        not shown have no value.

    Raises
    ------
    ValueError
        If the stage found no shares, or the study has an indicator of that name.

    Notes
    -----
    The share is that of the whole time, the number of cases that of the period: the ups and downs of the months are
    those of the record. Its reliability stands in ``found.indicator``. The indicator is built on recorded crime, which
    may be banned as a target: that is why no run adds it by itself. The trace of `assess_validity` tells where its
    numbers come from.

    Examples
    --------
    >>> import kpi_research as kr
    >>> study = kr.load_study("data/demo_bureau")  # doctest: +SKIP
    >>> more = kr.preventability.offer_indicator(study, kr.separate_preventable(study), module="business")  # doctest: +SKIP
    >>> kr.optimize_weights(more, kr.assess_validity(study)).table  # doctest: +SKIP
    """
    if found.table.empty:
        raise ValueError("found has no shares of units; see its findings")
    if id in set(study.indicators["id"]):
        raise ValueError(f"id: the study has an indicator '{id}' already; give another name")
    section = study.spec.preventability
    counts = case_counts(study)
    share = found.table.set_index("unit")["design"].fillna(found.table.set_index("unit")["estimate"])
    cases = counts["n"].astype("float64")
    exposure, shares = study.unit_column(section.exposure), counts["unit"].map(share)
    counts[id] = (
        shares if exposure is None else TEN_THOUSAND * cases * shares / counts["unit"].map(exposure.astype("float64"))
    )
    values = study.values.merge(counts.drop(columns="n"), on=["unit", "period"], how="left")
    row = {name: _blank(study.indicators[name]) for name in study.indicators.columns} | TEXTS
    row |= {"id": id, "module": module, "sequence": sequence, "current_weight": 0.0}
    rows = pd.concat([study.indicators, pd.DataFrame([row])], ignore_index=True).astype(
        study.indicators.dtypes.to_dict()
    )
    digest = hashlib.sha256(f"{study.digest}\n{id} {module} {sequence}\n{share.to_csv(float_format='%.12g')}".encode())
    return replace(study, indicators=rows, values=values, digest=digest.hexdigest())


def _blank(column: pd.Series) -> object:
    if pd.api.types.is_bool_dtype(column):
        return False
    return float("nan") if pd.api.types.is_numeric_dtype(column) else ""
