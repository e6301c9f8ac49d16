"""How far raters agree on which cases were preventable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from kpi_research.numerics.alpha_interval import alpha_interval
from kpi_research.numerics.kappa import cohen, fleiss, gwet
from kpi_research.numerics.krippendorff import LEVELS, krippendorff, raw_agreement
from kpi_research.study.agreement.ratings import Ratings, read_ratings
from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.frame_checks import require_choice, require_columns, require_share
from kpi_research.study.results import Result

TENTATIVE = 0.667
"""Alpha below which Krippendorff (2019, ch. 12) advises against conclusions."""
FEW_CASES = 30
"""Cases with two raters or more below which the interval of alpha is called wide."""
DRAWS = 2000

COLUMNS = ("by", "group", "cases", "raters", "ratings", "alpha", "low", "high", "raw", "kappa", "ac1")


@dataclass(frozen=True)
class Agreement(Result):
    """Agreement of raters, over all cases and in groups of cases.

    ``table`` has one row for all cases (``by`` and ``group`` empty) and one per group:

    - ``by``, ``group``: column that makes the groups, and its value.
    - ``cases``, ``raters``, ``ratings``: cases with two raters or more, raters, and their ratings.
    - ``alpha``, ``low``, ``high``: Krippendorff's alpha and its interval; 1 perfect agreement, 0 chance.
    - ``raw``: share of pairs of raters of one case who gave the same value, 0 to 1.
    - ``kappa``: Fleiss' kappa. ``ac1``: Gwet's AC1.

    Attributes
    ----------
    alpha, low, high : float
        Krippendorff's alpha of all cases and its interval.
    raw : float
        Raw agreement of all cases, 0 to 1.
    kappa : float
        Fleiss' kappa of all cases.
    level : str
        Level of measurement.
    pairs : pandas.DataFrame
        Two raters per row: ``first``, ``second``, ``n`` (cases both have rated), ``raw``, ``kappa`` (Cohen's).
    """

    alpha: float
    low: float
    high: float
    raw: float
    kappa: float
    level: str
    pairs: pd.DataFrame


def agreement(
    ratings: pd.DataFrame,
    *,
    case: str,
    rater: str,
    rating: str,
    level: str = "nominal",
    by: str | Sequence[str] | None = None,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> Agreement:
    r"""Return how far raters agree: Krippendorff's alpha with its interval, raw agreement and kappas.

    Alpha is :math:`1 - D_o / D_e`, observed over expected disagreement of pairs of raters of one case; it takes any
    number of raters and missing ratings. Its interval is the accelerated bootstrap over cases; the raters are given.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row per case and rater. Rows without a rating (unsure, not asked) are left out.
    case, rater, rating : str
        Its columns.
    level : {"nominal", "ordinal", "interval"}
        Level of measurement: ``nominal`` for yes and no, ``ordinal`` for scales such as 1 to 9.
    by : str or sequence of str, optional
        Columns that group the cases, such as type and unit; constant within a case.
    confidence : float
        Confidence level, above 0 and below 1.
    draws : int
        Bootstrap samples, at least 100.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    Agreement
        Findings: ``agreement-undefined``, ``agreement-low``, ``agreement-few-cases``, ``ratings-missing``.

    Raises
    ------
    ValueError
        If a column is missing, a rater has rated a case twice, no case has two ratings, or an argument is out of range.

    References
    ----------
    Krippendorff, K. (2019), Content Analysis, 4th ed., doi:10.4135/9781071878781.

    Examples
    --------
    >>> seen = pd.DataFrame({"case": list("aabbccdd"), "rater": [1, 2] * 4, "rating": list("yynnyyny")})
    >>> round(agreement(seen, case="case", rater="rater", rating="rating").alpha, 3)
    0.533
    """
    require_choice("level", level, LEVELS)
    require_share("confidence", confidence)
    if draws < 100:
        raise ValueError(f"draws is {draws}; at least 100 are needed")
    groups = [by] if isinstance(by, str) else list(by or ())
    data = read_ratings(ratings, case=case, rater=rater, rating=rating, level=level)
    require_columns(ratings, "ratings", {"by": groups})
    if data.pairable().cases.sum() == 0:
        raise ValueError("ratings: no case has two ratings, so agreement cannot be seen")
    seeds = np.random.SeedSequence(seed)
    parts = list(_parts(ratings, data, case, groups))
    rows = [
        (name, value, *_row(part, level, confidence, draws, child))
        for (name, value, part), child in zip(parts, seeds.spawn(len(parts)), strict=True)
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"by": "str", "group": "str"})
    whole = table.iloc[0]
    numbers = {name: float(whole[name]) for name in ("alpha", "low", "high", "raw", "kappa")}
    return Agreement(table, _findings(data, whole), level=level, pairs=_pairs(data), **numbers)


def _parts(frame: pd.DataFrame, data: Ratings, case: str, groups: list[str]) -> Iterator[tuple[str, str, Ratings]]:
    yield "", "", data
    for name in groups:
        values = frame[[case, name]].drop_duplicates()
        if values[case].duplicated().any():
            first = values.loc[values[case].duplicated(), case].iloc[0]
            raise ValueError(f"by: case '{first}' has more than one value of '{name}'")
        of_case = values.set_index(case)[name].reindex(data.cases)
        for value in sorted(of_case.dropna().unique(), key=str):
            part = data.of_cases((of_case == value).to_numpy(dtype=bool))
            if part.pairable().cases.sum() > 0:
                yield name, str(value), part


def _row(part: Ratings, level: str, confidence: float, draws: int, seed: np.random.SeedSequence) -> tuple[float, ...]:
    seen = part.pairable()
    many = np.bincount(part.case) >= 2
    raters = len(np.unique(part.rater[many[part.case]]))
    low, high = alpha_interval(seen, level, confidence=confidence, draws=draws, seed=seed)
    return (
        int(seen.cases.sum()), raters, int(seen.cases @ seen.raters), float(krippendorff(seen, level)[0]),
        low, high, float(raw_agreement(seen)[0]), fleiss(seen), gwet(seen),
    )  # fmt: skip


def _pairs(data: Ratings) -> pd.DataFrame:
    """Return agreement of each two raters who share a case."""
    given = np.full((len(data.cases), len(data.raters)), -1)
    given[data.case, data.rater] = data.value
    rows = []
    for first, second in combinations(range(len(data.raters)), 2):
        both = (given[:, first] >= 0) & (given[:, second] >= 0)
        if both.any():
            table = np.zeros((len(data.values), len(data.values)))
            np.add.at(table, (given[both, first], given[both, second]), 1.0)
            n, raw, kappa = cohen(table)
            rows.append((str(data.raters[first]), str(data.raters[second]), int(n), raw, kappa))
    return pd.DataFrame(rows, columns=["first", "second", "n", "raw", "kappa"])


def _findings(data: Ratings, whole: pd.Series) -> tuple[Finding, ...]:
    found = []
    if data.missing:
        found.append(finding("ratings-missing", count=data.missing, total=data.missing + len(data.case)))
    if not np.isfinite(whole["alpha"]):
        found.append(finding("agreement-undefined", Where(), cases=int(whole["cases"])))
    elif whole["alpha"] < TENTATIVE:
        facts = {name: f"{whole[name]:.2f}" for name in ("alpha", "low", "high")}
        found.append(finding("agreement-low", raw=f"{100 * whole['raw']:.0f}", needed=f"{TENTATIVE:g}", **facts))
    if whole["cases"] < FEW_CASES:
        found.append(finding("agreement-few-cases", cases=int(whole["cases"]), needed=FEW_CASES))
    return tuple(found)
