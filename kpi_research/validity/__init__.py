"""Validity: what each indicator is worth."""

from kpi_research.study.agreement.agreement import Agreement, agreement
from kpi_research.validity.assess import assess_validity
from kpi_research.validity.evidence import Evidence
from kpi_research.validity.experts.ahp import Ahp, ahp
from kpi_research.validity.experts.content import ContentValidity, content_validity, lawshe
from kpi_research.validity.gaming.acceptance import AcceptanceSample, acceptance_sample
from kpi_research.validity.gaming.bunching import Bunching, bunching, bunching_by
from kpi_research.validity.gaming.entry_lag import EntryLag, entry_lag
from kpi_research.validity.goodhart.compliance import Compliance, compliance
from kpi_research.validity.goodhart.goodhart import Goodhart, goodhart
from kpi_research.validity.importance.importance import Importance, importance
from kpi_research.validity.integrity.authenticity import Authenticity, authenticity
from kpi_research.validity.integrity.duplicates import duplicates
from kpi_research.validity.integrity.faults import find_faults
from kpi_research.validity.integrity.frozen import frozen
from kpi_research.validity.integrity.impossible import impossible_values
from kpi_research.validity.integrity.jumps import jumps
from kpi_research.validity.integrity.last_digit import LastDigit, last_digit
from kpi_research.validity.integrity.repeated import RepeatedValues, repeated_values
from kpi_research.validity.integrity.rounding import Rounding, rounding
from kpi_research.validity.integrity.slips import tenfold_slips
from kpi_research.validity.integrity.time_order import time_order
from kpi_research.validity.integrity.topped_out import ToppedOut, topped_out
from kpi_research.validity.prediction.convergent import Convergent, convergent
from kpi_research.validity.prediction.known_groups import KnownGroups, known_groups
from kpi_research.validity.prediction.lead_lag import LeadLag, lead_lag
from kpi_research.validity.prediction.omitted_variable import OmittedVariable, omitted_variable
from kpi_research.validity.prediction.out_of_sample import OutOfSample, out_of_sample_gain
from kpi_research.validity.prediction.panel_effect import PanelEffect, panel_effect
from kpi_research.validity.redundancy.balance import Balance, balance
from kpi_research.validity.redundancy.redundancy import Redundancy, redundancy
from kpi_research.validity.reliability.alpha import Alpha, alpha
from kpi_research.validity.reliability.confirm import FactorFit, Htmt, factor_fit, htmt
from kpi_research.validity.reliability.estimate import Reliability, reliability
from kpi_research.validity.reliability.generalizability import Generalizability, g_study
from kpi_research.validity.reliability.intraclass import Intraclass, intraclass
from kpi_research.validity.reliability.omega import Omega, omega
from kpi_research.validity.reliability.stability import Correlation, pooled_rank_correlation, stability
from kpi_research.validity.result import Validity
from kpi_research.validity.use.crime_mix import CrimeMix, crime_mix
from kpi_research.validity.use.trace import trace
from kpi_research.validity.verdict.card import Card

__all__ = [
    "AcceptanceSample",
    "Agreement",
    "Ahp",
    "Alpha",
    "Authenticity",
    "Balance",
    "Bunching",
    "Card",
    "Compliance",
    "ContentValidity",
    "Convergent",
    "Correlation",
    "CrimeMix",
    "EntryLag",
    "Evidence",
    "FactorFit",
    "Generalizability",
    "Goodhart",
    "Htmt",
    "Importance",
    "Intraclass",
    "KnownGroups",
    "LastDigit",
    "LeadLag",
    "Omega",
    "OmittedVariable",
    "OutOfSample",
    "PanelEffect",
    "Redundancy",
    "Reliability",
    "RepeatedValues",
    "Rounding",
    "ToppedOut",
    "Validity",
    "acceptance_sample",
    "agreement",
    "ahp",
    "alpha",
    "assess_validity",
    "authenticity",
    "balance",
    "bunching",
    "bunching_by",
    "compliance",
    "content_validity",
    "convergent",
    "crime_mix",
    "duplicates",
    "entry_lag",
    "factor_fit",
    "find_faults",
    "frozen",
    "g_study",
    "goodhart",
    "htmt",
    "importance",
    "impossible_values",
    "intraclass",
    "jumps",
    "known_groups",
    "last_digit",
    "lawshe",
    "lead_lag",
    "omega",
    "omitted_variable",
    "out_of_sample_gain",
    "panel_effect",
    "pooled_rank_correlation",
    "redundancy",
    "reliability",
    "repeated_values",
    "rounding",
    "stability",
    "tenfold_slips",
    "time_order",
    "topped_out",
    "trace",
]
