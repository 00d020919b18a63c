"""The authenticator: OpenID Connect from an issuer, a client id and a secret, with the groups of the policy.

oauthenticator's ``GenericOAuthenticator`` does the protocol; ours adds discovery, the groups in their one spelling, and
the question whether the policy knows the person, at login and every time the hub refreshes a session.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.oauth2 import OAuthLoginHandler
from tornado import web
from tornado.httpclient import HTTPClientError
from traitlets import Enum, Integer, List, TraitError, Unicode, Union, default, validate

from hub_ext.client import ServiceClient, shared_client
from hub_ext.contract.errors import GatehouseError, InvalidRequest, Unavailable
from hub_ext.contract.identity import Identity
from hub_ext.contract.offers import Offers
from hub_ext.identity.claims import groups_from, name_from
from hub_ext.identity.discovery import NO_ANSWER, Endpoints, check_address, discover
from hub_ext.identity.pages import login_problem_error, no_group_error
from hub_ext.settings import GatehouseSettings


class GatehouseLoginHandler(OAuthLoginHandler):
    """Sends the browser to the identity provider; says so, when it is away."""

    async def get(self) -> None:
        """Redirect to the provider's login page. Called by a click on "Sign in"."""
        try:
            await self.authenticator.endpoints()
        except GatehouseError as error:
            self.log.warning("Nobody can log in: %s", error.line)
            raise self.authenticator.login_problem(error) from error
        super().get()


