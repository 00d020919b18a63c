"""Measurements of the real programs. Each prints one line of JSON per figure; none is a test with a time in it."""
