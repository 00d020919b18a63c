"""The sentences of decisions: fact, cause, next step. Names are named; no sentence is cut short by a code.

Every sentence here starts after a colon (``Not started: ...``) and ends with its full stop. The reason code is appended
in brackets by the door (``GatehouseError.line``), never here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hub_ext.contract.units import format_cores, format_money, format_rate, format_size
from hub_ext.policy.limits import Bound, Standing
from hub_ext.policy.months import month_end, month_name
from hub_ext.policy.purse import Purse

_NAMED = 4


@dataclass(frozen=True)
class Scene:
    """Whom a sentence is about and for."""

    title: str
    """Of the group that would be charged."""
    user: str
    """The reader, who is "you"."""
    standing: Standing
    currency: str
    contact: str
    now: datetime


def possessive(name: str) -> str:
    """Write ``Research's``, ``Analysts'``."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def amount(resource: str, value: Decimal) -> str:
    """Write ``64 cores``, ``8 GiB of memory``, ``2 L4``, ``1 server``."""
    if resource == "cores":
        return format_cores(value)
    if resource == "memory":
        return f"{format_size(int(value))} of memory"
    if resource.startswith("gpus."):
        return f"{value:,f} {resource.removeprefix('gpus.').upper()}"
    return f"{value:,f} {resource.removesuffix('s') if value == 1 else resource}"


def bare(resource: str, value: Decimal) -> str:
    """Write the figure alone, where the noun follows: ``2``, ``8 GiB``."""
    return format_size(int(value)) if resource == "memory" else format_cores(value).split(" ", maxsplit=1)[0]


def money(value: Decimal, currency: str) -> str:
    """Write a budget: ``$400``, and with cents only where there are some."""
    return format_money(value, currency).removesuffix(".00")


def holders(scene: Scene, resource: str, *, more: Decimal = Decimal(0)) -> str:
    """Write who holds the rest, the reader last: `` (carol 24, dan 16, you 24)``; empty where nobody does.

    Figures are cores; of other resources only the names are known.

    Args:
        scene: whose group, and who reads.
        resource: what is short.
        more: cores that the reader is being granted and that the standing does not hold yet.
    """
    held = dict(scene.standing.holders)
    mine = held.pop(scene.user, Decimal(0)) + more
    others = sorted(((name, cores) for name, cores in held.items() if cores > 0), key=lambda item: (-item[1], item[0]))
    people = [*_first(others), *([("you", mine)] if mine > 0 else [])]
    if not people:
        return ""
    if resource == "cores":
        return f" ({', '.join(f'{name} {bare(resource, cores)}' for name, cores in people)})"
    return f" (in use by {listed(name for name, _ in people)})"


def _first(others: list[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    if len(others) <= _NAMED + 1:
        return others
    rest = others[_NAMED:]
    return [*others[:_NAMED], (f"{len(rest)} others", sum((cores for _, cores in rest), Decimal(0)))]


def listed(names: Iterable[str]) -> str:
    """Write ``carol, dan and you``."""
    found = list(names)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def over_limit(scene: Scene, bound: Bound, what: str) -> str:
    """Say which limit leaves no room for one more ``what``."""
    if bound.scope == "per_user":
        held = f"you hold {bare(bound.resource, bound.used)} of the {amount(bound.resource, bound.limit)}"
        need = "" if not bound.left() else f", and {what} needs {bare(bound.resource, bound.each)}"
        return f"{held} that one person in {scene.title} may hold{need}."
    who = holders(scene, bound.resource)
    if not bound.left():
        return f"{scene.title} has used all {amount(bound.resource, bound.limit)} of its quota{who}."
    left = f"{scene.title} has {bare(bound.resource, bound.left())} of its {amount(bound.resource, bound.limit)} left"
    return f"{left}, and {what} needs {bare(bound.resource, bound.each)}{who}."


def over_limit_remedy(scene: Scene, bound: Bound) -> str:
    """Say what helps against a limit."""
    if bound.scope == "per_user":
        mine = dict(scene.standing.holders).get(scene.user, Decimal(0)) > 0
        return "Stop something of yours, then try again." if mine or bound.used else f"Ask {scene.contact}."
    return stop_or_ask(scene)


def stop_or_ask(scene: Scene) -> str:
    """Say what helps where the group's own people hold what is short."""
    held = dict(scene.standing.holders)
    mine = held.pop(scene.user, Decimal(0)) > 0
    if mine:
        return f"Stop something of yours, or ask {scene.contact}."
    if any(cores > 0 for cores in held.values()):
        return f"Try again when one of them stops something, or ask {scene.contact}."
    return f"Ask {scene.contact}."


def no_more_workers(scene: Scene, bound: Bound, granted: int) -> str:
    """Say which limit leaves no room for more than the granted workers."""
    left = bound.left(granted)
    if bound.scope == "per_user":
        held = bare(bound.resource, bound.used + granted * bound.each)
        need = "" if not left else f", and a worker needs {bare(bound.resource, bound.each)}"
        limit = amount(bound.resource, bound.limit)
        return f"you hold {held} of the {limit} that one person in {scene.title} may hold{need}."
    quota = f"{possessive(scene.title)} quota of {amount(bound.resource, bound.limit)}"
    more = granted * bound.each if bound.resource == "cores" else Decimal(granted)
    who = holders(scene, bound.resource, more=more)
    if not left:
        return f"{quota} is full{who}."
    return f"{quota} has {bare(bound.resource, left)} left, and a worker needs {bare(bound.resource, bound.each)}{who}."


def budget_of(scene: Scene, purse: Purse) -> str:
    """Name the budget: ``Research's budget of $5,000 for November``, ``your budget of $500 in Research ...``."""
    whose = "your" if purse.scope == "per_user" else possessive(scene.title)
    where = f" in {scene.title}" if purse.scope == "per_user" else ""
    return f"{whose} budget of {money(purse.amount, scene.currency)}{where} for {month_name(scene.now)}"


def over_budget(scene: Scene, purse: Purse, what: str, rate: Decimal) -> str:
    """Say that a budget does not pay for one more ``what``."""
    if purse.exhausted:
        return f"{budget_of(scene, purse)} is used up."
    left = f"what is left of {budget_of(scene, purse)} ({money_left(scene, purse)})"
    return f"{left} does not cover five minutes of {what} at {format_rate(rate, scene.currency)}."


def money_left(scene: Scene, purse: Purse) -> str:
    """Write what is left of a budget; a fraction of the smallest coin is said to be one."""
    cent = Decimal("0.01")
    shown = max(purse.left, cent)
    return ("less than " if purse.left < cent else "") + format_money(shown, scene.currency)


def over_budget_remedy(scene: Scene, purse: Purse) -> str:
    """Say what helps against a budget."""
    if not purse.exhausted:
        return f"Choose something smaller, or ask {scene.contact}."
    following = month_end(scene.now)
    return f"The next begins on 1 {month_name(following)}, 00:00 UTC; ask {scene.contact} to raise it."


def used_share(scene: Scene, purse: Purse) -> str:
    """Say how far a budget is used: ``85 % of Research's budget of $5,000 for November`` is spent."""
    share = int(purse.spent * 100 / purse.amount) if purse.amount else 100
    return f"{share} % of {budget_of(scene, purse)} is spent."
