"""Who is this token: the hub's answer, as a :class:`GatehouseUser` with name, groups and scopes.

``c.DaskGateway.authenticator_class = "hub_ext.cluster.GatehouseGatewayAuthenticator"``
"""

import json
from typing import Any

import aiohttp
from aiohttp import web
from dask_gateway_server.auth import JupyterHubAuthenticator, unauthorized
from traitlets import Float, Integer, default

from hub_ext.cluster import answers
from hub_ext.cluster.tokens import TokenCache
from hub_ext.cluster.user import GatehouseUser
from hub_ext.contract.paths import GATEWAY_SERVICE_NAME, access_scope

_EXPIRED = frozenset({401, 403, 404})
"""What the hub answers about a token that is expired, revoked or invented, or whose person is gone."""


class GatehouseGatewayAuthenticator(JupyterHubAuthenticator):
    """Recognises people by their JupyterHub token, by nothing else: no cookie, no identity kept under a name.

    =====================  ==========================================================
    token                  answer
    =====================  ==========================================================
    none                   401, which makes the client send it
    expired or invented    401 ``login_expired``
    without access scope   403 ``forbidden``
    any, and the hub away  503 ``service_unavailable``, unless it was known just now
    =====================  ==========================================================
    """

    cache_max_age = Integer(
        15,
        min=0,
        help="""
        Seconds for which the hub's answer about a token is used again.

        So long at most a person keeps a group that they were removed from, and a revoked token works.
        0 asks the hub for every request.
        """,
    ).tag(config=True)

    cache_max_size = Integer(
        4096,
        min=1,
        help="How many tokens are remembered at once; the oldest are forgotten first.",
    ).tag(config=True)

    hub_timeout = Float(
        5.0,
        min=0.1,
        help="Seconds to wait for the hub before a request is answered with 503.",
    ).tag(config=True)

    @default("jupyterhub_service_name")
    def _service_name_default(self) -> str:
        return GATEWAY_SERVICE_NAME

    async def setup(self, app: web.Application) -> None:
        """Open the connection to the hub. Called by the gateway at its start."""
        await super().setup(app)
        answers.install(app)
        self.tokens = TokenCache(self.cache_max_age, self.cache_max_size)

    async def authenticate_and_handle(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Recognise the caller and let the route answer. Called by the gateway's routes."""
        user = (await self.authenticate(request)).for_request()
        request["user"] = user
        response: web.StreamResponse = await handler(request)
        return _without_keys(response) if user.acted_as_operator else response

    async def authenticate(self, request: web.Request) -> GatehouseUser:
        """Return whose token the request carries.

        Raises:
            HTTPUnauthorized: there is none.
            LoginExpired: the hub no longer knows it.
            Forbidden: it does not cover this service.
            Unavailable: the hub does not answer.
        """
        token = self.get_token(request)
        if not token:
            raise unauthorized("jupyterhub")
        user = self.tokens.get(token)
        if user is None:
            user = self._recognised(await self._ask_hub(token))
            self.tokens.put(token, user)
        return user

    async def _ask_hub(self, token: str) -> dict[str, Any]:
        try:
            async with self.session.get(
                f"{self.jupyterhub_api_url.rstrip('/')}/user",
                headers={"Authorization": f"token {token}"},
                ssl=self.ssl_context or True,
                timeout=aiohttp.ClientTimeout(total=self.hub_timeout),
            ) as response:
                if response.status in _EXPIRED:
                    raise answers.login_expired()
                if response.status != web.HTTPOk.status_code:
                    raise answers.hub_away()
                answer = await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            self.log.warning("The hub does not say who a token belongs to: %r", error)
            raise answers.hub_away() from error
        if not isinstance(answer, dict) or "name" not in answer or "kind" not in answer:
            raise answers.hub_away()
        return answer

    def _recognised(self, model: dict[str, Any]) -> GatehouseUser:
        scopes = frozenset(model.get("scopes", ()))
        needed = {"access:services", access_scope(self.jupyterhub_service_name)}
        if self.use_service_access_scopes and not needed & scopes:
            raise answers.no_access()
        name = model["name"]
        if model["kind"] != "user" or ":" in name:  # as the stock class: a person is never taken for a service
            name = f"{model['kind']}:{name}"
        return GatehouseUser(name, groups=model.get("groups", ()), scopes=scopes)


def _without_keys(response: web.StreamResponse) -> web.StreamResponse:
    """Take the TLS key of somebody else's cluster out of an answer: who holds it is that cluster's owner."""
    if not isinstance(response, web.Response) or response.content_type != "application/json" or not response.body:
        return response
    model = json.loads(response.text or "null")
    if isinstance(model, dict):
        model.update({key: None for key in ("tls_cert", "tls_key") if key in model})
    return web.json_response(model, status=response.status)