class GatehouseOIDCAuthenticator(GenericOAuthenticator):
    """Log in with any OpenID Connect provider; groups come from its claims, admission from the policy.

    Needs :attr:`issuer`, ``client_id``, ``client_secret`` and ``oauth_callback_url``. The endpoints are discovered when
    the first person logs in, so that the provider may start later than the hub.

    =====================================  ========  ==================================================================
    person                                 let in    because
    =====================================  ========  ==================================================================
    in a group of the policy               yes       the policy decides what may start
    in a group of ``administrators``       yes       rights come from that entry, not from the hub's admin flag
    in neither                             no        a page says which groups came, and whom to ask
    named by the hub's own configuration   yes       ``allow_all``, ``allowed_users`` and their like; starts nothing
    anybody, while the service is away     yes       nothing can start then, and running work must stay reachable
    =====================================  ========  ==================================================================
    """

    login_handler = GatehouseLoginHandler
    scope: list[str]

    issuer = Unicode(
        help="""
        Address of the identity provider, exactly as it calls itself: ``https://sso.example.org/realms/company``.

        Everything else is discovered from ``ISSUER/.well-known/openid-configuration``. Must be https, except on this
        very machine.
        """,
    ).tag(config=True)

    @validate("issuer")
    def _issuer_is_safe(self, proposal: dict[str, Any]) -> str:
        try:
            return check_address(proposal["value"], "issuer")
        except InvalidRequest as error:
            raise TraitError(error.message) from error

    groups_claim = Union(
        [Unicode(), List(Unicode())],
        default_value="groups",
        help="""
        Where the groups are in what the userinfo endpoint answers.

        A claim (``groups``), a claim inside a claim (``realm_access.roles``), a claim whose name has dots
        (``https://example.org/groups``), or a list with each step. The claim may be absent: no groups.
        """,
    ).tag(config=True)

    username_claim = Unicode(
        "preferred_username",
        help="""
        The claim that becomes the name at the hub.

        ``preferred_username`` reads well, but a provider may let people change it, and then a name can change hands.
        Where that is so, use ``sub``, which never does (OpenID Connect Core 1.0, section 5.7).
        """,
    ).tag(config=True)

    username_fallback_claim = Unicode(
        "sub",
        help="The claim that is used where the provider sends no :attr:`username_claim`; empty: such a login fails.",
    ).tag(config=True)

    client_authentication = Enum(
        ["discover", "basic", "post"],
        default_value="discover",
        help="""
        How the hub proves itself to the token endpoint: ``basic`` (``client_secret_basic``), ``post``
        (``client_secret_post``), or ``discover``: basic, unless the provider accepts only post.

        Name it, if your provider accepts both in general but only one for this client.
        """,
    ).tag(config=True)

    outage_grace = Integer(
        3600,
        help="""
        Seconds for which a session goes on while the identity provider does not answer.

        Groups cannot change in that time. Afterwards people log in again, which needs the provider.
        """,
    ).tag(config=True)

    @default("enable_auth_state")
    def _enable_auth_state_default(self) -> bool:
        return True  # the access token is what a refresh asks with

    @default("manage_groups")
    def _manage_groups_default(self) -> bool:
        return True

    @default("any_allow_config")
    def _any_allow_config_default(self) -> bool:
        return True  # the policy is the allow config

    @default("login_service")
    def _login_service_default(self) -> str:
        return "your organisation"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._endpoints: Endpoints | None = None
        self._discovering = asyncio.Lock()
        self._scope_is_configured = bool(self.scope)
        self._confirmed: dict[str, float] = {}
        self._hub_prefix = "/hub/"

    @property
    def client(self) -> ServiceClient:
        """The hub's one client of the Gatehouse service."""
        return shared_client(GatehouseSettings(parent=self))

    def get_handlers(self, app: Any) -> list[tuple[str, Any]]:
        """Return the login routes. Called once, when the hub starts."""
        self._hub_prefix = app.hub_prefix
        self.client.resume()
        return super().get_handlers(app)

    def login_problem(self, error: GatehouseError) -> web.HTTPError:
        """Return the page for a login that could not take place."""
        return login_problem_error(error, self.login_url(self._hub_prefix))

    # -- the provider ------------------------------------------------------------------------------------------------

    async def endpoints(self) -> Endpoints:
        """Discover the provider, once, and configure the OAuth client with what it says.

        Raises:
            Unavailable: it does not answer; the next call asks again.
            InvalidRequest: what it answers cannot be used.

        Called by the login page, by :meth:`authenticate` and by :meth:`refresh_user`.
        """
        async with self._discovering:
            if self._endpoints is None:
                found = await discover(self.issuer, self._fetch)
                self.authorize_url, self.token_url = found.authorize_url, found.token_url
                self.userdata_url = found.userdata_url
                self.basic_auth = {"basic": True, "post": False}.get(self.client_authentication, found.basic_auth)
                if not self._scope_is_configured:
                    self.scope = list(found.scopes)
                self._endpoints = found
        return self._endpoints

    async def authenticate(self, handler: Any, data: Any = None) -> Any:
        """Turn the provider's answer into who the person is. Called when the browser comes back from the login page."""
        try:
            return await self._asking(lambda: super(GatehouseOIDCAuthenticator, self).authenticate(handler, data))
        except GatehouseError as error:
            self.log.warning("A login failed: %s", error.line)
            raise self.login_problem(error) from error

    def user_info_to_username(self, user_info: Mapping[str, Any]) -> str:
        """Return the name at the hub. Called by ``_token_to_auth_model``."""
        name = name_from(user_info, self.username_claim, self.username_fallback_claim)
        if name is None:
            claims = " or ".join(filter(None, (self.username_claim, self.username_fallback_claim)))
            raise self.login_problem(InvalidRequest(f"The login service sent no {claims}, so you have no name here."))
        return name

    async def get_user_groups(self, auth_state: Mapping[str, Any]) -> set[str]:
        """Return the groups in their one spelling. Called by ``_apply_managed_groups``."""
        return set(groups_from(auth_state[self.user_auth_state_key], self.groups_claim))

    async def _asking(self, question: Callable[[], Awaitable[Any]]) -> Any:
        """Ask the provider; tell one that is away (503) from one that refuses this hub."""
        await self.endpoints()
        try:
            return await question()
        except HTTPClientError as error:
            if 400 <= error.code < 500:  # noqa: PLR2004 - HTTP: it understood and refuses
                raise InvalidRequest(
                    f"The login service at {self.issuer} refused this login with {error.code}. If nobody can log in, "
                    "the hub's client id, secret or callback address is wrong."
                ) from error
            failed = "does not answer" if error.code == NO_ANSWER else f"failed with {error.code}"
            raise Unavailable(f"The login service at {self.issuer} {failed}. Repeat in a minute.") from error
        except OSError as error:
            raise Unavailable(f"The login service at {self.issuer} does not answer. Repeat in a minute.") from error

    async def _fetch(self, address: str) -> bytes:
        response = await self.httpfetch(
            address, "reading the provider's configuration", parse_json=False, validate_cert=self.validate_server_cert
        )
        return bytes(response.body)

    # -- the policy --------------------------------------------------------------------------------------------------

    async def check_allowed(self, username: str, auth_model: dict[str, Any] | None) -> bool:
        """Let in whom the policy knows. Called after :meth:`authenticate`, before there is a session.

        Raises:
            tornado.web.HTTPError: 403 with the page for a person whom it does not know.
        """
        if auth_model is None or await super().check_allowed(username, auth_model):
            return True
        offers = await self._offers(username, auth_model)
        if offers is not None and not offers.admitted:
            claims = auth_model["auth_state"][self.user_auth_state_key]
            raise no_group_error(claims, offers, self.login_url(self._hub_prefix), datetime.now(UTC))
        return True

    async def refresh_user(self, user: Any, handler: Any = None) -> Any:
        """Read the groups again; log out a person whom the policy no longer knows.

        The groups are taken away in the hub's database before the session ends, because a request with a token cannot
        be sent to the login page: it goes on with no group, and so with no right.

        Called by the hub at most every ``auth_refresh_age`` seconds per person, and before a server starts.
        """
        if handler is not None and not hasattr(handler, "_token_authenticated"):
            handler._token_authenticated = False  # noqa: SLF001 - hub 6.1.1 reads it on pages too, where it never sets it
        try:
            model = await self._asking(lambda: super(GatehouseOIDCAuthenticator, self).refresh_user(user, handler))
        except GatehouseError as error:
            return self._outage(user.name, error)
        if isinstance(model, dict):
            self._confirmed[user.name] = time.monotonic()
            if not await self._still_allowed(user.name, model):
                self.log.warning("%s is in no group of the policy any more and is logged out.", user.name)
                user.sync_groups(model["groups"])
                return False
        return model

    async def _still_allowed(self, username: str, model: dict[str, Any]) -> bool:
        if self.allow_all or await super().check_allowed(username, model):
            return True
        offers = await self._offers(username, model)
        return offers is None or offers.admitted

    async def _offers(self, username: str, auth_model: dict[str, Any]) -> Offers | None:
        """Ask the service what it knows of the person; None, if it does not say."""
        groups = groups_from(auth_model["auth_state"][self.user_auth_state_key], self.groups_claim)
        try:
            return await self.client.offers(Identity(name=username, groups=groups))
        except GatehouseError as error:
            self.log.warning("%s is let in without a look at the policy: %s", username, error.line)
            return None

    def _outage(self, username: str, error: GatehouseError) -> bool:
        """Say whether a session goes on although the provider is away."""
        since = self._confirmed.setdefault(username, time.monotonic())
        self.log.warning("The groups of %s could not be read again: %s", username, error.line)
        return time.monotonic() - since < self.outage_grace
