"""Who is calling: a hub token in the header, or a person's OAuth cookie from one of our own pages.

The hub says who a token belongs to and which scopes it has; its answer is kept for a few seconds. Rights are scopes,
never ``User.admin``. A request with a cookie must also carry the XSRF token, as every page of a hub service does.
"""

import json
from dataclasses import dataclass
from typing import Any

from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from tornado.web import HTTPError, RequestHandler

from hub_ext.contract.errors import (
    ErrorBody,
    ErrorDetail,
    Forbidden,
    GatehouseError,
    InvalidRequest,
    LoginExpired,
    NotFound,
    Unavailable,
)
from hub_ext.contract.identity import Identity, normalise_group
from hub_ext.contract.reasons import Reason

LOGIN_AGAIN = "Your login has expired; log in again and repeat. Nothing was stopped."
HUB_AWAY = "The hub is not answering, so nobody can be identified. What runs goes on. Repeat in a minute."


@dataclass(frozen=True)
class Person:
    """Who is calling, and what they may do."""

    name: str
    groups: tuple[str, ...]
    scopes: frozenset[str]
    kind: str

    @property
    def identity(self) -> Identity:
        """The same as a message."""
        return Identity(name=self.name, groups=self.groups)

    def may(self, scope: str) -> bool:
        """Say whether the caller holds the scope."""
        return scope in self.scopes


def person_from(model: dict[str, Any]) -> Person:
    """Read the hub's model of a user or service."""
    groups = []
    for name in model.get("groups") or ():
        try:
            groups.append(normalise_group(str(name)))
        except ValueError:
            continue
    return Person(model["name"], tuple(groups), frozenset(model.get("scopes", ())), model.get("kind", "user"))


class _HubHandler(HubOAuthenticated, RequestHandler):
    """Identifies the caller without blocking the loop."""

    async def identify(self) -> Person | None:
        """Return who is calling; None without a valid login.

        Raises:
            Unavailable: the hub does not answer.
            Forbidden: the login is valid, but is not let into this service.
        """
        try:
            model = await self.hub_auth.get_user(self, sync=False)
        except HTTPError as error:
            if error.status_code >= 500:  # noqa: PLR2004 - HTTP: not the caller's fault
                raise Unavailable(HUB_AWAY) from error
            raise
        if not model:
            self._hub_auth_user_cache = None
            return None
        if not self.hub_auth.check_scopes(self.hub_auth.access_scopes, model):
            raise Forbidden("This token is not allowed to reach Gatehouse; it lacks access:services!service=gatehouse.")
        self._hub_auth_user_cache = model
        return person_from(model)


class PersonHandler(_HubHandler):
    """A page for a person; without a login it leads to the hub's login."""

    current_person: Person

    async def prepare(self) -> None:
        """Find out who is calling, or lead them to the login."""
        try:
            person = await self.identify()
        except GatehouseError as error:
            raise HTTPError(error.status, error.line, reason=error.line) from error
        if person is None:
            self.redirect(self.get_login_url())
            return
        self.current_person = person


class ApiHandler(_HubHandler):
    """A JSON door: one error shape, no redirects."""

    current_person: Person
    open_to_everybody = False

    async def prepare(self) -> None:
        """Find out who is calling, or refuse."""
        if self.open_to_everybody:
            return
        person = await self.identify()
        if person is None:
            raise LoginExpired(LOGIN_AGAIN)
        self.check_xsrf_cookie()  # a token in the header needs none; a cookie does
        self.current_person = person

    def need(self, scope: str) -> None:
        """Go on only with this scope.

        Raises:
            Forbidden: the caller does not hold it.
        """
        if not self.current_person.may(scope):
            raise Forbidden(f"This needs the scope {scope}, which {self.current_person.name} does not hold.")

    def json_body(self) -> Any:
        """Return the request's JSON.

        Raises:
            InvalidRequest: the body is not JSON.
        """
        try:
            return json.loads(self.request.body)
        except (ValueError, RecursionError) as error:
            raise InvalidRequest("The body is not JSON.") from error

    def answer(self, text: str) -> None:
        """Send JSON."""
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(text)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer every error in the one shape; a defect says nothing of its cause."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        body = _body(status_code, error)
        self.set_status(body.error.status)
        self.answer(body.model_dump_json())

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log defects; an error that we raised on purpose is an answer, not a defect."""
        if not isinstance(value, GatehouseError):
            super().log_exception(typ, value, tb)


def _body(status: int, error: BaseException | None) -> ErrorBody:
    if isinstance(error, GatehouseError):
        return error.body()
    if isinstance(error, HTTPError) and status < 500:  # noqa: PLR2004 - HTTP: the caller's fault
        known = {401: LoginExpired, 403: Forbidden, 404: NotFound}.get(status, InvalidRequest)
        message = error.log_message or error.reason or "The request is not understood."
        detail = known(message).body().error
        return ErrorBody(error=detail.model_copy(update={"status": status}))
    if status == 404:  # noqa: PLR2004 - HTTP: no such path
        return NotFound("There is no such path in this API.").body()
    message = "Something failed inside Gatehouse; it has been logged. What runs goes on."
    return ErrorBody(error=ErrorDetail(status=status, reason=Reason.service_unavailable, message=message))


def reason_of(status: int, error: BaseException | None) -> Reason:
    """Return the code with which an error is answered."""
    return _body(status, error).error.reason


__all__ = ["ApiHandler", "HubOAuthCallbackHandler", "Person", "PersonHandler", "person_from", "reason_of"]
