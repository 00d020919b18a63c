"""Adaptive scaling: between how many workers a cluster follows its load."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Gateways tell the bounds of what runs with their next word."""
    with op.batch_alter_table("leases", schema=None, recreate="never") as batch_op:
        batch_op.add_column(
            sa.Column(
                "adaptive_minimum",
                sa.Integer(),
                nullable=True,
                comment="fewest workers of adaptive scaling; null: it is off",
            )
        )
        batch_op.add_column(
            sa.Column(
                "adaptive_maximum",
                sa.Integer(),
                nullable=True,
                comment="most workers of adaptive scaling; null: it is off",
            )
        )
