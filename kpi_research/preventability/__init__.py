"""Preventability: which share of cases prevention could have stopped, and what level is fair to expect."""

from kpi_research.preventability.separate import Preventability, separate_preventable

__all__ = ["Preventability", "separate_preventable"]
