"""What a person reads who cannot be let in, as errors that the hub renders inside its own frame.

The hub takes ``jupyterhub_html_message`` of an exception for its pages and ``jupyterhub_message`` for JSON
(jupyterhub, ``handlers/base.py`` and ``apihandlers/base.py``, ``write_error``).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader
from tornado import web

from hub_ext.contract.errors import Forbidden, GatehouseError
from hub_ext.contract.offers import Offers
from hub_ext.contract.reasons import Reason

_SHOWN_TITLES = 3

_templates = Environment(
    loader=PackageLoader("hub_ext.identity"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


class PageError(web.HTTPError):
    """An error that the hub shows as our page, and its API as our one line."""

    gatehouse_page = True
    """Tells our ``error.html`` that the message is a whole page."""

    def __init__(self, error: GatehouseError, html: str, status: int | None = None) -> None:
        super().__init__(status or error.status, error.line)
        self.jupyterhub_message = error.line
        self.jupyterhub_html_message = html


def no_group_error(claims: Mapping[str, Any], offers: Offers, login_url: str, read_at: datetime) -> PageError:
    """Return the 403 for a person in no group that the policy names: who they are, what would help, whom to ask.

    Args:
        claims: what the identity provider sent.
        offers: the service's answer for this person.
        login_url: where a new login starts.
        read_at: when the claims were read.
    """
    identity = offers.identity
    line = (
        f"{identity.name} has no group in Gatehouse: {', '.join(identity.groups) or 'no groups sent'} "
        f"[{Reason.no_group.value}] {read_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    )
    html = _templates.get_template("no_group.html").render(
        identity=identity,
        email=claims.get("email") if isinstance(claims.get("email"), str) else "",
        read_at=read_at.astimezone(UTC),
        titles=offers.group_titles[:_SHOWN_TITLES],
        more=max(0, len(offers.group_titles) - _SHOWN_TITLES),
        contact=offers.contact,
        line=line,
        login_url=login_url,
        reason=Reason.no_group.value,
    )
    error = Forbidden(
        f"Not logged in: none of the groups of {identity.name} is in the policy. Ask {offers.contact} to be added "
        "to one.",
        reason=Reason.no_group,
    )
    return PageError(error, html)


def login_problem_error(error: GatehouseError, login_url: str) -> PageError:
    """Return the 503 for a login service that is away or wrongly configured: the sentence, and how to repeat."""
    status = error.status if error.status >= 500 else 503  # noqa: PLR2004 - HTTP: not the person's mistake
    html = _templates.get_template("login_problem.html").render(error=error, login_url=login_url)
    return PageError(error, html, status)
