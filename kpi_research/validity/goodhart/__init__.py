"""Goodhart: what became of an indicator when it became a target."""
