"""A simulated police bureau whose truth is known: all tables of a study, and what a study should recover from them."""

from __future__ import annotations

from kpi_research.study.synthetic.bureau import Bureau, draw_bureau, draw_with
from kpi_research.study.synthetic.demo import DEMO_OPTIONS, draw_demo_bureau
from kpi_research.study.synthetic.options import BureauOptions, describe_options, make_options, null_options
from kpi_research.study.synthetic.stream import Streamed, stream_incidents
from kpi_research.study.synthetic.write import write_bureau

__all__ = [
    "DEMO_OPTIONS",
    "Bureau",
    "BureauOptions",
    "Streamed",
    "describe_options",
    "draw_bureau",
    "draw_demo_bureau",
    "draw_with",
    "make_options",
    "null_options",
    "stream_incidents",
    "write_bureau",
]
