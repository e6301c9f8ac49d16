"""Calibration: whether loads that the coefficients predict come true in months that were not used to fit them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from kpi_research.study.results import Result
from kpi_research.workload.fairness.frame import check_share, codes_of, column_of, number_column


@dataclass(frozen=True)
class Calibration(Result):
    """How predicted and observed loads go together.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per group (``all`` first): ``group``, ``n``, ``clusters``; ``slope`` with ``low``, ``high`` (of the log
        of the expected load on the log of the predicted one; 1 = right, below 1 = predictions spread too far);
        ``level_ratio`` (total observed over total predicted, both scaled to the same total over all rows).
    level : float
        Coverage of the intervals.
    """

    level: float

    @property
    def slope(self) -> float:
        """Slope over all rows."""
        return float(self.table["slope"].iloc[0])


def calibration(
    frame: pd.DataFrame,
    *,
    observed: str,
    predicted: str,
    cluster: str | None = None,
    group: str | None = None,
    level: float = 0.95,
) -> Calibration:
    r"""Hold predicted loads against observed ones.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per person or unit and held-out period.
    observed : str
        Name of the column with the observed load, 0 or more.
    predicted : str
        Name of the column with the predicted load, above 0.
    cluster : str, optional
        Name of the column within which rows depend on each other.
    group : str, optional
        Name of a column; each of its groups is looked at too.
    level : float
        Coverage of the intervals, above 0 and below 1.

    Returns
    -------
    Calibration

    Raises
    ------
    ValueError
        If a column is missing or impossible, or predictions do not vary.

    Notes
    -----
    Poisson pseudo-likelihood of :math:`E[o] = \exp(a + b \log p)` with cluster-robust errors and a t distribution on
    the number of clusters less one (Cox 1958, doi:10.1093/biomet/45.3-4.562; Gourieroux, Monfort & Trognon 1984,
    doi:10.2307/1913471).

    Examples
    --------
    >>> load = np.repeat([50.0, 100.0, 200.0, 400.0], 25)
    >>> found = calibration(pd.DataFrame({"o": load, "p": load}), observed="o", predicted="p")
    >>> round(found.slope, 6)
    1.0
    """
    check_share("level", level)
    parts: dict[str, pd.Series] = {"o": number_column(frame, observed), "p": number_column(frame, predicted)}
    parts["cluster"] = column_of(frame, cluster) if cluster else pd.Series(np.arange(len(frame)), index=frame.index)
    if group is not None:
        parts["group"] = column_of(frame, group)
    clean = pd.DataFrame(parts).dropna()
    if (clean["p"] <= 0).any() or (clean["o"] < 0).any():
        raise ValueError(f"'{predicted}' must be above 0 and '{observed}' 0 or more in every row")
    if len(clean) < 3 or np.ptp(np.log(clean["p"])) == 0:
        raise ValueError(f"'{predicted}' does not vary over the {len(clean)} rows, so no slope can be found")
    clean = clean.assign(p=clean["p"] * clean["o"].sum() / clean["p"].sum())
    rows = [_row("all", clean, level)]
    if group is not None:
        rows += [_row(str(name), part, level) for name, part in clean.groupby("group", sort=True)]
    return Calibration(pd.DataFrame(rows), (), level)


def _row(name: str, rows: pd.DataFrame, level: float) -> dict[str, object]:
    clusters = rows["cluster"].nunique()
    found = {"group": name, "n": len(rows), "clusters": clusters}
    ratio = float(rows["o"].sum() / rows["p"].sum())
    if clusters < 3 or np.ptp(rows["p"]) == 0 or not rows["o"].sum() > 0:
        return found | {"slope": np.nan, "low": np.nan, "high": np.nan, "level_ratio": ratio}
    design = sm.add_constant(np.log(rows["p"].to_numpy(float)))
    model = sm.GLM(rows["o"].to_numpy(float), design, family=sm.families.Poisson())
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": codes_of(rows["cluster"])})
    reach = float(stats.t.ppf(0.5 + level / 2, clusters - 1) * fit.bse[1])
    slope = float(fit.params[1])
    return found | {"slope": slope, "low": slope - reach, "high": slope + reach, "level_ratio": ratio}
