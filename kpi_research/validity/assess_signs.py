"""Whether an indicator goes with the outcome as its direction says."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.model import Study
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.reliability.stability import pooled_rank_correlation

WITHOUT_OUTCOME = "outcome-missing"
_SIGN = {"higher": 1, "lower": -1}
_WORDS = {
    "higher": {"en": "higher", "zh": "越高"},
    "lower": {"en": "lower", "zh": "越低"},
}


def expected_sign(direction: str, outcome_direction: str) -> int:
    """Return the sign of the correlation if a better indicator goes with a better outcome.

    Parameters
    ----------
    direction, outcome_direction : {"higher", "lower"}
        Which values of the indicator and of the outcome are better.

    Returns
    -------
    int
        +1 or -1.

    Examples
    --------
    >>> expected_sign("higher", "lower")
    -1
    """
    return _SIGN[direction] * _SIGN[outcome_direction]


def outcome_relation(study: Study, panel: StudyPanel, name: str) -> dict[str, object]:
    """Return the rank correlation of an indicator with the outcome and whether its sign is wrong.

    Parameters
    ----------
    study : Study
        A loaded study.
    panel : StudyPanel
        Its columns.
    name : str
        An indicator.

    Returns
    -------
    dict
        ``outcome_rank_correlation``, ``outcome_low``, ``outcome_high``, ``expected_sign``, ``wrong_sign``.
    """
    keys = ("outcome_rank_correlation", "outcome_low", "outcome_high")
    if panel.outcome is None or name not in panel.regressors:
        return {**dict.fromkeys(keys, np.nan), "expected_sign": pd.NA, "wrong_sign": False}
    direction = str(study.indicators.set_index("id").loc[name, "direction"])
    sign = expected_sign(direction, study.spec.validity.outcome_direction)
    found = pooled_rank_correlation(panel.frame, unit="unit", first=name, second=panel.outcome)
    wrong = found.high < 0 if sign > 0 else found.low > 0
    numbers = dict(zip(keys, (found.estimate, found.low, found.high), strict=True))
    return {**numbers, "expected_sign": sign, "wrong_sign": bool(wrong)}


def sign_findings(study: Study, table: pd.DataFrame) -> Iterator[Finding]:
    """Yield a caution for every indicator that goes with the outcome against its direction.

    Parameters
    ----------
    study : Study
        A loaded study.
    table : pandas.DataFrame
        The validity table.

    Yields
    ------
    Finding
    """
    asked = study.spec.validity
    column = (asked.outcome or "").rpartition(".")[2]
    outcome = asked.outcome_label or {"en": column, "zh": column}
    directions = study.indicators.set_index("id")["direction"]
    for _, row in table[table["wrong_sign"]].iterrows():
        name = str(row["indicator"])
        yield finding(
            "wrong-sign",
            Where(column=name),
            label={"en": row["label_en"], "zh": row["label_zh"]},
            outcome={"en": outcome["en"], "zh": outcome["zh"]},
            direction=_WORDS[str(directions[name])],
            correlation=f"{row['outcome_rank_correlation']:+.3f}",
            low=f"{row['outcome_low']:+.2f}",
            high=f"{row['outcome_high']:+.2f}",
        )
