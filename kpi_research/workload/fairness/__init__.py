"""Fairness: whether scores, once adjusted for workload, still depend on the group a person belongs to."""
