"""Figures of single pictures and of pairs of frames."""
