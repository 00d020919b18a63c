"""What every route shares: the one error shape, and that looking at cost does not count as work.

Authentication, XSRF and origin are checked by :class:`jupyter_server.base.handlers.APIHandler` before a verb runs.
"""

from http import HTTPStatus
from typing import Any, ClassVar

from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError

from hub_ext.contract.errors import ErrorBody, ErrorDetail, GatehouseError
from hub_ext.contract.model import Message
from hub_ext.contract.reasons import Reason

_REASONS = {400: Reason.invalid_request, 401: Reason.login_expired, 404: Reason.not_found, 405: Reason.invalid_request}
_SENTENCES = {
    401: "You logged out, or your session ended; log in again and repeat. Nothing was stopped.",
    404: "This notebook server has no such address. Reload the page; the panel may be older than the server.",
    405: "This address does not answer such a request. Reload the page; the panel may be older than the server.",
}


class GatehouseHandler(APIHandler):
    """The base of all routes."""

    auth_resource = "gatehouse"
    _track_activity: ClassVar[bool] = False  # an open panel must not keep an idle server alive

    def answer(self, message: Message) -> None:
        """Send a message as JSON."""
        self.finish(message.model_dump_json())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with the one JSON shape, whatever went wrong."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        self.set_header("Content-Type", "application/json")
        if isinstance(error, GatehouseError):
            body = error.body()
            self.set_status(error.status)
        else:
            body = ErrorBody(error=self._detail(status_code, error))
        self.finish(body.model_dump_json())

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log defects with their traceback, and what we raise on purpose with its one line."""
        if isinstance(value, GatehouseError):
            self.log.warning("gatehouse: %s %s: %s", self.request.method, self.request.path, value.line)
        else:
            super().log_exception(typ, value, tb)

    def _detail(self, status: int, error: BaseException | None) -> ErrorDetail:
        sentence = _SENTENCES.get(status)
        reason = _REASONS.get(status, Reason.service_unavailable)
        if status == 403:  # noqa: PLR2004 - Forbidden
            reason = Reason.forbidden if self.current_user else Reason.login_expired
            sentence = _SENTENCES[401] if reason is Reason.login_expired else None
        if sentence is None and isinstance(error, HTTPError) and status < 500:  # noqa: PLR2004 - ours, not a defect
            sentence = f"Refused by this notebook server: {error.log_message or HTTPStatus(status).phrase}"
        default = "This notebook server made a mistake; its log says which. Repeat, or reload the page."
        return ErrorDetail(status=status, reason=reason, message=sentence or default)
