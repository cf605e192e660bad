"""Histories to hold the forecast against: simulated ones, and those of the example company."""
