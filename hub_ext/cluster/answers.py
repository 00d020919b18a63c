"""How an error leaves the gateway so that its text reaches a person.

The gateway's own client shows the text of a 404, 409, 422 or 500, but of every other error only the status line and
the address: ``401, message='Unauthorized', url='...'``; the reason phrase is lost in the proxies. So where that client
would hide the text, it is sent on to an address that says it, and gets the true status there. Every other client gets
status and text at once.
"""

import logging
import re
from typing import Any

from aiohttp import web

from hub_ext.contract.errors import Forbidden, GatehouseError, InvalidRequest, LoginExpired, Unavailable
from hub_ext.contract.reasons import Reason

log = logging.getLogger(__name__)

_SENTENCES: dict[Reason, str] = {
    Reason.login_expired: "Your login has expired; log in again and repeat. Nothing was stopped.",
    Reason.service_unavailable: "JupyterHub or Gatehouse does not answer. What runs goes on. Repeat in a minute.",
    Reason.forbidden: (
        "This token may not use Dask Gateway: it lacks the scope access:services!service=dask-gateway. "
        "Use the token of your notebook server, or ask your platform team."
    ),
}
_EXPLAINED: dict[Reason, type[GatehouseError]] = {
    Reason.login_expired: LoginExpired,
    Reason.service_unavailable: Unavailable,
    Reason.forbidden: Forbidden,
}
_DEFECT = "The gateway could not do this; its log says why. What runs goes on. Tell your platform team."

_SHOWN_BY_CLIENT = frozenset({404, 409, 422, 500})
_EXPLAIN = "/api/refused/{reason}/{text:.*}"


def login_expired() -> LoginExpired:
    """Return the error for a token that the hub no longer knows."""
    return LoginExpired(_SENTENCES[Reason.login_expired])


def hub_away() -> Unavailable:
    """Return the error for a hub that does not answer."""
    return Unavailable(
        "JupyterHub does not answer, so nobody can be recognised. What runs goes on. Repeat in a minute."
    )


def no_access() -> Forbidden:
    """Return the error for a token that does not cover the gateway."""
    return Forbidden(_SENTENCES[Reason.forbidden])


def install(app: web.Application) -> None:
    """Make the gateway application answer our errors; doing it twice changes nothing."""
    if answer_errors in app.middlewares:
        return
    app.middlewares.insert(0, answer_errors)
    app.router.add_route("*", _EXPLAIN, _explained)


@web.middleware
async def answer_errors(request: web.Request, handler: Any) -> web.StreamResponse:
    """Turn our errors into answers, and a defect into a sentence that says nothing of its cause."""
    try:
        _refuse_malformed(request)
        await _refuse_shapeless(request)
        response: web.StreamResponse = await handler(request)
    except GatehouseError as error:
        return _answer(request, error)
    except web.HTTPException:
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return web.json_response({"error": _DEFECT}, status=500)
    return response


def body(error: GatehouseError) -> dict[str, Any]:
    """Return the gateway's own error shape (``error`` is a text), with the details beside it."""
    return {"error": error.line, "detail": error.body().error.model_dump(mode="json")}


def _refuse_malformed(request: web.Request) -> None:
    """The stock routes split this header at a space that may not be there."""
    header = request.headers.get("Authorization")
    if header is not None and " " not in header.strip():
        raise login_expired()


async def _refuse_shapeless(request: web.Request) -> None:
    """The stock routes take every body for a JSON object."""
    if request.method != "POST" or not request.path.startswith("/api/v1/"):
        return
    try:
        told = await request.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise InvalidRequest("The request must be a JSON object.")


def _answer(request: web.Request, error: GatehouseError) -> web.Response:
    if error.status not in _SHOWN_BY_CLIENT and error.reason in _EXPLAINED and _hides_texts(request):
        return web.Response(status=307, headers={"Location": _address(request, error)})
    headers = {"WWW-Authenticate": "jupyterhub"} if error.status == LoginExpired.status else None
    return web.json_response(body(error), status=error.status, headers=headers)


def _hides_texts(request: web.Request) -> bool:
    """Whether this is the gateway's client: it is aiohttp, and it repeats a request with its token."""
    return "aiohttp" in request.headers.get("User-Agent", "") and "Authorization" in request.headers


def _address(request: web.Request, error: GatehouseError) -> str:
    """Return the explaining address relative to the request's, since proxies may have added a prefix to it."""
    text = re.sub(r"[^A-Za-z0-9.,;:]+", "-", error.message).strip("-")
    return "../" * (request.path.count("/") - 1) + f"api/refused/{error.reason.value}/{text}"


async def _explained(request: web.Request) -> web.Response:
    """Answer with the status that the reason stands for; the text in the address is for reading only."""
    try:
        reason = Reason(request.match_info["reason"])
        error = _EXPLAINED[reason](_SENTENCES[reason])
    except (ValueError, KeyError):
        raise web.HTTPNotFound from None
    return web.json_response(body(error), status=error.status)
