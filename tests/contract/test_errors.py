"""Every error crosses a door in one shape and comes out as what went in."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from hub_ext.contract import errors
from hub_ext.contract.errors import ErrorBody, GatehouseError, PolicyMistakes, error_from
from hub_ext.contract.reasons import Reason


def subclasses(kind: type[GatehouseError]) -> Iterator[type[GatehouseError]]:
    """Yield every error of the tree below one."""
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


KINDS = [kind for kind in subclasses(GatehouseError) if kind.__module__ == errors.__name__]
PLAIN = [kind for kind in KINDS if kind is not PolicyMistakes]


@pytest.mark.parametrize("kind", PLAIN, ids=lambda kind: kind.__name__)
def test_error_comes_back_as_itself(kind: type[GatehouseError]) -> None:
    """An error, sent as JSON and rebuilt, has the same class, text, code, time and decision."""
    retry_at = datetime(2026, 11, 20, 14, 18, tzinfo=UTC)
    sent = kind("Fact, cause, next step.", reason=Reason.blocked, retry_at=retry_at, decision="d-1")
    back = error_from(sent.status, sent.body().model_dump(mode="json"))
    assert type(back) is kind
    assert (back.message, back.reason, back.retry_at, back.decision) == (sent.message, Reason.blocked, retry_at, "d-1")


def test_mistakes_come_back_as_invalid_request() -> None:
    """A policy's mistakes come back as a malformed request whose text holds them all."""
    sent = PolicyMistakes(("a (line 1): x", "b (line 2): y"))
    back = error_from(sent.status, sent.body().model_dump(mode="json"))
    assert type(back) is errors.InvalidRequest
    assert back.message == "The policy has 2 mistakes: a (line 1): x; b (line 2): y"


def test_one_mistake_is_singular() -> None:
    """One mistake is called one."""
    assert PolicyMistakes(("a (line 1): x",)).message == "The policy has 1 mistake: a (line 1): x"


@pytest.mark.parametrize("kind", PLAIN, ids=lambda kind: kind.__name__)
def test_statuses_are_distinct(kind: type[GatehouseError]) -> None:
    """No two errors that cross a door share a status, so that the status alone tells them apart."""
    assert [other for other in PLAIN if other.status == kind.status] == [kind]


@pytest.mark.parametrize(
    "body",
    [None, "Bad gateway", [], {}, {"error": {}}, {"error": {"status": 409, "reason": "new_code", "message": "x"}}],
    ids=repr,
)
def test_foreign_body_means_unavailable(body: object) -> None:
    """An answer of another shape, such as a proxy's, means that the process does not answer."""
    back = error_from(502, body)
    assert type(back) is errors.Unavailable
    assert "502" in back.message


def test_unknown_status_means_unavailable() -> None:
    """Our shape with a status of nobody's means that the process does not answer; its text is kept."""
    body = ErrorBody.model_validate({"error": {"status": 418, "reason": "blocked", "message": "Tea."}})
    back = error_from(418, body.model_dump(mode="json"))
    assert (type(back), back.message) == (errors.Unavailable, "Tea.")


def test_line_ends_with_the_code() -> None:
    """What people read and quote is one line that ends with the code in brackets."""
    error = errors.Refused("Not started:\n  Research is  full.", reason=Reason.quota_exceeded)
    assert error.line == "Not started: Research is full. [quota_exceeded]"


def test_reason_of_an_instance_stays_its_own() -> None:
    """A code given to one error does not change its class."""
    errors.Refused("x", reason=Reason.idle)
    assert errors.Refused("y").reason is Reason.quota_exceeded


def test_tree_is_drawn_completely() -> None:
    """The picture on top of the file names every error."""
    assert errors.__doc__ is not None
    assert [kind.__name__ for kind in KINDS if f"+-- {kind.__name__} " not in errors.__doc__] == []
