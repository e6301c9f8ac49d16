"""A study whose catalogue has every column, also where it was put together by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kpi_research.study.catalogue import CATALOGUE
from kpi_research.study.model import Study

_EMPTY: Mapping[str, Any] = {"text": "", "number": np.nan, "boolean": False}


def with_whole_catalogue(study: Study) -> Study:
    """Return the study with the columns of its catalogue that are missing added, empty.

    Parameters
    ----------
    study : Study
        A study; one that was loaded has all columns and comes back as it is.

    Returns
    -------
    Study
        Texts empty, numbers NaN, ``banned`` False.
    """
    missing = {
        name: _EMPTY[column.kind] for name, column in CATALOGUE.columns.items() if name not in study.indicators.columns
    }
    return replace(study, indicators=study.indicators.assign(**missing)) if missing else study
