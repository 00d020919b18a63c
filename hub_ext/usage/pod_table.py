"""The tables of pods."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from hub_ext.usage.metadata import metadata
from hub_ext.usage.types import Instant, Json

pods = Table(
    "pods",
    metadata,
    Column("uid", String(64), primary_key=True, comment="the API server's"),
    Column("unit", String(128), nullable=False, comment="what is paid for"),
    Column("kind", String(16), nullable=False, comment="server, scheduler or worker"),
    Column("lease", String(128), ForeignKey("leases.id"), nullable=False),
    Column("namespace", String(64), nullable=False),
    Column("name", String(255), nullable=False),
    Column("stage", String(16), nullable=False, comment="pending, pulling, running or ended"),
    Column("why", Text, nullable=False, comment="why it waits, failed or ended"),
    Column("created_at", Instant, nullable=False),
    Column("scheduled_at", Instant, comment="when a machine was found for it"),
    Column("started_at", Instant, comment="when its image was there and it ran"),
    Column("gone", Boolean, nullable=False, comment="it holds nothing any longer"),
    Column("seen_at", Instant, nullable=False, comment="when it was last known to be there"),
    Index(None, "lease"),
    Index(None, "unit"),
    Index("ix_pods_there", "namespace", sqlite_where=text("NOT gone"), postgresql_where=text("NOT gone")),
    comment="what waited, ran and ended on Kubernetes",
)

pod_watches = Table(
    "pod_watches",
    metadata,
    Column("namespace", String(64), primary_key=True),
    Column("heard_at", Instant, comment="last word of the API server"),
    Column("pods", Integer, nullable=False, comment="that are there"),
    Column("problem", Text, nullable=False, comment="why they are not metered; empty: they are"),
    Column("notices", Json, nullable=False, comment="what else is missing there"),
    Column("at", Instant, nullable=False, comment="when the leader told so"),
    comment="how metering goes in each namespace, for every replica",
)
