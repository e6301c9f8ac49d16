"""The packet for someone who contests a coefficient."""
