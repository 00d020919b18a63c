"""When a pod ran, from its status; and how well that is known."""
# ruff: noqa: E501 - a table is read row by row, one line each

from datetime import UTC, datetime
from typing import Any

import pytest

from hub_ext.contract.usage import Source
from hub_ext.spawn.pod_life import life_of
from tests.spawn.pods import a_pod

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
RUNNING = {"running": {"startedAt": "2026-11-20T13:00:00Z"}}
KILLED = {
    "terminated": {
        "startedAt": "2026-11-20T13:00:00Z",
        "finishedAt": "2026-11-20T13:30:05Z",
        "exitCode": 137,
        "reason": "OOMKilled",
    }
}
AT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
DELETED = {"meta": {"deletionTimestamp": "2026-11-20T13:40:00Z"}}
LATER = {"meta": {"deletionTimestamp": "2026-11-20T14:00:30Z"}}

# id: (pod, gone, started, ended, how that is known)
LIVES: dict[str, tuple[dict[str, Any], bool, datetime | None, datetime | None, Source]] = {
    "waiting": (a_pod({"waiting": {"reason": "ContainerCreating"}}), False, None, None, Source.exact),
    "no status yet": (a_pod(), False, None, None, Source.exact),
    "running": (a_pod(RUNNING), False, AT, None, Source.exact),
    "ended": (a_pod(KILLED), False, AT, datetime(2026, 11, 20, 13, 30, 5, tzinfo=UTC), Source.exact),
    "ended, then gone": (a_pod(KILLED, **DELETED), True, AT, datetime(2026, 11, 20, 13, 30, 5, tzinfo=UTC), Source.exact),
    "being deleted": (a_pod(RUNNING, **LATER), False, AT, None, Source.exact),
    "deleted": (a_pod(RUNNING, **DELETED), True, AT, datetime(2026, 11, 20, 13, 40, tzinfo=UTC), Source.reconciled),
    "deleted before its time": (a_pod(RUNNING, **LATER), True, AT, NOW, Source.reconciled),
    "gone without a word": (a_pod(RUNNING), True, AT, NOW, Source.reconciled),
    "evicted, its container forgotten": (a_pod(status={"phase": "Failed"}), False, None, NOW, Source.reconciled),
}  # fmt: skip


@pytest.mark.parametrize(("pod", "gone", "started", "ended", "source"), LIVES.values(), ids=LIVES)
def test_life(
    pod: dict[str, Any],
    gone: bool,  # noqa: FBT001 - a column of the table
    started: datetime | None,
    ended: datetime | None,
    source: Source,
) -> None:
    """The kubelet's times count; without them, the deletion's; without that, the moment of notice."""
    life = life_of(pod, gone=gone, now=NOW)
    assert (life.uid, life.lease) == ("u-1", "d-1")
    assert (life.started_at, life.ended_at, life.source) == (started, ended, source)


def test_detail_is_for_administrators() -> None:
    """It says which pod, where, and what its end was."""
    assert life_of(a_pod(KILLED), gone=False, now=NOW).detail == (
        "pod jupyter-alice on node-1 ended with status 137, OOMKilled"
    )
