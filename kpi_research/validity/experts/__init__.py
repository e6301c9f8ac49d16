"""Experts: what they say of the content of indicators, and how they weigh them."""
