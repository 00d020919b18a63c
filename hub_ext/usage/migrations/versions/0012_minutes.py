"""Minutes: how a cluster's wish and grant changed, and what its workers did, for a picture of its last day."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from hub_ext.usage import types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Nothing is known of the minutes before."""
    _table(
        "grant_minutes",
        sa.Column("at", types.Instant(), nullable=False, comment="of the last change in this minute"),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        comment="how a cluster's wish and grant changed; of the last day",
    )
    _table(
        "busy_minutes",
        sa.Column("at", types.Instant(), nullable=False, comment="of the last report in this minute"),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False, comment="microseconds, all workers until then")
            for name in ("busy", "idle", "starting")
        ),
        comment="sums of activity as time went by; of the last day",
    )


def _table(name: str, *columns: sa.Column[Any], comment: str) -> None:
    op.create_table(
        name,
        sa.Column("lease", sa.String(128), nullable=False),
        sa.Column("minute", sa.BigInteger(), autoincrement=False, nullable=False, comment="since the epoch"),
        *columns,
        sa.ForeignKeyConstraint(["lease"], ["leases.id"], name=op.f(f"fk_{name}_lease_leases")),
        sa.PrimaryKeyConstraint("lease", "minute", name=op.f(f"pk_{name}")),
        comment=comment,
    )
