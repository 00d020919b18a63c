"""What is said of burst credits where they bind. The figures are ``credits``'; sentences stand after a colon.

No sentence tells the balance, which changes all the time: the account shows it, and a grant says the same at every
heartbeat while nothing else changes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

from hub_ext.contract.admission import TraceStep
from hub_ext.contract.units import format_cores, format_duration
from hub_ext.policy import wording
from hub_ext.policy.credits import MINUTE, Credits
from hub_ext.policy.sharing import Table

_RULE = "credits"


@dataclass(frozen=True)
class Burst:
    """A group whose credits do not allow so many cores more."""

    table: Table
    """With what the group is being granted."""
    group: str
    title: str
    cores: Decimal
    """Of the worker, server or scheduler that it cannot have."""

    @property
    def credits(self) -> Credits:
        """The group's credits."""
        held = self.table.members[self.group].credits
        if held is None:
            raise AssertionError(self.group)
        return held

    def cause(self, held: str) -> str:
        """Say why nothing more is borrowed; ``held`` is what the group holds: ``64 quota + 60 borrowed (you 124)``."""
        whose = f"{wording.possessive(self.title)} burst credits"
        if self.credits.balance > 0 and self.table.borrowed(self.group):
            return f"{held}, and {whose} carry no more for five minutes."
        if self.credits.balance > 0:
            return f"{held}, and {whose} do not carry {_number(self.cores)} more for five minutes. {self._later()}"
        if self.credits.terms.overdraft:
            return f"{held}; {whose} are overdrawn: what runs goes on, and nothing more is borrowed. {self._later()}"
        return f"{held}; {whose} are used up. {self._later()}"

    def ended(self, lost: Decimal, *, kept: bool) -> str:
        """Say that the burst ends because nothing is left.

        Args:
            lost: the borrowed cores that go back.
            kept: whether a worker stays to keep results.
        """
        what = f"{_number(lost)} borrowed core{' goes' if lost == 1 else 's go'} back"
        results = "your results are kept" if kept else "no worker is left to keep results"
        fact = f"{wording.possessive(self.title)} burst credits are used up, so {what}; {results}."
        return f"{fact} {self._later()}"

    def retry_at(self, now: datetime) -> datetime | None:
        """Return when the credits carry the cores if nothing runs; None: never, or not while it borrows."""
        wait = self._wait()
        return None if wait is None else now + wait

    def _wait(self) -> timedelta | None:
        if self.table.borrowed(self.group):
            return None
        above = self.table.used[self.group] + self.cores - self.table.members[self.group].nominal
        return self.credits.wait(max(Decimal(0), above))

    def _later(self) -> str:
        nominal = self.table.members[self.group].nominal
        wait = self._wait()
        after = "" if wait is None else format_duration(ceil(wait / timedelta(minutes=1)) * MINUTE)
        then = f", and carry more after {after} at the earliest" if after else ""
        return f"They fill while less than the quota of {format_cores(nominal)} is in use{then}."


def step(table: Table, group: str, *, allows: bool) -> TraceStep | None:
    """Return what the trace says of the credits; None: the group borrows without any."""
    held, borrowed = table.members[group].credits, table.borrowed(group)
    if held is None:
        return None
    saved = f"{_minutes(held.balance)} of {_minutes(held.terms.cap)} core-minutes"
    detail = f"{saved}, {_number(borrowed)} borrowed, at most {_number(held.most(borrowed))} now"
    return TraceStep(rule=_RULE, allows=allows, detail=detail)


def _minutes(balance: Decimal) -> str:
    return f"{balance // MINUTE:,f}"


def _number(cores: Decimal) -> str:
    return wording.bare("cores", cores)
