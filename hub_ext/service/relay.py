"""Several replicas, one stream: what another replica changed reaches the people who watch here, and the other way."""

import asyncio
import logging

from hub_ext.contract.errors import Unavailable
from hub_ext.service.live import Changes
from hub_ext.usage.channel import EVERYBODY, Channel

log = logging.getLogger(__name__)

_GATHER = 0.1
"""Seconds in which many changes become one message to the other replicas."""


class Relay:
    """Carries changes between this replica's streams and the other replicas.

    Args:
        channel: to the other replicas.
        changes: of this one.
    """

    def __init__(self, channel: Channel, changes: Changes) -> None:
        self._channel = channel
        self._changes = changes

    async def run(self) -> None:
        """Carry on until cancelled."""
        self._changes.gather()
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._channel.listen(self._heard))
                both.create_task(self._tell())
        except Exception:
            log.exception("Changes are no longer carried between replicas; start this one again")
            raise

    def _heard(self, user: str) -> None:
        if user == EVERYBODY:
            self._changes.heard_of_all()
        else:
            self._changes.heard_of(user)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(_GATHER)
            users = self._changes.gathered()
            if not users:
                continue
            try:
                await asyncio.to_thread(self._channel.tell, users)
            except Unavailable as error:
                log.warning("Other replicas are not told of changes: %s", error.line)
