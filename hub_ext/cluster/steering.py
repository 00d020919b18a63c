"""How one cluster is kept at its grant without forgetting what it wants. Pure.

Growing needs nothing but patience: the scheduler repeats its wish with every heartbeat, and the gateway starts no more
workers than granted. Shrinking needs the scheduler, which alone can retire workers without losing results: it is told
a smaller number, and from then on reports that number as its wish. So the true wish is remembered here, and noted for
the gateway that comes after this one: no scheduler could tell it. The same holds for workers that were asked for with
the cluster itself: its scheduler starts with none, so it is told until it has heard.
"""

from dataclasses import dataclass
from typing import Any, Self


@dataclass
class Steering:
    """The wish and what the scheduler was told, of one cluster."""

    wish: int = 0
    """Workers that the person, or adaptive scaling, wants."""
    told: int | None = None
    """What we last made the scheduler want instead; None: it wants what it says."""
    adaptive: tuple[int | None, int | None] | None = None
    """Minimum and maximum of adaptive scaling, while it is on."""
    first: bool = False
    """Whether the wish came with the cluster, and its scheduler has not heard of it."""

    @classmethod
    def begin(cls, workers: int) -> Self:
        """Return the steering of a new cluster that wants this many workers as soon as it runs."""
        return cls(workers, first=workers > 0)

    @classmethod
    def again(cls, note: dict[str, Any]) -> Self:
        """Return what an earlier gateway noted; nothing was: the scheduler's word is the wish."""
        adaptive = note.get("adaptive")
        bounds = None if adaptive is None else (adaptive[0], adaptive[1])
        return cls(note.get("wish", 0), note.get("told"), bounds, note.get("first", False))

    @property
    def note(self) -> dict[str, Any]:
        """What :meth:`again` needs, as it comes back from JSON."""
        adaptive = None if self.adaptive is None else list(self.adaptive)
        return {"wish": self.wish, "told": self.told, "adaptive": adaptive, "first": self.first}

    def bounds(self, most: int) -> tuple[int | None, int | None]:
        """Return minimum and maximum of adaptive scaling as numbers; two None while it is off.

        Args:
            most: the maximum where the person chose none.
        """
        if self.adaptive is None:
            return None, None
        low, high = self.adaptive
        return low or 0, most if high is None else high

    def asked(self, message: dict[str, Any]) -> None:
        """Note what the person asks of the scheduler: ``scale`` with a count, or ``adapt`` with bounds."""
        self.told, self.first = None, False
        if message.get("op") == "scale":
            self.wish, self.adaptive = message["count"], None
        elif message.get("op") == "adapt":
            self.adaptive = (message.get("minimum"), message.get("maximum")) if message.get("active", True) else None

    def wanted(self, count: int) -> int:
        """Return the true wish behind the count of a heartbeat."""
        if self.first and count == 0:
            return self.wish
        self.first = False
        if count != self.told:
            self.wish = count
            if self.told is not None and self.adaptive is None:
                self.told = None
        return self.wish

    def settle(self, granted: int, active: int) -> tuple[int, dict[str, Any] | None]:
        """Return how many workers to run now, and what to tell the scheduler, if anything.

        Args:
            granted: workers of the present grant.
            active: workers that the scheduler has.
        """
        allowed = min(self.wish, granted)
        if self.first:
            return allowed, self.tell(allowed) if allowed else None
        if self.told is None:
            return allowed, self.tell(allowed) if active > allowed and allowed < self.wish else None
        if allowed == self.told:
            return allowed, None
        return allowed, self.tell(allowed)

    def tell(self, count: int) -> dict[str, Any]:
        """Return the order that makes the scheduler want this many, and note that it was told."""
        self.told = count if count < self.wish else None
        if self.adaptive is None:
            return {"op": "scale", "count": count}
        low, high = self.adaptive
        if self.told is not None:
            low, high = min(low or 0, count), count
        return {"op": "adapt", "minimum": low, "maximum": high, "active": True}
