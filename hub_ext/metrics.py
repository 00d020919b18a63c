"""Every Prometheus metric.

Naming: ``gatehouse_<noun>_<unit>``; labels are bounded sets only (policy groups, kinds, reason codes), never people,
clusters or free text. Every label value of a closed set is there from the start, at zero.
"""

from decimal import Decimal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from hub_ext.contract.account import Overview
from hub_ext.contract.admission import Decision, Kind
from hub_ext.contract.reasons import Reason

_ALLOWED = "allowed"


class Metrics:
    """The service's metrics, in a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.decisions = Counter(
            "gatehouse_decisions", "Decisions by kind and reason code.", ["kind", "reason"], registry=registry
        )
        for kind in Kind:
            for reason in (_ALLOWED, *(reason.value for reason in Reason)):
                self.decisions.labels(kind.value, reason)
        self.events = Counter("gatehouse_events", "Events taken into the ledger.", registry=registry)
        self.decision_seconds = Histogram(
            "gatehouse_decision_seconds",
            "Time to decide and reserve.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
            registry=registry,
        )
        self.orphans = Counter(
            "gatehouse_orphaned_leases",
            "Leases given back because nobody knew their server or cluster any more.",
            ["kind"],
            registry=registry,
        )
        for kind in Kind:
            self.orphans.labels(kind.value)
        self.without_lease = Gauge(
            "gatehouse_servers_without_lease", "Servers that run without a lease.", registry=registry
        )
        self.removed = Counter(
            "gatehouse_removed_rows",
            "Rows removed from the ledger because they were older than `retention_days`.",
            ["table"],
            registry=registry,
        )
        for table in ("leases", "intervals", "events", "decisions", "warnings", "audit"):
            self.removed.labels(table)
        self.streams = Gauge("gatehouse_streams", "Open account streams.", registry=registry)
        self.policy_mistakes = Gauge(
            "gatehouse_policy_mistakes", "Mistakes of a newer policy file that was not loaded.", registry=registry
        )
        self.policy_loaded = Gauge(
            "gatehouse_policy_loaded_timestamp_seconds", "When the policy in force was loaded.", registry=registry
        )
        self._groups = {
            "burn_rate": Gauge(
                "gatehouse_group_burn_rate_per_hour", "Money per hour of what runs now.", ["group"], registry=registry
            ),
            "spent": Gauge(
                "gatehouse_group_spent_month", "Money spent this calendar month (UTC).", ["group"], registry=registry
            ),
            "budget": Gauge("gatehouse_group_budget_month", "Budget of this month.", ["group"], registry=registry),
            "warning": Gauge(
                "gatehouse_group_budget_level_ratio",
                "Highest warning level of the budget that is passed; 1: it is used up.",
                ["group"],
                registry=registry,
            ),
            "cores": Gauge("gatehouse_group_cores", "Cores held by leases.", ["group"], registry=registry),
            "quota": Gauge("gatehouse_group_quota_cores", "Nominal quota of cores.", ["group"], registry=registry),
            "servers": Gauge("gatehouse_group_servers", "Servers that hold a lease.", ["group"], registry=registry),
            "clusters": Gauge("gatehouse_group_clusters", "Clusters that hold a lease.", ["group"], registry=registry),
        }

    def decided(self, kind: Kind, decision: Decision) -> None:
        """Count a decision."""
        self.decisions.labels(kind.value, decision.reason.value if decision.reason else _ALLOWED).inc()

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
            self._set("quota", row.group, row.cores.quota)
            self._set("servers", row.group, row.servers)
            self._set("clusters", row.group, row.clusters)

    def _set(self, name: str, group: str, value: Decimal | float | None) -> None:
        if value is not None:  # no quota and no budget: no sample, rather than a wrong one
            self._groups[name].labels(group).set(float(value))
