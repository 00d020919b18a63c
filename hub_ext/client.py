"""The service's client, for hub and gateway: ask, and report.

Asking needs an answer now: while the service is away, new work is refused with a clear text and running work keeps its
last grant. Reporting must not lose anything: events and lease updates go through an outbox on disk and are sent in
their order, as soon as the service takes them.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Literal, TypeVar

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse

from hub_ext.contract import paths
from hub_ext.contract.activity import ClusterActivity
from hub_ext.contract.admission import Decision, Demand, Grant, LeaseUpdate, Request
from hub_ext.contract.errors import (
    Forbidden,
    GatehouseError,
    InvalidRequest,
    LoginExpired,
    NotFound,
    Refused,
    Unavailable,
    error_from,
)
from hub_ext.contract.identity import Identity
from hub_ext.contract.model import Message
from hub_ext.contract.offers import Offers, OffersRequest
from hub_ext.contract.usage import Event, Events
from hub_ext.outbox import Outbox
from hub_ext.settings import GatehouseSettings

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)

AWAY = "The Gatehouse service is not answering, so nothing new can start. What runs goes on. Repeat in a minute."
_BATCH = 200
_LONGEST_PAUSE = 15.0


class _Post(Message):
    """One waiting message: where it goes and what it says."""

    method: Literal["POST", "PUT"]
    path: str
    body: dict[str, Any]


class ServiceClient:
    """Asks the service and reports to it, with one token.

    Args:
        url: address of the service, ending in its prefix and a slash.
        token: hub API token with the scope ``custom:gatehouse:decide``.
        outbox: where reports wait; None keeps them in memory.
        timeout: seconds to wait for an answer.
    """

    def __init__(self, url: str, token: str, outbox: Outbox | None = None, timeout: float = 10.0) -> None:
        self.url = url
        self.outbox = Outbox(None) if outbox is None else outbox
        self._token = token
        self._timeout = timeout
        self._http: AsyncHTTPClient | None = None
        self._sender: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    # -- asking ------------------------------------------------------------------------------------------------------

    async def offers(self, identity: Identity) -> Offers:
        """Return what the person may start.

        Raises:
            Unavailable: the service is away.
        """
        return await self._ask("POST", paths.OFFERS, OffersRequest(identity=identity), Offers)

    async def admit(self, request: Request) -> Decision:
        """Ask whether a server or cluster may start; a service that is away means no.

        Raises:
            GatehouseError: the request is malformed, or our token does not cover it.
        """
        try:
            return await self._ask("POST", paths.ADMISSIONS, request, Decision)
        except Unavailable as error:
            return Decision(id=request.id, allowed=False, reason=error.reason, message=error.message)

    async def demand(self, cluster: str, demand: Demand) -> Grant:
        """Tell what a cluster wants and has, and learn what it may have.

        Raises:
            Unavailable: the service is away; keep the last grant.
            NotFound: the service does not know the cluster.
        """
        return await self._ask("PUT", f"{paths.CLUSTERS}/{cluster}/demand", demand, Grant)

    async def activity(self, cluster: str, activity: ClusterActivity) -> None:
        """Tell how the time of a cluster's workers splits. It does not wait in the outbox: the next report holds it.

        Raises:
            Unavailable: the service is away; tell it later.
            NotFound: the service does not know the cluster.
        """
        await self._fetch("PUT", f"{paths.CLUSTERS}/{cluster}/activity", activity.model_dump_json())

    # -- reporting ---------------------------------------------------------------------------------------------------

    async def update_lease(self, lease: str, update: LeaseUpdate) -> None:
        """Bind or release a lease; waits in the outbox while the service is away."""
        self.note_lease(lease, update)

    def note_lease(self, lease: str, update: LeaseUpdate) -> None:
        """Bind or release a lease; it is in the outbox when this returns."""
        self._put("PUT", f"{paths.LEASES}/{lease}", update)

    def report(self, *events: Event) -> None:
        """Report what happened to units; waits in the outbox while the service is away."""
        for event in events:
            self._put("POST", paths.EVENTS, Events(events=(event,)))

    def resume(self) -> None:
        """Send what an earlier process left in the outbox. Needs a running loop."""
        if len(self.outbox):
            self._start_sender()

    async def flush(self, patience: float = 5.0) -> bool:
        """Wait until the outbox is empty, for at most ``patience`` seconds; return whether it is."""
        if len(self.outbox):
            self._wake.set()
            await asyncio.wait({self._start_sender()}, timeout=patience)
        return not len(self.outbox)

    async def close(self) -> None:
        """Send what waits, briefly, and stop."""
        await self.flush(2.0)
        if self._sender is not None:
            self._sender.cancel()
            with suppress(asyncio.CancelledError):
                await self._sender
            self._sender = None
        if self._http is not None:
            self._http.close()
            self._http = None

    def _put(self, method: Literal["POST", "PUT"], path: str, body: Message) -> None:
        post = _Post(method=method, path=path, body=body.model_dump(mode="json"))
        dropped = self.outbox.dropped
        self.outbox.put(post.model_dump_json())
        if self.outbox.dropped > dropped:
            log.error("The outbox is full: its oldest report was dropped, %d so far", self.outbox.dropped)
        self._start_sender()

    def _start_sender(self) -> asyncio.Task[None]:
        """Return the task that sends until nothing waits; one that pauses goes on pausing."""
        if self._sender is None or self._sender.done():
            self._sender = asyncio.get_running_loop().create_task(self._send_all())
        return self._sender

    async def _send_all(self) -> None:
        pause = 0.2
        while len(self.outbox):
            try:
                await self._send_batch()
                pause = 0.2
            except (Unavailable, LoginExpired, Forbidden) as error:
                log.warning("%d reports wait in the outbox: %s", len(self.outbox), error.line)
                self._wake.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _send_batch(self) -> None:
        """Send the oldest messages: a run of events in one request, anything else by itself."""
        waiting = [(number, _Post.model_validate_json(text)) for number, text in self.outbox.first(_BATCH)]
        run = [waiting[0]]
        if waiting[0][1].path == paths.EVENTS:
            for item in waiting[1:]:
                if item[1].path != paths.EVENTS:
                    break
                run.append(item)
        if not await self._taken(run):
            for item in run:  # one is refused: the others must not be lost with it
                await self._taken([item])

    async def _taken(self, run: Sequence[tuple[int, _Post]]) -> bool:
        """Send messages in one request and forget them; return False where several were refused for good."""
        (_, first), body = run[0], run[0][1].body
        if len(run) > 1:
            body = {"events": [event for _, post in run for event in post.body["events"]]}
        try:
            await self._fetch(first.method, first.path, json.dumps(body))
        except (InvalidRequest, NotFound, Refused) as error:  # repeating it would not help
            if len(run) > 1:
                return False
            log.warning("The service does not take %s %s: %s", first.method, first.path, error.line)
        for number, _ in run:
            self.outbox.remove(number)
        return True

    # -- HTTP --------------------------------------------------------------------------------------------------------

    async def _ask(self, method: str, path: str, body: Message, answer: type[M]) -> M:
        response = await self._fetch(method, path, body.model_dump_json())
        return answer.model_validate_json(response.body)

    async def _fetch(self, method: str, path: str, body: str) -> HTTPResponse:
        if self._http is None:
            self._http = AsyncHTTPClient(force_instance=True, max_clients=100)
        request = HTTPRequest(
            self.url + path,
            method=method,
            body=body,
            headers={"Authorization": f"token {self._token}", "Content-Type": "application/json"},
            connect_timeout=self._timeout,
            request_timeout=self._timeout,
        )
        try:
            response = await self._http.fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:  # nobody there; nobody answers in time, or to the end
            raise Unavailable(AWAY) from error
        if response.code >= 400:  # noqa: PLR2004 - HTTP: from here on it is an error
            raise self._error(response)
        return response

    @staticmethod
    def _error(response: HTTPResponse) -> GatehouseError:
        try:
            return error_from(response.code, json.loads(response.body))
        except ValueError:
            return error_from(response.code, None)


_clients: dict[tuple[str, str, str], ServiceClient] = {}


def shared_client(settings: GatehouseSettings) -> ServiceClient:
    """Return the process's one client for these settings."""
    key = (settings.service_url, settings.service_token, settings.outbox_dir)
    if key not in _clients:
        outbox = Outbox(settings.outbox_path)
        _clients[key] = ServiceClient(key[0], key[1], outbox, settings.request_timeout)
    return _clients[key]
