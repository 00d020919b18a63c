"""Each shape of a pod's status, as kubelets and controllers write it, becomes the facts that are paid for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub_ext.contract.usage import Source, UnitKind
from hub_ext.pods.charging import free
from hub_ext.pods.facts import Known, Stage, gone, read
from tests.pods.samples import BEGIN, at, container, pod, running, stamp, terminated, waiting

NOW = at(1000)
FORGOTTEN = terminated(None, None, 137, "ContainerStatusUnknown")


@pytest.mark.parametrize(
    ("given", "stage", "start", "end"),
    [
        (pod(phase="Pending"), Stage.pending, None, None),
        (pod(phase="Pending", unschedulable="0/3 nodes are available"), Stage.pending, None, None),
        (pod(phase="Pending", scheduled=2), Stage.pulling, None, None),
        (pod(container(waiting("ContainerCreating")), phase="Pending", scheduled=2), Stage.pulling, None, None),
        (pod(container(waiting("ImagePullBackOff")), phase="Pending", scheduled=2), Stage.pulling, None, None),
        (pod(container(running(5)), scheduled=2), Stage.running, 5, None),
        (pod(container(running(5)), scheduled=2, deleting=60), Stage.running, 5, None),
        (pod(container(terminated(5, 9)), phase="Succeeded"), Stage.ended, 5, 9),
        (pod(container(terminated(5, 9, 137, "OOMKilled")), phase="Failed"), Stage.ended, 5, 9),
        (pod(container(terminated(5, 9)), phase="Running", deleting=60), Stage.ended, 5, 9),
        (pod(container(terminated(5, 9, 1)), phase="Running"), Stage.running, 5, None),
        (pod(container(waiting("CrashLoopBackOff"), terminated(5, 9, 1), 1), phase="Running"), Stage.running, 5, None),
        (pod(container(running(11), terminated(5, 9, 1), 1)), Stage.running, 5, None),
        (pod(container(terminated(11, 14), terminated(5, 9, 1), 1), phase="Succeeded"), Stage.ended, 5, 14),
        (
            pod(container(waiting("CrashLoopBackOff"), terminated(5, 9, 1), 1), phase="Running", deleting=60),
            Stage.ended,
            5,
            9,
        ),
        (
            pod(container(FORGOTTEN), phase="Failed"),
            Stage.ended,
            None,
            None,
        ),
        (pod(phase="Failed", reason="Evicted"), Stage.ended, None, None),
        (pod(phase="Pending", deleting=60), Stage.pending, None, None),
        (
            pod(container(running(3), name="a-sidecar"), container(terminated(5, 9)), phase="Running"),
            Stage.running,
            5,
            None,
        ),
        (pod(container(terminated(5, 9)), container(running(3), name="a-sidecar"), deleting=60), Stage.ended, 5, 9),
    ],
    ids=[
        "just made",
        "no machine",
        "a machine",
        "its image is pulled",
        "its image is not there",
        "runs",
        "runs in its grace period",
        "done",
        "out of memory",
        "ended in its grace period",
        "about to start again",
        "waits to start again",
        "started again",
        "started again and done",
        "deleted while it waits to start again",
        "never ran",
        "evicted before it ran",
        "deleted before it ran",
        "statuses are sorted by name, the sidecar first",
        "a sidecar that still ends holds nothing up",
    ],
)
def test_a_status_has_its_stage_start_and_end(
    given: dict[str, Any], stage: Stage, start: float | None, end: float | None
) -> None:
    """From the first start of the main container to its last end; a container that starts again has not ended."""
    told = read(given)
    assert told.stage is stage
    assert told.start == (None if start is None else Known(at(start)))
    assert told.end == (None if end is None else Known(at(end)))


def test_a_third_run_says_nothing_of_the_first() -> None:
    """Two runs are told of; where there were more, the start is the earliest that is certain, reconciled."""
    told = read(pod(container(running(30), terminated(20, 25, 1), 2)))
    assert told.start == Known(at(20), Source.reconciled)


@pytest.mark.parametrize(
    ("given", "end"),
    [
        (pod(container(running(5)), phase="Failed", disrupted=("DeletionByPodGC", 40), deleting=30), at(40)),
        (pod(container(running(5)), phase="Failed", deleting=30), at(30)),
        (
            pod(
                container(FORGOTTEN, terminated(5, 9, 1), 1),
                phase="Failed",
                disrupted=("TerminationByKubelet", 40),
            ),
            at(40),
        ),
    ],
    ids=["its machine was lost", "its machine was lost, nobody says when", "its machine forgot it"],
)
def test_a_pod_that_is_over_without_an_end_ends_when_it_was_given_up(given: dict[str, Any], end: datetime) -> None:
    """Then nobody saw it end: it is reconciled."""
    assert read(given).end == Known(end, Source.reconciled)


@pytest.mark.parametrize(
    ("given", "end"),
    [
        (pod(container(running(5))), Known(NOW, Source.reconciled)),
        (pod(container(running(5)), deleting=60), Known(at(60), Source.reconciled)),
        (pod(container(running(5)), deleting=5000), Known(NOW, Source.reconciled)),
        (pod(container(terminated(5, 9)), phase="Succeeded"), Known(at(9))),
        (pod(phase="Pending", scheduled=2), None),
    ],
    ids=["missed", "by its grace period", "before its grace period was over", "told before", "never ran"],
)
def test_what_is_gone_has_ended(given: dict[str, Any], end: Known | None) -> None:
    """What was told counts; else the end of its grace period, or the moment at which it was missed."""
    assert gone(read(given), NOW) == end


@pytest.mark.parametrize(
    ("given", "freed"),
    [
        (pod(container(running(5))), False),
        (pod(container(running(5)), deleting=990), False),
        (pod(container(running(5)), deleting=900), True),
        (pod(container(terminated(5, 9)), phase="Succeeded"), True),
        (pod(phase="Pending", deleting=1030), True),
        (pod(phase="Pending", scheduled=2, deleting=1030), False),
        (pod(phase="Pending", scheduled=2, deleting=900), True),
        (pod(phase="Failed", reason="Evicted"), True),
    ],
    ids=[
        "runs",
        "its machine may still tell",
        "its machine is lost",
        "done",
        "no machine had it",
        "a machine has it",
        "the machine that had it is lost",
        "evicted before it ran",
    ],
)
def test_a_pod_is_held_as_long_as_its_end_may_be_told(given: dict[str, Any], *, freed: bool) -> None:
    """A minute after its grace period its machine is taken for lost; without a machine there is nothing to tell."""
    assert free(read(given), NOW, 60) is freed


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (pod(phase="Pending", unschedulable="0/3 nodes are\n available"), "0/3 nodes are available"),
        (pod(container(waiting("ContainerCreating")), scheduled=2, phase="Pending"), ""),
        (
            pod(container(waiting("ErrImagePull", "not found")), scheduled=2, phase="Pending"),
            "ErrImagePull: not found",
        ),
        (pod(container(running(5))), ""),
        (pod(container(waiting("CrashLoopBackOff"), terminated(5, 9, 1), 1)), "CrashLoopBackOff"),
        (pod(container(terminated(5, 9)), phase="Succeeded"), "Completed"),
        (
            pod(container(terminated(5, 9, 137, "OOMKilled")), phase="Failed"),
            "OOMKilled: exit code 137",
        ),
        (
            pod(container(terminated(5, 9, 143)), phase="Failed", disrupted=("PreemptionByScheduler", 8)),
            "PreemptionByScheduler: Completed: exit code 143",
        ),
        (pod(phase="Failed", reason="Evicted", message="low on memory"), "Evicted: low on memory"),
    ],
    ids=["no machine", "pulls", "no image", "runs", "crashes", "done", "memory", "preempted", "evicted"],
)
def test_a_pod_says_why(given: dict[str, Any], why: str) -> None:
    """In the words of the API server, on one line."""
    assert read(given).why == why


def test_labels_say_whose_it_is() -> None:
    """A worker's unit has its pod's name; a server's is its lease; clusters and servers are named as elsewhere."""
    worker, server = read(pod(unit="worker")), read(pod(unit="server", user="alice", servername="lab"))
    scheduler = read(pod(unit="scheduler"))
    assert (worker.unit, worker.kind, worker.cluster) == ("l1-a-pod", UnitKind.worker, "jhub.c1")
    assert (server.unit, server.kind, server.server) == ("l1", UnitKind.server, "alice/lab")
    assert scheduler.unit == "l1-scheduler"
    assert read(pod(unit="else")).kind is None
    assert (worker.held, worker.created_at, worker.scheduled_at) == (True, BEGIN, None)


def test_times_are_read_as_they_are_written() -> None:
    """Whole seconds of UTC, and microseconds where a condition has them."""
    assert stamp(at(1.0)) == "2026-11-20T12:00:01Z"
    given = pod(scheduled=2)
    given["status"]["conditions"][0]["lastTransitionTime"] = "2026-11-20T12:00:02.500000Z"
    assert (
        read(given).scheduled_at
        == datetime(2026, 11, 20, 12, 0, 2, 500_000, tzinfo=UTC)
        == BEGIN + timedelta(seconds=2.5)
    )
