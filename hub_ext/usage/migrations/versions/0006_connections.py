"""Connections: how long a cluster may be without a client, and when it last had one."""

import sqlalchemy as sa
from alembic import op

from hub_ext.usage import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Columns are only added: SQLite would copy the table for more, and intervals refer to it."""
    with op.batch_alter_table("leases", schema=None, recreate="never") as batch_op:
        batch_op.add_column(
            sa.Column(
                "no_client_seconds",
                sa.Integer(),
                nullable=False,
                server_default="0",
                comment="0: it need not have a client",
            )
        )
        batch_op.add_column(
            sa.Column(
                "connected_at",
                types.Instant(),
                nullable=True,
                comment="last client, by the scheduler's word; null: not known",
            )
        )
