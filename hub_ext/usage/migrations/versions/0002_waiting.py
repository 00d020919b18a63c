"""What a cluster waits for: its wish before the cohort, and since when."""

import sqlalchemy as sa
from alembic import op

from hub_ext.usage import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Columns are only added: SQLite would copy the table for more, and intervals refer to it.

    What runs already wishes what it has, until its next heartbeat.
    """
    with op.batch_alter_table("leases", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "wish",
                sa.Integer(),
                nullable=False,
                server_default="0",
                comment="workers that every bound but the cohort leaves room for",
            )
        )
        batch_op.add_column(
            sa.Column(
                "waiting_since",
                types.Instant(),
                nullable=True,
                comment="since when its group waits for cores that others borrow",
            )
        )
