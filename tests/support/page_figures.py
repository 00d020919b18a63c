"""What the API would answer on one afternoon of a busy company: figures to test the pages with, and to look at.

Everything is built from the contract's own models, so a page that shows these shows what the service sends.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hub_ext.contract.account import (
    Account,
    Balance,
    ClusterList,
    ClusterView,
    DecisionList,
    DecisionRow,
    GroupRow,
    Health,
    Holding,
    LedgerPage,
    LedgerRow,
    Overview,
    ServerList,
    ServerView,
    State,
)
from hub_ext.contract.admission import Kind
from hub_ext.contract.funds import BudgetWarning, TopUp
from hub_ext.contract.identity import Identity
from hub_ext.contract.leading import LedGroup, LedGroups, MemberRow
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Shape

NOW = datetime(2026, 11, 20, 14, 12, 5, tzinfo=UTC)
GIB = 2**30
HOSTILE = "<img src=x onerror=alert(1)>"
"""A name that would run as a program if it ever became markup."""

WARNING = BudgetWarning(
    level=0.8,
    group="research",
    message="81 % of Research's budget of $10,000 for November is spent. At 100 %, nothing new starts.",
    at=NOW,
)

OVERDRAWN = BudgetWarning(
    level=0.95,
    group="analysts",
    message="97 % of Analysts' budget of $1,200 for November is spent. At 100 %, running work ends.",
    at=NOW,
)

TITLES = {
    "production": "Production",
    "research": "Research",
    "machine-learning": "Machine learning",
    "earth": "Earth observation",
    "gpu": "GPU",
    "analysts": "Analysts",
    "teaching": "Teaching",
}
_GROUPS: dict[str, tuple[int, int | None, str, str | None, str]] = {
    "production": (312, 400, "9214.60", "20000", "15.60"),
    "research": (716, 640, "8131.42", "10000", "43.84"),
    "machine-learning": (404, 320, "6902.185", "9000", "29.56"),
    "earth": (256, 256, "3348.90", "5000", "13.40"),
    "gpu": (56, None, "2214.36", None, "13.16"),
    "analysts": (92, 160, "1163.75", "1200", "4.60"),
    "teaching": (24, 96, "244.79", "800", "1.20"),
}
"""cores used, quota, spent, budget, burn rate"""


_LENT = {"production": 60, "research": 0, "machine-learning": 0, "analysts": 50, "teaching": 50}
"""cores lent, of the groups that share a cohort"""


def balance(group: str, *, mine: str = "0", my_budget: str | None = None, my_burn_rate: str = "0") -> Balance:
    """Return the month of a group, and of one person in it."""
    _, _, spent, budget, burn_rate = _GROUPS[group]
    share = Decimal(mine) / 20
    return Balance(
        group=group,
        title=TITLES[group],
        month="2026-11",
        spent=Decimal(spent),
        budget=None if budget is None else Decimal(budget),
        mine=Decimal(mine),
        my_budget=None if my_budget is None else Decimal(my_budget),
        burn_rate=Decimal(burn_rate),
        my_burn_rate=Decimal(my_burn_rate),
        warn_at=(0.5, 0.8, 0.95),
        forecast=Decimal(spent) * Decimal("1.5"),
        daily=tuple(share * (1 + Decimal(day % 7 - 3) / 10) for day in range(20)),
    )


def credits_of(group: str) -> dict[str, object]:
    """Return the burst credits of a group that has some: one drains, one is overdrawn."""
    told = {"research": (3120, -76, "standard"), "machine-learning": (-840, -84, "overdraft")}
    if group not in told:
        return {}
    left, rate, mode = told[group]
    figures = {"credits": Decimal(left), "credits_cap": Decimal(5000), "credits_rate": Decimal(rate)}
    return figures | {"credits_mode": mode}


def overview() -> Overview:
    """Return the overview."""
    rows = tuple(_group(name) for name in _GROUPS)
    return Overview(
        as_of=NOW,
        currency="USD",
        burn_rate=sum((row.balance.burn_rate for row in rows), Decimal(0)),
        spent=sum((row.balance.spent for row in rows), Decimal(0)),
        budget=Decimal(46000),
        people=1034,
        servers=260,
        clusters=36,
        workers=1144,
        workers_wanted=1240,
        groups=rows,
        policy_version="a1b2c3d45e6f",
        policy_loaded_at=NOW.replace(hour=9, minute=41),
        policy_mistakes=(
            "groups.analysts.quota.core (line 63): unknown key; did you mean cores?",
            'groups.research.budget.grace (line 88): "10" is not a duration; write 90s, 20m, 4h or 2d',
        ),
        warnings=(WARNING, OVERDRAWN),
    )


def _group(name: str) -> GroupRow:
    used, quota, *_ = _GROUPS[name]
    gpus = {"l4": 14} if name == "gpu" else {}
    return GroupRow(
        group=name,
        title=TITLES[name],
        cores=Holding(
            used=Decimal(used),
            quota=None if quota is None else Decimal(quota),
            borrowed=Decimal(max(0, used - quota)) if quota and name in _LENT else None,
            lent=Decimal(_LENT[name]) if name in _LENT else None,
        ),
        shape=Shape(cores=Decimal(used), memory=used * 3 * GIB, gpus=gpus),
        balance=balance(name, my_budget="1500" if name == "research" else None).model_copy(update=credits_of(name)),
        servers=used // 8,
        clusters=used // 60,
    )


def _ago(**age: float) -> datetime:
    return NOW - timedelta(**age)


_CLUSTERS: tuple[tuple[str, str, str, int, int, float, str, str], ...] = (
    ("survey-merge", "erik", "research", 40, 40, 185, "8.85", "26.14"),
    ("churn-xgb", "nadia", "machine-learning", 40, 40, 348, "8.85", "50.32"),
    ("sales-join", "alice", "research", 140, 200, 41, "7.05", "4.12"),
    ("features-oct", "carol", "research", 96, 96, 140, "4.85", "11.31"),
    ("tiles-2026", "jonas", "earth", 20, 20, 72, "4.45", "5.33"),
    ("train-ctr", "ravi", "machine-learning", 20, 56, 52, "4.45", "3.81"),
    ("nightly-etl", "svc-etl", "production", 80, 80, 552, "4.05", "37.25"),
    ("backtest-eu", "dan", "research", 72, 72, 104, "3.65", "6.32"),
    ("prices-live", "svc-prices", "production", 64, 64, 8760, "3.25", "474.50"),
    ("embed-docs", "lena", "machine-learning", 64, 64, 38, "3.25", "2.05"),
    ("panel-impute", "sofia", "research", 12, 12, 151, "2.69", "6.77"),
    ("orders-stream", "svc-orders", "production", 48, 48, 8760, "2.45", "357.70"),
    (HOSTILE, "mallory", "analysts", 2, 2, 9, "0.15", "0.0225"),
    ("old-run", "dan", "research", 0, 4, 200, "0", "1.20"),
)
"""name, person, group, granted, wanted, age in minutes, $/h, cost"""


def _cluster(row: tuple[str, str, str, int, int, float, str, str]) -> ClusterView:
    name, user, group, granted, wanted, age, rate, cost = row
    worker, scheduler = Shape(cores=Decimal(1), memory=2 * GIB), Shape(cores=Decimal(1), memory=2 * GIB)
    waits = granted < wanted
    ended = name == "old-run"
    message = (
        f"Grown to {granted} of {wanted} workers: {TITLES[group]} has used all of its quota (erik 41, carol 97). "
        "Likely free at 14:18."
    )
    return ClusterView(
        lease=f"d-{user}-{age:g}",
        id=f"{age:032.0f}",
        user=user,
        group=group,
        group_title=TITLES[group],
        profile="standard",
        title="Standard workers",
        name=name,
        state=State.stopped if ended else State.running,
        wanted=wanted,
        granted=granted,
        running=granted,
        workers_max=1000,
        worker=worker,
        scheduler=scheduler,
        held=scheduler + worker.times(granted),
        reason=Reason.idle if ended else Reason.quota_exceeded if waits else None,
        message="Nothing was computed for 20 min." if ended else message if waits else "",
        idle_seconds=1200,
        idle_max_seconds=14400,
        price_per_hour=Decimal(rate),
        cost=Decimal(cost),
        **_use(name, Decimal(cost)),
        requested_at=_ago(minutes=age),
        started_at=_ago(minutes=age),
        ended_at=_ago(minutes=3) if ended else None,
    )


def _use(name: str, cost: Decimal) -> dict[str, Any]:
    """Return what workers did; of one cluster nothing is known."""
    if name == HOSTILE:
        return {}
    busy = 0.3 + len(name) % 7 / 10
    told = {"busy_share": busy, "idle_share": (1 - busy) * 0.8, "starting_share": (1 - busy) * 0.2}
    hint = "You used 31 % of the memory you paid for; Small workers would have cost $4.10 less."
    return told | {
        "idle_cost": (cost * Decimal(str(1 - busy))).quantize(Decimal("0.001")),
        "memory_share": 0.31,
        "hint": hint if name == "survey-merge" else "",
    }


def clusters() -> ClusterList:
    """Return everybody's clusters."""
    return ClusterList(as_of=NOW, currency="USD", clusters=tuple(map(_cluster, _CLUSTERS)))


