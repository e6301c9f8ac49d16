"""The share of a unit's cases that prevention could have stopped, with an interval."""
