"""What each indicator of the demonstration catalogue is by design, and what it is truly worth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kpi_research.study.synthetic.arrays import Floats
from kpi_research.study.synthetic.words import STRING
from kpi_research.study.synthetic.world import World

NATURES: Mapping[str, tuple[str, str]] = {
    "satisfaction": ("good", ""),
    "visibility": ("good", ""),
    "lawful_procedure": ("good", ""),
    "mediation_success": ("good", ""),
    "hazard_rectification": ("good", ""),
    "fraud_dissuasion": ("good", ""),
    "awareness": ("good", ""),
    "repeat_addresses": ("good", ""),
    "risk_checks": ("faulty", ""),
    "clearance_quality": ("noisy", ""),
    "support_to_others": ("noisy", ""),
    "mediations": ("unrelated", ""),
    "competence": ("unrelated", ""),
    "equipment_ready": ("unrelated", ""),
    "deductions": ("noisy", ""),
    "serious_faults": ("noisy", ""),
    "major_outages": ("noisy", ""),
    "response_10": ("situation", "response_median"),
    "response_median": ("situation", "response_10"),
    "information_items": ("gamed", ""),
    "home_visits": ("gamed", "visit_entries"),
    "visit_entries": ("redundant", "home_visits"),
    "spot_check": ("gamed", ""),
    "entry_24h": ("gamed", ""),
    "theft_revisits": ("stale", ""),
    "training_logins": ("topped_out", ""),
    "use_match": ("topped_out", ""),
    "fines": ("banned", ""),
    "detentions": ("banned", ""),
    "recorded_crimes": ("banned", ""),
    "clearance_rate": ("banned", ""),
    "strike_index": ("banned_composite", "detentions"),
}
"""Indicator -> nature and, where there is one, the indicator it repeats or is built on."""

NATURES_ZH: Mapping[str, str] = {
    "good": "有效",
    "faulty": "有效但存在录入差错",
    "noisy": "随机波动大",
    "unrelated": "与工作质量无关",
    "situation": "主要反映警力负荷",
    "gamed": "存在人为凑数",
    "redundant": "重复指标",
    "stale": "滞后于犯罪变化",
    "topped_out": "已触顶",
    "banned": "禁止考核",
    "banned_composite": "由禁止考核数据合成",
}

LOWER_IS_BETTER = frozenset({"response_median", "repeat_addresses", "recorded_crimes", "deductions", "serious_faults"})
"""Indicators where a low value is meant to be good."""


def indicators_truth(world: World, expected: pd.DataFrame) -> pd.DataFrame:
    """Return what each indicator of the stations is truly worth.

    Parameters
    ----------
    world : World
        The hidden world.
    expected : pandas.DataFrame
        Mean and sampling variance per indicator, station and month.

    Returns
    -------
    pandas.DataFrame
        ``indicator``; ``nature``, ``nature_zh`` and ``twin`` by design; ``validity`` (correlation over stations between
        the mean expected value, turned so that more is better, and the mean true quality); ``reliability`` (share of
        the variance of one month's values that is between stations); ``between_sd``, ``noise_sd`` (standard deviations
        between stations and by chance within a month, in the unit of the indicator). Validity and reliability are
        missing where stations do not differ.
    """
    quality = world.merit.quality[: world.roster.stations].mean(axis=1)
    rows = [_worth(name, group, quality) for name, group in expected.groupby("indicator", sort=False)]
    numbers = pd.DataFrame(rows, columns=["indicator", "validity", "reliability", "between_sd", "noise_sd"])
    numbers = numbers.round(6)
    nature = [NATURES[name][0] for name in numbers["indicator"]]
    numbers.insert(1, "nature", pd.Series(nature, dtype=STRING))
    numbers.insert(2, "nature_zh", pd.Series([NATURES_ZH[name] for name in nature], dtype=STRING))
    numbers.insert(3, "twin", pd.Series([NATURES[name][1] for name in numbers["indicator"]], dtype=STRING))
    return numbers.astype({"indicator": STRING})


def _worth(name: object, group: pd.DataFrame, quality: Floats) -> tuple[str, float, float, float, float]:
    mean = group["expected"].to_numpy().reshape(quality.size, -1).mean(axis=1)
    noise = float(group["variance"].mean())
    spread = float(np.var(mean, ddof=1)) if mean.size > 1 else 0.0
    sign = -1.0 if name in LOWER_IS_BETTER else 1.0
    differs = spread > 1e-12 and float(np.ptp(quality)) > 1e-12
    validity = sign * float(np.corrcoef(mean, quality)[0, 1]) if differs else np.nan
    reliability = spread / (spread + noise) if spread > 1e-12 else np.nan
    return str(name), validity, reliability, float(np.sqrt(spread)), float(np.sqrt(noise))
