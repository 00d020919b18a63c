"""Closed months, and what was found to be wrong about them afterwards."""

import sqlalchemy as sa
from alembic import op

from hub_ext.usage import types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "closed_months",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column(
            "prices", types.Json(), nullable=False, comment="the entries of the policy that price it from then on"
        ),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_closed_months")),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("unit", sa.String(length=128), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False, comment="that was closed before"),
        sa.Column("since", types.Instant(), nullable=False, comment="of the stretch of time"),
        sa.Column("until", types.Instant(), nullable=False),
        sa.Column("added", sa.Boolean(), nullable=False, comment="false: it had been charged and should not have been"),
        sa.Column("at", types.Instant(), nullable=False, comment="when it was found"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    with op.batch_alter_table("corrections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_corrections_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_corrections_until"), ["until"], unique=False)
