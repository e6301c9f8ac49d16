"""Reasons: why a unit lies behind its peers, why a kind of incident rose, what to improve, what to publish."""
