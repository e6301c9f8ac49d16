"""Benefit of the doubt: the best score any admissible weights could give each unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from kpi_research.study.findings import Finding, Where, finding
from kpi_research.study.results import Result
from kpi_research.study.suggest import did_you_mean
from kpi_research.weights.benefit.certificate import BenefitCertificate, certify_benefit
from kpi_research.weights.benefit.envelope import Envelope, envelop
from kpi_research.weights.benefit.inputs import Groups, ShareLimits, Shares, score_matrix, share_limits
from kpi_research.weights.check import WeightsCheckError
from kpi_research.weights.limits import Floats

PROFILES = ("own", "mean")
ON_TOP = 1e-9
ZERO = 1e-9
ALLOWED = 1e-8
"""Largest violation or gap of a score between 0 and 1 that is accepted."""

MANY_ON_TOP = 0.25
"""Share of units on the frontier from which the finding says that the test tells them apart no longer."""


@dataclass(frozen=True)
class BenefitOfDoubt(Result):
    """What each unit could reach at best.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per unit, in the order given: ``unit``; ``score`` (0 to 1: the best weighted score as a share of what the
        best unit gets with the same weights; 1 means that some admissible weights put the unit on top); ``on_top``;
        ``peers`` (number of units that bound it) and ``first_peer`` (the one with the largest multiplier);
        ``zero_weights`` (indicators that get no weight in the solution found) and ``ignored`` (indicators that get none
        in every optimal solution).
    findings : tuple of Finding
        That this is a challenge test, how many are on top, zero weights, zero scores.
    weights : pandas.DataFrame of shape (units, indicators)
        Weights on the scale of the scores, per unit. Scores are unique, weights of units on top usually are not.
    shares : pandas.DataFrame of shape (units, indicators)
        Share of each indicator in the unit's own score, 0 to 1; NaN where the score is 0.
    peers : pandas.DataFrame
        ``unit``, ``peer``, ``intensity`` (multiplier, above 0): the intensities of a unit add up to its score, and its
        peers so combined do at least as well on every indicator.
    certificate : BenefitCertificate
        Largest violation and duality gap, computed without the solver.
    """

    weights: pd.DataFrame
    shares: pd.DataFrame
    peers: pd.DataFrame
    certificate: BenefitCertificate


def benefit_of_doubt(
    scores: pd.DataFrame,
    *,
    shares: Shares | None = None,
    groups: Groups | None = None,
    profile: Literal["own", "mean"] = "own",
) -> BenefitOfDoubt:
    """Score each unit with the admissible weights that flatter it most.

    For each unit k: ``max sum_j w_j y_kj`` subject to ``sum_j w_j y_ij <= 1`` for every unit i, ``w >= 0`` and limits on
    the shares ``w_j p_j / sum_l w_l p_l`` of contribution at a profile p. It flatters by design: use it to ask whether
    any admissible weights would put a unit on top, never as official weights.

    Parameters
    ----------
    scores : pandas.DataFrame of shape (units, indicators)
        Index: unit; a column per indicator; 0 or more, higher is better; any unit of measure.
    shares : pair of float, or mapping of indicator to pair, optional
        Smallest and largest share of contribution, 0 to 1, of every or of single indicators.
    groups : mapping of name to (indicators, smallest, largest), optional
        Limits on the joint share of some indicators, 0 to 1.
    profile : {"own", "mean"}, default "own"
        Where shares are measured: at each unit's own scores, or at the average unit, which gives all units the same
        limits on weights.

    Returns
    -------
    BenefitOfDoubt

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If scores cannot be used, a name is unknown, or the limits contradict each other.
    WeightsCheckError
        If the answer fails the independent check.

    Notes
    -----
    Melyn & Moesen 1991; Cherchye, Moesen, Rogge & Van Puyenbroeck 2007 (doi:10.1007/s11205-006-9029-7); limits at the
    average unit: Zanella, Camanho & Dias 2015 (doi:10.1016/j.ejor.2015.02.036). Solved in envelopment form by column
    generation: only units on the frontier ever enter the model (Dulá 2002, doi:10.1590/S0101-74382002000200005).

    Examples
    --------
    >>> scores = pd.DataFrame({"patrol": [1.0, 0.2, 0.5], "visits": [0.2, 1.0, 0.5]}, index=["North", "East", "South"])
    >>> benefit_of_doubt(scores).table["score"].round(4).tolist()
    [1.0, 1.0, 0.8333]
    """
    if profile not in PROFILES:
        raise ValueError(f"profile is {profile!r}.{did_you_mean(str(profile), PROFILES)['en']}")
    given = score_matrix(scores)
    names = [str(name) for name in scores.columns]
    limits = share_limits(names, shares, groups)
    return _result(scores, flatter(given, limits, profile), limits)


@dataclass(frozen=True, eq=False)
class Flattered:
    """Best scores of all units with what proves them, as arrays.

    Attributes
    ----------
    contribution : ndarray of shape (units, indicators)
        What each indicator contributes to the unit's best score, which is their sum, 0 to 1.
    largest : ndarray of shape (indicators,)
        Largest score of each indicator, by which the scores were divided.
    envelope : Envelope
        Weights on the divided scores, and peers.
    certificate : BenefitCertificate
        The check.
    slack : ndarray of shape (units, indicators)
        Above 0 where an indicator has no weight in any optimum.
    """

    contribution: Floats
    largest: Floats
    envelope: Envelope
    certificate: BenefitCertificate
    slack: Floats


def flatter(given: Floats, limits: ShareLimits, profile: Literal["own", "mean"] = "own") -> Flattered:
    """Score each unit with the weights that flatter it most, and check the answer.

    Parameters
    ----------
    given : ndarray of shape (units, indicators)
        Scores, 0 or more; no indicator 0 for every unit.
    limits : ShareLimits
        Limits on shares of contribution.
    profile : {"own", "mean"}, default "own"
        Where shares are measured.

    Returns
    -------
    Flattered

    Raises
    ------
    WeightsCheckError
        If the answer fails the independent check.
    """
    largest = given.max(axis=0)
    values = given / largest
    at = values.mean(axis=0) if profile == "mean" else None
    found = envelop(values, limits, at)
    certificate, slack = certify_benefit(values, limits, at, found)
    worst = max(certificate.primal_violation, certificate.dual_violation, certificate.duality_gap)
    if not worst <= ALLOWED:
        raise WeightsCheckError(f"benefit of the doubt: the answer is off by {worst:.3g}; it must not be used")
    return Flattered(values * found.weights, largest, found, certificate, slack)


def _result(scores: pd.DataFrame, flattered: Flattered, limits: ShareLimits) -> BenefitOfDoubt:
    units, found, contribution = scores.index, flattered.envelope, flattered.contribution
    score = contribution.sum(axis=1)
    positive = score > ZERO
    shares = np.where(positive[:, None], contribution / np.where(positive, score, 1.0)[:, None], np.nan)
    peers = pd.DataFrame({"unit": units[found.of], "peer": units[found.peer], "intensity": found.intensity})
    table = pd.DataFrame(
        {
            "unit": units,
            "score": score,
            "on_top": score >= 1 - ON_TOP,
            "peers": np.bincount(found.of, minlength=len(units)),
            "first_peer": _first_peers(found, units),
            "zero_weights": (found.weights <= ZERO).sum(axis=1),
            "ignored": (flattered.slack > ZERO).sum(axis=1),
        }
    )
    weights, shared = (
        pd.DataFrame(part, index=units, columns=scores.columns) for part in (found.weights / flattered.largest, shares)
    )
    findings = _findings(table, limits, scores.shape[1])
    return BenefitOfDoubt(table, findings, weights, shared, peers, flattered.certificate)


def _first_peers(found: Envelope, units: pd.Index) -> list[object]:
    first: list[object] = [None] * len(units)
    for place in np.argsort(found.intensity, kind="stable"):
        first[found.of[place]] = units[found.peer[place]]
    return first


def _findings(table: pd.DataFrame, limits: ShareLimits, indicators: int) -> tuple[Finding, ...]:
    top, units = int(table["on_top"].sum()), len(table)
    found = [finding("benefit-is-a-challenge", Where(), top=top, units=units)]
    if units > 1 and top > MANY_ON_TOP * units:
        found.append(finding("benefit-tells-nothing-apart", Where(), top=top, units=units))
    ignored = int((table["ignored"] > 0).sum())
    if ignored:
        most = int(table["ignored"].max())
        found.append(finding("benefit-ignores-indicators", Where(), units=ignored, most=most, indicators=indicators))
    zero = table.loc[table["score"] <= ZERO, "unit"]
    if len(zero) and len(limits.bound):
        names = ", ".join(map(str, zero[:5])) + (", …" if len(zero) > 5 else "")
        found.append(finding("benefit-zero-score", Where(), units=len(zero), names=names))
    return tuple(found)
