"""The indicator catalogue and the study file of a simulated bureau; both are data files of this package."""

from __future__ import annotations

import io
from importlib import resources

import pandas as pd

from kpi_research.study.synthetic.options import BureauOptions
from kpi_research.study.synthetic.periods import months_from

_NUMBERS = ("target", "floor", "ceiling", "current_weight", "min_weight", "max_weight")


def catalogue_text() -> str:
    """Return the catalogue as the text of a csv file."""
    return (resources.files(__package__) / "data" / "indicators.csv").read_text(encoding="utf-8")


def catalogue_rows() -> pd.DataFrame:
    """Return the catalogue as a frame.

    Returns
    -------
    pandas.DataFrame
        One row per indicator, columns as in ``indicators.csv``; texts are empty where not given, ``banned`` is boolean.
    """
    frame = pd.read_csv(io.StringIO(catalogue_text()), dtype=dict.fromkeys(_NUMBERS, "float64"))
    texts = frame.columns.difference([*_NUMBERS, "banned"])
    frame[texts] = frame[texts].astype("str").fillna("")
    return frame.assign(banned=frame["banned"] == "yes")


def spec_text(options: BureauOptions) -> str:
    """Return the text of the study file.

    Parameters
    ----------
    options : BureauOptions
        Size, start and seed of the bureau, named in its description.

    Returns
    -------
    str
    """
    text = (resources.files(__package__) / "data" / "study.toml").read_text(encoding="utf-8")
    facts = {
        "ID": f"simulated-bureau-{options.seed}",
        "STATIONS": options.stations,
        "DIRECT": options.direct_units,
        "INTERNAL": options.internal_departments,
        "MONTHS": options.months,
        "START": options.start,
        "SEED": options.seed,
        "TARGET": months_from(options.start, options.target_month + 1).names[-1],
    }
    for name, value in facts.items():
        text = text.replace(f"@{name}@", str(value))
    return text
