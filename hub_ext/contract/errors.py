"""The error tree, and the one JSON shape in which an error crosses a door.

::

    GatehouseError              anything we raise on purpose; its text may reach a person
    +-- Refused                 a decision said no (409)
    +-- InvalidRequest          the request is malformed (422)
    +-- LoginExpired            the token is no longer valid: log in again (401)
    +-- Forbidden               the caller's scopes do not cover this (403)
    +-- NotFound                no such thing, or not the caller's to see (404)
    +-- Unavailable             a process we need does not answer (503)
    +-- PolicyMistakes          the policy file has mistakes, all of them listed (422)

Only the text of a :class:`GatehouseError` is shown to people; every other exception is a defect, is logged, and is
answered with a sentence that says nothing of its cause.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import ValidationError

from hub_ext.contract.model import Instant, Message
from hub_ext.contract.reasons import Reason


class ErrorDetail(Message):
    """What an error says, in every answer of every process."""

    status: int
    reason: Reason
    message: str
    """One line for a person: fact, cause, next step."""
    retry_at: Instant | None = None
    decision: str | None = None
    """Id of the recorded decision, to quote to an administrator."""


class ErrorBody(Message):
    """The one JSON error shape: ``{"error": {...}}``."""

    error: ErrorDetail


class GatehouseError(Exception):
    """Anything we raise on purpose. Its text is one line and may reach a person."""

    status: ClassVar[int] = 500
    reason: Reason = Reason.service_unavailable

    def __init__(
        self,
        message: str,
        *,
        reason: Reason | None = None,
        retry_at: Instant | None = None,
        decision: str | None = None,
    ) -> None:
        self.message = " ".join(message.split())
        if reason is not None:
            self.reason = reason
        self.retry_at = retry_at
        self.decision = decision
        super().__init__(self.message)

    @property
    def line(self) -> str:
        """The message with its code in brackets: what people read and quote."""
        return f"{self.message} [{self.reason.value}]"

    def body(self) -> ErrorBody:
        """Return the error as the one JSON shape."""
        return ErrorBody(
            error=ErrorDetail(
                status=self.status,
                reason=self.reason,
                message=self.message,
                retry_at=self.retry_at,
                decision=self.decision,
            )
        )


class Refused(GatehouseError):
    """A decision said no."""

    status = 409
    reason = Reason.quota_exceeded


class InvalidRequest(GatehouseError):
    """The request itself is malformed."""

    status = 422
    reason = Reason.invalid_request


class LoginExpired(GatehouseError):
    """The token is no longer valid."""

    status = 401
    reason = Reason.login_expired


class Forbidden(GatehouseError):
    """The caller's scopes do not cover this."""

    status = 403
    reason = Reason.forbidden


class NotFound(GatehouseError):
    """There is no such thing, or it is not the caller's to see."""

    status = 404
    reason = Reason.not_found


class Unavailable(GatehouseError):
    """A process we need does not answer."""

    status = 503
    reason = Reason.service_unavailable


class PolicyMistakes(GatehouseError):
    """The policy file has mistakes. ``mistakes`` lists them all, as ``path (line n): text``."""

    status = 422
    reason = Reason.invalid_request

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        count = len(mistakes)
        super().__init__(f"The policy has {count} mistake{'s' if count != 1 else ''}: " + "; ".join(mistakes))


_BY_STATUS: Mapping[int, type[GatehouseError]] = {
    kind.status: kind for kind in (Refused, InvalidRequest, LoginExpired, Forbidden, NotFound, Unavailable)
}


def error_from(status: int, body: Any) -> GatehouseError:
    """Rebuild the error that another process answered with; a foreign body becomes :class:`Unavailable`.

    Args:
        status: the HTTP status of the answer.
        body: the decoded JSON body, of whatever shape it came in.
    """
    try:
        detail = ErrorBody.model_validate(body).error
    except ValidationError:
        return Unavailable(f"Gatehouse answered {status} without saying why. What runs goes on; repeat in a minute.")
    kind = _BY_STATUS.get(status, Unavailable)
    return kind(detail.message, reason=detail.reason, retry_at=detail.retry_at, decision=detail.decision)
