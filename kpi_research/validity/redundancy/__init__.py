"""Redundancy and balance: indicators that say the same thing, and what a scheme of weights rewards."""
