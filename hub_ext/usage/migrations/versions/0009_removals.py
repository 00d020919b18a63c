"""Removals: what is gone because it was older than is kept, and an index to find what is."""

import sqlalchemy as sa
from alembic import op

from hub_ext.usage import types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "removals",
        sa.Column(
            "kept_since", types.Instant(), nullable=False, comment="a midnight (UTC): what ended before was removed"
        ),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False, comment="rows that were removed")
            for name in ("leases", "intervals", "events", "decisions", "warnings", "audit")
        ),
        sa.Column("told", sa.Boolean(), nullable=False, comment="the audit log has it"),
        sa.PrimaryKeyConstraint("kept_since", name=op.f("pk_removals")),
        comment="what is gone because it was older than is kept",
    )
    op.create_index(op.f("ix_leases_released_at"), "leases", ["released_at"])
