"""The start page and the refusal, as fragments that the hub shows inside its own frame."""

from datetime import datetime
from decimal import Decimal

from jinja2 import Environment, PackageLoader
from pydantic import BaseModel, ConfigDict

from hub_ext.contract.errors import GatehouseError
from hub_ext.contract.offers import GroupOffer, Offers
from hub_ext.contract.reasons import Reason
from hub_ext.contract.units import format_cores, format_duration
from hub_ext.spawn.options import CHARGE_TO, OFFERED_BY, OPTION, OTHER, PROFILE
from hub_ext.spawn.profiles import SpawnForm, cores_line, spawn_form, title_of, why

_MOST_ALTERNATIVES = 3
_ABOUT_CORES = {
    Reason.quota_exceeded,
    Reason.user_limit,
    Reason.borrowing_limit,
    Reason.cohort_full,
    Reason.credits_exhausted,
}

_templates = Environment(loader=PackageLoader("hub_ext.spawn"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
_templates.globals.update(PROFILE=PROFILE, CHARGE_TO=CHARGE_TO, OFFERED_BY=OFFERED_BY, OPTION=OPTION, OTHER=OTHER)


class Meter(BaseModel):
    """How full a group's quota is, drawn and in words."""

    model_config = ConfigDict(frozen=True)

    title: str
    words: str
    used: float
    quota: float
    share: float
    """Of the bar, at most 100 per cent."""


class Alternative(BaseModel):
    """Something that could start now."""

    model_config = ConfigDict(frozen=True)

    title: str
    price: str
    group: str


def form_html(form: SpawnForm, service_page: str = "") -> str:
    """Return the start page's form.

    Args:
        form: what it shows.
        service_page: address of the administrators' page, for a person who has nothing to start but may read there.
    """
    return _templates.get_template("form.html").render(form=form, service_page=service_page)


def away_html(error: GatehouseError) -> str:
    """Return what stands in place of the form while the service cannot say what is offered."""
    return _templates.get_template("away.html").render(error=error)


def refusal_html(
    error: GatehouseError,
    *,
    offers: Offers | None,
    profile: str | None,
    charge_to: str | None,
    now: datetime,
) -> str:
    """Return the page that says what was not started, why, and what to do.

    Args:
        error: the refusal.
        offers: what could start instead; None, if the service does not say.
        profile: what was asked for.
        charge_to: the group that was to be charged.
        now: for the time that is left until a retry.
    """
    title = title_of(offers, profile) if offers and profile else (profile or "The server")
    return _templates.get_template("refusal.html").render(
        error=error,
        title=title,
        message=_sentence(why(error.message)),
        retry_at=error.retry_at,
        retry_in=_in(error.retry_at, now),
        alternatives=_alternatives(offers, profile, charge_to),
        meter=_meter(offers, charge_to) if error.reason in _ABOUT_CORES else None,
        contact=offers.contact if offers else "",
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _in(when: datetime | None, now: datetime) -> str:
    if when is None:
        return ""
    seconds = int((when - now).total_seconds())
    return f"in {format_duration(seconds)}" if seconds > 0 else "now"


def _alternatives(offers: Offers | None, profile: str | None, charge_to: str | None) -> tuple[Alternative, ...]:
    """Return what can start now: other profiles, and the same one charged to another group."""
    if offers is None:
        return ()
    found = [
        Alternative(title=row.title, price=row.price, group=state.title)
        for row in spawn_form(offers).rows
        for state in row.offered_by
        if state.available and (row.name != profile or state.group != charge_to)
    ]
    return tuple(found[:_MOST_ALTERNATIVES])


def _meter(offers: Offers | None, charge_to: str | None) -> Meter | None:
    """Return the meter of the charged group, where it has a quota of cores."""
    group = _charged(offers, charge_to)
    if group is None or not group.cores.quota:
        return None
    mine = group.cores.mine or Decimal(0)
    words = cores_line(group.cores) + (f"; {format_cores(mine)} yours" if mine else "; none yours")
    share = min(100.0, float(group.cores.used / group.cores.quota * 100))
    return Meter(
        title=group.title, words=words, used=float(group.cores.used), quota=float(group.cores.quota), share=share
    )


def _charged(offers: Offers | None, charge_to: str | None) -> GroupOffer | None:
    groups = offers.groups if offers else ()
    return next((group for group in groups if group.group == charge_to), groups[0] if groups else None)
