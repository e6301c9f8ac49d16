"""The share of preventable cases of each unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import stats

from kpi_research.preventability.share.data import UnitData, unit_data
from kpi_research.preventability.share.design import Estimates, by_design, by_labels
from kpi_research.preventability.share.diagnostic import by_model, by_shift
from kpi_research.preventability.share.shrink import by_shrinkage
from kpi_research.study.findings import Finding, Language, finding
from kpi_research.study.frame_checks import require_choice, require_share
from kpi_research.study.results import Result

Floats = NDArray[np.float64]
METHODS = ("shrunk", "design", "labels", "model", "shift")
FEW_LABELS = 10
"""Labels of a unit below which its row is flagged."""
ERROR_BOUND = 0.2
"""Largest error rate of raters that the bounds allow for where the errors are unknown."""
APART = 0.01
"""p-value of the distance between the mean probabilities and the design estimates that points to a shift."""


@dataclass(frozen=True)
class Shares(Result):
    """Share of preventable cases of each unit.

    ``table`` has one row per unit:

    - ``unit``; ``n`` (cases); ``n_labels`` (labelled cases).
    - ``estimate``, ``se``, ``low``, ``high``: share among all recorded cases of the unit, 0 to 1; its standard error; its
      interval. Missing estimates stand with the interval from 0 to 1.
    - ``flag``: ``no_labels``, ``few_labels`` (under 10), ``constant_labels``; several are joined by commas.

    Attributes
    ----------
    methods : pandas.DataFrame
        The same by every method: ``method``, ``unit``, ``estimate``, ``se``, ``low``, ``high``.
    bounds : pandas.DataFrame
        Where the errors of labels are unknown, the estimates of the design method for the errors from 0 to .2 that give
        the least and the largest: ``unit``, ``least``, ``largest``. Empty where they are given.
    method : str
        Method of ``table``.
    level : float
        Confidence level.
    power : float
        Weight of the probabilities in the design estimate, 0 to 1.
    tau2 : float
        Variance between units that their mean probabilities do not explain; NaN where nothing was shrunk.
    """

    methods: pd.DataFrame
    bounds: pd.DataFrame
    method: str
    level: float
    power: float
    tau2: float

    def of(self, method: str) -> pd.DataFrame:
        """Return the estimates of one method.

        Parameters
        ----------
        method : {"shrunk", "design", "labels", "model", "shift"}
            The method.

        Returns
        -------
        pandas.DataFrame
            ``unit``, ``estimate``, ``se``, ``low``, ``high``, in the order of ``table``.
        """
        require_choice("method", method, METHODS)
        chosen = self.methods[self.methods["method"] == method]
        return chosen.drop(columns="method").reset_index(drop=True)

    def plot(self, lang: Language = "en") -> Figure:
        """Draw shrunk and design estimates of all units with their intervals.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the labels.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from kpi_research.preventability.draw import caterpillar

        return caterpillar(self.of("shrunk"), self.of("design"), lang)


def preventable_share(
    cases: pd.DataFrame,
    *,
    unit: str,
    probability: str,
    label: str,
    inclusion: str | None = None,
    error: tuple[float, float] | None = None,
    method: str = "shrunk",
    level: float = 0.95,
) -> Shares:
    r"""Estimate the share of each unit's cases that prevention could have stopped.

    ``labels`` uses the labelled cases alone (Wilson). ``design`` adds the probabilities of all cases as a control (the
    difference estimator with one pooled weight): right for each unit whatever the model is worth. ``shrunk`` pulls these
    to a line in the units' mean probabilities (Fay-Herriot): much closer on average, but units at either end are pulled
    toward the middle, and the interval holds on average over units. ``model`` and ``shift`` trust the probabilities; they
    are diagnostics, for which shift between units breaks them cannot be seen from the probabilities.

    Parameters
    ----------
    cases : pandas.DataFrame
        One row per recorded case of the period, labelled or not.
    unit : str
        Column of the unit.
    probability : str
        Column of the probability of being preventable, 0 to 1, by a model that has not seen the labels of the unit, see
        `cross_fit`; missing ones are filled with the mean.
    label : str
        Column of the decision: 1 and 0, yes and no, 是 and 否; missing where not labelled.
    inclusion : str, optional
        Column of the probability with which a labelled case was drawn. Without it labels count as a simple random sample
        of the unit's cases.
    error : (float, float), optional
        Errors of the labels: e01, the probability that a case that is not preventable is called so, and e10, that a
        preventable one is not; see `error_rates`. Without it labels are taken to be right, and bounds are given.
    method : {"shrunk", "design", "labels", "model", "shift"}
        Method of the main table.
    level : float
        Confidence level.

    Returns
    -------
    Shares
        Findings: ``share-errors-unknown``, ``share-few-labels``, ``share-shift``, ``share-not-shrunk``,
        ``probability-missing``.

    Raises
    ------
    ValueError
        If a column or unit is missing, a probability lies outside 0 to 1, no case is labelled, a label is no decision, an
        inclusion probability is unfit, or an option is unknown.

    References
    ----------
    Angelopoulos, A. N. et al. (2023), doi:10.48550/arXiv.2311.01453 (difference estimator with predictions); Fay, R. E. &
    Herriot, R. A. (1979), doi:10.1080/01621459.1979.10482505; Li, H. & Lahiri, P. (2010), doi:10.1016/j.jmva.2009.10.009;
    Rogan, W. J. & Gladen, B. (1978), doi:10.1093/oxfordjournals.aje.a112510 (errors of labels).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> cases = pd.DataFrame({"unit": np.repeat(list("abcdefgh"), 200), "p": rng.uniform(0.1, 0.7, 1600)})
    >>> cases["label"] = np.where(rng.random(1600) < 0.15, rng.random(1600) < cases["p"], np.nan)
    >>> shares = preventable_share(cases, unit="unit", probability="p", label="label", error=(0.0, 0.0))
    >>> bool((shares.table["high"] > shares.table["low"]).all())
    True
    """
    require_choice("method", method, METHODS)
    require_share("level", level)
    data = unit_data(cases, unit=unit, probability=probability, label=label, inclusion=inclusion, error=error)
    design = by_design(data, level)
    shrunk = by_shrinkage(data, design, level)
    found = {
        "shrunk": shrunk.found,
        "design": design.found,
        "labels": by_labels(data, level),
        "model": by_model(data, level),
        "shift": by_shift(data, level),
    }
    names = data.names.astype("str") if data.names.dtype == object else data.names
    parts = [_frame(names, name, item) for name, item in found.items()]
    methods = pd.concat(parts, ignore_index=True)
    table = methods[methods["method"] == method].drop(columns="method").reset_index(drop=True)
    table.insert(1, "n", data.cases.astype(np.int64))
    table.insert(2, "n_labels", data.labels.astype(np.int64))
    table["flag"] = _flags(data)
    bounds = _bounds(data, names, level) if error is None else pd.DataFrame(columns=["unit", "least", "largest"])
    tau2 = shrunk.model.tau2 if shrunk.model is not None else float("nan")
    findings = _findings(data, found, bounds, shrunk=shrunk.model is not None)
    return Shares(table, findings, methods, bounds, method, level, design.power, tau2)


