"""The spine of every start and every end, for any spawner.

``start`` asks, and only with a yes and a lease does it go on; nothing else in the hub starts a server, so nothing gets
past it: not the form, not the API, not an ``opt-`` link, not the options of the last start. From then on the lease is
the name of the unit that is paid for, until ``unit_ended`` reports its end, exactly once, and gives the lease back.
"""

import socket
import uuid
from datetime import datetime
from typing import Any

import jupyterhub

from hub_ext import clock
from hub_ext.client import ServiceClient, shared_client
from hub_ext.contract.admission import Kind, Lease, LeaseState, LeaseUpdate, Request
from hub_ext.contract.errors import GatehouseError, InvalidRequest, Unavailable
from hub_ext.contract.identity import Identity
from hub_ext.contract.offers import Offers
from hub_ext.contract.paths import SERVICE_NAME
from hub_ext.contract.reasons import Reason
from hub_ext.contract.usage import Event, EventType, Source, UnitKind
from hub_ext.settings import GatehouseSettings
from hub_ext.spawn.options import Choice, options_from_form, read_options
from hub_ext.spawn.pages import away_html, form_html, refusal_html
from hub_ext.spawn.panel import lacks_panel, sentence
from hub_ext.spawn.profiles import default_choice, spawn_form
from hub_ext.spawn.refusals import spawn_refusal

LEASE_VARIABLE = "GATEHOUSE_LEASE"
"""Environment variable of everything that a server starts: whose lease it runs under."""
_STATE, _REPORTED = "gatehouse", "reported"
_COUNTS_REFUSALS_APART = 6
"""The JupyterHub that does not take a refusal for a failure of its own. Before, ``consecutive_failure_limit`` (5 in the
hub's chart) refusals in a row would end the hub, so that there the limit is off."""


