"""How big: what one process holds while it runs."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field

from hub_ext.contract.model import Cores, Message

Bytes = Annotated[int, Field(ge=0, strict=True)]
Count = Annotated[int, Field(ge=0, strict=True)]


class Shape(Message):
    """Cores (number), memory (bytes) and GPUs (model -> count) that one server, scheduler or worker holds."""

    cores: Cores = Decimal(0)
    memory: Bytes = 0
    gpus: dict[str, Count] = {}

    def __add__(self, other: "Shape") -> "Shape":
        models = [*self.gpus, *(m for m in other.gpus if m not in self.gpus)]
        return Shape(
            cores=self.cores + other.cores,
            memory=self.memory + other.memory,
            gpus={m: self.gpus.get(m, 0) + other.gpus.get(m, 0) for m in models},
        )

    def times(self, count: int) -> "Shape":
        """Return the shape of ``count`` equal processes."""
        return Shape(
            cores=self.cores * count,
            memory=self.memory * count,
            gpus={model: number * count for model, number in self.gpus.items()},
        )

    @classmethod
    def total(cls, shapes: "tuple[Shape, ...] | list[Shape]") -> Self:
        """Return the sum of the shapes; of none, nothing."""
        result = Shape()
        for shape in shapes:
            result = result + shape
        return cls(cores=result.cores, memory=result.memory, gpus=result.gpus)