_SERVERS: tuple[tuple[str, str, str, str, int, int, float, str, str], ...] = (
    ("alice", "", "research", "large", 4, 16, 67, "0.24", "0.268"),
    ("alice", "plots", "research", "small", 1, 2, 12, "0.05", "0.01"),
    ("bob", "", "analysts", "small", 1, 2, 251, "0.05", "0.20916"),
    ("carol", "", "research", "large", 4, 16, 400, "0.24", "1.60"),
    ("dan", "", "research", "wide", 16, 128, 95, "1.28", "2.0266"),
    ("erik", "", "research", "small", 1, 2, 185, "0.05", "0.15416"),
    ("omar", "", "gpu", "gpu-notebook", 4, 16, 33, "0.94", "0.517"),
    ("mei", "", "research", "small", 1, 2, 0.3, "0.05", "0"),
)
"""person, name, group, profile, cores, GiB, age in minutes, $/h, cost"""
_PROFILES = {
    "small": "Small notebook",
    "large": "Large notebook",
    "wide": "Wide notebook",
    "gpu-notebook": "Notebook with one L4",
}


STOPS_SOON = "This server stops at 14:30 UTC if nobody uses it."


def servers() -> ServerList:
    """Return everybody's servers."""
    return ServerList(as_of=NOW, currency="USD", servers=tuple(map(_server, _SERVERS)))


