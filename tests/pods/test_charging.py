"""A pod is charged to the lease that it is of, and to no other; its events are the same whoever reports them."""

from decimal import Decimal
from typing import Any

import pytest

from hub_ext.contract.admission import Kind, Lease, LeaseState
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import EventType, Source
from hub_ext.pods.charging import events, misfit
from hub_ext.pods.facts import read
from hub_ext.pods.sweeping import too_many
from tests.pods.samples import at, container, pod, running, terminated

SHAPE = Shape(cores=Decimal(1), memory=1)


def lease(kind: Kind = Kind.cluster, ref: str = "jhub.c1") -> Lease:
    """Alice's."""
    told: dict[str, Any] = {"id": "l1", "state": LeaseState.bound, "user": "alice", "group": "g"}
    told |= {"profile": "p", "name": "", "workers_max": 9 if kind is Kind.cluster else 0}
    return Lease(**told, kind=kind, ref=ref, base=SHAPE, worker=SHAPE if kind is Kind.cluster else None)


@pytest.mark.parametrize(
    ("given", "owner", "why"),
    [
        (pod(), lease(), ""),
        (pod(unit="scheduler"), lease(), ""),
        (pod(), lease(ref=""), ""),
        (pod(unit="server", user="alice", servername="lab"), lease(Kind.server, "alice/lab"), ""),
        (pod(unit="server", user="alice"), lease(Kind.server, ""), ""),
        (pod(), None, "its lease l1 is not known"),
        (pod(unit="toaster"), lease(), "its label gatehouse/unit names no kind of unit"),
        (pod(unit="server", user="alice"), lease(), "it is a server, and its lease l1 is for a cluster"),
        (pod(), lease(Kind.server, "alice/"), "it is a worker, and its lease l1 is for a server"),
        (pod(cluster="c2"), lease(), "it is of jhub.c2, and its lease l1 of jhub.c1"),
        (pod(cluster=""), lease(), "it is of nobody, and its lease l1 of jhub.c1"),
        (
            pod(unit="server", user="mallory"),
            lease(Kind.server, "alice/"),
            "it is of mallory/, and its lease l1 of alice/",
        ),
        (pod(unit="server", user="mallory"), lease(Kind.server, ""), "it is of mallory/, and its lease l1 of alice"),
    ],
    ids=[
        "a worker",
        "a scheduler",
        "not bound yet",
        "a server",
        "a server, not bound yet",
        "no such lease",
        "no such unit",
        "a server of a cluster",
        "a worker of a server",
        "another cluster's",
        "of no cluster",
        "another person's",
        "another person's, not bound yet",
    ],
)
def test_a_pod_fits_its_lease_or_says_why_not(given: dict[str, Any], owner: Lease | None, why: str) -> None:
    """Labels are claims: what does not fit is charged to nobody."""
    assert misfit(read(given), owner) == why


def test_events_have_the_ids_that_every_reporter_gives_them() -> None:
    """The pod's uid and what happened; the end says where it was and why."""
    given = pod(container(terminated(5, 9, 137, "OOMKilled")), phase="Failed")
    begun, ended = events(read(given))
    assert (begun.id, begun.unit, begun.type, begun.at) == ("uid-1-started", "l1-a-pod", EventType.started, at(5))
    assert (ended.id, ended.type, ended.at, ended.source) == ("uid-1-ended", EventType.ended, at(9), Source.exact)
    assert ended.detail == "pod jhub/a-pod: OOMKilled: exit code 137"


def test_what_was_set_right_leaves_room_for_the_exact() -> None:
    """A start or end that nobody saw has an id of its own: the exact one may still come."""
    unsure = pod(container(running(30), terminated(20, 25, 1), 2), phase="Failed", disrupted=("DeletionByPodGC", 40))
    assert [event.id for event in events(read(unsure))] == ["uid-1-restarted", "uid-1-gone"]
    assert events(read(pod(phase="Pending"))) == ()


def _worker(name: str, created: float, *states: dict[str, Any], **more: Any) -> Any:
    return read(pod(*states, name=name, uid=name, created=created, **more))


@pytest.mark.parametrize(
    ("allowed", "names"),
    [(9, []), (4, []), (3, ["w4"]), (2, ["w4", "w3"]), (1, ["w4", "w3", "w2"]), (0, ["w4", "w3", "w2"])],
    ids=["enough", "just enough", "one too many", "two", "all that wait", "never one that runs"],
)
def test_waiting_workers_that_are_too_many(allowed: int, names: list[str]) -> None:
    """The newest first; what runs, ended, goes away already, or is the scheduler stays."""
    pods = [
        _worker("w1", 0, container(running(5)), scheduled=2),
        _worker("w3", 20, phase="Pending"),
        _worker("w2", 10, phase="Pending", scheduled=12),
        _worker("w4", 30, phase="Pending"),
        _worker("w5", 40, phase="Pending", deleting=70),
        _worker("w6", 50, container(terminated(51, 52)), phase="Succeeded"),
        _worker("s", 60, phase="Pending", unit="scheduler"),
    ]
    assert [pod.name for pod in too_many(pods, allowed)] == names
