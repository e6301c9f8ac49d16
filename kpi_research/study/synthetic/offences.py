"""Kinds of incidents: how often they come, how preventable they are, who commits them, how long they take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from kpi_research.study.synthetic.arrays import Bools, Floats

Category = Literal["criminal", "public_order", "service"]


@dataclass(frozen=True, slots=True)
class Offence:
    """One kind of incident.

    Attributes
    ----------
    name, en, zh : str
        Identifier and labels.
    category : {"criminal", "public_order", "service"}
        Service calls are no cases: nobody can prevent or solve them.
    share : float
        Share of all incidents at a station of the norm.
    preventable : float
        Logit of being preventable in a well-lit, gated place with CCTV, by day.
    transient : float
        Share committed by transient offenders.
    solved : float
        Probability of being solved.
    reporting : float
        Median delay from event to report, in minutes.
    minutes : float
        Mean minutes of handling.
    hours : {"day", "evening", "night"}
        When it happens.
    counter : float
        Share reported at the counter or by app, without dispatch.
    hardness : float
        Log volume per unit of a hard case mix.
    old : bool
        Theft, burglary and robbery: what older indicators count.
    """

    name: str
    en: str
    zh: str
    category: Category
    share: float
    preventable: float
    transient: float
    solved: float
    reporting: float
    minutes: float
    hours: Literal["day", "evening", "night"]
    counter: float
    hardness: float
    old: bool = False


OFFENCES: tuple[Offence, ...] = (
    Offence("burglary", "Burglary", "入室盗窃", "criminal", 0.04, -0.6, 0.35, 0.30, 240, 150, "night", 0.10, 0.15, True),
    Offence("ebike_theft", "E-bike theft", "盗窃电动自行车", "criminal", 0.10, -0.3, 0.20, 0.20, 300, 60, "day", 0.30, 0.10, True),
    Offence("vehicle_theft", "Theft of a motor vehicle", "盗窃机动车", "criminal", 0.01, -0.6, 0.40, 0.40, 200, 140, "night", 0.15, 0.10, True),
    Offence("telecom_fraud", "Telecom fraud", "电信网络诈骗", "criminal", 0.08, -0.9, 0.75, 0.12, 600, 120, "day", 0.60, 0.00),
    Offence("robbery", "Robbery", "抢劫", "criminal", 0.005, -1.2, 0.45, 0.65, 15, 240, "night", 0.05, 0.20, True),
    Offence("assault", "Assault", "故意伤害", "criminal", 0.06, -1.9, 0.12, 0.80, 12, 130, "evening", 0.10, 0.25),
    Offence("domestic_dispute", "Domestic dispute", "家庭纠纷", "public_order", 0.14, -1.3, 0.01, 0.95, 8, 55, "evening", 0.08, 0.05),
    Offence("neighbor_dispute", "Dispute of neighbors", "邻里纠纷", "public_order", 0.10, -1.1, 0.02, 0.93, 10, 50, "evening", 0.10, 0.10),
    Offence("traffic_accident", "Traffic accident", "交通事故", "service", 0.18, 0, 0, 0, 5, 45, "day", 0.03, 0.00),
    Offence("lost_property", "Lost property", "遗失物品", "service", 0.09, 0, 0, 0, 120, 20, "day", 0.60, 0.00),
    Offence("help_request", "Request for help", "群众求助", "service", 0.195, 0, 0, 0, 5, 30, "day", 0.15, 0.00),
)  # fmt: skip
"""All kinds of incidents; the shares add up to 1."""

CATEGORIES: tuple[Category, ...] = ("criminal", "public_order", "service")
HOURS = ("day", "evening", "night")

NAMES = tuple(kind.name for kind in OFFENCES)
SHARE: Floats = np.array([kind.share for kind in OFFENCES])
PREVENTABLE: Floats = np.array([kind.preventable for kind in OFFENCES])
TRANSIENT: Floats = np.array([kind.transient for kind in OFFENCES])
SOLVED: Floats = np.array([kind.solved for kind in OFFENCES])
REPORTING: Floats = np.array([kind.reporting for kind in OFFENCES])
MINUTES: Floats = np.array([kind.minutes for kind in OFFENCES])
COUNTER: Floats = np.array([kind.counter for kind in OFFENCES])
HARDNESS: Floats = np.array([kind.hardness for kind in OFFENCES])
OLD: Bools = np.array([kind.old for kind in OFFENCES])
CATEGORY = np.array([CATEGORIES.index(kind.category) for kind in OFFENCES])
HOUR_PROFILE = np.array([HOURS.index(kind.hours) for kind in OFFENCES])
IS_CASE: Bools = np.array([kind.category != "service" for kind in OFFENCES])
IS_CRIMINAL: Bools = np.array([kind.category == "criminal" for kind in OFFENCES])
FRAUD = NAMES.index("telecom_fraud")

HOUR_CUMULATIVE: Floats = np.array(
    [
        np.concatenate([[0.0], np.cumsum(weights) / np.sum(weights)])
        for weights in (
            [1] * 7 + [3, 5, 6, 6, 5, 4, 4, 5, 6, 6, 6, 5, 4, 3, 2, 2, 1],
            [2, 1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8, 8, 6, 4],
            [6, 7, 8, 8, 6, 4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 4, 4, 5, 6],
        )
    ]
)
"""Cumulative share of the 24 hours of a day, one row per entry of `HOURS`."""
