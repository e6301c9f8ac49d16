"""Demand: how much time the work of a unit needs, how many officers that is, and what the next months may bring."""
