"""Figures of scores: the matrix of points, how one score comes about, a radar."""
