"""Preventability: which share of cases prevention could have stopped, and what level is fair to expect."""

from kpi_research.preventability.definition.classify import classify
from kpi_research.preventability.definition.rules import Definition, definition_from_table
from kpi_research.preventability.definition.sensitivity import (
    DefinitionShares,
    definition_accuracy,
    definition_shares,
)
from kpi_research.preventability.expected.effect import PreventionEffect, prevention_effect
from kpi_research.preventability.expected.funnel import Funnel, funnel
from kpi_research.preventability.expected.profile import Profile, profile
from kpi_research.preventability.expected.standardize import Expected, expected_counts
from kpi_research.preventability.model.calibration import calibration_table
from kpi_research.preventability.model.classifier import PreventabilityModel
from kpi_research.preventability.model.cross_fit import CrossFit, cross_fit
from kpi_research.preventability.model.explain import partial_dependence, permutation_importance
from kpi_research.preventability.model.measures import measure_fit
from kpi_research.preventability.offer import offer_indicator
from kpi_research.preventability.panel.consensus import Consensus, consensus
from kpi_research.preventability.panel.errors import ErrorRates, error_rates
from kpi_research.preventability.panel.plan import LabelPlan, plan_labels
from kpi_research.preventability.panel.rand_rule import PanelScores, panel_scores
from kpi_research.preventability.result import Preventability
from kpi_research.preventability.separate import separate_preventable
from kpi_research.preventability.share.ppi import PoweredMean, powered_mean, stratified_powered_mean
from kpi_research.preventability.share.shares import Shares, preventable_share
from kpi_research.study.agreement.agreement import Agreement, agreement

__all__ = [
    "Agreement",
    "Consensus",
    "CrossFit",
    "Definition",
    "DefinitionShares",
    "ErrorRates",
    "Expected",
    "Funnel",
    "LabelPlan",
    "PanelScores",
    "PoweredMean",
    "Preventability",
    "PreventabilityModel",
    "PreventionEffect",
    "Profile",
    "Shares",
    "agreement",
    "calibration_table",
    "classify",
    "consensus",
    "cross_fit",
    "definition_accuracy",
    "definition_from_table",
    "definition_shares",
    "error_rates",
    "expected_counts",
    "funnel",
    "measure_fit",
    "offer_indicator",
    "panel_scores",
    "partial_dependence",
    "permutation_importance",
    "plan_labels",
    "powered_mean",
    "preventable_share",
    "prevention_effect",
    "profile",
    "separate_preventable",
    "stratified_powered_mean",
]
