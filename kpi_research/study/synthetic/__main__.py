"""``python -m kpi_research.study.synthetic`` writes the demonstration bureau to ``data/demo_bureau``."""

from __future__ import annotations

from kpi_research.study.synthetic.demo import draw_demo_bureau
from kpi_research.study.synthetic.write import write_bureau

write_bureau(draw_demo_bureau(), "data/demo_bureau")