def _server(row: tuple[str, str, str, str, int, int, float, str, str]) -> ServerView:
    user, name, group, profile, cores, gib, age, rate, cost = row
    starting = user == "mei"
    return ServerView(
        lease=f"d-{user}-{name or 'default'}",
        user=user,
        group=group,
        group_title=TITLES[group],
        profile=profile,
        title=_PROFILES[profile],
        name=name,
        state=State.starting if starting else State.running,
        shape=Shape(cores=Decimal(cores), memory=gib * GIB, gpus={"l4": 1} if group == "gpu" else {}),
        reason=Reason.idle if name == "plots" else None,
        message=STOPS_SOON if name == "plots" else "",
        idle_seconds=3600,
        idle_max_seconds=28800,
        price_per_hour=Decimal(rate),
        cost=Decimal(cost),
        requested_at=_ago(minutes=age),
        started_at=None if starting else _ago(minutes=age),
    )


def alice() -> Account:
    """Return alice's own account."""
    mine = [server for server in servers().servers if server.user == "alice"]
    work = [cluster for cluster in clusters().clusters if cluster.user == "alice"]
    return Account(
        identity=Identity(name="alice", groups=("/research", "/gpu")),
        as_of=NOW,
        currency="USD",
        balances=(
            balance("research", mine="812.75", my_budget="1500", my_burn_rate="7.34"),
            balance("gpu", mine="41.20"),
        ),
        burn_rate=Decimal("7.34"),
        servers=tuple(mine),
        clusters=tuple(work),
        warnings=(WARNING,),
        contact="#data-platform",
        group_titles=tuple(TITLES.values()),
    )


_MEMBERS = (
    ("adam", 1, 0, 2, "12.40", "100", "0.10"),
    ("bob", 1, 1, 14, "88.12", "100", "0.74"),
    ("mei", 0, 1, 40, "96.31", "100", "2.04"),
    ("priya", 1, 0, 1, "4.02", "100", "0.05"),
)
"""person, servers, clusters, cores, spent, budget, burn rate"""


def led(*groups: str) -> LedGroups:
    """Return what the leads of these groups read."""
    return LedGroups(as_of=NOW, currency="USD", contact="#data-platform", groups=tuple(_led(name) for name in groups))


def _led(group: str) -> LedGroup:
    used, quota, *_ = _GROUPS[group]
    topup = TopUp(
        id="t-1", group=group, user="mei", amount=Decimal(50), reason="Deadline of the survey", author="bob", at=NOW
    )
    return LedGroup(
        group=group,
        title=TITLES[group],
        cores=Holding(used=Decimal(used), quota=None if quota is None else Decimal(quota)),
        balance=balance(group),
        members=tuple(
            MemberRow(
                user=user,
                servers=servers_,
                clusters=clusters_,
                cores=Decimal(cores),
                spent=Decimal(spent),
                budget=Decimal(budget),
                burn_rate=Decimal(rate),
            )
            for user, servers_, clusters_, cores, spent, budget, rate in _MEMBERS
        ),
        topups=(topup,),
    )


