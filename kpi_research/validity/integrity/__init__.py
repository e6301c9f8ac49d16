"""Integrity: whether the records behind an indicator can be trusted."""
