"""Activity: when a lease was last used and last heard of, and what its profile says about its end."""

import sqlalchemy as sa
from alembic import op

from hub_ext.usage import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Columns are only added: SQLite would copy the table for more, and intervals refer to it."""
    with op.batch_alter_table("leases", schema=None, recreate="never") as batch_op:
        batch_op.add_column(sa.Column("active_at", types.Instant(), nullable=True, comment="last use, as far as known"))
        batch_op.add_column(sa.Column("seen_at", types.Instant(), nullable=True, comment="last word of hub or gateway"))
        batch_op.add_column(
            sa.Column(
                "idle_max_seconds",
                sa.Integer(),
                nullable=False,
                server_default="0",
                comment="the longest idle time that the person may choose",
            )
        )
        batch_op.add_column(
            sa.Column(
                "stops_with_server",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
                comment="ends with the person's servers",
            )
        )
