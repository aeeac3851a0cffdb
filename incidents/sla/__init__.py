"""Promises kept or missed: business time, targets, clocks."""
