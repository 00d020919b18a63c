"""When something that runs has to end."""

from datetime import UTC, datetime, timedelta

import pytest

from hub_ext.contract.admission import Kind
from hub_ext.contract.reasons import Reason
from hub_ext.policy.ending import Ending, Life, ending, warning
from tests.usage.samples import cluster_lease

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("idle", "lifetime", "age", "unused", "reason"),
    [
        (3600, 0, 2 * HOUR, HOUR, Reason.idle),
        (3600, 0, 2 * HOUR, HOUR - SECOND, None),
        (3600, 0, HOUR - SECOND, 9 * HOUR, None),
        (3600, 0, 9 * HOUR, None, None),
        (0, 0, 99 * HOUR, 99 * HOUR, None),
        (0, 3600, HOUR, SECOND, Reason.lifetime),
        (0, 3600, HOUR - SECOND, SECOND, None),
        (3600, 7200, 2 * HOUR, 2 * HOUR, Reason.lifetime),
    ],
    ids=[
        "unused for the idle time",
        "used a second ago too late",
        "an old sign of life counts from the start",
        "last use not known",
        "no limits",
        "lived its longest life",
        "a second of life left",
        "both over: the lifetime is told",
    ],
)
def test_an_end_has_its_reason(
    idle: int, lifetime: int, age: timedelta, unused: timedelta | None, reason: Reason | None
) -> None:
    """A server or cluster ends when its idle time or its lifetime is over, and not a second earlier."""
    lease = cluster_lease().model_copy(update={"idle_seconds": idle, "lifetime_seconds": lifetime})
    why = ending(lease, Life(NOW - age, None if unused is None else NOW - unused), now=NOW)

    assert (why.reason if why else None) == reason
    assert why is None or why.message.startswith("This cluster ")


@pytest.mark.parametrize(
    ("unheard", "reason"), [(timedelta(0), Reason.idle), (2 * HOUR, None)], ids=["told just now", "not told since"]
)
def test_silence_is_not_idleness(unheard: timedelta, reason: Reason | None) -> None:
    """After the service was away, what it was not told of does not count as time without use."""
    lease = cluster_lease().model_copy(update={"idle_seconds": 3600})
    why = ending(lease, Life(NOW - 9 * HOUR, NOW - 2 * HOUR, seen_at=NOW - unheard), now=NOW)
    assert (why.reason if why else None) == reason


@pytest.mark.parametrize(
    ("flagged", "server_ended", "reason"),
    [
        (True, timedelta(seconds=60), Reason.server_ended),
        (True, timedelta(seconds=59), None),
        (True, 2 * HOUR, None),
        (True, None, None),
        (False, HOUR, None),
    ],
    ids=["the grace is over", "a second of grace left", "ended before the cluster began", "one runs", "not flagged"],
)
def test_a_cluster_ends_with_its_persons_servers(
    *, flagged: bool, server_ended: timedelta | None, reason: Reason | None
) -> None:
    """Where the profile says so, a cluster outlives the last server of its owner by the grace and no longer."""
    lease = cluster_lease().model_copy(update={"stops_with_server": flagged})
    life = Life(NOW - HOUR - SECOND, server_ended_at=None if server_ended is None else NOW - server_ended)
    why = ending(lease, life, now=NOW, server_grace=timedelta(seconds=60))
    assert (why.reason if why else None) == reason


@pytest.mark.parametrize(
    ("no_client", "alone", "unheard", "reason"),
    [
        (600, 10 * MINUTE, 0 * SECOND, Reason.no_client),
        (600, 10 * MINUTE - SECOND, 0 * SECOND, None),
        (600, None, 0 * SECOND, None),
        (600, 9 * HOUR, HOUR, Reason.no_client),
        (600, 15 * MINUTE, 5 * MINUTE + SECOND, None),
        (0, 9 * HOUR, 0 * SECOND, None),
        (7200, 9 * HOUR, 0 * SECOND, None),
    ],
    ids=[
        "nobody for that long",
        "a second to go",
        "not known",
        "known to be over, then silence",
        "silence does not count",
        "need not have one",
        "never connected: from its start",
    ],
)
def test_a_cluster_that_nobody_is_connected_to_ends(
    no_client: int, alone: timedelta | None, unheard: timedelta, reason: Reason | None
) -> None:
    """Where the profile says so, it ends when nobody was connected for that long, as far as that is known."""
    lease = cluster_lease().model_copy(update={"no_client_seconds": no_client})
    connected_at = None if alone is None else NOW - alone
    life = Life(NOW - 2 * HOUR + SECOND, seen_at=NOW - unheard, connected_at=connected_at)
    why = ending(lease, life, now=NOW)
    assert (why.reason if why else None) == reason


