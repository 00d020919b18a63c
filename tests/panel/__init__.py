"""The panel in a real browser on the real stack of ``make demo``: every action, as a person takes it."""
