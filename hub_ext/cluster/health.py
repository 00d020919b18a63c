"""The gateway's health, with what else an operator must know: how ends are known, and whether reports wait."""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

_PATH = "/api/health"


def install(app: web.Application, told: Callable[[], dict[str, Any]]) -> None:
    """Let the application's answer to ``GET /api/health`` say more.

    Args:
        app: the gateway's.
        told: returns what is added; nothing secret, because everybody may ask.
    """

    @web.middleware
    async def tell_more(request: web.Request, handler: Any) -> web.StreamResponse:
        response: web.StreamResponse = await handler(request)
        if request.path != _PATH or not isinstance(response, web.Response) or response.text is None:
            return response
        return web.json_response({**json.loads(response.text), **told()}, status=response.status)

    app.middlewares.append(tell_more)
