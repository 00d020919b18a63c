"""The outbox: a line on disk."""

from pathlib import Path

import pytest

from hub_ext.outbox import Outbox


@pytest.fixture(params=["disk", "memory"])
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Where messages wait."""
    return tmp_path / "box" if request.param == "disk" else None


def test_the_oldest_comes_first(directory: Path | None) -> None:
    """Messages leave in the order in which they came."""
    box = Outbox(directory)
    for text in ("a", "b", "c"):
        box.put(text)

    assert [text for _, text in box.first(2)] == ["a", "b"]
    box.remove(box.first(1)[0][0])
    assert [text for _, text in box.first(9)] == ["b", "c"]


def test_a_later_process_finds_what_was_left(tmp_path: Path) -> None:
    """What waits on disk is there again, in its order, and new messages go behind it."""
    first = Outbox(tmp_path)
    for number in range(12):
        first.put(str(number))
    again = Outbox(tmp_path)
    again.put("new")

    assert [text for _, text in again.first(99)] == [*map(str, range(12)), "new"]


def test_a_message_that_was_being_written_is_not_there(tmp_path: Path) -> None:
    """A file left half-written by a kill is dropped, not sent."""
    (tmp_path / "000000000007.tmp").write_text("hal")

    assert len(Outbox(tmp_path)) == 0
    assert list(tmp_path.iterdir()) == []


def test_beyond_the_limit_the_oldest_is_dropped_and_counted(directory: Path | None) -> None:
    """A full outbox keeps the newest messages and says how many it lost."""
    box = Outbox(directory, limit=2)
    for text in ("a", "b", "c"):
        box.put(text)

    assert [text for _, text in box.first(9)] == ["b", "c"]
    assert box.dropped == 1
