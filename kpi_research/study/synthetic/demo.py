"""The small bureau that ships with the project as ``data/demo_bureau``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kpi_research.study.synthetic.bureau import Bureau, draw_bureau

DEMO_OPTIONS: Mapping[str, Any] = {
    "stations": 24,
    "months": 18,
    "officers_per_station": 12,
    "seed": 20260101,
    "incidents_per_month": 60,
    "survey_calls": 40,
}
"""Options of the demonstration bureau."""


def draw_demo_bureau() -> Bureau:
    """Simulate the bureau of ``data/demo_bureau``.

    Returns
    -------
    Bureau
    """
    bureau = draw_bureau(**DEMO_OPTIONS)
    name = f'id = "simulated-bureau-{DEMO_OPTIONS["seed"]}"'
    return replace(bureau, spec_text=bureau.spec_text.replace(name, 'id = "demo-bureau"'))