def _frame(names: pd.Index, method: str, found: Estimates) -> pd.DataFrame:
    """Return estimates within 0 and 1; an interval that would shrink to a point there keeps its inner end's distance."""
    known = np.isfinite(found.estimate)
    low = np.where(known, np.clip(found.low, 0.0, 1.0), 0.0)
    high = np.where(known, np.clip(found.high, 0.0, 1.0), 1.0)
    flat = high <= low
    width = np.where(known, found.high - found.low, 1.0)
    low = np.where(flat & (low > 0.5), np.maximum(1.0 - width, 0.0), low)
    high = np.where(flat & (low <= 0.5), np.minimum(width, 1.0), high)
    return pd.DataFrame(
        {
            "method": method,
            "unit": names,
            "estimate": np.clip(found.estimate, 0.0, 1.0),
            "se": found.se,
            "low": low,
            "high": high,
        }
    )


def _flags(data: UnitData) -> list[str]:
    n, yes = data.labels, data.total(data.y)
    marks = {
        "no_labels": n == 0,
        "few_labels": (n > 0) & (n < FEW_LABELS),
        "constant_labels": (n > 1) & ((yes == 0) | (yes == n)),
    }
    return [",".join(name for name, mark in marks.items() if mark[place]) for place in range(len(n))]


def _bounds(data: UnitData, names: pd.Index, level: float) -> pd.DataFrame:
    """Return the least and the largest design estimate over the corners of the errors allowed for."""
    sides = (0.0, ERROR_BOUND)
    corners = [replace(data, error=(e01, e10)) for e01, e10 in product(sides, sides)]
    estimates = np.stack([np.clip(by_design(item, level).found.estimate, 0.0, 1.0) for item in corners])
    return pd.DataFrame({"unit": names, "least": estimates.min(axis=0), "largest": estimates.max(axis=0)})


def _findings(
    data: UnitData, found: dict[str, Estimates], bounds: pd.DataFrame, *, shrunk: bool
) -> tuple[Finding, ...]:
    made = []
    if data.filled:
        made.append(finding("probability-missing", count=data.filled, total=len(data.p)))
    if not bounds.empty:
        spread = float((bounds["largest"] - bounds["least"]).median())
        made.append(finding("share-errors-unknown", bound=f"{ERROR_BOUND:g}", spread=f"{100 * spread:.0f}"))
    few = int((data.labels < FEW_LABELS).sum())
    if few:
        made.append(finding("share-few-labels", count=few, units=len(data.names), needed=FEW_LABELS))
    if not shrunk:
        made.append(finding("share-not-shrunk", units=int((data.labels > 0).sum())))
    distance, p = _distance(found["model"], found["design"])
    if p < APART:
        made.append(finding("share-shift", distance=f"{distance:.1f}"))
    return tuple(made)


def _distance(model: Estimates, design: Estimates) -> tuple[float, float]:
    """Return the root mean square distance in standard errors, and its p-value if the model were right for every unit."""
    known = np.isfinite(design.estimate) & (design.se > 0)
    squares = ((model.estimate - design.estimate)[known] / design.se[known]) ** 2
    if not squares.size:
        return 0.0, 1.0
    return float(np.sqrt(squares.mean())), float(stats.chi2.sf(squares.sum(), squares.size))
