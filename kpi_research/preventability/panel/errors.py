"""How often a rater calls a case preventable that is not, and the other way round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit, logit

from kpi_research.preventability.labels import read_labels
from kpi_research.preventability.panel.consensus import split_panel
from kpi_research.preventability.panel.dawid_skene import Patterns, patterns_of
from kpi_research.preventability.proportions import clustered_share
from kpi_research.study.agreement.ratings import Ratings, read_ratings
from kpi_research.study.findings import Finding, finding
from kpi_research.study.frame_checks import require_choice, require_columns, require_share
from kpi_research.study.results import Result

Floats = NDArray[np.float64]
METHODS = ("auto", "adjudicated", "double")
DRAWS = 400
LEAST_CASES = 20
"""Cases with known truth below which the errors are called poorly known."""
LARGEST_WIDTH = 0.15
"""Width of an interval from which the errors are called poorly known."""

COLUMNS = ("rater", "n0", "e01", "e01_low", "e01_high", "n1", "e10", "e10_low", "e10_high")


@dataclass(frozen=True)
class ErrorRates(Result):
    """Errors of the raters.

    ``table`` has a row for all raters together (``rater`` empty), then one per rater:

    - ``n0``: ratings of cases that are not preventable (a sum of probabilities under ``double``); ``e01``, ``e01_low``,
      ``e01_high``: probability that such a case is called preventable.
    - ``n1``: ratings of preventable cases; ``e10``, ``e10_low``, ``e10_high``: probability that such a case is not
      called preventable.

    Attributes
    ----------
    e01, e10 : float
        Errors of a single rating, mean over raters by their ratings.
    method : str
        ``adjudicated`` or ``double``.
    cases : int
        Cases that the errors rest on: adjudicated, or rated by two raters or more.
    """

    e01: float
    e10: float
    method: str
    cases: int

    @property
    def error(self) -> tuple[float, float]:
        """``(e01, e10)``, as `preventable_share` takes it."""
        return self.e01, self.e10


def error_rates(
    ratings: pd.DataFrame,
    *,
    case: str,
    rater: str,
    rating: str,
    adjudicated: str | None = None,
    method: str = "auto",
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> ErrorRates:
    """Estimate how often a single rating is wrong, in either direction.

    ``adjudicated`` holds the ratings of the cases that a panel decided against its decision; intervals are Wilson's at
    the sample size that raters of the same case leave. ``double`` fits the model of Dawid and Skene to the cases with two
    ratings or more, and draws these anew for the intervals. ``auto`` takes the first where the panel decided cases whether or not the raters
    agreed, otherwise the second: a panel that sees only disputed cases would make the errors look far too large.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row per case and rater.
    case, rater, rating : str
        Its columns; ratings are 1 and 0, yes and no, 是 and 否, or empty.
    adjudicated : str, optional
        Boolean column: the row is the decision of the panel.
    method : {"auto", "adjudicated", "double"}
        See above.
    confidence : float
        Confidence level.
    draws : int
        Bootstrap samples for ``double``.
    seed : int
        Seed.

    Returns
    -------
    ErrorRates
        Findings: ``errors-poorly-known``, ``adjudication-selective``, ``errors-no-better-than-chance``.

    Raises
    ------
    ValueError
        If a column is missing, a value is no decision, no case was rated twice and none adjudicated, or ``adjudicated``
        is asked for without adjudicated cases.

    References
    ----------
    Dawid, A. P. & Skene, A. M. (1979), doi:10.2307/2346806.

    Examples
    --------
    >>> rows = [(c, r, c % 2) for c in range(40) for r in ("panel", "a", "b")]
    >>> seen = pd.DataFrame(rows, columns=["case", "rater", "said"]).assign(final=lambda frame: frame["rater"] == "panel")
    >>> error_rates(seen, case="case", rater="rater", rating="said", adjudicated="final").error
    (0.0, 0.0)
    """
    require_choice("method", method, METHODS)
    require_share("confidence", confidence)
    require_columns(ratings, "ratings", {"rating": rating, "adjudicated": adjudicated})
    frame = ratings.assign(**{rating: read_labels(ratings[rating], "rating")})
    whole = read_ratings(frame, case=case, rater=rater, rating=rating)
    data, known = split_panel(whole, frame, rating, adjudicated)
    told = np.zeros(len(data.cases), bool) if known is None else ~np.isnan(known).any(axis=1) & _rated(data)
    chosen = _method(method, data, told)
    if chosen == "adjudicated":
        table, cases = _against_panel(data, known, told, confidence), int(told.sum())
    else:
        table, cases = _from_model(data, known, confidence, draws, seed), int((_raters(data) >= 2).sum())
    first = table.iloc[0]
    findings = _findings(first, cases, selective=bool(told.any()) and chosen == "double" and method == "auto")
    return ErrorRates(table, findings, float(first["e01"]), float(first["e10"]), chosen, cases)


def _raters(data: Ratings) -> Floats:
    return np.bincount(data.case, minlength=len(data.cases)).astype(float)


def _rated(data: Ratings) -> NDArray[np.bool_]:
    return _raters(data) > 0


def _method(method: str, data: Ratings, told: NDArray[np.bool_]) -> str:
    double = _raters(data) >= 2
    if method == "adjudicated" and not told.any():
        raise ValueError("adjudicated: no case has both a decision of the panel and a rating of a single rater")
    if method != "auto":
        return method
    if not told.any():
        if not double.any():
            raise ValueError("ratings: no case was rated twice and none adjudicated, so errors cannot be estimated")
        return "double"
    alike = double & (data.counts().max(axis=1) == _raters(data))
    only_disputed = (double & told).any() and not (alike & told).any() and (alike & ~told).any()
    return "double" if only_disputed else "adjudicated"


def _against_panel(data: Ratings, known: Floats | None, told: NDArray[np.bool_], confidence: float) -> pd.DataFrame:
    decided = np.zeros((len(data.cases), len(data.values))) if known is None else known
    truth = np.where(told, decided @ data.values.to_numpy(dtype=float), np.nan)[data.case]
    said = data.values.to_numpy(dtype=float)[data.value]
    rows = [("", data.rater >= 0), *((str(name), data.rater == code) for code, name in enumerate(data.raters))]
    parts = [
        (
            name,
            *_wrong(data, among & (truth == 0), said, confidence),
            *_wrong(data, among & (truth == 1), 1 - said, confidence),
        )
        for name, among in rows
    ]
    return pd.DataFrame(parts, columns=list(COLUMNS)).astype({"rater": "str"})


def _wrong(
    data: Ratings, among: NDArray[np.bool_], wrong: Floats, confidence: float
) -> tuple[float, float, float, float]:
    size = len(data.cases)
    trials = np.bincount(data.case[among], minlength=size).astype(float)
    errors = np.bincount(data.case[among], wrong[among], minlength=size).astype(float)
    share, _, low, high = clustered_share(errors, trials, level=confidence)
    return float(trials.sum()), share, low, high


def _from_model(data: Ratings, known: Floats | None, confidence: float, draws: int, seed: int) -> pd.DataFrame:
    if len(data.values) < 2:
        raise ValueError(f"rating: only the decision '{data.values[0]}' occurs; both are needed for the model")
    telling = (_raters(data) >= 2) | (~np.isnan(known).any(axis=1) & _rated(data) if known is not None else False)
    data, known = data.of_cases(telling), None if known is None else known[telling]
    patterns = patterns_of(data, known)
    fit, again = patterns.fit(), patterns.refit(draws, seed)
    counts = np.stack([_ratings_by_truth(patterns, fit.posterior[:, k, 0]) for k in (0, 1)])
    rows = [("", *_line(fit.pooled[..., 0], again.pooled, counts.sum(axis=1), confidence))]
    for code, name in enumerate(data.raters):
        line = _line(fit.confusion[code, ..., 0], again.confusion[code], counts[:, code], confidence)
        rows.append((str(name), *line))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"rater": "str"})


def _ratings_by_truth(patterns: Patterns, probability: Floats) -> Floats:
    """Return how many ratings each rater gave to cases of a true class, in expectation."""
    data, expected = patterns.data, probability * patterns.cases
    return np.bincount(data.rater, expected[data.case], minlength=len(data.raters)).astype(float)


def _line(confusion: Floats, again: Floats, counts: Floats, confidence: float) -> tuple[float, ...]:
    first, second = (float(confusion[0, 1]), again[0, 1]), (float(confusion[1, 0]), again[1, 0])
    return (
        float(counts[0]), first[0], *_spread(*first, confidence),
        float(counts[1]), second[0], *_spread(*second, confidence),
    )  # fmt: skip


def _spread(estimate: float, values: Floats, confidence: float) -> tuple[float, float]:
    """Return the hull of the percentile interval and of the normal interval of the logit; either alone is too short."""
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    half = float(stats.norm.isf(tail) * logit(values).std(ddof=1))
    center = float(logit(estimate))
    return min(float(low), float(expit(center - half))), max(float(high), float(expit(center + half)))


def _findings(first: pd.Series, cases: int, *, selective: bool) -> tuple[Finding, ...]:
    found = []
    if selective:
        found.append(finding("adjudication-selective"))
    widths = [first["e01_high"] - first["e01_low"], first["e10_high"] - first["e10_low"]]
    if cases < LEAST_CASES or not max(widths) <= LARGEST_WIDTH:
        shown = {name: f"{100 * first[name]:.0f}" for name in COLUMNS[2:5] + COLUMNS[6:9]}
        found.append(finding("errors-poorly-known", cases=cases, **shown))
    if first["e01"] + first["e10"] >= 1:
        found.append(finding("errors-no-better-than-chance"))
    return tuple(found)
