"""Importance: what a weight does to the score, and whether the weights can do what they say."""
