"""Expected numbers of cases as other samples of the same units would give them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_research.preventability.compare import compare_units
from kpi_research.preventability.result import Preventability
from kpi_research.preventability.study_cases import with_unit_columns
from kpi_research.study.model import Study


def redraw_expected(study: Study, found: Preventability, cases: pd.Series, generator: np.random.Generator) -> pd.Series:
    """Fit the expected numbers again, with other numbers of cases and shares drawn within their errors.

    Parameters
    ----------
    study : Study
        The study.
    found : Preventability
        Its result.
    cases : pandas.Series
        Number of cases by unit, e.g. of a bootstrap sample of periods.
    generator : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    pandas.Series
        Expected number of preventable cases by unit; empty where too few units can be compared.
    """
    shares = found.shares[found.shares["method"] == "design"].set_index("unit")
    units = shares.index[shares["estimate"].notna()].intersection(cases.index)
    mean, error = (shares.loc[units, name].to_numpy(dtype=float) for name in ("estimate", "se"))
    drawn = np.clip(generator.normal(mean, np.nan_to_num(error)), 0.0, 1.0)
    count = cases.reindex(units).to_numpy(dtype=float)
    context = with_unit_columns(study, pd.DataFrame({"unit": units, "n": count}))
    compared = compare_units(study, context, pd.Series(count * drawn), pd.Series(count * np.nan_to_num(error)))
    if compared.chart is None:
        return pd.Series(dtype="float64")
    return compared.chart.table.set_index("unit")["expected"].astype("float64")
