"""What the metrics API of Kubernetes tells of pods: cores and memory in use, averaged over a while. Pure.

Source of the fields: ``PodMetrics`` of ``metrics.k8s.io/v1beta1``, as metrics-server serves it. ``timestamp`` is the
end of the time over which usage is an average, and ``window`` its length. The figures are the nodes' own: nothing is
taken from a scheduler's word, which runs user code.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

_UNITS = {"n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "": Decimal(1)}
_UNITS |= {unit: Decimal(1000) ** (n + 1) for n, unit in enumerate("kMGTPE")}
_UNITS |= {f"{unit}i": Decimal(1024) ** (n + 1) for n, unit in enumerate("KMGTPE")}
_QUANTITY = re.compile(r"(?P<number>[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)(?P<unit>[numkMGTPE]|[KMGTPE]i)?")
_PARTS = re.compile(r"([0-9]+(?:\.[0-9]+)?)(h|ms|m|s|us|µs|ns)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


@dataclass(frozen=True)
class Measured:
    """What one pod used, all of its containers together."""

    began: datetime
    ended: datetime
    cores: float
    """The mean from beginning to end."""
    memory: int
    """Bytes at the end."""


def quantity(text: str) -> Decimal:
    """Return a quantity as Kubernetes writes it, such as ``12345678n`` or ``90Mi``.

    Raises:
        ValueError: it is none.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is no quantity of Kubernetes")
    return Decimal(match["number"]) * _UNITS[match["unit"] or ""]


def window(text: str) -> timedelta:
    """Return a duration as Go writes it, such as ``15.02s`` or ``1m0s``.

    Raises:
        ValueError: it is none.
    """
    parts = _PARTS.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text[:40]!r} is no duration")
    return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))


def cores(item: Mapping[str, Any]) -> float:
    """Return the cores that a pod uses.

    Args:
        item: a ``PodMetrics``.

    Raises:
        ValueError: a figure is none.
        KeyError: the item is not what the API promises.
    """
    return float(sum(quantity(container["usage"]["cpu"]) for container in item["containers"]))


def measured(items: Iterable[Mapping[str, Any]]) -> dict[str, Measured]:
    """Return what each pod used, by its name, from the items of a ``PodMetricsList`` of one namespace.

    Raises:
        ValueError: a figure is none.
        KeyError: an item is not what the API promises.
    """
    found = {}
    for item in items:
        ended = datetime.fromisoformat(item["timestamp"])
        memory = sum(quantity(container["usage"]["memory"]) for container in item["containers"])
        name = item["metadata"]["name"]
        found[name] = Measured(ended - window(item["window"]), ended, cores(item), int(memory))
    return found
