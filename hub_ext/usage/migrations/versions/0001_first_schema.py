"""The first schema: leases, intervals, events, decisions, audit."""

import sqlalchemy as sa
from alembic import op

from hub_ext.usage import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=255), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)

    op.create_table(
        "decisions",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column(
            "request", sa.String(length=128), nullable=False, comment="the asker's id: asking again answers the same"
        ),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("group", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("profile", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("body", types.Json(), nullable=False, comment="the whole decision with its trace"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("request", name=op.f("uq_decisions_request")),
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decisions_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_decisions_user_at"), ["user", "at"], unique=False)

    op.create_table(
        "events",
        sa.Column(
            "id", sa.String(length=128), nullable=False, comment="the reporter's id: a second report changes nothing"
        ),
        sa.Column("unit", sa.String(length=128), nullable=False),
        sa.Column("lease", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False, comment="started, alive or ended"),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("received_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_unit"), ["unit"], unique=False)

    op.create_table(
        "leases",
        sa.Column("id", sa.String(length=128), nullable=False, comment="the decision that allowed it"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="reserved, bound or released"),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="server or cluster"),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("group", sa.String(length=64), nullable=False, comment="the policy group that is charged"),
        sa.Column("profile", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False, comment="what the person calls it"),
        sa.Column("ref", sa.String(length=255), nullable=False, comment="hub server or gateway cluster, once bound"),
        sa.Column("base_cores", types.Millicores(), nullable=False, comment="the server, or the cluster's scheduler"),
        sa.Column("base_memory", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.Column("base_gpus", types.Json(), nullable=False, comment="model -> count"),
        sa.Column("worker_cores", types.Millicores(), nullable=False, comment="one worker"),
        sa.Column("worker_memory", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.Column("worker_gpus", types.Json(), nullable=False, comment="model -> count"),
        sa.Column("workers", sa.Integer(), nullable=False, comment="granted"),
        sa.Column("workers_max", sa.Integer(), nullable=False, comment="the profile's bound"),
        sa.Column("wanted", sa.Integer(), nullable=False, comment="what the cluster asks for"),
        sa.Column("running", sa.Integer(), nullable=False, comment="workers that the gateway saw last"),
        sa.Column("idle_seconds", sa.Integer(), nullable=False, comment="0: never stopped for being idle"),
        sa.Column("lifetime_seconds", sa.Integer(), nullable=False, comment="0: unbounded"),
        sa.Column(
            "base_price", types.Exact(), nullable=True, comment="per hour, where the profile overrides the unit prices"
        ),
        sa.Column(
            "worker_price",
            types.Exact(),
            nullable=True,
            comment="per hour and worker, where the profile overrides the unit prices",
        ),
        sa.Column("worker_spot", sa.Boolean(), nullable=False),
        sa.Column(
            "reason", sa.String(length=32), nullable=False, comment="why fewer workers than wanted, or why it ended"
        ),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("stopping", sa.Boolean(), nullable=False, comment="a stop was asked for"),
        sa.Column("requested_at", types.Instant(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=True, comment="when a reservation lapses unless it is bound"),
        sa.Column("released_at", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leases")),
    )
    with op.batch_alter_table("leases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leases_ref"), ["ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_leases_state_group"), ["state", "group"], unique=False)
        batch_op.create_index(batch_op.f("ix_leases_user_state"), ["user", "state"], unique=False)

    op.create_table(
        "intervals",
        sa.Column("unit", sa.String(length=128), nullable=False, comment="one process that is paid for"),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="server, scheduler or worker"),
        sa.Column("lease", sa.String(length=128), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("group", sa.String(length=64), nullable=False),
        sa.Column("profile", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("ref", sa.String(length=255), nullable=False),
        sa.Column("cores", types.Millicores(), nullable=False),
        sa.Column("memory", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.Column("gpus", types.Json(), nullable=False, comment="model -> count"),
        sa.Column(
            "price", types.Exact(), nullable=True, comment="per hour, where the profile overrides the unit prices"
        ),
        sa.Column("spot", sa.Boolean(), nullable=False),
        sa.Column("started_at", types.Instant(), nullable=True),
        sa.Column("ended_at", types.Instant(), nullable=True),
        sa.Column("alive_at", types.Instant(), nullable=True, comment="last sign of life"),
        sa.Column("source", sa.String(length=16), nullable=False, comment="exact, reconciled or estimated"),
        sa.ForeignKeyConstraint(["lease"], ["leases.id"], name=op.f("fk_intervals_lease_leases")),
        sa.PrimaryKeyConstraint("unit", name=op.f("pk_intervals")),
    )
    with op.batch_alter_table("intervals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_intervals_ended_at"), ["ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_intervals_group_started_at"), ["group", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_intervals_lease"), ["lease"], unique=False)
        batch_op.create_index(batch_op.f("ix_intervals_user_started_at"), ["user", "started_at"], unique=False)
