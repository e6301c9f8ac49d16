"""The level of preventable cases to expect of a unit, and what stands out against it."""
