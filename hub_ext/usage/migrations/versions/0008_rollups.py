"""Rollups: daily sums of ended intervals by group, and by server or cluster."""

import sqlalchemy as sa
from alembic import op

from hub_ext.usage import rollups, types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply, and sum up what has ended so far."""
    op.create_table(
        "rates",
        sa.Column("id", sa.String(32), nullable=False, comment="hash of the rest"),
        sa.Column("kind", sa.String(16), nullable=False, comment="server, scheduler or worker"),
        sa.Column("profile", sa.String(64), nullable=False),
        sa.Column("cores", types.Millicores(), nullable=False),
        sa.Column("memory", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.Column("gpus", types.Json(), nullable=False, comment="model -> count"),
        sa.Column(
            "price", types.Exact(), nullable=True, comment="per hour, where the profile overrides the unit prices"
        ),
        sa.Column("spot", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rates")),
        comment="what the price of an hour depends on, beside the date",
    )
    op.create_table(
        "group_days",
        sa.Column("group", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="UTC"),
        sa.Column("rate", sa.String(32), nullable=False),
        sa.Column("ticks", sa.BigInteger(), nullable=False, comment="microseconds of ended intervals"),
        sa.ForeignKeyConstraint(["rate"], ["rates.id"], name=op.f("fk_group_days_rate_rates")),
        sa.PrimaryKeyConstraint("group", "day", "rate", name=op.f("pk_group_days")),
        comment="rollup of the intervals that have ended",
    )
    op.create_table(
        "lease_days",
        sa.Column("lease", sa.String(128), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="UTC"),
        sa.Column("rate", sa.String(32), nullable=False),
        sa.Column("group", sa.String(64), nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("ticks", sa.BigInteger(), nullable=False, comment="microseconds of ended intervals"),
        sa.ForeignKeyConstraint(["lease"], ["leases.id"], name=op.f("fk_lease_days_lease_leases")),
        sa.ForeignKeyConstraint(["rate"], ["rates.id"], name=op.f("fk_lease_days_rate_rates")),
        sa.PrimaryKeyConstraint("lease", "day", "rate", name=op.f("pk_lease_days")),
        comment="the same by server or cluster, and so by person",
    )
    op.create_index(op.f("ix_lease_days_user_day"), "lease_days", ["user", "day"])
    op.create_index(op.f("ix_lease_days_group_day"), "lease_days", ["group", "day"])
    open_ = sa.text("ended_at IS NULL")
    op.create_index("ix_intervals_open", "intervals", ["group"], sqlite_where=open_, postgresql_where=open_)
    lives = sa.text("kind <> 'worker'")
    op.create_index(
        "ix_intervals_lives", "intervals", ["group", "ended_at"], sqlite_where=lives, postgresql_where=lives
    )
    rollups.rebuild(op.get_bind())
