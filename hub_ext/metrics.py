"""Every Prometheus metric.

Naming: ``gatehouse_<noun>_<unit>``; labels are bounded sets only (policy groups, kinds, reason codes), never people,
clusters or free text. Every label value of a closed set is there from the start, at zero.
"""

from decimal import Decimal
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from hub_ext.contract.account import Overview
from hub_ext.contract.admission import Decision, Kind
from hub_ext.contract.reasons import Reason
from hub_ext.contract.usage import UnitKind

_ALLOWED = "allowed"


_OF_GROUPS = {
    "burn_rate": ("gatehouse_group_burn_rate_per_hour", "Money per hour of what runs now."),
    "spent": ("gatehouse_group_spent_month", "Money spent this calendar month (UTC)."),
    "budget": ("gatehouse_group_budget_month", "Budget of this month."),
    "warning": (
        "gatehouse_group_budget_level_ratio",
        "Highest warning level of the budget that is passed; 1: it is used up.",
    ),
    "cores": ("gatehouse_group_cores", "Cores held by leases."),
    "quota": ("gatehouse_group_quota_cores", "Nominal quota of cores."),
    "servers": ("gatehouse_group_servers", "Servers that hold a lease."),
    "clusters": ("gatehouse_group_clusters", "Clusters that hold a lease."),
    "credits": ("gatehouse_credits_core_minutes", "Burst credits; below zero they are overdrawn."),
}
"""The gauges of each group: what they show -> name and meaning."""
_KINDS = tuple(kind.value for kind in Kind)
_UNITS = tuple(kind.value for kind in UnitKind)
_REASONS = tuple(reason.value for reason in Reason)


class Metrics:
    """The service's metrics, in a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.decisions = self._counter(
            "gatehouse_decisions", "Decisions by kind and reason code.", kind=_KINDS, reason=(_ALLOWED, *_REASONS)
        )
        self.endings = self._counter(
            "gatehouse_endings",
            "Ended by Gatehouse or an administrator, by reason code.",
            kind=_KINDS,
            reason=_REASONS,
        )
        self.errors = self._counter("gatehouse_errors", "Errors answered, by reason code.", reason=_REASONS)
        self.orphans = self._counter(
            "gatehouse_orphaned_leases",
            "Leases given back because nobody knew their server or cluster any more.",
            kind=_KINDS,
        )
        self.events = Counter("gatehouse_events", "Events taken into the ledger.", registry=registry)
        self.decision_seconds = Histogram(
            "gatehouse_decision_seconds",
            "Time to decide and reserve.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
            registry=registry,
        )
        self.without_lease = self._gauge("gatehouse_servers_without_lease", "Servers that run without a lease.")
        self.streams = self._gauge("gatehouse_streams", "Open account streams.")
        self.policy_mistakes = self._gauge(
            "gatehouse_policy_mistakes", "Mistakes of a newer policy file that was not loaded."
        )
        self.policy_loaded = self._gauge(
            "gatehouse_policy_loaded_timestamp_seconds", "When the policy in force was loaded."
        )
        self.removed = self._counter(
            "gatehouse_removed_rows",
            "Rows removed from the ledger because they were older than `retention_days`.",
            table=("leases", "intervals", "events", "decisions", "warnings", "audit"),
        )
        self.pods_ended = self._counter(
            "gatehouse_pods_ended",
            "Pods that were deleted: waiting workers that no grant covers, and pods without a lease.",
            why=("surplus", "orphan"),
        )
        self.pod_wait = Histogram(
            "gatehouse_pod_wait_seconds",
            "How long pods waited for a machine, and then for their image, until they ran.",
            ("kind", "step"),
            buckets=(1, 2, 5, 10, 30, 60, 120, 300, 600, 1800),
            registry=registry,
        )
        for values in product(_UNITS, ("machine", "image")):
            self.pod_wait.labels(*values)
        self.pod_lag = Histogram(
            "gatehouse_pod_lag_seconds",
            "From the start or end of a pod's container until it is in the ledger.",
            buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 3600),
            registry=registry,
        )
        self.pod_problems = self._gauge(
            "gatehouse_pod_watch_problems", "Namespaces whose pods should be watched now and are not."
        )
        self._groups = {name: self._gauge(*told, "group") for name, told in _OF_GROUPS.items()}

    def _counter(self, name: str, text: str, **labels: tuple[str, ...]) -> Counter:
        """Return a counter whose every label value is there from the start."""
        counter = Counter(name, text, list(labels), registry=self.registry)
        for values in product(*labels.values()):
            counter.labels(*values)
        return counter

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, list(labels), registry=self.registry)

    def decided(self, kind: Kind, decision: Decision) -> None:
        """Count a decision."""
        self.decisions.labels(kind.value, decision.reason.value if decision.reason else _ALLOWED).inc()

    def refused(self, kind: Kind, reason: Reason) -> None:
        """Count a grant in part."""
        self.decisions.labels(kind.value, reason.value).inc()

    def ended(self, kind: Kind, reason: Reason) -> None:
        """Count an end that is not its person's own doing."""
        self.endings.labels(kind.value, reason.value).inc()

    def failed(self, reason: Reason) -> None:
        """Count an error that was answered."""
        self.errors.labels(reason.value).inc()

    def show(self, overview: Overview) -> None:
        """Bring the gauges up to date with the overview."""
        self.policy_mistakes.set(len(overview.policy_mistakes))
        self.policy_loaded.set(overview.policy_loaded_at.timestamp())
        for gauge in self._groups.values():
            gauge.clear()
        levels = {warning.group: warning.level for warning in overview.warnings}
        for row in overview.groups:
            self._set("warning", row.group, None if row.balance.budget is None else levels.get(row.group, 0))
            self._set("burn_rate", row.group, row.balance.burn_rate)
            self._set("spent", row.group, row.balance.spent)
            self._set("budget", row.group, row.balance.budget)
            self._set("cores", row.group, row.cores.used)
            self._set("credits", row.group, row.balance.credits)
            self._set("quota", row.group, row.cores.quota)
            self._set("servers", row.group, row.servers)
            self._set("clusters", row.group, row.clusters)

    def _set(self, name: str, group: str, value: Decimal | float | None) -> None:
        if value is not None:  # no quota and no budget: no sample, rather than a wrong one
            self._groups[name].labels(group).set(float(value))
