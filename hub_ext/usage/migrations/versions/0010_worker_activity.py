"""Activity: how long each worker was busy, idle and starting, and the most memory it held."""

import sqlalchemy as sa
from alembic import op

from hub_ext.usage import types

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Nothing is known of workers that ran before."""
    op.create_table(
        "activity",
        sa.Column("unit", sa.String(128), nullable=False, comment="one worker"),
        sa.Column("lease", sa.String(128), nullable=False),
        sa.Column("busy", sa.BigInteger(), nullable=False, comment="microseconds in which it computed"),
        sa.Column(
            "idle",
            sa.BigInteger(),
            nullable=False,
            comment="microseconds in which it did not, though its scheduler had it",
        ),
        sa.Column("starting", sa.BigInteger(), nullable=False, comment="microseconds until its scheduler had it"),
        sa.Column("cpu", sa.BigInteger(), nullable=False, comment="microseconds of CPU time while busy"),
        sa.Column("memory_peak", sa.BigInteger(), nullable=False, comment="bytes, an upper bound"),
        sa.Column("at", types.Instant(), nullable=False, comment="last report"),
        sa.ForeignKeyConstraint(["lease"], ["leases.id"], name=op.f("fk_activity_lease_leases")),
        sa.PrimaryKeyConstraint("unit", name=op.f("pk_activity")),
        comment="how workers' time splits: cumulative, and no figure ever falls",
    )
    op.create_index(op.f("ix_activity_lease"), "activity", ["lease"])
