"""The groups of checks of the validity stage, in the order in which they are run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kpi_research.study.model import Study
from kpi_research.validity.evidence import Evidence
from kpi_research.validity.experts.study import study_experts
from kpi_research.validity.gaming.study import study_gaming
from kpi_research.validity.goodhart.study import study_goodhart
from kpi_research.validity.importance.study import study_importance
from kpi_research.validity.integrity.study import study_integrity
from kpi_research.validity.panel_frame import StudyPanel
from kpi_research.validity.prediction.study import study_prediction
from kpi_research.validity.redundancy.study import study_redundancy
from kpi_research.validity.reliability.study import study_reliability
from kpi_research.validity.use.study import study_use

AREAS: Mapping[str, Callable[[Study, StudyPanel], Evidence]] = {
    "experts": study_experts,
    "importance": study_importance,
    "integrity": study_integrity,
    "gaming": study_gaming,
    "reliability": study_reliability,
    "prediction": study_prediction,
    "goodhart": study_goodhart,
    "redundancy": study_redundancy,
    "use": study_use,
}
"""Each group looks at all indicators; records come first, because nothing else can be read where they fail."""
