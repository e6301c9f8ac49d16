"""Reliability: how much of an indicator's variation is between units and not chance."""
