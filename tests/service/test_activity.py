"""What workers did, told to the real service and shown: to their owner, and to administrators."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.service.test_doors import ask, bind, event, release
from tests.support.service import Service

pytestmark = pytest.mark.parametrize("ledger", ["sqlite", "postgresql"], indirect=True, scope="module")

MINUTE = 60_000_000
GIB = 2**30


def did(unit: str, **figures: Any) -> dict[str, Any]:
    """Return a report of one worker."""
    return {"unit": unit, "busy": 0, "idle": 0, "starting": 0, "cpu": 0, "memory_peak": 0} | figures


def view(service: Service, lease: str) -> Any:
    """Return alice's cluster as she sees it, which is as an administrator does."""
    [mine] = [c for c in service.as_("alice", "GET", "api/v1/account").json["clusters"] if c["lease"] == lease]
    [theirs] = [c for c in service.as_("adam", "GET", "api/v1/admin/clusters").json["clusters"] if c["lease"] == lease]
    assert mine == theirs
    return mine


def test_idle_and_starting_time_is_shown_in_money(service: Service) -> None:
    """An hour of a worker costs 3.60: 30 minutes busy, 20 idle, 10 starting. Nothing is known before it is told."""
    lease = ask(service).json["lease"]["id"]
    bind(service, lease, "c-use")
    end = datetime.now(UTC)
    told = [
        event(lease, f"{lease}-w", "worker", "started", end - timedelta(hours=1)),
        event(lease, f"{lease}-w", "worker", "ended", end),
    ]
    assert service.door("POST", "api/v1/events", {"events": told}).status == 200
    before = view(service, lease)
    assert (before["busy_share"], before["memory_share"], float(before["idle_cost"])) == (None, None, 0)

    early = did(f"{lease}-w", busy=5 * MINUTE, starting=10 * MINUTE, memory_peak=GIB // 4)
    late = did(f"{lease}-w", busy=30 * MINUTE, idle=20 * MINUTE, starting=10 * MINUTE, memory_peak=GIB // 4)
    for report in (late, early, late):  # reordered and repeated
        assert service.door("PUT", "api/v1/clusters/c-use/activity", {"units": [report]}).status == 200
    release(service, lease)
    assert service.door("PUT", "api/v1/clusters/c-use/activity", {"units": [late]}).status == 200
    after = view(service, lease)
    shares = [after[name] for name in ("busy_share", "idle_share", "starting_share", "memory_share")]
    assert shares == pytest.approx([1 / 2, 1 / 3, 1 / 6, 1 / 4])
    assert (float(after["idle_cost"]), float(after["cost"])) == (1.8, 3.6)


@pytest.mark.parametrize(
    "body",
    [
        {"units": [did("x", busy=-1)]},
        {"units": [did("x", idle=1.5)]},
        {"units": [did("x", idle=True)]},
        {"units": [did("x", starting=10**17)]},
        {"units": [did("x", memory_peak=2**63)]},
        {"units": [did("")]},
        {"units": [did("x", more=1)]},
        {"units": [did("x")] * 1001},
        b'{"units": [NaN]}',
    ],
    ids=["negative", "a float", "a boolean", "centuries", "too many bytes", "no unit", "unknown", "too many", "NaN"],
)
def test_a_forged_report_is_refused(service: Service, body: Any) -> None:
    """It never reaches the ledger."""
    answer = service.door("PUT", "api/v1/clusters/c-use/activity", body)
    assert (answer.status, answer.json["error"]["reason"]) == (422, "invalid_request")


def test_only_a_door_may_tell_it_and_only_of_a_cluster(service: Service) -> None:
    """A person cannot make their own idle time disappear."""
    assert service.as_("alice", "PUT", "api/v1/clusters/c-use/activity", {"units": []}).status == 403
    assert service.door("PUT", "api/v1/clusters/none/activity", {"units": []}).status == 404
