"""What the gateway says beside a successful answer: the warning a person sees after ``cluster.scale(40)``.

The client warns with ``msg`` when ``ok`` is false. The stock gateway uses that for the profile's own bound; we use it
to say why a cluster gets fewer workers than it wants now, while the wish stands.
"""

import json
from contextvars import ContextVar
from typing import Any

from aiohttp import web

from hub_ext.cluster.heartbeat import whole
from hub_ext.contract.errors import InvalidRequest

_notices: ContextVar[list[str] | None] = ContextVar("gatehouse_notices", default=None)


def notice(text: str) -> None:
    """Add a line for the person to the answer that is being made."""
    collected = _notices.get()
    if collected is not None:
        collected.append(text)


def install(app: web.Application) -> None:
    """Make the gateway application check what scale and adapt ask, and add notices to what they answer.

    Needs :func:`answers.install` before it, which lets only JSON objects through.
    """
    app.middlewares.append(check_and_notice)


@web.middleware
async def check_and_notice(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse numbers that are none before the stock routes compare them; add the notices to the answer."""
    verb = request.path.rpartition("/")[2]
    if request.method != "POST" or verb not in {"scale", "adapt"}:
        return await handler(request)
    _check(await request.json(), verb)
    collected: list[str] = []
    token = _notices.set(collected)
    try:
        response: web.StreamResponse = await handler(request)
    finally:
        _notices.reset(token)
    return _with_notices(response, collected)


def _check(body: dict[str, Any], verb: str) -> None:
    if verb == "scale":
        whole(body.get("count"), "count")
        return
    for key in ("minimum", "maximum"):
        if body.get(key) is not None:
            whole(body[key], key)
    if not isinstance(body.get("active", True), bool):
        raise InvalidRequest("active must be true or false.")


def _with_notices(response: web.StreamResponse, collected: list[str]) -> web.StreamResponse:
    if not collected or not isinstance(response, web.Response) or response.status != web.HTTPOk.status_code:
        return response
    stock = json.loads(response.text or "{}").get("msg")
    lines = [stock, *collected] if stock else collected
    return web.json_response({"ok": False, "msg": " ".join(lines)})
