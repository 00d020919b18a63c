"""Steer it: what a person asks of a running cluster of their own, and what its gateway says beside a yes."""

from typing import Self

from pydantic import model_validator

from hub_ext.contract.admission import Workers
from hub_ext.contract.model import Message


class ScaleRequest(Message):
    """Have so many workers; ends adaptive scaling."""

    workers: Workers


class AdaptRequest(Message):
    """Follow the load between two bounds; ``active`` false: keep the workers that there are."""

    minimum: Workers = 0
    maximum: Workers | None = None
    """None: the most that the cluster's profile allows."""
    active: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("the minimum is above the maximum")
        return self


class Steered(Message):
    """The scheduler was told."""

    message: str = ""
    """What the gateway says beside it, such as why there are fewer workers; empty: nothing."""
