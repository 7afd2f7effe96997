"""Scores over data sets with truth: metrics and tables."""
