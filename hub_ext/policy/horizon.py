"""For how long something must be paid for in advance, in money and in burst credits."""

from datetime import timedelta

HORIZON = timedelta(minutes=5)
"""Five minutes: what is overdrawn at most, and how long what was granted can run."""
