"""The two counters of each group: burst credits and decayed usage, as of an instant."""

import sqlalchemy as sa
from alembic import op

from hub_ext.usage import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "counters",
        sa.Column("group", sa.String(length=64), nullable=False),
        sa.Column(
            "credits",
            types.Exact(),
            nullable=True,
            comment="burst credits at settled_at, core-seconds; null: the group has none",
        ),
        sa.Column("usage", sa.Double(), nullable=False, comment="decayed usage at settled_at, core-seconds"),
        sa.Column(
            "settled_at",
            types.Instant(),
            nullable=False,
            comment="what ran later is not counted yet; never moves back",
        ),
        sa.PrimaryKeyConstraint("group", name=op.f("pk_counters")),
    )
    op.create_index(op.f("ix_intervals_group_ended_at"), "intervals", ["group", "ended_at"])
