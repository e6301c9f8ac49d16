"""Scores from ratings with the severity of the raters taken out."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure
from scipy import linalg

from kpi_research.scorecard.evaluators.arguments import check_level
from kpi_research.scorecard.evaluators.rating_pairs import read_pairs
from kpi_research.scorecard.evaluators.severity_draw import draw_severity
from kpi_research.scorecard.evaluators.severity_family import fit_family
from kpi_research.scorecard.evaluators.severity_findings import severity_findings
from kpi_research.study.findings import Language
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean


@dataclass(frozen=True)
class RaterSeverity(Result):
    """Scores of targets as fair as their ratings allow, severities of raters, and how kinds of raters agree.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per target: ``target``; ``family`` (kinds of raters that rate the same targets, from 1); ``raters``,
        ``ratings`` (numbers, self-ratings left out); ``raw`` (mean of the raters' mean ratings); ``score`` (what a
        reference rater of mean severity would give, points of the rating scale); ``se``, ``low``, ``high`` (its standard
        error and interval); ``moved`` (score less raw, less the mean of this difference in the family).
    findings : tuple of Finding
        What the user must know.
    severities : pandas.DataFrame
        One row per rater of two targets or more: ``rater``, ``kind``, ``family``, ``targets``, ``severity`` (points the
        rater takes from everybody, against the mean rater of the kind), ``se``, ``low``, ``high``, ``alone`` (True where
        nobody else rates any of the targets, so that severity and targets cannot be parted).
    kinds : pandas.DataFrame
        One row per kind of rater: ``kind``, ``family``, ``raters``, ``targets``, ``ratings``; ``mean`` (of a mean target
        and rater); ``reference`` (the kind compared with); ``leniency`` (points given more than by the reference), ``se``,
        ``low``, ``high``; ``severity_sd`` (standard deviation of severity between raters; NaN where no rater rates two
        targets), ``noise_sd`` (of one rater on one occasion), ``target_sd`` (between targets); ``agreement`` (intraclass
        correlation of one rating, severity being error), ``consistency`` (severity taken out).
    between : pandas.DataFrame
        One row per two kinds: ``family``, ``first``, ``second``, ``targets`` (in common), ``correlation`` (of their mean
        ratings of the same targets, severity taken out), ``low``, ``high``.
    covariance : pandas.DataFrame
        Target × target: covariance of the errors of the scores, for `rank_sets`; zero between families.
    level : float
        Confidence level.
    """

    severities: pd.DataFrame
    kinds: pd.DataFrame
    between: pd.DataFrame
    covariance: pd.DataFrame
    level: float

    def plot(self, lang: Language = "en") -> Figure:
        """Draw severities and the leniency of kinds.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language of the texts.

        Returns
        -------
        matplotlib.figure.Figure
        """
        return draw_severity(self.severities, self.kinds, lang)


def rater_severity(
    ratings: pd.DataFrame,
    *,
    rater: str,
    target: str,
    rating: str,
    kind: str | None = None,
    item: str | None = None,
    reference: str | None = None,
    self_kind: str | None = "self",
    level: float = 0.95,
) -> RaterSeverity:
    r"""Combine the ratings of superiors, peers, the public, third parties and oneself, with severity taken out.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row per rating; rows with a missing value are left out, with a finding.
    rater, target, rating : str
        Columns: who rates, who or what is rated, the rating in points.
    kind : str, optional
        Column of the kind of rater. Without it all raters are of one kind.
    item : str, optional
        Column of the item rated; items rated higher by the same raters are brought to the mean level first.
    reference : str, optional
        Kind whose mean rater sets the scale. Without it: ``superior``, else ``third_party``, else the first by name.
    self_kind : str or None
        Kind of self-ratings; they enter no score, their excess over the others is measured.
    level : float
        Confidence level.

    Returns
    -------
    RaterSeverity

    Raises
    ------
    TypeError
        If ``ratings`` is no frame.
    ValueError
        If a column is missing or holds no numbers, a kind is unknown, the level is impossible, or there are fewer than
        two targets.

    Notes
    -----
    Rating of target j by rater i of kind k, mean over items and n occasions:
    :math:`y_{ij} = \mu_k + t_j - s_i + e_{ij}` with random targets, raters and noise, each kind with its own variances, by
    restricted maximum likelihood (`fit_crossed`; Henderson 1975, doi:10.2307/2529430). A rater who is harsh to all is
    found out by the ratings that others give to the same targets. Where raters rate only the targets of their own unit, a
    harsh rater and a weak unit are told apart by other kinds of raters and by how unlike raters and units usually are;
    the intervals say how well. Severity is taken to be the same toward all targets of a rater, and unrelated to whom
    the rater rates. Intervals use t with the number of raters of the kind less one.

    Examples
    --------
    >>> rows = [(f"r{r}", f"t{t}", 5 + t - r + 0.1 * (-1) ** (r * t)) for r in range(4) for t in range(6)]
    >>> found = rater_severity(pd.DataFrame(rows, columns=["r", "t", "v"]), rater="r", target="t", rating="v")
    >>> found.severities["severity"].round(1).tolist()
    [-1.5, -0.4, 0.4, 1.5]
    """
    check_level(level)
    pairs = read_pairs(ratings, rater=rater, target=target, rating=rating, kind=kind, item=item)
    frame = pairs.frame
    if frame["target"].nunique() < 2:
        raise ValueError(f"target: column '{target}' names one target; two are needed to part severity from merit")
    known = sorted(frame["kind"].unique(), key=str)
    if reference is not None and reference not in known:
        raise ValueError(f"reference is {reference!r}.{did_you_mean(str(reference), map(str, known))['en']}")
    families = [fit_family(part, reference, self_kind, level) for _, part in frame.groupby("family", sort=True)]
    table, severities, kinds, between = (
        _joined([getattr(family, name) for family in families]) for name in ("table", "severities", "kinds", "between")
    )
    cov = linalg.block_diag(*(family.covariance for family in families if len(family.table)))
    covariance = pd.DataFrame(cov[: len(table)], index=table["target"], columns=table["target"])
    found = severity_findings(table, severities, kinds, between, self_kind, pairs.dropped)
    return RaterSeverity(table, found, severities, kinds, between, covariance, level)


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    kept = [part for part in parts if len(part)]
    return pd.concat(kept, ignore_index=True) if kept else parts[0]
