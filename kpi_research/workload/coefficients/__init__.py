"""Workload coefficients: what each task, post and rank is worth, measured."""