def carol() -> Account:
    """Return the account of a person whom the policy does not know."""
    return Account(
        identity=Identity(name="carol", groups=("/contractors", "/vpn")),
        as_of=NOW,
        currency="USD",
        balances=(),
        burn_rate=Decimal(0),
        servers=(),
        clusters=(),
        contact="#data-platform",
        group_titles=tuple(TITLES.values()),
    )


_DECISIONS: tuple[tuple[str, str, str, str, str, bool, Reason | None, str], ...] = (
    (
        "mei", "research", "large", "", "14:12:01", False, Reason.quota_exceeded,
        "Not started: Research has used all 640 cores of its quota (alice 145, carol 101). Ask #data-platform.",
    ),
    (
        "ravi", "machine-learning", "standard", "train-ctr", "14:09:44", True, Reason.cohort_full,
        "Granted 20 of 56 workers: the rest waits for other groups' capacity.",
    ),
    (
        "priya", "analysts", "small", "", "14:03:18", False, Reason.user_limit,
        "Not started: you hold 2 of the 2 cores one person in Analysts may hold. Stop a server, then try again.",
    ),
    (
        "hugo", "", "small", "", "13:51:30", False, Reason.no_group,
        "Not started: none of your groups (/contractors, /vpn) is in the policy. Ask #data-platform.",
    ),
    ("alice", "research", "large", "", "13:05:02", True, None, "Started: Large notebook, charged to Research."),
    (
        "omar", "gpu", "gpu-notebook", "", "12:22:57", False, Reason.quota_exceeded,
        "Not started: all 16 L4 of GPU were in use (bob 2, carol 1, 13 others). Likely free at 13:40.",
    ),
    ("bob", "analysts", "small", "", "10:01:00", True, None, "Started: Small notebook, charged to Analysts."),
)  # fmt: skip


def decisions() -> DecisionList:
    """Return the newest decisions."""
    rows = tuple(
        DecisionRow(
            id=f"d-{index:04x}",
            at=datetime.fromisoformat(f"2026-11-20T{at}+00:00"),
            user=user,
            group=group,
            kind=Kind.cluster if profile == "standard" else Kind.server,
            profile=profile,
            name=name,
            allowed=allowed,
            reason=reason,
            message=message,
        )
        for index, (user, group, profile, name, at, allowed, reason, message) in enumerate(_DECISIONS)
    )
    return DecisionList(as_of=NOW, decisions=rows)


def ledger(*, month: str = "2026-11", group: str = "", user: str = "", limit: int = 500) -> LedgerPage:
    """Return the intervals of a month, as the service filters them."""
    rows = [row for row in _intervals() if (not group or row.group == group) and (not user or row.user == user)]
    if month != "2026-11":
        rows = []
    total = sum((row.cost for row in rows), Decimal(0))
    return LedgerPage(as_of=NOW, currency="USD", month=month, rows=tuple(rows[:limit]), total=total)


def _intervals() -> list[LedgerRow]:
    people = (
        ("alice", "research"),
        ("dan", "research"),
        ("bob", "analysts"),
        ("nadia", "machine-learning"),
        ("omar", "gpu"),
    )
    sources = ("exact",) * 17 + ("reconciled", "exact", "estimated")
    return [_interval(index, *people[index % len(people)], sources[index % len(sources)]) for index in range(120)]


def _interval(index: int, user: str, group: str, source: str) -> LedgerRow:
    kind = ("worker", "worker", "scheduler", "server")[index % 4]
    start = _ago(minutes=7 + 97 * index)
    seconds = 60.0 * (5 + index * 37 % 240)
    end = None if index < 4 else start + timedelta(seconds=seconds)
    seconds = seconds if end else (NOW - start).total_seconds()
    cores = Decimal(4) if kind == "server" else Decimal(1)
    return LedgerRow(
        unit=f"u-{index:05d}",
        kind=kind,
        user=user,
        group=group,
        profile="large" if kind == "server" else "standard",
        name="" if kind == "server" else "sales-join",
        cores=cores,
        memory=int(cores) * 2 * GIB,
        gpus={"l4": 1} if group == "gpu" else {},
        started_at=start,
        ended_at=end,
        seconds=seconds,
        source=source,
        cost=Decimal(str(seconds)) / 3600 * cores * Decimal("0.05"),
        pending_seconds=4 if index % 5 == 0 else None,
        pulling_seconds=31 if index % 5 == 0 else None,
    )


def health() -> Health:
    """Return the service's own word."""
    return Health(status="ok", version="0.1.0", policy_version="a1b2c3d45e6f", database="sqlite")
