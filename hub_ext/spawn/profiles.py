"""What the start page shows: from the service's offers to rows and sentences. Pure.

The page has one row per profile, whoever offers it, and one block per group. A row's availability may differ from
group to group, so each row holds an :class:`Availability` for each of its groups; the page is drawn for the chosen
group and holds the others for the moment when the person chooses another.
"""

from collections.abc import Mapping
from decimal import Decimal
from math import floor

from pydantic import BaseModel, ConfigDict

from hub_ext.contract.account import Balance, Holding
from hub_ext.contract.admission import Kind
from hub_ext.contract.offers import GroupOffer, Offers, OptionOffer, ProfileOffer
from hub_ext.contract.units import format_cores, format_duration, format_money, format_rate, format_size
from hub_ext.spawn.options import OTHER

_DAY_HOURS = 8


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Availability(_Part):
    """Whether one group can pay for one profile now."""

    group: str
    title: str
    available: bool
    message: str = ""
    reason: str = ""


class OptionRow(_Part):
    """Something to choose within a profile, with what the page opens with."""

    offer: OptionOffer
    chosen: str
    """Name of a choice; empty: a typed value."""
    typed: str = ""


class RowOptions(_Part):
    """What one group lets people choose within one profile."""

    group: str
    title: str
    rows: tuple[OptionRow, ...]


class ProfileRow(_Part):
    """One profile as the page lists it."""

    name: str
    title: str
    description: str
    stops: str
    """When it stops by itself, as a sentence; empty: it does not."""
    cores: str
    memory: str
    gpus: str
    price: str
    day: str
    """What a day of it costs, as a sentence."""
    offered_by: tuple[Availability, ...]
    charged: Availability
    """For the group that is charged while the page is as it was drawn."""
    charged_elsewhere: bool
    """Whether that is another group than the chosen one."""
    options: tuple[RowOptions, ...] = ()
    """By group, where there is something to choose."""
    checked: bool = False

    @property
    def enabled(self) -> bool:
        """Whether any of its groups can start it."""
        return any(offer.available for offer in self.offered_by)


class GroupBlock(_Part):
    """One group as the page lists it."""

    name: str
    title: str
    budget: str
    budget_low: bool
    cores: str
    cores_free: bool
    chosen: bool


class SpawnForm(_Part):
    """The whole page."""

    groups: tuple[GroupBlock, ...]
    rows: tuple[ProfileRow, ...]
    contact: str
    administers: bool = False
    """Whether the person may see everybody's servers and clusters."""
    leads: bool = False
    """Whether the person leads a group."""

    @property
    def chosen_row(self) -> ProfileRow | None:
        """The row that is chosen when the page opens."""
        return next((row for row in self.rows if row.checked), None)


def spawn_form(
    offers: Offers, profile: str | None = None, charge_to: str | None = None, options: Mapping[str, str] | None = None
) -> SpawnForm:
    """Return the page for a person.

    Args:
        offers: what the service offers the person.
        profile: chosen before; chosen again, if it is still offered and can start.
        charge_to: the group that was charged before, likewise.
        options: what was chosen within that profile before, likewise.
    """
    groups = [group for group in offers.groups if _servers(group)]
    chosen = next((group.group for group in groups if group.group == charge_to), groups[0].group if groups else "")
    before = {profile: options or {}}
    rows = [_row(name, groups, chosen, offers.currency, before.get(name, {})) for name in _names(groups)]
    startable = [row.name for row in rows if row.charged.available] or [row.name for row in rows if row.enabled]
    first = profile if profile in startable else next(iter(startable), None)
    return SpawnForm(
        groups=tuple(_block(group, chosen, offers.currency) for group in groups),
        rows=tuple(row.model_copy(update={"checked": row.name == first}) for row in rows),
        contact=offers.contact,
        administers="read" in offers.may,
        leads=bool(offers.leads),
    )


def default_choice(offers: Offers) -> str | None:
    """Return the profile that starts where nobody named one: the first that can; None, if none is offered."""
    form = spawn_form(offers)
    row = form.chosen_row or next(iter(form.rows), None)
    return row.name if row else None


def title_of(offers: Offers, profile: str) -> str:
    """Return what people call a profile; one that is not offered keeps its name."""
    return next((offer.title for group in offers.groups for offer in group.profiles if offer.name == profile), profile)


def budget_line(balance: Balance, currency: str) -> str:
    """Say what is left: ``$1,913.58 of $10,000 left this month; of yours, $1,403.88 of $1,500``."""
    if balance.budget is None:
        line = f"{format_money(balance.spent, currency)} spent this month, no budget"
    else:
        left = max(Decimal(0), balance.budget - balance.spent)
        line = f"{format_money(left, currency)} of {_round(balance.budget, currency)} left this month"
    if balance.my_budget is not None:
        mine = max(Decimal(0), balance.my_budget - balance.mine)
        line += f"; of yours, {format_money(mine, currency)} of {_round(balance.my_budget, currency)}"
    return line


