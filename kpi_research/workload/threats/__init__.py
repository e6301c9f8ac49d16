"""What could have bent the coefficients, and how much."""
