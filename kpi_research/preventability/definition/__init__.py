"""Which cases a written definition counts as preventable, and what changes with the definition."""
