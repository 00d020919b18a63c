"""Money before and beyond the month's budget: quotes for people, top-ups for those who may give them."""

from hub_ext import clock
from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.funds import TopUpRequest
from hub_ext.contract.paths import SCOPE_BUDGET, SCOPE_READ
from hub_ext.service.handlers.base import ServiceHandler

_MOST_WORKERS = 1_000_000


class QuoteHandler(ServiceHandler):
    """``GET quote?profile=standard&workers=200&charge_to=research``."""

    async def get(self) -> None:
        """Answer with what it would cost the caller, and what of it would be granted now."""
        profile = self.get_query_argument("profile", "")
        if not profile:
            raise InvalidRequest("Name a profile: quote?profile=standard&workers=200.")
        workers = self.number("workers", 1, _MOST_WORKERS) if self.get_query_argument("workers", "") else 0
        charge_to = self.get_query_argument("charge_to", "") or None
        identity = self.current_person.identity
        self.reply(await self.run(self.desk.quote, identity, profile, workers=workers, charge_to=charge_to))


class TopUpHandler(ServiceHandler):
    """``POST admin/topup``: add money to this month's budget of a group, or of one person in it."""

    async def post(self) -> None:
        """Keep it with who did it and why; what was about to end for want of money goes on."""
        self.need(SCOPE_BUDGET)
        asked = self.message(TopUpRequest)
        topup = await self.run(self.treasury.top_up, asked, author=self.current_person.name)
        self.changes.of_all()
        self.reply(topup)


class TopUpsHandler(ServiceHandler):
    """``GET admin/topups?month=2026-11``."""

    async def get(self) -> None:
        """Answer with the month's top-ups, newest first."""
        self.need(SCOPE_READ)
        month = self.get_query_argument("month", f"{clock.now():%Y-%m}")
        try:
            found = await self.run(self.treasury.topups, month)
        except ValueError as error:
            raise InvalidRequest(str(error)) from error
        self.reply(found)
