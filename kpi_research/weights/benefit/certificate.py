"""Proof of optimality for benefit of the doubt, from the scores alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_research.weights.benefit.envelope import Envelope
from kpi_research.weights.benefit.inputs import ShareLimits
from kpi_research.weights.limits import Floats


@dataclass(frozen=True)
class BenefitCertificate:
    """How far the answers are from allowed and from optimal, computed without the solver; the worst over all units.

    Attributes
    ----------
    primal_violation : float
        Largest amount by which some unit's weights put a unit above 1, are negative or break a limit on shares.
    dual_violation : float
        Largest amount by which the multipliers of peers and limits fail to envelop the unit.
    duality_gap : float
        Largest distance between a unit's score and the sum of its peers' multipliers, which bounds it from above.
    """

    primal_violation: float
    dual_violation: float
    duality_gap: float


def certify_benefit(
    values: Floats, limits: ShareLimits, profile: Floats | None, found: Envelope
) -> tuple[BenefitCertificate, Floats]:
    """Check every unit's answer.

    With ``p`` the profile and ``s_r`` the sign of a limit: weights w obey ``values @ w <= 1``, ``w >= 0`` and
    ``s_r (sum_j g_rj p_j w_j - b_r p'w) <= 0``. Multipliers that are not negative with ``values' l + sum_r m_r s_r
    (g_r * p - b_r p) >= unit`` prove that no such weights give the unit more than ``sum l`` (weak duality).

    Parameters
    ----------
    values : ndarray of shape (units, indicators)
        Scores.
    limits : ShareLimits
        Limits on shares.
    profile : ndarray of shape (indicators,) or None
        Where shares are measured; None for each unit's own scores.
    found : Envelope
        The answers.

    Returns
    -------
    BenefitCertificate
    slack : ndarray of shape (units, indicators)
        By how much the envelope exceeds the unit; above 0 only where every optimal weight is 0.
    """
    units = len(values)
    at = values if profile is None else np.broadcast_to(profile, values.shape)
    contribution = at * found.weights
    total = contribution.sum(axis=1)
    broken = (contribution @ limits.forms.T - np.outer(total, limits.bound)) * limits.sign
    highest = max(float((values @ row).max()) for row in found.weights)
    primal = max(highest - 1.0, float(broken.max(initial=0.0)), float((-found.weights).max()), 0.0)
    priced = found.limit_price * limits.sign
    envelope = at * (priced @ limits.forms) - at * (priced @ limits.bound)[:, None]
    np.add.at(envelope, found.of, found.intensity[:, None] * values[found.peer])
    bound = np.bincount(found.of, weights=found.intensity, minlength=units)
    slack = envelope - values
    least = min(float(found.limit_price.min(initial=0.0)), float(found.intensity.min(initial=0.0)), float(slack.min()))
    gap = np.abs(bound - (values * found.weights).sum(axis=1))
    return BenefitCertificate(primal, max(-least, 0.0), float(gap.max())), slack
