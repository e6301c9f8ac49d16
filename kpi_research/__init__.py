"""Evidence for police performance evaluation: the public names and nothing else."""

from importlib.metadata import version as _version

__version__ = _version("kpi-research")

from kpi_research import preventability, scorecard, validity, weights, workload
from kpi_research.bootstrap import ScorecardBootstrap, bootstrap_scorecard
from kpi_research.compare import Comparison, compare_runs
from kpi_research.pipeline import run_study
from kpi_research.preventability import Preventability, separate_preventable
from kpi_research.publish import render_report
from kpi_research.result import StudyResult
from kpi_research.scenarios import Scenarios, run_scenarios
from kpi_research.scorecard import Scorecard, build_scorecard
from kpi_research.study import Finding, StudyError, Where
from kpi_research.study.load import check_study, load_study, study_from_frames
from kpi_research.study.model import Study
from kpi_research.study.new import new_study
from kpi_research.study.simulate import simulate_bureau
from kpi_research.validity import Validity, assess_validity
from kpi_research.weights import InfeasibleRules, Weights, optimize_weights
from kpi_research.workload import Workload, fit_workload

__all__ = [
    "Comparison",
    "Finding",
    "InfeasibleRules",
    "Preventability",
    "Scenarios",
    "Scorecard",
    "ScorecardBootstrap",
    "Study",
    "StudyError",
    "StudyResult",
    "Validity",
    "Weights",
    "Where",
    "Workload",
    "assess_validity",
    "bootstrap_scorecard",
    "build_scorecard",
    "check_study",
    "compare_runs",
    "fit_workload",
    "load_study",
    "new_study",
    "optimize_weights",
    "preventability",
    "render_report",
    "run_scenarios",
    "run_study",
    "scorecard",
    "separate_preventable",
    "simulate_bureau",
    "study_from_frames",
    "validity",
    "weights",
    "workload",
]
