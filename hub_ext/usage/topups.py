"""Top-ups and surge grants as rows, and the warning levels that budgets have passed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from hub_ext.contract.funds import TopUp
from hub_ext.usage.tables import topups, warnings


@dataclass(frozen=True)
class Passed:
    """A level of a budget that was reached in a month."""

    month: str
    group: str
    user: str
    """Empty: the group's budget."""
    level: Decimal
    at: datetime
    told_at: datetime | None = None
    """Since when people can read it; None: it was taken back, by a top-up or a higher budget."""


def add(connection: Connection, topup: TopUp) -> None:
    """Keep a top-up."""
    connection.execute(insert(topups).values(**topup.model_dump()))


def get(connection: Connection, topup: str) -> TopUp | None:
    """Return the top-up with this id, if there is one."""
    row = connection.execute(select(topups).where(topups.c.id == topup)).one_or_none()
    return None if row is None else _topup(row)


def made(
    connection: Connection, since: datetime, until: datetime, *, groups: Collection[str] | None = None
) -> tuple[TopUp, ...]:
    """Return the top-ups made in ``[since, until)``, newest first, expired ones too."""
    query = select(topups).where(topups.c.at >= since, topups.c.at < until)
    if groups is not None:
        query = query.where(topups.c.group.in_(groups))
    rows = connection.execute(query.order_by(topups.c.at.desc(), topups.c.id))
    return tuple(_topup(row) for row in rows)


def _topup(row: Row[Any]) -> TopUp:
    return TopUp(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public way to a row as a mapping


def passed(connection: Connection, month: str, *, groups: Collection[str] | None = None) -> list[Passed]:
    """Return the levels that were reached in a month, newest first."""
    query = select(warnings).where(warnings.c.month == month)
    if groups is not None:
        query = query.where(warnings.c.group.in_(groups))
    rows = connection.execute(query.order_by(warnings.c.at.desc(), warnings.c.level.desc()))
    return [Passed(row.month, row.group, row.user, row.level, row.at, row.told_at) for row in rows]


def pass_levels(connection: Connection, reached: Sequence[Passed]) -> None:
    """Write levels down, each once a month: the moment of the first time, and since when it is told now."""
    for one in reached:
        key = {"month": one.month, "group": one.group, "user": one.user, "level": one.level}
        same = [warnings.c[name] == value for name, value in key.items()]
        if connection.execute(update(warnings).where(*same).values(told_at=one.told_at)).rowcount == 0:
            connection.execute(insert(warnings).values(**key, at=one.at, told_at=one.told_at))
