"""What people read about their pods."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from hub_ext.pods import telling
from hub_ext.pods.facts import Stage
from tests.pods.samples import at

NOW, MADE, SEEN = at(100), at(40), at(90)


@dataclass(frozen=True)
class Row:
    """One pod."""

    kind: str
    stage: Stage
    why: str = ""
    created_at: datetime = MADE
    scheduled_at: datetime | None = None
    seen_at: datetime = SEEN


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([], ""),
        ([Row("server", Stage.pending)], "Waiting for a machine for 60 s."),
        ([Row("server", Stage.pending, "0/3 nodes fit")], "Waiting for a machine for 60 s: 0/3 nodes fit"),
        ([Row("scheduler", Stage.pulling, scheduled_at=at(70))], "Pulling the image for 30 s."),
        (
            [Row("scheduler", Stage.pulling, "ErrImagePull: no", scheduled_at=at(70))],
            "Pulling the image for 30 s: ErrImagePull: no",
        ),
        ([Row("server", Stage.running)], ""),
        ([Row("worker", Stage.pending)], ""),
    ],
    ids=["no pod", "no machine", "why not", "image", "why no image", "runs", "only a worker"],
)
def test_what_starts_says_what_it_waits_for(rows: list[Row], text: str) -> None:
    """For how long, and why."""
    assert telling.starting(rows, NOW) == text


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([Row("scheduler", Stage.pending)], ""),
        ([Row("worker", Stage.running)], ""),
        ([Row("worker", Stage.pending)], "1 worker waiting for a machine for 60 s."),
        (
            [Row("worker", Stage.pending, "no room"), Row("worker", Stage.pending, created_at=at(80))],
            "2 workers waiting for a machine for 60 s: no room",
        ),
        ([Row("worker", Stage.pulling)], "1 worker waiting for the image for 60 s."),
        ([Row("worker", Stage.ended, "Error: exit code 1")], ""),
        (
            [Row("worker", Stage.ended, "OOMKilled: exit code 137")],
            "A worker ended: it used more memory than it has; start it with more, or use less (OOMKilled).",
        ),
        ([Row("worker", Stage.ended, "OOMKilled", seen_at=at(-600))], ""),
    ],
    ids=["not of workers", "runs", "no machine", "two", "image", "its own doing", "memory", "long ago"],
)
def test_a_cluster_says_what_its_workers_wait_for(rows: list[Row], text: str) -> None:
    """Or why one ended a moment ago that should not have."""
    assert telling.running(rows, NOW) == text


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("Completed", ""),
        ("Error: exit code 143", ""),
        (
            "DeletionByTaintManager: Error: exit code 137",
            "Its pod ended: its machine was lost or taken back (DeletionByTaintManager).",
        ),
        (
            "Evicted: low on memory",
            "Its pod ended: its machine ran short of memory or disk and evicted it (Evicted).",
        ),
    ],
)
def test_what_ended_by_itself_says_why(why: str, text: str) -> None:
    """Where it was not its owner's doing."""
    assert telling.ended([Row("server", Stage.ended, why)]) == text