def cores_line(cores: Holding) -> str:
    """Say who uses how much: ``531 of 640 cores in use, 109 free``; and what is ``borrowed`` or ``lent to others``."""
    if cores.quota is None:
        return f"{format_cores(cores.used)} in use, no quota"
    free = max(Decimal(0), cores.quota - cores.used - (cores.lent or 0))
    line = f"{_plain(cores.used)} of {format_cores(cores.quota)} in use, {_plain(free)} free"
    if cores.borrowed:
        line += f", {_plain(cores.borrowed)} borrowed"
    return f"{line}, {_plain(cores.lent)} lent to others" if cores.lent else line


def credits_line(balance: Balance) -> str:
    """Say what of the burst credits is left: ``3,120 of 5,000 core-minutes of burst credits``; empty without any."""
    if balance.credits is None or balance.credits_cap is None:
        return ""
    return f"{floor(balance.credits):,} of {floor(balance.credits_cap):,} core-minutes of burst credits"


def why(message: str) -> str:
    """Return a refusal's text as a reason: without the lead-in that the page says itself."""
    for lead_in in ("Not started:", "Not now:", "Not offered:"):
        message = message.removeprefix(lead_in).strip()
    return message


def _servers(group: GroupOffer) -> list[ProfileOffer]:
    return [offer for offer in group.profiles if offer.kind is Kind.server]


def _names(groups: list[GroupOffer]) -> list[str]:
    return list(dict.fromkeys(offer.name for group in groups for offer in _servers(group)))


def _row(name: str, groups: list[GroupOffer], chosen: str, currency: str, before: Mapping[str, str]) -> ProfileRow:
    offered = [(group, offer) for group in groups for offer in _servers(group) if offer.name == name]
    states = tuple(_availability(group, offer) for group, offer in offered)
    charged = next((state for state in states if state.group == chosen), states[0])
    offer = next(offer for group, offer in offered if group.group == charged.group)
    stops = f"stops after {format_duration(offer.idle_seconds)} idle" if offer.idle_seconds else ""
    day = format_money(offer.price_per_hour * _DAY_HOURS, currency)
    return ProfileRow(
        name=name,
        title=offer.title,
        description=offer.description,
        stops=stops[:1].upper() + stops[1:],
        cores=format_cores(offer.shape.cores),
        memory=format_size(offer.shape.memory),
        gpus=", ".join(f"{count} × {model.upper()}" for model, count in offer.shape.gpus.items() if count),  # noqa: RUF001 - the sign that people read, not the letter
        price=format_rate(offer.price_per_hour, currency),
        day=f"{offer.title} costs about {day} for a day of {_DAY_HOURS} h. You pay while it runs"
        + (f"; it {stops}." if stops else "."),
        offered_by=states,
        charged=charged,
        charged_elsewhere=charged.group != chosen,
        options=tuple(
            RowOptions(
                group=group.group, title=group.title, rows=tuple(_option(option, before) for option in offer.options)
            )
            for group, offer in offered
            if offer.options
        ),
    )


def _option(offer: OptionOffer, before: Mapping[str, str]) -> OptionRow:
    typed = before.get(offer.name + OTHER, "") if offer.typed else ""
    named = before.get(offer.name) if before.get(offer.name) in {choice.name for choice in offer.choices} else None
    return OptionRow(offer=offer, chosen="" if typed else named or offer.default, typed=typed)


def _availability(group: GroupOffer, offer: ProfileOffer) -> Availability:
    return Availability(
        group=group.group,
        title=group.title,
        available=offer.available,
        message="" if offer.available else why(offer.message),
        reason=offer.reason.value if offer.reason and not offer.available else "",
    )


def _block(group: GroupOffer, chosen: str, currency: str) -> GroupBlock:
    balance = group.balance
    levels = balance.warn_at or (1.0,)
    return GroupBlock(
        name=group.group,
        title=group.title,
        budget=budget_line(balance, currency),
        budget_low=balance.budget is not None and balance.spent >= balance.budget * Decimal(str(min(levels))),
        cores="; ".join(filter(None, (cores_line(group.cores), credits_line(balance)))),
        cores_free=group.cores.quota is None or group.cores.used < group.cores.quota,
        chosen=group.group == chosen,
    )


def _plain(cores: Decimal) -> str:
    return format_cores(cores).partition(" ")[0]


def _round(amount: Decimal, currency: str) -> str:
    return format_money(amount, currency).removesuffix(".00")
