"""What the service does by itself, round after round: every replica reads its policy, the leader does the rest."""

import asyncio
import logging
from typing import Any

from hub_ext import clock
from hub_ext.contract.errors import Unavailable
from hub_ext.service.desk import Desk

log = logging.getLogger(__name__)


async def keep_house(settings: dict[str, Any], every: float) -> None:
    """Read a changed policy; as the leader also meter pods, lapse, settle, end what is over, remove what is old.

    Args:
        settings: the web application's.
        every: seconds between two rounds.
    """
    desk: Desk = settings["desk"]
    while True:
        await asyncio.sleep(every)
        clock.look()
        lapsed = 0
        try:
            changed = await asyncio.to_thread(desk.store.refresh)
            leads = await asyncio.to_thread(settings["leader"].leads)
            settings["meter"].lead(leads=leads)
            settings["meter"].count_problems()
            if leads:
                lapsed = await asyncio.to_thread(desk.lapse)
                await asyncio.to_thread(settings["counting"].settle, clock.now())
                await settings["enforcer"].check()
                await settings["guard"].check()
                await settings["pod_guard"].check()
                await asyncio.to_thread(settings["pod_board"].tell)
                await settings["keeper"].check()
        except Unavailable as error:
            log.warning("%s", error.line)
            continue
        except Exception:  # a defect here must not end the timers for everybody
            log.exception("Housekeeping failed; it is tried again")
            continue
        if changed or lapsed:
            settings["changes"].of_all()
