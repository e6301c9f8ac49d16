"""Consequences: how often rules from ranks to rewards and sanctions hit those they mean, and what would."""
