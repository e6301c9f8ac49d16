"""Verdict: from the evidence on an indicator to a card that says whether it may be used."""
