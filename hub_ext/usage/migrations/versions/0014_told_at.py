"""Levels of budgets: since when people can read that one is passed."""

import sqlalchemy as sa
from alembic import op

from hub_ext.usage.types import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. What is passed already is told anew, so nothing ends sooner by an upgrade."""
    with op.batch_alter_table("warnings", schema=None, recreate="never") as batch_op:
        batch_op.add_column(
            sa.Column(
                "told_at",
                Instant(),
                nullable=True,
                comment="since when people can read that it is passed; null: it was taken back",
            )
        )
