"""What is said of a cluster that nobody stopped: its scheduler did not start, or ended by itself. Pure."""

from typing import NamedTuple

from hub_ext.contract.reasons import Reason


class Failure(NamedTuple):
    """Why a cluster ended."""

    reason: Reason
    message: str


def failure(*, ran: bool) -> Failure:
    """Return why.

    Args:
        ran: whether the scheduler was ever reached.
    """
    if ran:
        text = "Its scheduler ended by itself, and what was in worker memory is lost. The scheduler's log may say why."
    else:
        text = "It did not start: its scheduler ended, or did not answer in time. The scheduler's log may say why."
    return Failure(
        Reason.scheduler_ended, f"{text} Start another; if that happens again, tell whoever runs the platform."
    )
