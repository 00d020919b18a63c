"""Reports of the busy company: the real sums, of intervals that repeat through the months."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hub_ext.contract.report import By, Report
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Interval, UnitKind
from hub_ext.cost.quantities import quantities
from hub_ext.cost.reporting import Sheet
from hub_ext.policy.document import Policy
from tests.support.page_figures import HOSTILE, NOW

POLICY = Policy.model_validate(
    {
        "apiVersion": "gatehouse/v1",
        "prices": [{"from": date(2026, 1, 1), "core_hour": "0.04"}, {"from": date(2026, 11, 1), "core_hour": "0.05"}],
        "profiles": {"standard": {"kind": "server", "cores": 1, "memory": "1 GiB"}},
        "groups": {"research": {"match": ["/research"], "profiles": ["standard"]}},
    }
)
_PEOPLE = (
    ("alice", "research"),
    ("dan", "research"),
    ("nadia", "machine-learning"),
    ("jonas", "earth"),
    ("svc-etl", "production"),
    (HOSTILE, "analysts"),
)
_CLOSED = ("2026-09", "2026-10")


def report(first: str, last: str, by: str, group: str) -> Report:
    """Return the report as the service makes it."""
    since, until = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, last))
    keys = tuple(By(name) for name in by.split(",") if name)
    sheet = Sheet(POLICY, keys)
    sheet.add(quantities((one for one in _intervals() if not group or one.group == group), since=since, until=until))
    closed = tuple(month for month in _CLOSED if first[:7] <= month < last[:7])
    return sheet.report(since=since, until=until, as_of=NOW, closed=closed)


def _intervals() -> Iterator[Interval]:
    """Yield a few workers of each person for every day of two months, up to now."""
    for day in range(60):
        for place, (user, group) in enumerate(_PEOPLE):
            start = datetime(2026, 9, 25, 8 + place, tzinfo=UTC) + timedelta(days=day)
            lasts = timedelta(minutes=97 * (1 + (day * 7 + place * 5) % 6))
            if start + lasts > NOW or (day + place) % 7 == 0:
                continue
            yield Interval(
                unit=f"{user}-{day}",
                kind=UnitKind.worker,
                lease=f"d-{user}-{day // 7}",
                user=user,
                group=group,
                profile="standard",
                name="sales-join",
                ref=f"{day // 7:032x}",
                shape=Shape(cores=Decimal(64 - 8 * place)),
                started_at=start,
                ended_at=start + lasts,
            )
