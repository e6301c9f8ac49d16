"""Workload: what each task, post and rank is worth, whether that is fair, and whom it overloads."""

from kpi_research.workload.appeal.packet import Appeal, appeal_packet
from kpi_research.workload.coefficients.coefficients import coefficients_from_cells, workload_coefficients
from kpi_research.workload.coefficients.engine import log_cells
from kpi_research.workload.coefficients.random import random_coefficients
from kpi_research.workload.coefficients.reconcile import reconcile
from kpi_research.workload.coefficients.result import Coefficients
from kpi_research.workload.demand.areas import EqualAreas, equal_areas
from kpi_research.workload.demand.forecast import Forecast, forecast
from kpi_research.workload.demand.staffing import Staffing, staffing
from kpi_research.workload.fairness.audit import Audit, audit
from kpi_research.workload.fairness.calibration import Calibration, calibration
from kpi_research.workload.fairness.consistency import consistency
from kpi_research.workload.fairness.differential import DifferentialCoefficients, differential_coefficients
from kpi_research.workload.fairness.gains import gains
from kpi_research.workload.fairness.gaps import Fairness, fairness
from kpi_research.workload.fairness.ratios import RatioStudy, ratio_study
from kpi_research.workload.fit import fit_workload
from kpi_research.workload.ladder import coefficient_ladder
from kpi_research.workload.result import Workload
from kpi_research.workload.threats.rounded import rounded_minutes
from kpi_research.workload.threats.selection import Selection, post_selection
from kpi_research.workload.threats.sensitivity import sensitivity
from kpi_research.workload.threats.support import support_work

__all__ = [
    "Appeal",
    "Audit",
    "Calibration",
    "Coefficients",
    "DifferentialCoefficients",
    "EqualAreas",
    "Fairness",
    "Forecast",
    "RatioStudy",
    "Selection",
    "Staffing",
    "Workload",
    "appeal_packet",
    "audit",
    "calibration",
    "coefficient_ladder",
    "coefficients_from_cells",
    "consistency",
    "differential_coefficients",
    "equal_areas",
    "fairness",
    "fit_workload",
    "forecast",
    "gains",
    "log_cells",
    "post_selection",
    "random_coefficients",
    "ratio_study",
    "reconcile",
    "rounded_minutes",
    "sensitivity",
    "staffing",
    "support_work",
    "workload_coefficients",
]
