"""The probability that a case was preventable, given what is recorded of it."""
