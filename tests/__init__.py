"""The tests mirror the rooms; ``flow`` is the product as one day, ``support`` is what they share."""
