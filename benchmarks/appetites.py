"""Ten greedy groups and what each asks for over an hour: drawn once from a seed, whatever they are granted."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

HOUR = 3600
_LARGE = 1000


@dataclass(frozen=True)
class Wish:
    """One cluster that asks for workers as long as it lives. Times are seconds from the start."""

    name: str
    group: str
    profile: str
    """``small``: workers with one core; ``large``: with four."""
    workers: int
    begins: int
    ends: int

    @property
    def each(self) -> int:
        """The cores of one worker."""
        return 4 if self.profile == "large" else 1

    @property
    def cores(self) -> int:
        """What all of its workers take."""
        return self.workers * self.each


WEIGHTS = {f"g{number}": weight for number, weight in enumerate([1, 2, 1, 1, 2, 1, 1, 1, 1, 3])}
"""By group."""


def trace(seed: int) -> tuple[Wish, ...]:
    """Return everybody's clusters."""
    draw = random.Random(seed)  # noqa: S311 - a trace that can be drawn again
    found = [
        Wish("g0-all", "g0", "small", _LARGE, 0, HOUR),  # a thousand at once, from the first second
        Wish("g1-all", "g1", "small", _LARGE, 0, HOUR),
        Wish("g2-all", "g2", "large", _LARGE, 0, HOUR),
        *_rows(draw, "g3", rows=5, workers=(10, 40), seconds=(60, 300)),  # asks again and again in small clusters
        *_rows(draw, "g4", rows=6, workers=(20, 60), seconds=(30, 600)),
        Wish("g5-late", "g5", "small", _LARGE, 20 * 60, HOUR),  # comes when everything is taken
        *_rows(draw, "g6", rows=4, workers=(50, 100), seconds=(120, 900), begins=40 * 60),
        *(Wish(f"g7-{at}", "g7", "small", _LARGE, at, at + 300) for at in range(0, HOUR, 600)),  # every other 5 minutes
        Wish("g8-modest", "g8", "small", 15, 0, HOUR),  # less than its part
        *_rows(draw, "g9", rows=2, workers=(50, 250), seconds=(200, 1200), profile="large"),
    ]
    return tuple(sorted(found, key=lambda wish: (wish.begins, wish.name)))


def _rows(
    draw: random.Random,
    group: str,
    *,
    rows: int,
    workers: tuple[int, int],
    seconds: tuple[int, int],
    begins: int = 0,
    profile: str = "small",
) -> Iterator[Wish]:
    """Yield clusters in rows: where one ends, the next one begins."""
    for row in range(rows):
        at = begins + draw.randrange(30)
        while at < HOUR:
            ends = min(HOUR, at + draw.randint(*seconds))
            yield Wish(f"{group}-{row}-{at}", group, profile, draw.randint(*workers), at, ends)
            at = ends
