"""How a figure is told: one line of JSON."""

import json
import math
from collections.abc import Sequence


def tell(name: str, value: float, unit: str, *, target: float, compared_with: str = "") -> None:
    """Print a figure.

    Args:
        name: of the figure, for good: others compare runs by it.
        value: what was measured.
        unit: of value and target.
        target: what it should be at most, unless the name says otherwise.
        compared_with: what the same run measured beside it.
    """
    line = {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "target": target,
        "compared_with": compared_with or None,
    }
    print(json.dumps(line), flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that is not below this share of them (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
