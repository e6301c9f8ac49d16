"""Prediction: whether an indicator goes with what people care about."""
