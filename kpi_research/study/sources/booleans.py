"""Columns of yes and no."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, finding
from kpi_research.study.sources.cells import distinct, is_missing, normalized
from kpi_research.study.sources.phrases import Locate, cells, join, locator, quoted

TRUE: tuple[str, ...] = ("1", "true", "yes", "y", "是")
FALSE: tuple[str, ...] = ("0", "false", "no", "n", "否")
"""Texts that mean yes and no, compared without regard to case."""


def to_boolean(column: pd.Series, locate: Locate | None = None) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Return a column as yes/no.

    Parameters
    ----------
    column : pandas.Series
        Texts of ``TRUE`` and ``FALSE``, numbers 0 and 1, or native booleans.
    locate : callable, optional
        From the position of a cell to its place; default: row 1 is position 0.

    Returns
    -------
    column : pandas.Series of boolean
        Missing cells and cells with a fault are missing.
    findings : tuple of Finding
        One error that lists the cells that are neither.

    Examples
    --------
    >>> to_boolean(pd.Series(["是", "否", "Y", ""]))[0].tolist()
    [True, False, True, <NA>]
    """
    locate = locate or locator(column=str(column.name))
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype("boolean"), ()
    texts = distinct(column)
    plain = [normalized(text).casefold() for text in texts.texts]
    values = pd.array([_meaning(text) for text in plain] + [None], dtype="boolean")
    bad = texts.positions(np.array([_meaning(text) is None and not is_missing(text) for text in plain], dtype=bool))
    result = pd.Series(values[texts.codes], index=column.index, name=column.name)
    if not len(bad):
        return result, ()
    allowed = join([quoted(f"{yes}/{no}") for yes, no in zip(TRUE, FALSE, strict=True)])
    listed = cells(texts.found(bad), bad.tolist(), locate)
    return result, (finding("boolean-cells", locate(int(bad[0])), cells=listed, allowed=allowed),)


def _meaning(text: str) -> bool | None:
    if text in TRUE:
        return True
    return False if text in FALSE else None
