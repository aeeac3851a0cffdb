"""What the desk costs: queries a page, and how that grows with the number of rows.

`make bench` (or `python -m tests.benchmarks --sizes 1000,10000`) prints a table; the budgets of
queries are asserted by `pytest -m benchmark`. Times are shown as ratios and never asserted.
"""
