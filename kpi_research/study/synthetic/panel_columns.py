"""Columns of the panel: what each count and share depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Scope = Literal["station", "direct", "internal", "all"]


@dataclass(frozen=True, slots=True)
class Count:
    """A count per unit and month, Poisson around officers x per_officer x exp(loadings x quality + own z).

    Attributes
    ----------
    name : str
        Column of the panel.
    per_officer : float
        Mean per officer and month at a unit of the norm.
    own : float
        Standard deviation of the log mean between units that has nothing to do with quality.
    loadings : mapping of str to float
        Part of quality (or ``"hardness"``) -> effect on the log mean.
    scope : {"station", "direct", "internal", "all"}
        Which units have it.
    """

    name: str
    per_officer: float
    own: float
    loadings: Mapping[str, float] = field(default_factory=dict)
    scope: Scope = "station"


@dataclass(frozen=True, slots=True)
class Share:
    """A number out of a number per unit and month, binomial with logit base + loadings x quality + own z.

    Attributes
    ----------
    part, whole : str
        Columns of the panel.
    trials : float
        Mean of ``whole`` (Poisson); 0 where ``whole`` is another column of the panel.
    base : float
        Probability at a unit of the norm.
    own : float
        Standard deviation of the logit between units that has nothing to do with quality.
    loadings : mapping of str to float
        Part of quality -> effect on the logit.
    scope : {"station", "direct", "internal", "all"}
        Which units have it.
    """

    part: str
    whole: str
    trials: float
    base: float
    own: float
    loadings: Mapping[str, float] = field(default_factory=dict)
    scope: Scope = "station"


COUNTS: tuple[Count, ...] = (
    Count("visits", 3.0, 0.15, {"effort": 0.12}),
    Count("risk_checks", 2.0, 0.15, {"effort": 0.30}),
    Count("information_items", 6.0, 0.30, {"effort": 0.05}),
    Count("mediations", 0.8, 0.35),
    Count("hazards_found", 1.2, 0.20, {"effort": 0.10}),
    Count("detentions", 0.25, 0.30, {"hardness": 0.15}),
    Count("security_inspections", 1.5, 0.20, {"effort": 0.10}),
    Count("major_outages", 0.004, 0.30, {"procedure": -0.30}, "internal"),
)
SHARES: tuple[Share, ...] = (
    Share("procedures_lawful", "procedures_checked", 50, 0.88, 0.12, {"procedure": 0.50}),
    Share("cases_upheld", "cases_reviewed", 8, 0.85, 0.25, {"solving": 0.35, "procedure": 0.15}),
    Share("mediations_settled", "mediations", 0, 0.75, 0.15, {"manner": 0.45}),
    Share("hazards_rectified", "hazards_found", 0, 0.70, 0.15, {"effort": 0.45}),
    Share("records_right", "records_checked", 80, 0.86, 0.30, {"procedure": 0.20}),
    Share("fraud_stopped", "fraud_alerts", 25, 0.55, 0.15, {"effort": 0.40}),
    Share("support_done", "support_requests", 6, 0.80, 0.35, {"manner": 0.15}, "all"),
    Share("logins_met", "logins_due", 25, 0.985, 0.0, {}, "all"),
    Share("use_matched", "use_checked", 60, 0.975, 0.15, {}, "all"),
    Share("equipment_ready", "equipment_total", 40, 0.93, 0.25, {}, "all"),
    Share("tasks_on_time", "tasks_due", 30, 0.90, 0.40, {"procedure": 0.20}, "direct"),
    Share("services_on_time", "services_due", 30, 0.90, 0.40, {"procedure": 0.20}, "internal"),
)
