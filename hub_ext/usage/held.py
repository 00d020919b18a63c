"""What leases hold now, summed up by group: an overview of ten thousand clusters is a few rows."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Connection, distinct, func, select, type_coerce

from hub_ext.contract.admission import Kind, LeaseState
from hub_ext.contract.shape import Shape
from hub_ext.usage.tables import leases


@dataclass(frozen=True)
class Held:
    """Servers or clusters of one group, and what they hold together."""

    group: str
    kind: Kind
    count: int
    shape: Shape
    """Bases and granted workers."""
    running: int
    """Workers that the gateway saw last."""
    wanted: int
    """Workers that the clusters ask for."""


@dataclass(frozen=True)
class Holdings:
    """What everybody holds."""

    groups: tuple[Held, ...]
    """Several of one group and kind where GPUs differ."""
    people: int
    """How many hold something."""


def everything(connection: Connection) -> Holdings:
    """Return the sums over every lease that is not released."""
    table = leases.c
    keys = (table.group, table.kind, table.base_gpus, table.worker_gpus)
    sums = {
        "leases": func.count(),
        "millicores": func.sum(
            type_coerce(table.base_cores, BigInteger) + table.workers * type_coerce(table.worker_cores, BigInteger)
        ),
        "memory": func.sum(table.base_memory + table.workers * table.worker_memory),
        "workers": func.sum(table.workers),
        "running": func.sum(table.running),
        "wanted": func.sum(table.wanted),
    }
    query = select(*keys, *(expression.label(name) for name, expression in sums.items()))
    rows = connection.execute(query.where(table.state != LeaseState.released.value).group_by(*keys))
    people = select(func.count(distinct(table.user))).where(table.state != LeaseState.released.value)
    return Holdings(tuple(_held(row) for row in rows), int(connection.execute(people).scalar_one()))


def _held(row: Any) -> Held:
    bases = Shape(gpus=row.base_gpus).times(row.leases)
    workers = Shape(gpus=row.worker_gpus).times(row.workers)
    held = Shape(cores=Decimal(row.millicores) / 1000, memory=int(row.memory)) + bases + workers
    return Held(row.group, Kind(row.kind), row.leases, held, int(row.running), int(row.wanted))
