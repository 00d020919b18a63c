"""What every handler has: the wiring, and reading a message from the body."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import ValidationError

from hub_ext.contract.errors import InvalidRequest, Unavailable
from hub_ext.contract.model import Message
from hub_ext.metrics import Metrics
from hub_ext.service.activities import Activities
from hub_ext.service.auth import ApiHandler, reason_of
from hub_ext.service.desk import Desk
from hub_ext.service.history import Histories
from hub_ext.service.leading import Leading
from hub_ext.service.live import Changes
from hub_ext.service.stopping import Stopper
from hub_ext.service.treasury import Treasury
from hub_ext.service.views import Views
from hub_ext.usage.database import DATABASE_AWAY

M = TypeVar("M", bound=Message)
T = TypeVar("T")

ANSWER_WITHIN = 8.0
"""Seconds: less than a door waits (``GatehouseSettings.request_timeout``), so that it hears a sentence."""


class ServiceHandler(ApiHandler):
    """A door with the service's wiring behind it."""

    @property
    def desk(self) -> Desk:
        """Decides and records."""
        return self.settings["desk"]

    @property
    def activities(self) -> Activities:
        """Keeps what workers did with their time."""
        return self.settings["activities"]

    @property
    def views(self) -> Views:
        """Reads."""
        return self.settings["views"]

    @property
    def histories(self) -> Histories:
        """Reads one cluster alone."""
        return self.settings["histories"]

    @property
    def treasury(self) -> Treasury:
        """Adds money to budgets."""
        return self.settings["treasury"]

    @property
    def leading(self) -> Leading:
        """Answers the leads of groups."""
        return self.settings["leading"]

    @property
    def changes(self) -> Changes:
        """Tells the streams."""
        return self.settings["changes"]

    @property
    def stopper(self) -> Stopper:
        """Stops servers and clusters."""
        return self.settings["stopper"]

    @property
    def metrics(self) -> Metrics:
        """Counts."""
        return self.settings["metrics"]

    def message(self, kind: type[M]) -> M:
        """Return the body as a message.

        Raises:
            InvalidRequest: it is not one; the text says where and why.
        """
        try:
            return kind.model_validate_json(self.request.body)
        except ValidationError as error:
            raise InvalidRequest(_explain(error)) from error

    def number(self, name: str, default: int, most: int) -> int:
        """Return a whole number from the query.

        Raises:
            InvalidRequest: it is none, or out of bounds.
        """
        text = self.get_query_argument(name, str(default))
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise InvalidRequest(f"{name} must be a whole number from 1 to {most}.")
        return int(text)

    async def run(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Do synchronous work in a worker thread, so that the loop stays free."""
        return await asyncio.to_thread(work, *args, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer the error, and count it by its reason."""
        self.metrics.failed(reason_of(status_code, kwargs.get("exc_info", (None, None, None))[1]))
        super().write_error(status_code, **kwargs)

    async def run_in_time(self, work: Callable[..., T], *args: Any) -> T:
        """Do synchronous work that a door waits for, and say so if it takes too long; its result is then dropped.

        Raises:
            Unavailable: the database hangs.
        """
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await self.run(work, *args)
        except TimeoutError as error:
            raise Unavailable(DATABASE_AWAY) from error

    def reply(self, message: Message) -> None:
        """Answer with a message."""
        self.answer(message.model_dump_json())


def _explain(error: ValidationError) -> str:
    """Say in one line what is wrong with a message, at most three things."""
    found = [f"{'.'.join(str(part) for part in e['loc']) or 'body'}: {e['msg']}" for e in error.errors()[:3]]
    more = error.error_count() - len(found)
    return "The request is malformed: " + "; ".join(found) + (f"; and {more} more" if more > 0 else "") + "."
