"""What is kept. Money is never stored as truth: it is computed from intervals and dated prices."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from hub_ext.usage.metadata import metadata
from hub_ext.usage.pod_table import pod_watches, pods
from hub_ext.usage.types import Exact, Instant, Json, Millicores

__all__ = ["metadata", "pod_watches", "pods"]  # and every table below

leases = Table(
    "leases",
    metadata,
    Column("id", String(128), primary_key=True, comment="the decision that allowed it"),
    Column("state", String(16), nullable=False, comment="reserved, bound or released"),
    Column("kind", String(16), nullable=False, comment="server or cluster"),
    Column("user", String(255), nullable=False),
    Column("group", String(64), nullable=False, comment="the policy group that is charged"),
    Column("profile", String(64), nullable=False),
    Column("name", String(64), nullable=False, comment="what the person calls it"),
    Column("ref", String(255), nullable=False, comment="hub server or gateway cluster, once bound"),
    Column("base_cores", Millicores, nullable=False, comment="the server, or the cluster's scheduler"),
    Column("base_memory", BigInteger, nullable=False, comment="bytes"),
    Column("base_gpus", Json, nullable=False, comment="model -> count"),
    Column("worker_cores", Millicores, nullable=False, comment="one worker"),
    Column("worker_memory", BigInteger, nullable=False, comment="bytes"),
    Column("worker_gpus", Json, nullable=False, comment="model -> count"),
    Column("workers", Integer, nullable=False, comment="granted"),
    Column("workers_max", Integer, nullable=False, comment="the profile's bound"),
    Column("wanted", Integer, nullable=False, comment="what the cluster asks for"),
    Column(
        "wish",
        Integer,
        nullable=False,
        server_default="0",
        comment="workers that every bound but the cohort leaves room for",
    ),
    Column("waiting_since", Instant, comment="since when its group waits for cores that others borrow"),
    Column("running", Integer, nullable=False, comment="workers that the gateway saw last"),
    Column("idle_seconds", Integer, nullable=False, comment="0: never stopped for being idle"),
    Column("lifetime_seconds", Integer, nullable=False, comment="0: unbounded"),
    Column("base_price", Exact, comment="per hour, where the profile overrides the unit prices"),
    Column("worker_price", Exact, comment="per hour and worker, where the profile overrides the unit prices"),
    Column("worker_spot", Boolean, nullable=False),
    Column("reason", String(32), nullable=False, comment="why fewer workers than wanted, or why it ended"),
    Column("message", Text, nullable=False),
    Column("stopping", Boolean, nullable=False, comment="a stop was asked for"),
    Column("notice", Text, comment="what a used-up budget means for it, while it does"),
    Column("requested_at", Instant, nullable=False),
    Column("expires_at", Instant, comment="when a reservation lapses unless it is bound"),
    Column("released_at", Instant),
    Column("active_at", Instant, comment="last use, as far as known"),
    Column("seen_at", Instant, comment="last word of hub or gateway"),
    Column(
        "idle_max_seconds",
        Integer,
        nullable=False,
        default=0,
        comment="the longest idle time that the person may choose",
    ),
    Column("no_client_seconds", Integer, nullable=False, default=0, comment="0: it need not have a client"),
    Column("connected_at", Instant, comment="last client, by the scheduler's word; null: not known"),
    Column("stops_with_server", Boolean, nullable=False, default=False, comment="ends with the person's servers"),
    Column("adaptive_minimum", Integer, comment="fewest workers of adaptive scaling; null: it is off"),
    Column("adaptive_maximum", Integer, comment="most workers of adaptive scaling; null: it is off"),
    Index(None, "state", "group"),
    Index(None, "user", "state"),
    Index(None, "ref"),
    Index(None, "released_at"),
)

intervals = Table(
    "intervals",
    metadata,
    Column("unit", String(128), primary_key=True, comment="one process that is paid for"),
    Column("kind", String(16), nullable=False, comment="server, scheduler or worker"),
    Column("lease", String(128), ForeignKey("leases.id"), nullable=False),
    Column("user", String(255), nullable=False),
    Column("group", String(64), nullable=False),
    Column("profile", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("ref", String(255), nullable=False),
    Column("cores", Millicores, nullable=False),
    Column("memory", BigInteger, nullable=False, comment="bytes"),
    Column("gpus", Json, nullable=False, comment="model -> count"),
    Column("price", Exact, comment="per hour, where the profile overrides the unit prices"),
    Column("spot", Boolean, nullable=False),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("alive_at", Instant, comment="last sign of life"),
    Column("source", String(16), nullable=False, comment="exact, reconciled or estimated"),
    Index(None, "lease"),
    Index(None, "group", "started_at"),
    Index(None, "group", "ended_at"),
    Index(None, "user", "started_at"),
    Index(None, "ended_at"),
    Index(
        "ix_intervals_open", "group", sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")
    ),
    Index(
        "ix_intervals_lives",
        "group",
        "ended_at",
        sqlite_where=text("kind <> 'worker'"),
        postgresql_where=text("kind <> 'worker'"),
    ),
)

rates = Table(
    "rates",
    metadata,
    Column("id", String(32), primary_key=True, comment="hash of the rest"),
    Column("kind", String(16), nullable=False, comment="server, scheduler or worker"),
    Column("profile", String(64), nullable=False),
    Column("cores", Millicores, nullable=False),
    Column("memory", BigInteger, nullable=False, comment="bytes"),
    Column("gpus", Json, nullable=False, comment="model -> count"),
    Column("price", Exact, comment="per hour, where the profile overrides the unit prices"),
    Column("spot", Boolean, nullable=False),
    comment="what the price of an hour depends on, beside the date",
)

group_days = Table(
    "group_days",
    metadata,
    Column("group", String(64), primary_key=True),
    Column("day", Date, primary_key=True, comment="UTC"),
    Column("rate", String(32), ForeignKey("rates.id"), primary_key=True),
    Column("ticks", BigInteger, nullable=False, comment="microseconds of ended intervals"),
    comment="rollup of the intervals that have ended",
)

lease_days = Table(
    "lease_days",
    metadata,
    Column("lease", String(128), ForeignKey("leases.id"), primary_key=True),
    Column("day", Date, primary_key=True, comment="UTC"),
    Column("rate", String(32), ForeignKey("rates.id"), primary_key=True),
    Column("group", String(64), nullable=False),
    Column("user", String(255), nullable=False),
    Column("ticks", BigInteger, nullable=False, comment="microseconds of ended intervals"),
    Index(None, "user", "day"),
    Index(None, "group", "day"),
    comment="the same by server or cluster, and so by person",
)

events = Table(
    "events",
    metadata,
    Column("id", String(128), primary_key=True, comment="the reporter's id: a second report changes nothing"),
    Column("unit", String(128), nullable=False),
    Column("lease", String(128), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("type", String(16), nullable=False, comment="started, alive or ended"),
    Column("at", Instant, nullable=False),
    Column("source", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Index(None, "unit"),
)

activity = Table(
    "activity",
    metadata,
    Column("unit", String(128), primary_key=True, comment="one worker"),
    Column("lease", String(128), ForeignKey("leases.id"), nullable=False),
    Column("busy", BigInteger, nullable=False, comment="microseconds in which it computed"),
    Column("idle", BigInteger, nullable=False, comment="microseconds in which it did not, though its scheduler had it"),
    Column("starting", BigInteger, nullable=False, comment="microseconds until its scheduler had it"),
    Column("cpu", BigInteger, nullable=False, comment="microseconds of CPU time while busy"),
    Column("memory_peak", BigInteger, nullable=False, comment="bytes, an upper bound"),
    Column("at", Instant, nullable=False, comment="last report"),
    Index(None, "lease"),
    comment="how workers' time splits: cumulative, and no figure ever falls",
)

grant_minutes = Table(
    "grant_minutes",
    metadata,
    Column("lease", String(128), ForeignKey("leases.id"), primary_key=True),
    Column("minute", BigInteger, primary_key=True, autoincrement=False, comment="since the epoch"),
    Column("at", Instant, nullable=False, comment="of the last change in this minute"),
    Column("wanted", Integer, nullable=False),
    Column("granted", Integer, nullable=False),
    comment="how a cluster's wish and grant changed; of the last day",
)

busy_minutes = Table(
    "busy_minutes",
    metadata,
    Column("lease", String(128), ForeignKey("leases.id"), primary_key=True),
    Column("minute", BigInteger, primary_key=True, autoincrement=False, comment="since the epoch"),
    Column("at", Instant, nullable=False, comment="of the last report in this minute"),
    Column("busy", BigInteger, nullable=False, comment="microseconds, all workers until then"),
    Column("idle", BigInteger, nullable=False, comment="microseconds, all workers until then"),
    Column("starting", BigInteger, nullable=False, comment="microseconds, all workers until then"),
    comment="sums of activity as time went by; of the last day",
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", String(128), primary_key=True),
    Column(
        "request", String(128), nullable=False, unique=True, comment="the asker's id: asking again answers the same"
    ),
    Column("at", Instant, nullable=False),
    Column("user", String(255), nullable=False),
    Column("group", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("profile", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("message", Text, nullable=False),
    Column("body", Json, nullable=False, comment="the whole decision with its trace"),
    Index(None, "at"),
    Index(None, "user", "at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(255), nullable=False),
    Column("action", String(64), nullable=False),
    Column("target", String(255), nullable=False),
    Column("note", Text, nullable=False),
    Index(None, "at"),
)

topups = Table(
    "topups",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("group", String(64), nullable=False),
    Column("user", String(255), nullable=False, comment="empty: the group's budget"),
    Column("amount", Exact, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", String(255), nullable=False),
    Column("at", Instant, nullable=False),
    Column("expires_at", Instant, comment="null: at the end of its month"),
    Index(None, "at"),
)

warnings = Table(
    "warnings",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("group", String(64), primary_key=True),
    Column("user", String(255), primary_key=True, comment="empty: the group's budget"),
    Column("level", Exact, primary_key=True, comment="share of the budget"),
    Column("at", Instant, nullable=False, comment="when it was reached for the first time"),
    Column("told_at", Instant, comment="since when people can read that it is passed; null: it was taken back"),
)

counters = Table(
    "counters",
    metadata,
    Column("group", String(64), primary_key=True),
    Column("credits", Exact, comment="burst credits at settled_at, core-seconds; null: the group has none"),
    Column("usage", Double, nullable=False, comment="decayed usage at settled_at, core-seconds"),
    Column("settled_at", Instant, nullable=False, comment="what ran later is not counted yet; never moves back"),
)

closed_months = Table(
    "closed_months",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("author", String(255), nullable=False),
    Column("prices", Json, nullable=False, comment="the entries of the policy that price it from then on"),
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("unit", String(128), nullable=False),
    Column("month", String(7), nullable=False, comment="that was closed before"),
    Column("since", Instant, nullable=False, comment="of the stretch of time"),
    Column("until", Instant, nullable=False),
    Column("added", Boolean, nullable=False, comment="false: it had been charged and should not have been"),
    Column("at", Instant, nullable=False, comment="when it was found"),
    Column("why", Text, nullable=False),
    Index(None, "at"),
    Index(None, "until"),
)

removals = Table(
    "removals",
    metadata,
    Column("kept_since", Instant, primary_key=True, comment="a midnight (UTC): what ended before was removed"),
    *(
        Column(name, BigInteger, nullable=False, comment="rows that were removed")
        for name in ("leases", "intervals", "events", "decisions", "warnings", "audit")
    ),
    Column("told", Boolean, nullable=False, comment="the audit log has it"),
    comment="what is gone because it was older than is kept",
)