@pytest.mark.parametrize(
    ("limits", "reason"),
    [({"idle_seconds": 3600}, Reason.idle), ({"lifetime_seconds": 3600}, Reason.lifetime)],
    ids=["idle", "lifetime"],
)
def test_a_connected_client_puts_no_other_end_off(limits: dict[str, int], reason: Reason) -> None:
    """The word of a scheduler can end its cluster and never keep it."""
    lease = cluster_lease().model_copy(
        update={"no_client_seconds": 600, "idle_seconds": 0, "lifetime_seconds": 0} | limits
    )
    why = ending(lease, Life(NOW - HOUR, NOW - HOUR, seen_at=NOW, connected_at=NOW), now=NOW)
    assert why is not None
    assert why.reason == reason


def test_an_end_for_want_of_a_client_is_announced() -> None:
    """Its owner reads how to keep it."""
    lease = cluster_lease().model_copy(update={"no_client_seconds": 1200, "idle_seconds": 0, "lifetime_seconds": 0})
    life = Life(NOW - HOUR, seen_at=NOW, connected_at=NOW - 15 * MINUTE)
    why = warning(lease, life, now=NOW, window=timedelta(minutes=10))
    text = "This cluster stops at 12:05 UTC if no client connects to it until then."
    assert why == Ending(Reason.no_client, text, NOW + 5 * MINUTE)


def _words(age: timedelta, unused: timedelta, *, unheard: timedelta = timedelta(0), idle: int, lifetime: int) -> str:
    lease = cluster_lease().model_copy(update={"idle_seconds": idle, "lifetime_seconds": lifetime})
    life = Life(NOW - age, NOW - unused, seen_at=NOW - unheard)
    why = warning(lease, life, now=NOW, window=timedelta(minutes=10))
    if why is None:
        return ""
    assert why.at is not None
    assert f"stops at {why.at:%H:%M} UTC" in why.message
    return f"{why.message} [{why.reason.value}]"


IDLE = "This cluster stops at {} UTC if it computes nothing until then. [idle]"
LIFETIME = (
    "This cluster stops at {} UTC: {} is the longest that its profile allows. "
    "Save what it holds, and start another. [lifetime]"
)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (_words(9 * HOUR, 50 * MINUTE, idle=3600, lifetime=0), IDLE.format("12:10")),
        (_words(9 * HOUR, 50 * MINUTE - SECOND, idle=3600, lifetime=0), ""),
        (_words(9 * HOUR, 15 * MINUTE, idle=1200, lifetime=0), IDLE.format("12:05")),
        (_words(9 * HOUR, 15 * MINUTE - SECOND, idle=1200, lifetime=0), ""),
        (_words(9 * HOUR, 55 * MINUTE, unheard=30 * MINUTE, idle=3600, lifetime=0), ""),
        (_words(2 * HOUR - 10 * MINUTE, SECOND, idle=0, lifetime=7200), LIFETIME.format("12:10", "2 h")),
        (_words(2 * HOUR - 5 * MINUTE, 52 * MINUTE, idle=3600, lifetime=7200), LIFETIME.format("12:05", "2 h")),
        (_words(2 * HOUR - 9 * MINUTE, 52 * MINUTE, idle=3600, lifetime=7200), IDLE.format("12:08")),
        (_words(HOUR, SECOND, idle=0, lifetime=0), ""),
    ],
    ids=[
        "ten minutes before",
        "a second earlier",
        "a quarter of a short time before",
        "a second before that",
        "silence does not count",
        "the longest life",
        "both: the nearer end, the lifetime's",
        "both: the nearer end, the idle time's",
        "no limits",
    ],
)
def test_an_end_is_announced(told: str, words: str) -> None:
    """From ten minutes before an end, its owner reads when it comes and how to go on."""
    assert told == words


def test_a_server_is_kept_by_using_it() -> None:
    """What keeps a server differs from what keeps a cluster, and the sentence says so."""
    lease = cluster_lease().model_copy(update={"idle_seconds": 60, "kind": Kind.server})
    why = warning(lease, Life(NOW - HOUR, NOW - 50 * SECOND), now=NOW, window=HOUR)
    assert why is not None
    assert why.message == "This server stops at 12:00 UTC if nobody uses it."