class GatehouseSpawnerMixin:
    """Put before a spawner class: ``class Ours(GatehouseSpawnerMixin, KubeSpawner)``.

    A subclass whose servers can be watched overrides :meth:`unit_started` and calls :meth:`unit_ended`.
    """

    apply_user_options: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._lease: dict[str, str] | None = None
        self._reported_start = False
        self._why: GatehouseError | None = None
        self._looked_for_panel = False
        super().__init__(*args, **kwargs)
        self.options_form = self._options_form
        self.options_from_form = options_from_form
        if self.apply_user_options is None:
            self.apply_user_options = _applied_in_start
        if jupyterhub.version_info[0] < _COUNTS_REFUSALS_APART:
            self.consecutive_failure_limit = 0

    @property
    def client(self) -> ServiceClient:
        """The hub's one client of the Gatehouse service."""
        return shared_client(GatehouseSettings(parent=self))

    @property
    def identity(self) -> Identity:
        """Who the server is for, with the groups that the hub vouches for."""
        owner: Any = self.user  # type: ignore[attr-defined]
        return Identity(name=owner.name, groups=tuple(sorted(group.name for group in owner.groups)))

    # -- asking ------------------------------------------------------------------------------------------------------

    async def _options_form(self, _spawner: Any) -> str:
        """Return the start page's form. Called when the page is shown; never empty, or the hub would just start."""
        try:
            offers = await self.client.offers(self.identity)
        except GatehouseError as error:
            return away_html(error)
        before = self._stored_choice()
        base: str = self.hub.base_url  # type: ignore[attr-defined]
        service_page = f"{base.rstrip('/').removesuffix('hub')}services/{SERVICE_NAME}/"
        return form_html(spawn_form(offers, before.profile, before.charge_to, before.options), service_page)

    def _stored_choice(self) -> Choice:
        """Return what was chosen last time; options that make no sense any more choose nothing."""
        try:
            return read_options(self.user_options)  # type: ignore[attr-defined]
        except InvalidRequest:
            return Choice()

    async def start(self) -> Any:
        """Start the server, if it is admitted. The one way in; subclasses extend what ``super().start()`` does.

        Raises:
            tornado.web.HTTPError: the start was refused; a page and a line say why.
        """
        self.unit_ended(clock.now(), Source.reconciled, "another start began")
        lease = await self._admitted()
        self._lease = {"id": lease.id, "group": lease.group, "profile": lease.profile}
        self._reported_start, self._why, self._looked_for_panel = False, None, False
        self._apply(lease)
        try:
            self._keep_state()
            address = await super().start()  # type: ignore[misc]
            self.begin()
        except GatehouseError as error:
            self._why = error
            self.unit_ended(clock.now(), detail=f"did not start: {error.message}")
            raise await self._refusal(error, self._stored_choice()) from error
        except BaseException as error:  # also when the hub gives up waiting: the lease must not stay behind
            self.unit_ended(clock.now(), detail=f"did not start: {type(error).__name__}")
            raise
        return address

    async def _admitted(self) -> Lease:
        """Return the lease for what was asked. Called by :meth:`start`."""
        choice = Choice()
        try:
            choice = await self._choice()
            decision = await self.client.admit(
                Request(
                    id=f"server-{uuid.uuid4().hex}",
                    identity=self.identity,
                    kind=Kind.server,
                    profile=choice.profile or "",
                    charge_to=choice.charge_to,
                    name=self.name,  # type: ignore[attr-defined]
                    options=choice.options,
                )
            )
            if decision.reason is Reason.service_unavailable:  # nobody decided: that is no answer, not a no
                raise Unavailable(f"Not started: {decision.message}")
            if not decision.allowed or decision.lease is None:
                raise decision.refusal
        except GatehouseError as error:
            raise await self._refusal(error, choice) from error
        return decision.lease

    async def _choice(self) -> Choice:
        """Return what was asked for, or the first profile that can start, where nothing was named."""
        choice = read_options(self.user_options)  # type: ignore[attr-defined]
        if choice.profile is not None:
            return choice
        offers = await self.client.offers(self.identity)
        profile = default_choice(offers)
        if profile is None:
            raise InvalidRequest(
                f"Not started: none of your groups offers a notebook server. Ask {offers.contact} for one that does.",
                reason=Reason.profile_not_offered,
            )
        return choice.model_copy(update={"profile": profile})

    async def _refusal(self, error: GatehouseError, choice: Choice) -> Exception:
        """Return a refusal with what the person can do instead, as far as the service says."""
        offers: Offers | None = None
        try:
            offers = await self.client.offers(self.identity)
        except GatehouseError:
            self.log.debug("no alternatives to show, the service does not say")  # type: ignore[attr-defined]
        html = refusal_html(error, offers=offers, profile=choice.profile, charge_to=choice.charge_to, now=clock.now())
        return spawn_refusal(error, html)

    def _apply(self, lease: Lease) -> None:
        """Give the server what the lease says, over whatever else was configured. Called by :meth:`start`."""
        self.mem_limit = lease.base.memory or None
        self.cpu_limit = float(lease.base.cores) or None

    def get_env(self) -> dict[str, str]:
        """Return the server's environment, with its lease. Called by the spawner's own ``start``."""
        env: dict[str, str] = super().get_env()  # type: ignore[misc]
        if self._lease is not None:
            env[LEASE_VARIABLE] = self._lease["id"]
            env["GATEHOUSE_GROUP"] = self._lease["group"]
            env["GATEHOUSE_PROFILE"] = self._lease["profile"]
        return env

    # -- reporting ---------------------------------------------------------------------------------------------------

    @property
    def lease(self) -> str | None:
        """Id of the lease that the server runs under; None while it does not run."""
        return self._lease["id"] if self._lease else None

    def unit_started(self) -> tuple[datetime, str]:
        """Return when the server really started, and a detail for administrators. Called by :meth:`start`."""
        return clock.now(), f"on {socket.gethostname()}"

    def begin(self) -> None:
        """Report the start, bind the lease and keep both where a restarted hub finds them; again, it only keeps them.

        A subclass whose processes wait to be let run calls it before they do.
        """
        if self._lease is None:  # it ended before we could say that it began
            return
        if not self._reported_start:
            self.report_start(*self.unit_started())
        self._keep_state()

    def report_start(self, at: datetime, detail: str) -> None:
        """Report the start and bind the lease. What an earlier hub reported before changes nothing."""
        self._report(EventType.started, at, Source.exact, detail)
        self._reported_start = True
        self._update(LeaseState.bound, at)

    def _keep_state(self) -> None:
        self.orm_spawner.state = self.get_state()  # type: ignore[attr-defined]
        self.user.db.commit()  # type: ignore[attr-defined]

    def unit_ended(self, at: datetime, source: Source = Source.exact, detail: str = "") -> None:
        """Report the end and give the lease back; does nothing when that was done before.

        Args:
            at: when the server ended.
            source: how that is known.
            detail: for administrators.
        """
        if self._lease is None:
            return
        if self._reported_start:
            self._report(EventType.ended, at, source, detail)
        self._update(LeaseState.released, at)
        self._lease = None

    def _report(self, kind: EventType, at: datetime, source: Source, detail: str) -> None:
        unit = self.lease
        if unit is None:
            return
        event = Event(
            id=self.event_id(kind, source),
            unit=unit,
            kind=UnitKind.server,
            lease=unit,
            type=kind,
            at=at,
            source=source,
            detail=detail[:500],
        )
        self.client.report(event)

    def event_id(self, kind: EventType, source: Source) -> str:  # noqa: ARG002 - for spawners that others report for, too
        """Return the id of the lease's event: the same one whenever it is reported again."""
        return f"{self.lease}-{kind.value}"

    def _update(self, state: LeaseState, at: datetime) -> None:
        """Report the lease's new state, behind the event that it belongs to; released, also why if it failed."""
        if self.lease is None:
            return
        update = LeaseUpdate(state=state, ref=f"{self.identity.name}/{self.name}", at=at)  # type: ignore[attr-defined]
        if state is LeaseState.released and self._why is not None:
            update = update.model_copy(update={"reason": self._why.reason, "message": self._why.message})
        self.client.note_lease(self.lease, update)

    async def stop(self, now: bool = False) -> None:  # noqa: FBT001, FBT002 - the hub's signature
        """Stop the server and report its end. Called by the hub."""
        await super().stop(now=now)  # type: ignore[misc]
        self.unit_ended(clock.now(), detail="stopped")

    async def poll(self) -> int | None:
        """Say whether the server runs (None), and report an end that nobody saw. Called every 30 s and at need."""
        status: int | None = await super().poll()  # type: ignore[misc]
        if status is not None and self._reported_start:
            self.unit_ended(clock.now(), Source.reconciled, f"found ended with status {status}")
        elif status is None and self._lease is not None and not self._looked_for_panel and self._answers():
            self._looked_for_panel = True
            await self._look_for_panel()
        return status

    def _answers(self) -> bool:
        """Say whether the hub takes the server for up, and may speak to it without a certificate."""
        return bool(self.ready) and not self.internal_ssl  # type: ignore[attr-defined]

    async def _look_for_panel(self) -> None:
        """Tell the service, and the hub's log, where a server has not got our package."""
        if not await lacks_panel(self.server.url, self.api_token) or self._lease is None:  # type: ignore[attr-defined]
            return
        text = sentence(self.what_runs())
        self.log.warning("The server of %s: %s", self.identity.name, text)  # type: ignore[attr-defined]
        ref = f"{self.identity.name}/{self.name}"  # type: ignore[attr-defined]
        told = {"reason": Reason.no_panel, "message": text}
        self.client.note_lease(self._lease["id"], LeaseUpdate(state=LeaseState.bound, ref=ref, at=clock.now(), **told))

    def what_runs(self) -> str:
        """Return what a server is made from, as the subject of a sentence."""
        return "The environment of this server"

    # -- over a restart of the hub -------------------------------------------------------------------------------------

    def get_state(self) -> dict[str, Any]:
        """Return what a restarted hub must know. Called by the hub after each start and stop."""
        state: dict[str, Any] = super().get_state()  # type: ignore[misc]
        if self._lease is not None:
            state[_STATE] = {**self._lease, _REPORTED: self._reported_start}
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what an earlier hub process wrote. Called when the hub makes the spawner."""
        super().load_state(state)  # type: ignore[misc]
        kept = state.get(_STATE)
        if kept:
            self._reported_start = kept.get(_REPORTED, True)
            self._lease = {name: value for name, value in kept.items() if name != _REPORTED}


def _applied_in_start(_spawner: Any, _user_options: Any) -> None:
    """Stand for ``apply_user_options``: ours are read in ``start``, and the hub need not warn that nobody does."""
