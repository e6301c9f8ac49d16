"""Numerics: array functions that several stages share; no frames, no state."""
