"""For the leads of groups, whom the policy names: their groups' use, and top-ups of their people's own budgets."""

from hub_ext.contract.funds import TopUpRequest
from hub_ext.service.handlers.base import ServiceHandler


class LedHandler(ServiceHandler):
    """``GET led``: the groups that the caller leads; for most people there is none."""

    async def get(self) -> None:
        """Answer with them."""
        self.reply(await self.run(self.leading.groups, self.current_person.identity))


class LedTopUpHandler(ServiceHandler):
    """``POST led/topup``: add money to the own budget of somebody else in a group that the caller leads."""

    async def post(self) -> None:
        """Keep it with who did it and why."""
        asked = self.message(TopUpRequest)
        topup = await self.run(self.leading.top_up, self.current_person.identity, asked)
        self.changes.of_all()
        self.reply(topup)
