"""What a used-up budget does to what runs already (``on_exhausted``), and what its owner reads.

``warn`` and ``deny_new`` leave it alone. ``drain`` lets it go on for the grace period, counted from the moment at which
the budget was used up; from when that was told, where it came out later. ``stop`` ends it at once. Servers and clusters
alike. A cluster that is drained does not grow
(``purse``), and keeps its workers until the end: a retirement to zero cannot move results anywhere.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub_ext.contract.admission import Lease
from hub_ext.contract.reasons import Reason
from hub_ext.policy import wording
from hub_ext.policy.document import Policy
from hub_ext.policy.ending import Ending
from hub_ext.policy.limits import Standing
from hub_ext.policy.months import month_end, month_name
from hub_ext.policy.purse import Purse
from hub_ext.policy.wording import Scene

_LATE = timedelta(minutes=1)
"""Later than any look at the budgets tells: the budget was lowered, prices were corrected, the service was away."""


@dataclass(frozen=True)
class UsedUp:
    """A budget that is used up, since when."""

    group: str
    user: str
    """Whose own budget it is; empty: the group's."""
    purse: Purse
    at: datetime
    told_at: datetime | None = None
    """When people could first read it; None: at the same moment."""

    @property
    def grace_from(self) -> datetime:
        """From when the grace period counts: nobody's is over before they could know."""
        late = self.told_at is not None and self.told_at - self.at > _LATE
        return self.told_at if late and self.told_at is not None else self.at


def end_of(policy: Policy, used: UsedUp) -> datetime | None:
    """Return when running work ends; None: it goes on."""
    rules = policy.groups.get(used.group)
    budget = rules.budget if rules else None
    if budget is None or budget.on_exhausted in {"warn", "deny_new"}:
        return None
    return used.grace_from + budget.grace if budget.on_exhausted == "drain" else used.at


def earliest(policy: Policy, *budgets: UsedUp | None) -> tuple[UsedUp, datetime] | None:
    """Return the used-up budget that ends running work first, and when."""
    ends = [(used, end) for used in budgets if used is not None and (end := end_of(policy, used)) is not None]
    return min(ends, key=lambda found: found[1], default=None)


def notice(policy: Policy, used: UsedUp) -> str:
    """Say that the budget is used up, what follows for running work, and whom to ask."""
    fact = f"{_budget(policy, used)} is used up"
    end = end_of(policy, used)
    if end is None:
        rules = policy.groups.get(used.group)
        denies = rules is not None and rules.budget is not None and rules.budget.on_exhausted == "deny_new"
        follows = "; nothing new starts, what runs goes on." if denies else "."
        return f"{fact}{follows} {_ask(policy, used.group)}"
    return (
        f"{fact}; running work ends at {_clock(end, used.grace_from)} unless the budget is raised. "
        f"Save what is in worker memory. {_ask(policy, used.group)}"
    )


def ending(policy: Policy, used: UsedUp, lease: Lease) -> Ending:
    """Say why a server or cluster ends now."""
    following = month_end(used.at)
    message = (
        f"{_budget(policy, used)} was used up at {used.at.astimezone(UTC):%H:%M} UTC, so this {lease.kind.value} was "
        f"stopped. The next begins on 1 {month_name(following)}, 00:00 UTC. {_ask(policy, used.group)}"
    )
    return Ending(Reason.budget_exhausted, message)


def warning(policy: Policy, group: str, purse: Purse, at: datetime) -> str:
    """Say how far a budget is used."""
    text = wording.used_share(_scene(policy, group, at), purse)
    return f"{text} At 100 %, {_consequence(policy, group)}."


def _consequence(policy: Policy, group: str) -> str:
    rules = policy.groups.get(group)
    match rules.budget.on_exhausted if rules and rules.budget else "warn":
        case "warn":
            return "work goes on"
        case "deny_new":
            return "nothing new starts"
        case "drain":
            return "nothing new starts and running work ends after a grace period"
        case _:
            return "everything stops"


def _budget(policy: Policy, used: UsedUp) -> str:
    text = wording.budget_of(_scene(policy, used.group, used.at), used.purse)
    return text[:1].upper() + text[1:]


def _scene(policy: Policy, group: str, at: datetime) -> Scene:
    return Scene(policy.group_title(group), "", Standing(), policy.currency_at(at), policy.defaults.contact, at)


def _ask(policy: Policy, group: str) -> str:
    rules = policy.groups.get(group)
    return "Ask your lead." if rules and rules.leads else f"Ask {policy.defaults.contact}."


def _clock(end: datetime, began: datetime) -> str:
    """Write the time of day, with the day where it is another one than the beginning's."""
    end, began = end.astimezone(UTC), began.astimezone(UTC)
    day = f" on {end.day} {month_name(end)}" if end.date() != began.date() else ""
    return f"{end:%H:%M} UTC{day}"
