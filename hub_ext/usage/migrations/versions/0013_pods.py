"""Pods: how long each waited for a machine and for its image, and what was last heard of it."""

import sqlalchemy as sa
from alembic import op

from hub_ext.usage import types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Nothing is known of pods before."""
    op.create_table(
        "pods",
        sa.Column("uid", sa.String(64), nullable=False, comment="the API server's"),
        sa.Column("unit", sa.String(128), nullable=False, comment="what is paid for"),
        sa.Column("kind", sa.String(16), nullable=False, comment="server, scheduler or worker"),
        sa.Column("lease", sa.String(128), nullable=False),
        sa.Column("namespace", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False, comment="pending, pulling, running or ended"),
        sa.Column("why", sa.Text(), nullable=False, comment="why it waits, failed or ended"),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("scheduled_at", types.Instant(), comment="when a machine was found for it"),
        sa.Column("started_at", types.Instant(), comment="when its image was there and it ran"),
        sa.Column("gone", sa.Boolean(), nullable=False, comment="it holds nothing any longer"),
        sa.Column("seen_at", types.Instant(), nullable=False, comment="when it was last known to be there"),
        sa.ForeignKeyConstraint(["lease"], ["leases.id"], name=op.f("fk_pods_lease_leases")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_pods")),
        comment="what waited, ran and ended on Kubernetes",
    )
    op.create_index(op.f("ix_pods_lease"), "pods", ["lease"])
    op.create_index(op.f("ix_pods_unit"), "pods", ["unit"])
    there = sa.text("NOT gone")
    op.create_index("ix_pods_there", "pods", ["namespace"], sqlite_where=there, postgresql_where=there)
    op.create_table(
        "pod_watches",
        sa.Column("namespace", sa.String(64), nullable=False),
        sa.Column("heard_at", types.Instant(), comment="last word of the API server"),
        sa.Column("pods", sa.Integer(), nullable=False, comment="that are there"),
        sa.Column("problem", sa.Text(), nullable=False, comment="why they are not metered; empty: they are"),
        sa.Column("notices", types.Json(), nullable=False, comment="what else is missing there"),
        sa.Column("at", types.Instant(), nullable=False, comment="when the leader told so"),
        sa.PrimaryKeyConstraint("namespace", name=op.f("pk_pod_watches")),
        comment="how metering goes in each namespace, for every replica",
    )
