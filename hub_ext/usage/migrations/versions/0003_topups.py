"""Top-ups, warnings, and what a used-up budget means for what runs."""

import sqlalchemy as sa
from alembic import op

from hub_ext.usage import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "topups",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("group", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False, comment="empty: the group's budget"),
        sa.Column("amount", types.Exact(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=True, comment="null: at the end of its month"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topups")),
    )
    with op.batch_alter_table("topups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topups_at"), ["at"], unique=False)

    op.create_table(
        "warnings",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("group", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False, comment="empty: the group's budget"),
        sa.Column("level", types.Exact(), nullable=False, comment="share of the budget"),
        sa.Column("at", types.Instant(), nullable=False, comment="when it was reached for the first time"),
        sa.PrimaryKeyConstraint("month", "group", "user", "level", name=op.f("pk_warnings")),
    )
    with op.batch_alter_table("leases", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("notice", sa.Text(), nullable=True, comment="what a used-up budget means for it, while it does")
        )
